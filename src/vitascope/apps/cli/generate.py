"""generate, animate, image: a sentence or a picture in, a video or a picture out.

Their functions have more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.best import best_of
from vitascope.apps.cli.cast import with_cast
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.running import make
from vitascope.apps.cli.shots import make_film
from vitascope.apps.cli.then import with_then

# Full HD, for a video that begins with a photo, unless --size says otherwise: at a camera's 12 megapixels
# each frame takes 36 MB, and how well its points are known another 48.
LONGEST_SIDE_PX = 1920


def generate(
    context: typer.Context,
    text: o.Text = "",
    output: o.Output = None,
    then: o.Then = None,
    seconds: o.Seconds = "2",
    size: o.Size = "256",
    rate: o.Rate = "8",
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    keep: o.Keep = None,
    json_file: o.Why = None,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    camera: o.CameraMove = None,
    negative: o.Negative = "",
    sound: o.WithSound = False,
    script: o.Script = None,
) -> None:
    """Make a video from a sentence."""
    from vitascope.tasks import text_to_video

    if script is not None:
        o.refuse_beside(context, "--shots", "script", "output", "filler", "steps", "guidance")
        make_film(script, output, filler, fill_settings(steps, guidance))
        return
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
    canvas, best = with_cast(with_then(canvas, then), cast), best_of(variations, keep, json_file)
    canvas = canvas.with_unknown_sound() if sound else canvas
    outputs = outputs_for(output, text, canvas.frames, keep or variations, sound)
    make(canvas, outputs, filler, fill_settings(steps, guidance), best=best)


def animate(
    picture: Annotated[
        Path, typer.Argument(help="The picture that the video begins with.", show_default=False)
    ],
    text: Annotated[str, typer.Argument(help="What happens, in plain words.", show_default=False)] = "",
    output: o.Output = None,
    then: o.Then = None,
    seconds: o.Seconds = "2",
    size: Annotated[
        str | None,
        typer.Option(
            help='As in generate: "720p" ...',
            show_default=f"the picture's own, at most {LONGEST_SIDE_PX} px a side, or what a filler "
            "that is named keeps sharp",
        ),
    ] = None,
    rate: o.Rate = "8",
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    keep: o.Keep = None,
    json_file: o.Why = None,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    camera: o.CameraMove = None,
    sound: o.WithSound = False,
) -> None:
    """Make a video that begins with a picture."""
    from vitascope.canvas import size_within
    from vitascope.media import read_picture
    from vitascope.tasks import image_to_video

    rate_fps = o.read_rate(rate)
    photo = read_picture(picture)
    height_px, width_px = photo.shape[:2]
    size_px = o.read_size(size) if size else size_within(width_px, height_px, _longest_side_px(filler))
    canvas = image_to_video(
        photo,
        text,
        duration_s=o.read_duration(seconds, rate_fps),
        rate_fps=rate_fps,
        seed=seed,
        size=size_px,
        camera=o.read_camera(camera),
    )
    canvas, best = with_cast(with_then(canvas, then), cast), best_of(variations, keep, json_file)
    canvas = canvas.with_unknown_sound() if sound else canvas
    outputs = outputs_for(output, f"{picture.stem} {text}", canvas.frames, keep or variations, sound)
    note = ""
    if not size and size_px != (width_px, height_px):
        scaled = "x".join(map(str, size_px))
        note = f"Scaling {picture.name} from {width_px}x{height_px} to {scaled}; --size takes another size."
    make(canvas, outputs, filler, fill_settings(steps, guidance), note, best)


def _longest_side_px(filler: str | None) -> int:
    """The longest side of a video that begins with a photo; more for a filler that keeps more sharp."""
    from vitascope.engine.plugins import find_entry

    sharp_px = find_entry(filler).capabilities.sharp_side_px if filler else None
    return max(LONGEST_SIDE_PX, sharp_px or 0)


def image(
    text: o.Text,
    output: o.Output = None,
    size: o.Size = "256",
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    keep: o.Keep = None,
    json_file: o.Why = None,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    negative: o.Negative = "",
) -> None:
    """Make a picture from a sentence."""
    from vitascope.tasks import text_to_image

    canvas = text_to_image(o.read_text(text), size=o.read_size(size), seed=seed, negative=negative)
    canvas, best = with_cast(canvas, cast), best_of(variations, keep, json_file)
    outputs = outputs_for(output, text, canvas.frames, keep or variations)
    make(canvas, outputs, filler, fill_settings(steps, guidance), best=best)
