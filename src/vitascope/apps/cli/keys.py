"""between, keyframes: pictures at their times in, the video that leads from one to the next out.

Their functions have more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.best import best_of
from vitascope.apps.cli.cast import with_cast
from vitascope.apps.cli.inputs import LONGEST_SIDE_PX, read_photo, scaling_note
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.running import make

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vitascope.canvas import Time

FirstsSize = Annotated[
    str | None,
    typer.Option(
        "--size",
        help='"256", "1280x720", "720p", "16:9".',
        show_default=f"the first picture's, at most {LONGEST_SIDE_PX} px a side",
    ),
]
_KEYS = "TIME:PICTURE"


def between(
    first: Annotated[Path, typer.Argument(help="The picture that it begins with.", show_default=False)],
    last: Annotated[Path, typer.Argument(help="The picture that it ends with.", show_default=False)],
    text: Annotated[str, typer.Argument(help="What happens, in plain words.", show_default=False)] = "",
    output: o.Output = None,
    seconds: o.Seconds = "2",
    size: FirstsSize = None,
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
) -> None:
    """Make a video that leads from one picture to another."""
    from vitascope.tasks import between as led

    rate_fps = o.read_rate(rate)
    duration_s, camera_move = o.read_duration(seconds, rate_fps), o.read_camera(camera)
    best = best_of(variations, keep, json_file)
    photos, size_px, note = _read_photos([first, last], size)
    with o.reading("--seconds"):
        canvas = led(
            photos[0], photos[1], text, duration_s=duration_s, rate_fps=rate_fps, size=size_px, seed=seed
        )
    canvas = with_cast(canvas.with_camera(camera_move) if camera_move else canvas, cast)
    outputs = outputs_for(output, f"{first.stem} {last.stem} {text}", canvas.frames, keep or variations)
    make(canvas, outputs, filler, fill_settings(steps, guidance), note, best)


def keyframes(
    keys: Annotated[
        list[str],
        typer.Argument(
            metavar=f"{_KEYS}...",
            help='Pictures and when they are seen: "0:a.png", "2.5:b.png", "12f:c.png", "last:d.png".',
            show_default=False,
        ),
    ],
    text: Annotated[
        str, typer.Option("--text", "-t", help="What happens, in plain words.", show_default=False)
    ] = "",
    output: o.Output = None,
    seconds: Annotated[
        str | None, typer.Option(help='How long: "2", "1.5", "12f".', show_default="to the last picture")
    ] = None,
    size: FirstsSize = None,
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
) -> None:
    """Make a video with pictures at their times in it."""
    from vitascope.canvas import CanvasError
    from vitascope.tasks import keyframes as keyed

    rate_fps = o.read_rate(rate)
    duration_s = o.read_duration(seconds, rate_fps) if seconds else None
    camera_move, best = o.read_camera(camera), best_of(variations, keep, json_file)
    times, paths = zip(*map(_read_key, keys), strict=True)
    photos, size_px, note = _read_photos(paths, size)
    pairs = list(zip(times, photos, strict=True))
    try:
        canvas = keyed(pairs, text, duration_s=duration_s, rate_fps=rate_fps, size=size_px, seed=seed)
    except CanvasError as error:
        hint = "--seconds" if error.where == "duration_s" else _KEYS
        raise typer.BadParameter(error.message, param_hint=hint) from error
    canvas = with_cast(canvas.with_camera(camera_move) if camera_move else canvas, cast)
    name = " ".join([path.stem for path in paths] + [text])
    outputs = outputs_for(output, name, canvas.frames, keep or variations)
    make(canvas, outputs, filler, fill_settings(steps, guidance), note, best)


def _read_key(text: str) -> tuple[Time, Path]:
    from vitascope.canvas import parse_time

    time, colon, name = text.partition(":")
    if not colon or not name:
        message = f'"{text}" is no time with a picture; write 0:a.png, 2.5:b.png, 12f:c.png or last:d.png'
        raise typer.BadParameter(message, param_hint=_KEYS)
    with o.reading(_KEYS):
        return parse_time(time), Path(name)


def _read_photos(
    paths: Sequence[Path], size: str | None
) -> tuple[list[NDArray[np.uint8]], tuple[int, int], str]:
    """Pictures uint8 [H, W, 3]; the (width_px, height_px) for their video, which is the first one's; and a
    note on those that have another.
    """
    read = [read_photo(path, size) for path in paths]
    size_px = read[0][1]
    notes = [
        scaling_note(path, _size(picture), size_px) for path, (picture, _, _) in zip(paths, read, strict=True)
    ]
    note = "" if size else "\n".join(filter(None, notes))
    return [picture for picture, _, _ in read], size_px, note


def _size(picture: NDArray[np.uint8]) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]
