"""generate, animate, image: a sentence or a picture in, a video or a picture out.

Their functions have more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.running import make

# Full HD, for a video that begins with a photo, unless --size says otherwise: at a camera's 12 megapixels
# each frame takes 36 MB, and how well its points are known another 48.
LONGEST_SIDE_PX = 1920


def generate(
    text: o.Text,
    output: o.Output = None,
    seconds: o.Seconds = "2",
    size: o.Size = "256",
    rate: o.Rate = "8",
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    camera: o.CameraMove = None,
    negative: o.Negative = "",
) -> None:
    """Make a video from a sentence."""
    from vitascope.engine import FillSettings
    from vitascope.tasks import text_to_video

    rate_fps = o.read_rate(rate)
    canvas = text_to_video(
        o.read_text(text),
        duration_s=o.read_duration(seconds, rate_fps),
        size=o.read_size(size),
        rate_fps=rate_fps,
        seed=seed,
        camera=o.read_camera(camera),
        negative=negative,
    )
    outputs = outputs_for(output, text, canvas.frames, variations)
    make(canvas, outputs, filler, FillSettings(steps=steps, guidance=guidance))


def animate(
    picture: Annotated[
        Path, typer.Argument(help="The picture that the video begins with.", show_default=False)
    ],
    text: Annotated[str, typer.Argument(help="What happens, in plain words.", show_default=False)] = "",
    output: o.Output = None,
    seconds: o.Seconds = "2",
    size: Annotated[
        str | None,
        typer.Option(
            help='As in generate: "720p" ...',
            show_default=f"the picture's own, at most {LONGEST_SIDE_PX} px a side",
        ),
    ] = None,
    rate: o.Rate = "8",
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    camera: o.CameraMove = None,
) -> None:
    """Make a video that begins with a picture."""
    from vitascope.canvas import size_within
    from vitascope.engine import FillSettings
    from vitascope.media import read_picture
    from vitascope.tasks import image_to_video

    rate_fps = o.read_rate(rate)
    photo = read_picture(picture)
    height_px, width_px = photo.shape[:2]
    size_px = o.read_size(size) if size else size_within(width_px, height_px, LONGEST_SIDE_PX)
    canvas = image_to_video(
        photo,
        text,
        duration_s=o.read_duration(seconds, rate_fps),
        rate_fps=rate_fps,
        seed=seed,
        size=size_px,
        camera=o.read_camera(camera),
    )
    outputs = outputs_for(output, f"{picture.stem} {text}", canvas.frames, variations)
    note = ""
    if not size and size_px != (width_px, height_px):
        scaled = "x".join(map(str, size_px))
        note = f"Scaling {picture.name} from {width_px}x{height_px} to {scaled}; --size takes another size."
    make(canvas, outputs, filler, FillSettings(steps=steps, guidance=guidance), note)


def image(
    text: o.Text,
    output: o.Output = None,
    size: o.Size = "256",
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    negative: o.Negative = "",
) -> None:
    """Make a picture from a sentence."""
    from vitascope.engine import FillSettings
    from vitascope.tasks import text_to_image

    canvas = text_to_image(o.read_text(text), size=o.read_size(size), seed=seed, negative=negative)
    outputs = outputs_for(output, text, canvas.frames, variations)
    make(canvas, outputs, filler, FillSettings(steps=steps, guidance=guidance))
