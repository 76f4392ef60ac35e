"""Replace or erase: all is known but a region. Knows no filler."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, Region, Span, exact_rate
from vitascope.canvas.errors import inside
from vitascope.canvas.planes import as_colours


def replace(
    clip: NDArray[np.uint8],
    region: Region | NDArray[Any],
    text: str = "",
    *,
    rate_fps: float | Fraction | str,
    span: Span | None = None,
    seed: int = 0,
) -> Canvas:
    """A clip uint8 [T, H, W, 3] with a region to be invented anew, from words; without words, it is erased.

    Of a shape every pixel that it touches is new, so that no rim of what was there stays. An array of 0..1,
    [H, W] or [T, H, W], is taken as it is: 1 is new, and between is redrawn the less the nearer to 0. A span
    says when; at other times all is kept. Raises CanvasError for a region that holds no pixel.
    """
    with inside("clip"):
        pixels = as_colours(clip, "THWC")
    everything = np.broadcast_to(np.float32(1), pixels.shape[:3])
    canvas = Canvas(pixels, everything, exact_rate(rate_fps), seed=seed)
    canvas = canvas.with_known(_where(canvas, region, span), 0.0, span)
    if canvas.known.min() == 1:
        raise CanvasError("it holds no pixel of the clip, so nothing would change", "region")
    return canvas.with_words(text, span) if text else canvas


def _where(canvas: Canvas, region: Region | NDArray[Any], span: Span | None) -> NDArray[Any]:
    """[H, W], or one for each frame of the span."""
    if isinstance(region, Region):
        return region.coverage(canvas.height_px, canvas.width_px) > 0
    if region.ndim == 3 and len(region) == canvas.frames and span:
        held = span.frames(canvas.frames, canvas.rate_fps)
        return region[held.start : held.stop]
    return region
