"""Smooth: frame interpolation. Every frame of a clip is known at its own time, and between each two of them
there are new ones. Knows no filler.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, exact_rate
from vitascope.canvas.errors import inside
from vitascope.canvas.planes import as_colours


def smooth(
    clip: NDArray[np.uint8],
    *,
    rate_fps: float | Fraction | str,
    to_rate_fps: float | Fraction | str,
    text: str = "",
    seed: int = 0,
) -> Canvas:
    """A canvas as long as a clip uint8 [T, H, W, 3], at a whole multiple of its rate.

    With to_rate_fps k times rate_fps, frame k * i is the clip's frame i, and the k - 1 after it are to be
    invented (after the last frame too, which the clip showed for as long). Raises CanvasError for any other
    rate, naming the nearest that will do, and for a clip of a single frame.
    """
    to_rate = exact_rate(to_rate_fps)
    times = whole_multiple(exact_rate(rate_fps), to_rate)
    with inside("clip"):
        frames, height_px, width_px, _ = as_colours(clip, "THWC").shape
    if frames < 2:
        raise CanvasError("a single frame has nothing between; image_to_video makes it move", "clip")
    canvas = Canvas.blank(frames * times, height_px, width_px, to_rate, seed)
    canvas = canvas.with_clips((clip[i : i + 1], i * times, 1.0) for i in range(frames))
    return canvas.with_words(text) if text else canvas


def whole_multiple(rate_fps: Fraction, to_rate_fps: Fraction) -> int:
    """How many times the one rate the other is; CanvasError, naming the nearest two, if not whole."""
    ratio = to_rate_fps / rate_fps
    if ratio.denominator == 1 and ratio > 1:
        return int(ratio)
    below = max(2, math.floor(ratio))
    raise CanvasError(
        f"must be a whole multiple of the clip's {_said(rate_fps)} fps: {_said(rate_fps * below)} or "
        f"{_said(rate_fps * (below + 1))}, not {_said(to_rate_fps)}",
        "to_rate_fps",
    )


def _said(rate_fps: Fraction) -> str:
    """As a person may write it: 48, 29.97, or 72000/1001 where no decimal number means it."""
    decimal = f"{float(rate_fps):g}"
    return decimal if exact_rate(decimal) == rate_fps else str(rate_fps)
