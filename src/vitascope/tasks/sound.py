"""Sound: what is seen is known, or nothing is to be seen; what is heard is invented from words.

Knows no filler.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, exact_rate
from vitascope.canvas.errors import inside
from vitascope.canvas.planes import as_colours
from vitascope.canvas.time import exact_seconds

DARK_PX = 16
STEPS_PER_S = 100  # how finely words can be placed in time where there is no picture


def sound(
    text: str,
    clip: NDArray[np.uint8] | None = None,
    *,
    rate_fps: float | Fraction | str | None = None,
    duration_s: float | Fraction | None = None,
    seed: int = 0,
    negative: str = "",
) -> Canvas:
    """A canvas whose sound is to be invented.

    It has the pixels of a clip uint8 [T, H, W, 3] at `rate_fps` and is as long, or is dark for exactly
    `duration_s` (None: 10).
    """
    if clip is None:
        if rate_fps is not None:
            raise CanvasError("is for a clip; without one say duration_s", "rate_fps")
        pixels, rate = _dark(10 if duration_s is None else duration_s)
    else:
        if rate_fps is None or duration_s is not None:
            raise CanvasError("a clip's length is its own: give its rate_fps, and no duration_s", "clip")
        with inside("clip"):
            pixels, rate = as_colours(clip, "THWC"), exact_rate(rate_fps)
    known = np.broadcast_to(np.float32(1), pixels.shape[:3])
    canvas = Canvas(pixels, known, rate, seed=seed).with_negative(negative)
    return (canvas.with_words(text) if text else canvas).with_unknown_sound()


def _dark(duration_s: float | Fraction) -> tuple[NDArray[np.uint8], Fraction]:
    """Darkness for so long, to the bit: its rate is what makes whole frames of it. It takes no memory."""
    with inside("duration_s"):
        exact_s = exact_seconds(duration_s)
        if exact_s <= 0:
            raise CanvasError(f"must be above 0, not {float(exact_s):g}")
        frames = max(1, math.floor(exact_s * STEPS_PER_S))
        rate = exact_rate(frames / exact_s)
    return np.broadcast_to(np.uint8(0), (frames, DARK_PX, DARK_PX, 3)), rate
