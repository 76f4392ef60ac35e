"""New background: the subject is known, what is around it is not. Knows no filler."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, Region, exact_rate
from vitascope.canvas.errors import inside
from vitascope.canvas.planes import as_colours


def background(
    clip: NDArray[np.uint8],
    subject: Region | NDArray[Any],
    text: str = "",
    *,
    rate_fps: float | Fraction | str,
    seed: int = 0,
) -> Canvas:
    """A clip uint8 [T, H, W, 3] of which the subject stays and all else is to be invented, from words.

    Of a shape the pixels that are wholly inside stay, so that no rim of the old background does. An array of
    0..1, [H, W] or [T, H, W], is taken as it is, like an alpha channel: 1 stays, and between is redrawn the
    more the nearer to 0. Raises CanvasError for a subject that is nothing or everything.
    """
    with inside("clip"):
        pixels = as_colours(clip, "THWC")
    if isinstance(subject, Region):
        subject = subject.coverage(*pixels.shape[1:3]) == 1
    nothing = np.broadcast_to(np.float32(0), pixels.shape[:3])
    canvas = Canvas(pixels, nothing, exact_rate(rate_fps), seed=seed)
    with inside("subject"):
        canvas = canvas.with_known(subject, 1.0)
        if not canvas.known.any():
            raise CanvasError("it holds no pixel of the clip, so nothing would be kept")
        if canvas.known.min() == 1:
            raise CanvasError("it holds every pixel of the clip, so there is no background to paint")
    return canvas.with_words(text) if text else canvas
