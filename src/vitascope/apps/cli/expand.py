"""expand: what lies around a clip or a picture.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.cast import with_cast
from vitascope.apps.cli.edits import ClipFile, frames_of, is_still, paint
from vitascope.apps.cli.inputs import Clip, open_clip
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for


def expand(
    clip: ClipFile,
    text: Annotated[
        str, typer.Argument(help="What to see around it, in plain words.", show_default=False)
    ] = "",
    size: Annotated[
        str, typer.Option(help='A shape, "16:9", as small as holds it; or a size, "1280x720".')
    ] = "16:9",
    output: o.Output = None,
    at: Annotated[
        str, typer.Option(help='Where the given part lies: "left", "top right", or "x,y" in 0..1.')
    ] = "centre",
    seconds: Annotated[
        str | None,
        typer.Option(help="Let a picture begin a video of this length.", show_default="it stays a picture"),
    ] = None,
    rate: Annotated[str, typer.Option(help="Of that video: frames a second.")] = "8",
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    negative: o.Negative = "",
) -> None:
    """Paint what lies around a clip or a picture; it itself stays as it is."""
    from vitascope.tasks import expand as expanded

    footage = _as_it_is(open_clip(clip))
    size_px, place = _read_frame(size, at, footage.size_px)
    rate_fps, duration_s = _read_time(seconds, rate, footage)
    replace(footage, size_px=size_px).check_length(footage.frames_said)
    frames = frames_of(footage) if duration_s is None else max(2, round(duration_s * rate_fps))
    outputs = outputs_for(output, f"{clip.stem} expanded {text}", frames, variations)
    pictures = footage.pictures()
    canvas = expanded(
        pictures[0] if is_still(footage) else pictures,
        size=size_px,
        rate_fps=rate_fps,
        text=text,
        at=place,
        duration_s=duration_s,
        seed=seed,
    )
    canvas = with_cast(canvas.with_negative(negative), cast)
    paint(canvas, footage, outputs, filler, fill_settings(steps, guidance))


def _as_it_is(footage: Clip) -> Clip:
    """The clip at its own size, however large: it must come back to the bit."""
    info = footage.video.info
    return replace(footage, size_px=(info.width_px, info.height_px), note="")


def _read_frame(size: str, at: str, own: tuple[int, int]) -> tuple[tuple[int, int], tuple[float, float]]:
    """The result's (width_px, height_px), and where in it the given part lies. Raises usage errors."""
    from vitascope.canvas import CanvasError, parse_size
    from vitascope.tasks.expand import edges, read_place, smallest_size

    with o.reading("--size"):
        width_px, height_px = parse_size(size, short_side_px=1)
        if re.search("[:/]", size):
            across, down = map(Fraction, re.split(r"\s*[:/]\s*", size.strip()))
            width_px, height_px = smallest_size(across, down, *own)
            parse_size(f"{width_px}x{height_px}")  # not beyond what any canvas may have
    with o.reading("--at"):
        place = read_place(at)
        edges((max(own[0], width_px), max(own[1], height_px)), own, place)
    with o.reading("--size"):
        edges((width_px, height_px), own, place)
        if (width_px, height_px) == own:
            raise CanvasError("it is {}x{} px already; name a larger size".format(*own))
    return (width_px, height_px), place


def _read_time(seconds: str | None, rate: str, footage: Clip) -> tuple[Fraction, Fraction | None]:
    """The result's rate, and its duration if a picture is to begin a video."""
    if seconds is None:
        return footage.rate_fps, None
    if not is_still(footage):
        raise typer.BadParameter("a clip keeps its own length; extend adds to it", param_hint="--seconds")
    rate_fps = o.read_rate(rate)
    return rate_fps, o.read_duration(seconds, rate_fps)
