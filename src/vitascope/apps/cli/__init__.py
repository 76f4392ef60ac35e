"""The command `vitascope`: which commands there are, and what a person reads when something goes wrong.

Knows no feature's workings. A new command: write a file here (its function imports what it needs inside
itself, so that --help stays quick) and add the function to COMMANDS.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from vitascope.apps.cli import (
    accounts,
    blur,
    canvases,
    captions,
    clips,
    edits,
    enhance,
    evaluate,
    expand,
    fillers,
    generate,
    keys,
    live,
    match,
    matte,
    move,
    pull,
    reframe,
    render,
    scenes,
    serve,
    shots,
    sound,
    stabilise,
    track,
    verify,
)
from vitascope.apps.cli.model_options import with_model_options

DONE, FAILED, CANCELLED, TERMINATED = 0, 1, 130, 143

COMMANDS: dict[str, tuple[Callable[..., Any], ...]] = {
    "Make": (
        *(generate.generate, generate.animate, generate.image),
        *(clips.loop, clips.extend, clips.smooth),
        *(keys.between, keys.keyframes),
        *(expand.expand, edits.replace, edits.erase, edits.background, edits.restyle, move.move),
        canvases.fill,
        shots.shots,
        sound.sound,
        live.live,
    ),
    "Cut": (
        matte.matte,
        *(enhance.upscale, enhance.denoise),
        *(blur.blur, blur.motion_blur, reframe.reframe, scenes.scenes, match.match),
        *(track.track, stabilise.stabilise),
        *(render.render, captions.captions),
    ),
    "Serve": (serve.serve, serve.worker, accounts.usage),
    "Measure": (evaluate.evaluate,),
    "Look up": (fillers.fillers, pull.pull, canvases.schema, verify.verify),
}

app = typer.Typer(name="vitascope", no_args_is_help=True, pretty_exceptions_enable=False)
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(with_model_options(command))
app.add_typer(accounts.keys, rich_help_panel="Serve")


def _print_version(wanted: bool) -> None:
    if wanted:
        from vitascope import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def vitascope(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
) -> None:
    """Say it, see it: text, pictures or footage in; video out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0; 1, it failed; 2, asked wrongly; 130, Ctrl-C.

    Errors become one line on stderr; with --debug, anywhere on the line, the traceback comes too. As the
    program itself it also ends cleanly on SIGTERM, with 143.
    """
    if arguments is None:  # as the program, not from a test or another program
        signal.signal(signal.SIGTERM, _terminate)
        arguments = sys.argv[1:]
    # People add it at the end of the command that failed, so it's taken out here; the callback is for --help.
    words = [word for word in arguments if word != "--debug"]
    debug = len(words) < len(arguments)
    try:
        outcome = app(words, prog_name="vitascope", standalone_mode=False)
        if outcome == CANCELLED:  # Typer makes a status of Ctrl-C
            raise KeyboardInterrupt
    except (KeyboardInterrupt, typer.Abort):
        _say("cancelled; nothing is left half-written")
        return CANCELLED
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exception(error)
        _say(in_one_line(error))
        return getattr(error, "exit_code", FAILED)
    return outcome if isinstance(outcome, int) else DONE


def in_one_line(error: Exception) -> str:
    """What went wrong, for the person who can do something about it.

    Our own errors are written for people (plug-ins' too, which inherit from ours), and so are the command
    line's own; the system's get their file's name. Anything else is a fault of ours, and says so.
    """
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    elif isinstance(error, MemoryError):
        text = "there is not enough memory for this; try a smaller --size or fewer --seconds"
    elif isinstance(error, typer.TyperException):
        text = error.format_message()
    elif any(kind.__module__.startswith("vitascope.") for kind in type(error).__mro__):
        text = str(error)
    else:
        text = f"something broke inside: {type(error).__name__}: {error} (--debug shows where)"
    return " ".join(text.split())


def _say(text: str) -> None:
    typer.secho(f"vitascope: {text}", err=True, fg=typer.colors.RED if "NO_COLOR" not in os.environ else None)


def _terminate(number: int, frame: object) -> None:
    raise SystemExit(TERMINATED)  # so that half-written files are cleared away, as on Ctrl-C
