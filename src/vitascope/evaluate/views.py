"""How the camera moved, measured from the picture: the similarity that explains most of the optical flow.

Points on a grid are followed from frame to frame; a shift, a zoom and a turn are fitted to them, and those
that don't agree (things of their own motion) are left out (RANSAC). Signs are the camera's, not the
picture's: a camera that pans right sends everything left. Does not know which move was asked for.

Axes: T frames, H, W pixels, C colours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.evaluate.dis import dis_flow

__all__ = ["View", "camera_move"]

_GRID = 24  # points along each side


@dataclass(frozen=True)
class View:
    """What a camera did from the first frame to the last.

    pan and tilt: right and up, in widths and heights of the picture; zoom: in, as a natural logarithm; roll:
    clockwise, in degrees.
    """

    pan: float
    tilt: float
    zoom: float
    roll: float


def camera_move(clip_THWC: NDArray[np.uint8]) -> View:
    """The moves between neighbouring frames, added up."""
    steps = [_step(a, b) for a, b in pairwise(clip_THWC)]
    pan, tilt, zoom, roll = np.array(steps).reshape(-1, 4).sum(axis=0).tolist()
    return View(pan, tilt, zoom, roll)


def _step(a_HWC: NDArray[np.uint8], b_HWC: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    height, width = a_HWC.shape[:2]
    flow = dis_flow(a_HWC, b_HWC)
    rows = np.linspace(0, height - 1, min(_GRID, height)).round().astype(int)
    columns = np.linspace(0, width - 1, min(_GRID, width)).round().astype(int)
    y, x = np.meshgrid(rows, columns, indexing="ij")
    middle = ((width - 1) / 2, (height - 1) / 2)
    here = np.stack((x, y), -1).reshape(-1, 2).astype(np.float32) - np.array(middle, np.float32)
    there = here + flow[y, x].reshape(-1, 2)
    cv2.setRNGSeed(0)
    found = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=0.01 * width)
    fitted: Any = found[0]
    if fitted is None:
        return 0.0, 0.0, 0.0, 0.0
    scale = math.hypot(fitted[0, 0], fitted[1, 0])
    turned = math.degrees(math.atan2(fitted[1, 0], fitted[0, 0]))  # y goes down: positive is clockwise
    return -fitted[0, 2] / width, fitted[1, 2] / height, math.log(max(scale, 1e-3)), -turned
