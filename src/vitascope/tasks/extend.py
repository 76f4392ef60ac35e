"""Extend a clip forward, backward or both ways: its frames are known, the time beside them is not. Knows no
filler.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Camera, Canvas, CanvasError, Sound, exact_rate, frames_in
from vitascope.canvas.errors import inside
from vitascope.canvas.planes import as_colours

Direction: TypeAlias = Literal["forward", "backward", "both"]


def extend(
    clip: NDArray[np.uint8],
    text: str = "",
    *,
    rate_fps: float | Fraction | str,
    duration_s: float | Fraction = 2,
    direction: Direction = "forward",
    seed: int = 0,
    camera: Camera | None = None,
    sound: Sound | None = None,
) -> Canvas:
    """A canvas with a clip uint8 [T, H, W, 3] in it and duration_s of new time after it, before it, or both.

    duration_s is for each side that is extended. sound is the clip's, heard with its first frame; the new
    time is silent. Raises CanvasError for another direction, or arrays that are no clip.
    """
    if direction not in get_args(Direction):
        raise CanvasError(f"must be one of {', '.join(get_args(Direction))}, not {direction!r}", "direction")
    rate = exact_rate(rate_fps)
    new = frames_in(duration_s, rate)
    before, after = new * (direction != "forward"), new * (direction != "backward")
    with inside("clip"):
        frames, height_px, width_px, _ = as_colours(clip, "THWC").shape
    canvas = Canvas.blank(before + frames + after, height_px, width_px, rate, seed)
    canvas = canvas.with_clip(clip, at=before)
    canvas = canvas.with_words(text) if text else canvas
    canvas = canvas.with_camera(camera) if camera else canvas
    return canvas.with_sound(_placed(sound, before / rate, frames / rate)) if sound else canvas


def _placed(sound: Sound, start_s: Fraction, duration_s: Fraction) -> Sound:
    """The first duration_s of a sound, after start_s of silence."""
    heard = sound.samples[: round(duration_s * sound.rate_hz)]
    return Sound(np.pad(heard, ((round(start_s * sound.rate_hz), 0), (0, 0))), sound.rate_hz)
