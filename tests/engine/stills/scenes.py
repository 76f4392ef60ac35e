"""Pictures of which is known what is in them: a striped ball on a grainy slope of colour."""

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def slope(width_px: int = 160, height_px: int = 90, chance: int = 0) -> Picture:
    """A background: colours that change from side to side, and grain."""
    y, x = np.mgrid[0:height_px, 0:width_px]
    plane = np.stack([60 + 60 * x / width_px, 90 + 40 * y / height_px, 140 - 40 * x / width_px], -1)
    grain = np.random.default_rng(chance).normal(0, 3, plane.shape)
    return np.clip(plane + grain, 0, 255).astype(np.uint8)


def ball(width_px: int = 160, height_px: int = 90) -> NDArray[np.bool_]:
    """Where the ball is."""
    y, x = np.mgrid[0:height_px, 0:width_px]
    return np.hypot(x - width_px / 2, y - 0.55 * height_px) < 0.3 * height_px


def still(width_px: int = 160, height_px: int = 90, chance: int = 0) -> Picture:
    """The ball before the slope."""
    picture, there = slope(width_px, height_px, chance), ball(width_px, height_px)
    stripes = (np.arange(width_px) // 6 % 2)[None, :, None] * 40
    colours = np.clip(np.array([200, 60, 40]) + stripes, 0, 255)
    return np.where(there[..., None], np.broadcast_to(colours, picture.shape), picture).astype(np.uint8)


def textured(width_px: int = 160, height_px: int = 90, chance: int = 0) -> Picture:
    """Soft noise all over, of which nothing stands out: what shifts are measured on."""
    import cv2

    noise = np.random.default_rng(chance).normal(0, 1, (height_px, width_px, 3))
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.6))
    return np.clip(128 + soft * 150, 0, 255).astype(np.uint8)
