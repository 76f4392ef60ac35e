"""replace, erase, background, restyle: a clip or a picture of which a part is painted anew.

Their functions have more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.cast import with_cast
from vitascope.apps.cli.inputs import Clip, OwnSize, open_clip
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.regions import Frames, read_region, together
from vitascope.apps.cli.running import make

if TYPE_CHECKING:
    from vitascope.canvas import Canvas, Span
    from vitascope.engine import FillSettings

ClipFile = Annotated[
    Path, typer.Argument(help="A video, a GIF, a picture, or a folder of pictures.", show_default=False)
]
REGION_FORMS = (
    '"rect:0.1,0.2,0.5,0.6", "ellipse:x,y,rx,ry", "polygon:x,y x,y x,y", "stroke:x,y x,y;radius", '
    '"mask:file.png", "not:rect:..."'
)
Regions = Annotated[
    list[str],
    typer.Option("--region", help=f"Where: {REGION_FORMS}. Again for one more.", show_default=False),
]
From = Annotated[
    str | None, typer.Option("--from", help='When it begins: "1.5", "12f".', show_default="the beginning")
]
To = Annotated[str | None, typer.Option("--to", help="When it ends.", show_default="the end")]


def replace(
    clip: ClipFile,
    text: Annotated[str, typer.Argument(help="What to see there, in plain words.", show_default=False)],
    region: Regions,
    output: o.Output = None,
    start: From = None,
    stop: To = None,
    size: OwnSize = None,
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    negative: o.Negative = "",
) -> None:
    """Paint something else into a region of a clip or a picture; the rest stays as it is."""

    footage = open_clip(clip, size)
    what = f"replaced {o.read_text(text)}"
    outputs = outputs_for(output, f"{clip.stem} {what}", frames_of(footage), variations)
    canvas = _replaced(footage, region, text, _read_span(start, stop), seed)
    canvas = with_cast(canvas.with_negative(negative), cast)
    paint(canvas, footage, outputs, filler, fill_settings(steps, guidance))


def erase(
    clip: ClipFile,
    region: Regions,
    output: o.Output = None,
    start: From = None,
    stop: To = None,
    size: OwnSize = None,
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
) -> None:
    """Take something out of a clip or a picture; what was around it goes on there."""

    footage = open_clip(clip, size)
    outputs = outputs_for(output, f"{clip.stem} erased", frames_of(footage), variations)
    canvas = _replaced(footage, region, "", _read_span(start, stop), seed)
    paint(canvas, footage, outputs, filler, fill_settings(steps, guidance))


def background(
    clip: ClipFile,
    text: Annotated[str, typer.Argument(help="What to see behind it, in plain words.", show_default=False)],
    subject: Annotated[
        list[str] | None,
        typer.Option(
            help='What stays: "people", "anything" (what stands out), or regions: '
            f"{REGION_FORMS}. Again for one more.",
            show_default="what isn't see-through, or else who or what is found",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="When the subject is where its regions say; they are marks then, and it is followed.",
            show_default="always",
        ),
    ] = None,
    output: o.Output = None,
    size: OwnSize = None,
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    negative: o.Negative = "",
) -> None:
    """Paint another background; the subject stays as it is, and is found if nothing says what it is."""
    from vitascope.apps.cli.matte import what_stays
    from vitascope.tasks import background as with_background

    footage = open_clip(clip, size)
    o.read_text(text)
    staying = what_stays(subject, at)
    outputs = outputs_for(output, f"{clip.stem} {text}", frames_of(footage), variations)
    pictures = footage.pictures()
    known = staying(footage, pictures)
    canvas = with_background(pictures, known, text, rate_fps=footage.rate_fps, seed=seed)
    canvas = with_cast(canvas.with_negative(negative), cast)
    paint(canvas, footage, outputs, filler, fill_settings(steps, guidance))


def restyle(
    clip: ClipFile,
    text: Annotated[str, typer.Argument(help='The look: "as clay".', show_default=False)],
    strength: Annotated[
        float, typer.Option(min=0, max=1, help="0 gives the clip back, 1 keeps nothing of it.")
    ] = 0.6,
    output: o.Output = None,
    size: OwnSize = None,
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    negative: o.Negative = "",
) -> None:
    """Redraw a clip or a picture in another look."""
    from vitascope.tasks import restyle as restyled

    footage = open_clip(clip, size)
    o.read_text(text)
    outputs = outputs_for(output, f"{clip.stem} {text}", frames_of(footage), variations)
    canvas = restyled(footage.pictures(), text, rate_fps=footage.rate_fps, strength=strength, seed=seed)
    canvas = with_cast(canvas.with_negative(negative), cast)
    paint(canvas, footage, outputs, filler, fill_settings(steps, guidance))


def is_still(footage: Clip) -> bool:
    """Whether it is a single picture."""
    return footage.video.info.frames == 1


def frames_of(footage: Clip) -> int:
    """How many frames there seem to be, for what is checked before they are read."""
    return 1 if is_still(footage) else footage.frames_said


def paint(
    canvas: Canvas, footage: Clip, outputs: list[Path], filler: str | None, settings: FillSettings
) -> None:
    """Fill the canvas with the clip's sound and write the results."""
    make(canvas.with_sound(footage.sound(canvas.frames)), outputs, filler, settings, footage.note)


def _replaced(footage: Clip, region: list[str], text: str, span: Span | None, seed: int) -> Canvas:
    from vitascope.tasks import replace as replaced

    regions = [read_region(each, "--region") for each in region]
    pictures = footage.pictures()
    where = together(regions, frames_in(footage, len(pictures)))
    return replaced(pictures, where, text, rate_fps=footage.rate_fps, span=span, seed=seed)


def frames_in(footage: Clip, count: int) -> Frames:
    """What a mask for the clip must fit."""
    info = footage.video.info
    return Frames(count, (info.width_px, info.height_px), footage.size_px, footage.rate_fps)


def _read_span(start: str | None, stop: str | None) -> Span | None:
    from vitascope.canvas import Span, parse_time

    times: list[str | None] = []
    for option, text in (("--from", start), ("--to", stop)):
        if text is not None:
            with o.reading(option):
                parse_time(text)
        times.append(text)
    return Span(*times) if any(text is not None for text in times) else None
