"""In-between: the first frame is known and the last is. Knows no filler."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, fit_picture


def between(
    first: NDArray[np.uint8],
    last: NDArray[np.uint8],
    text: str = "",
    *,
    duration_s: float | Fraction = 2,
    rate_fps: float | Fraction | str = 8,
    size: tuple[int, int] | None = None,
    seed: int = 0,
) -> Canvas:
    """A canvas that begins with one picture uint8 [H, W, 3] and ends with another; how, is to be invented.

    size is (width_px, height_px): None is the first picture's own. A picture of another size is scaled, and
    what hangs over is cropped. Raises CanvasError for a duration of fewer than three frames.
    """
    height_px, width_px = first.shape[:2]
    width_px, height_px = size or (width_px, height_px)
    canvas = Canvas.empty(duration_s, width_px, height_px, rate_fps, seed)
    if canvas.frames < 3:
        raise CanvasError(
            f"there is nothing between the first and the last of {canvas.frames} frames; at "
            f"{float(canvas.rate_fps):g} fps make it {float(3 / canvas.rate_fps):.3g} s or more",
            "duration_s",
        )
    for picture, at in ((first, "first"), (last, "last")):
        canvas = canvas.with_picture(fit_picture(picture, width_px, height_px), at=at)
    return canvas.with_words(text) if text else canvas
