"""move: parts of a picture go where brushes say.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.cast import with_cast
from vitascope.apps.cli.edits import REGION_FORMS
from vitascope.apps.cli.inputs import OwnSize, read_photo
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.regions import Frames, as_shape, read_region
from vitascope.apps.cli.running import make

if TYPE_CHECKING:
    from vitascope.canvas import Region


def move(
    picture: Annotated[
        Path, typer.Argument(help="The picture that the video begins with.", show_default=False)
    ],
    brush: Annotated[
        list[str],
        typer.Option(
            help='What moves, and where: "REGION -> x,y x,y@1.5s ...", "REGION -> right 0.3". '
            f"REGION is {REGION_FORMS}. Up to five.",
            show_default=False,
        ),
    ],
    text: Annotated[str, typer.Argument(help="What happens, in plain words.", show_default=False)] = "",
    freeze: Annotated[
        list[str] | None, typer.Option(help="A REGION that stays; again for one more.", show_default=False)
    ] = None,
    still: Annotated[
        bool,
        typer.Option(
            "--still/--alive",
            help="Whether all that no brush touches or passes over stays as it is, or may live, too. "
            "A --camera moves all of it.",
        ),
    ] = True,
    output: o.Output = None,
    seconds: o.Seconds = "2",
    size: OwnSize = None,
    rate: o.Rate = "8",
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    camera: o.CameraMove = None,
    negative: o.Negative = "",
) -> None:
    """Let parts of a picture go along paths, each with its own brush."""
    from vitascope.tasks import move as moved

    photo, size_px, note = read_photo(picture, size)
    rate_fps = o.read_rate(rate)
    frames = Frames(1, (photo.shape[1], photo.shape[0]), size_px, rate_fps)
    canvas = moved(
        photo,
        [_read_brush(each, frames) for each in brush],
        freeze=[as_shape(read_region(each, "--freeze"), frames) for each in freeze or ()],
        text=text,
        duration_s=o.read_duration(seconds, rate_fps),
        rate_fps=rate_fps,
        size=size_px,
        seed=seed,
        camera=o.read_camera(camera),
        still=still,
    ).with_negative(negative)
    outputs = outputs_for(output, f"{picture.stem} moved {text}", canvas.frames, variations)
    make(with_cast(canvas, cast), outputs, filler, fill_settings(steps, guidance), note)


def _read_brush(text: str, frames: Frames) -> tuple[Region, str]:
    """The region and the path of "REGION -> PATH"; both are checked here, so that the error names --brush."""
    from vitascope.canvas import CanvasError, parse_path
    from vitascope.canvas.errors import quoted

    region, *paths = re.split("->|→", text)
    with o.reading("--brush"):
        if len(paths) != 1:
            raise CanvasError(
                f'{quoted(text)} is no brush; write "REGION -> PATH": "ellipse:0.5,0.6,0.2,0.2 -> right 0.3"'
            )
        parse_path(path := paths[0].strip())
    return as_shape(read_region(region, "--brush"), frames), path
