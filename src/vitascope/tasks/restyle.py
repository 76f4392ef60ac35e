"""Restyle: every pixel is known a little, and redrawn as the words say. Knows no filler."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, exact_rate
from vitascope.canvas.errors import inside
from vitascope.canvas.planes import as_colours


def restyle(
    clip: NDArray[np.uint8],
    text: str,
    *,
    rate_fps: float | Fraction | str,
    strength: float = 0.6,
    seed: int = 0,
) -> Canvas:
    """A clip uint8 [T, H, W, 3] as a sketch of itself in another look.

    strength is in 0..1: at 0 the clip comes back, at 1 nothing of it is left but its length and size.
    """
    if not 0 <= strength <= 1:
        raise CanvasError(
            f"must be in 0..1 (0 gives the clip back, 1 keeps nothing of it), not {strength:g}", "strength"
        )
    with inside("clip"):
        pixels = as_colours(clip, "THWC")
    known = np.broadcast_to(np.float32(1 - strength), pixels.shape[:3])
    canvas = Canvas(pixels, known, exact_rate(rate_fps), seed=seed)
    return canvas.with_words(text) if text else canvas
