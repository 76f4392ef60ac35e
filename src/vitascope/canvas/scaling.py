"""Pictures at another size, in plain NumPy. Knows kernels, not what a picture shows or is for.

One axis after the other. Where the picture shrinks, the kernel widens with it, so that nothing is skipped and
nothing shimmers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .planes import Floats


@dataclass(frozen=True)
class Kernel:
    """How pixels weigh by their distance, and how far that reaches, in pixels of the coarser picture."""

    weight: Callable[[NDArray[np.floating[Any]]], NDArray[np.floating[Any]]]
    reach: int


LANCZOS = Kernel(lambda x: np.sinc(x) * np.sinc(x / 3), 3)
"""Sharp: for pictures. May overshoot; clip what it gives."""

TRIANGLE = Kernel(lambda x: np.maximum(0, 1 - np.abs(x)), 1)
"""Linear: for masks, for it stays between the values it is given."""

Box = tuple[float, float, float, float]
"""(left, top, right, bottom), in pixels."""


def scaled(
    picture: NDArray[Any], height_px: int, width_px: int, kernel: Kernel = LANCZOS, box: Box | None = None
) -> Floats:
    """A picture [H, W] or [H, W, C], or a box of it, at another size, as float32."""
    height, width = picture.shape[:2]
    left, top, right, bottom = box or (0, 0, width, height)
    rows = _scaled_axis(picture, height_px, top, bottom, kernel)
    return _scaled_axis(rows.swapaxes(0, 1), width_px, left, right, kernel).swapaxes(0, 1)


def _scaled_axis(picture: NDArray[Any], count: int, start: float, stop: float, kernel: Kernel) -> Floats:
    """Axis 0 from `start` to `stop` as `count` pixels: each a weighted mean of the few that it touches."""
    step = (stop - start) / count
    width = max(step, 1.0)
    result = np.empty((count, *picture.shape[1:]), np.float32)
    for pixel in range(count):
        middle = start + (pixel + 0.5) * step
        first = max(0, math.floor(middle - kernel.reach * width))
        last = min(len(picture), math.ceil(middle + kernel.reach * width))
        distance = np.clip((np.arange(first, last) + 0.5 - middle) / width, -kernel.reach, kernel.reach)
        weights = kernel.weight(distance)
        weights = (weights / weights.sum()).astype(np.float32)
        result[pixel] = np.tensordot(weights, picture[first:last].astype(np.float32), axes=1)
    return result
