"""The options that several commands share, and how their texts are read. Knows no command.

Texts are read here and not by Typer, so that importing this costs nothing and errors speak the canvas's
language.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vitascope.canvas import Camera

Text = Annotated[str, typer.Argument(help="What to see, in plain words.", show_default=False)]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="The file to write; its ending decides the format.",
        show_default="from the words",
    ),
]
Seconds = Annotated[str, typer.Option(help='How long: "2", "1.5", or frames: "12f".')]
Size = Annotated[str, typer.Option(help='"256", "1280x720", "720p", "16:9".')]
Rate = Annotated[str, typer.Option(help='Frames a second: "8", "24", "30000/1001".')]
Seed = Annotated[int, typer.Option(min=0, help="Another number, another video.")]
Variations = Annotated[
    int, typer.Option(min=1, max=64, help="How many, with seeds in a row: fox-1.mp4, fox-2.mp4 ...")
]


def _admit(text: str | None) -> str | None:
    """Folders of weights and addresses become names of fillers."""
    if text is None:
        return None
    from vitascope.engine import admit

    return admit(text)


Filler = Annotated[
    str | None,
    typer.Option(
        help="Who fills it: a name (`vitascope fillers` lists them), a folder of weights, or a hub id.",
        show_default="the first that can",
        callback=_admit,
    ),
]
Steps = Annotated[
    int | None, typer.Option(min=1, max=1000, help="More steps, more care.", show_default="the filler's own")
]
Guidance = Annotated[
    float | None,
    typer.Option(
        min=0, max=100, help="How strictly the words hold; 1 is plain.", show_default="the filler's own"
    ),
]
CameraMove = Annotated[
    str | None,
    typer.Option("--camera", help='"pan left", "zoom in 80, tilt up" ...', show_default="up to the words"),
]
Negative = Annotated[str, typer.Option(help="What must not be seen.", show_default=False)]
WithSound = Annotated[
    bool,
    typer.Option("--sound", help="With a sound, from the same words; for a filler that makes both at once."),
]
CastPictures = Annotated[
    list[str] | None,
    typer.Option(
        "--cast",
        metavar="PICTURE",
        help='Who must appear: "fox.png", or with a name: "fox=picture.png". Again for more of them.',
        show_default=False,
    ),
]
Keep = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Of the variations, keep the best so many: those that show what was asked, and are steady.",
        show_default="all",
    ),
]
Why = Annotated[
    Path | None,
    typer.Option(
        "--json", help="With --keep: write its table to this file as JSON, too.", show_default=False
    ),
]
Script = Annotated[
    Path | None,
    typer.Option(
        "--shots",
        metavar="SCRIPT.json",
        help="Several shots with cuts, in place of the words; as `vitascope shots`.",
        show_default=False,
    ),
]
Then = Annotated[
    list[str] | None,
    typer.Option(
        "--then",
        metavar="TIME: WORDS",
        help='From a time on, other words: "5s: a fox sleeps". Again for more of them.',
        show_default=False,
    ),
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the table to this file as JSON, too.")]


@contextmanager
def reading(option: str) -> Generator[None]:
    """Turn a CanvasError about an option's text into a usage error that names the option."""
    from vitascope.canvas import CanvasError

    try:
        yield
    except CanvasError as error:
        raise typer.BadParameter(error.message, param_hint=option) from error


def read_size(text: str) -> tuple[int, int]:
    """(width_px, height_px)."""
    from vitascope.canvas import parse_size

    with reading("--size"):
        return parse_size(text)


def read_rate(text: str) -> Fraction:
    """Frames a second."""
    from vitascope.canvas import exact_rate

    with reading("--rate"):
        return exact_rate(text)


def read_duration(text: str, rate_fps: Fraction) -> Fraction:
    """Seconds, above 0, of "2", "1.5s" or, at this rate, "12f"."""
    from vitascope.canvas import parse_time

    with reading("--seconds"):
        time = parse_time(text)
    if isinstance(time, str):
        raise typer.BadParameter(
            f'"{text}" is no duration; write seconds ("1.5") or frames ("12f")', param_hint="--seconds"
        )
    duration_s = time / rate_fps if isinstance(time, int) else time
    if duration_s <= 0:
        raise typer.BadParameter(f"must be above 0, not {text}", param_hint="--seconds")
    return duration_s


def read_camera(text: str | None) -> Camera | None:
    """The move that a text names, or None."""
    if text is None:
        return None
    from vitascope.canvas import parse_camera

    with reading("--camera"):
        return parse_camera(text)


def refuse_beside(context: typer.Context, option: str, *allowed: str) -> None:
    """Refuse an option beside which something else was written that it would leave unheard."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source and source.name == "COMMANDLINE" and parameter.name not in allowed:
            name = parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.opts[0].upper()
            message = f"{name} has no meaning beside it; the script says that of each shot"
            raise typer.BadParameter(message, param_hint=option)


def read_text(text: str) -> str:
    """The words, if there are any."""
    if not text.strip():
        raise typer.BadParameter('say what to see: "a fox jumps on the beach"', param_hint="TEXT")
    return text
