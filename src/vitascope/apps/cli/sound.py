"""sound: words in, a sound out; or a film with that sound.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.model_options import awake, fill_settings
from vitascope.apps.cli.outputs import sounds_for

if TYPE_CHECKING:
    from vitascope.canvas import Sound
    from vitascope.media import Video

SECONDS = Fraction(10)


def sound(
    text: Annotated[str, typer.Argument(help="What to hear, in plain words.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The file to write: .wav, .flac, .mp3, .m4a; with --clip a film too.",
            show_default="from the words, .wav",
        ),
    ] = None,
    clip: Annotated[
        Path | None,
        typer.Option(help="A film that the sound is for: as long as it, and in it.", show_default=False),
    ] = None,
    mix: Annotated[
        bool, typer.Option("--mix", help="The film's own sound stays, and the new one is laid over it.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="The new sound takes the place of the film's own.")
    ] = False,
    seconds: Annotated[
        str | None,
        typer.Option(help='How long: "10", "1.5".', show_default=f"{SECONDS}, or the clip's length"),
    ] = None,
    rate_hz: Annotated[
        int | None,
        typer.Option(
            "--sample-rate", min=8000, max=192_000, help="Samples a second.", show_default="the model's own"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another number, another sound.")] = 0,
    variations: o.Variations = 1,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    negative: Annotated[str, typer.Option(help="What must not be heard.", show_default=False)] = "",
) -> None:
    """Make a sound from a sentence, by itself or for a film."""
    from vitascope.apps.cli.progress import Display
    from vitascope.engine import fill_many, filler_for
    from vitascope.media import read_video
    from vitascope.tasks import sound as sounding

    if not text.strip():
        raise typer.BadParameter('say what to hear: "rain on a roof"', param_hint="TEXT")
    film = None if clip is None else read_video(clip)
    _check_own(film, mix, replace)
    outputs = sounds_for(output, text, clip, variations)
    duration_s = _duration(seconds, film)
    canvas = sounding(text, duration_s=duration_s, seed=seed, negative=negative)
    began_s, settings = time.monotonic(), fill_settings(steps, guidance)
    choice = filler_for(canvas, filler)
    with Display() as display:
        display.say(f"Making {float(duration_s):g} s of sound with {choice.name} ...")
        canvases = [canvas.with_seed(seed + number) for number in range(variations)]
        filled = fill_many(canvases, awake(choice.name), settings, display.report)
        for result, place in zip(filled, outputs, strict=True):
            assert result.sound is not None
            note = _write(result.sound, place, film, mix, rate_hz)
            if note:
                display.say(note)
            typer.echo(f"{place}  seed {result.seed}")
        display.say(f"Done in {time.monotonic() - began_s:.1f} s.")


def _check_own(film: Video | None, mix: bool, replace: bool) -> None:
    """A film's own sound is lost only if somebody said so."""
    if mix and replace:
        raise typer.BadParameter("say one of --mix and --replace, not both", param_hint="--mix")
    if film is None:
        if mix or replace:
            raise typer.BadParameter("is about a film's own sound: name one with --clip", param_hint="--mix")
    elif film.info.has_sound and not mix and not replace:
        raise typer.BadParameter(
            f"{Path(film.path).name} has a sound already: --mix lays the new one over it, --replace takes it"
            " out",
            param_hint="--clip",
        )


def _duration(seconds: str | None, film: Video | None) -> Fraction:
    from vitascope.canvas import parse_time
    from vitascope.media import played_s

    if film is not None:
        if seconds is not None:
            raise typer.BadParameter("the sound is as long as the --clip", param_hint="--seconds")
        return played_s(film.path)
    if seconds is None:
        return SECONDS
    with o.reading("--seconds"):
        duration_s = parse_time(seconds)
    if not isinstance(duration_s, Fraction) or duration_s <= 0:
        raise typer.BadParameter(f'"{seconds}" is no duration; write seconds: "1.5"', param_hint="--seconds")
    return duration_s


def _write(made: Sound, place: Path, film: Video | None, mix: bool, rate_hz: int | None) -> str:
    """Write it as the place's ending says; what a person should know of how, if there is anything."""
    from vitascope.media import SOUNDS, at_rate, dub, laid_over, write_sound

    own = film.sound() if film is not None and mix else None
    heard = made if own is None else laid_over(own, made)
    heard = heard if rate_hz is None else at_rate(heard, rate_hz)
    if place.suffix.lower() in SOUNDS or film is None:
        write_sound(place, heard)
        return ""
    copied = dub(film.path, place, heard)
    return "" if copied else f"{Path(film.path).name} can't be copied into a {place.suffix}: encoded anew."
