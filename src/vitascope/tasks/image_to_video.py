"""Image -> video: the first frame is known. Knows no filler."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Camera, Canvas, fit_picture


def image_to_video(
    picture: NDArray[np.uint8],
    text: str = "",
    *,
    duration_s: float | Fraction = 2,
    rate_fps: float | Fraction | str = 8,
    seed: int = 0,
    size: tuple[int, int] | None = None,
    camera: Camera | None = None,
) -> Canvas:
    """A canvas that begins with a picture uint8 [H, W, 3] and is to be invented from there.

    size is (width_px, height_px): None is the picture's own; another one scales it and crops what hangs over.
    """
    height_px, width_px = picture.shape[:2]
    width_px, height_px = size or (width_px, height_px)
    canvas = Canvas.empty(duration_s, width_px, height_px, rate_fps, seed)
    canvas = canvas.with_picture(fit_picture(picture, width_px, height_px), at="first")
    canvas = canvas.with_words(text) if text else canvas
    return canvas.with_camera(camera) if camera else canvas
