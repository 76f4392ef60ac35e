"""Loop: time is a circle, so the last frame leads to the first. From words, from a picture that is its first
frame, or from a clip with a bridge from its end back to its beginning. Knows no filler.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, exact_rate, fit_picture, frames_in
from vitascope.canvas.errors import inside
from vitascope.canvas.planes import as_colours


def loop(
    text: str = "",
    *,
    picture: NDArray[np.uint8] | None = None,
    clip: NDArray[np.uint8] | None = None,
    duration_s: float | Fraction = 2,
    size: tuple[int, int] | None = None,
    rate_fps: float | Fraction | str = 8,
    seed: int = 0,
) -> Canvas:
    """A canvas that closes on itself.

    picture uint8 [H, W, 3] is its first frame. clip uint8 [T, H, W, 3] at rate_fps is its beginning, and then
    duration_s is the length of the bridge that is painted after it, so the loop lasts as long as both. size
    is (width_px, height_px); None is the picture's or the clip's own, else 256 x 256; another one scales them
    and crops what hangs over. Raises CanvasError for a picture and a clip at once.
    """
    if picture is not None and clip is not None:
        raise CanvasError("a loop begins with a picture or with a clip, not with both")
    given = picture[None] if picture is not None else clip
    frames = frames_in(duration_s, exact_rate(rate_fps)) + (0 if clip is None else len(clip))
    if given is None:
        width_px, height_px = size or (256, 256)
        canvas = Canvas.blank(frames, height_px, width_px, exact_rate(rate_fps), seed)
    else:
        given = _fitted(given, size)
        _, height_px, width_px, _ = given.shape
        canvas = Canvas.blank(frames, height_px, width_px, exact_rate(rate_fps), seed).with_clip(given)
    canvas = canvas.with_loop()
    return canvas.with_words(text) if text else canvas


def _fitted(clip: NDArray[np.uint8], size: tuple[int, int] | None) -> NDArray[np.uint8]:
    """The clip, each frame scaled to (width_px, height_px) if it has another size."""
    with inside("clip"):
        _, height_px, width_px, _ = as_colours(clip, "THWC").shape
    if size in (None, (width_px, height_px)):
        return clip
    return np.stack([fit_picture(frame, *size) for frame in clip])
