"""Where a thing goes, and what moves that should not: positions found again in painted clips.

The thing is looked for as it was seen in the first frame: its pixels, and only those, are compared with
every place near the last one (the sum of squared differences under the region), turned and sized a little
otherwise than in the frame before. Does not know who asked for the path.

Axes: T frames, H, W pixels, C colours. Positions (x, y) in 0..1 of the width and height.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.evaluate.dis import dis_flow, flow_speed

__all__ = ["found_path", "moved_outside", "path_error", "swept"]

Clip = NDArray[np.uint8]
Path = NDArray[np.float32]
Plane = NDArray[Any]

_LOOK_PX = 128  # the shorter side at which it is looked for: half a pixel at 64
_TURNS_DEG = (-12, 0, 12)  # from one frame to the next; what rolls turns more, and is lost
_SIZES = (0.92, 1.0, 1.09)
_LEAST_SIZE, _MOST_SIZE = 0.5, 2.0
_FAR = 0.3  # of the shorter side: nothing goes farther from one frame to the next
_STAY = 0.02  # how much worse (of the thing's own contrast) a place may match per _FAR that it is nearer


def found_path(clip_THWC: Clip, region_HW: Plane) -> Path:
    """Where the thing that `region` (0..1) covers in the first frame is in each: float32 [T, 2]."""
    height, width = clip_THWC.shape[1:3]
    scale = max(1.0, _LOOK_PX / min(height, width))
    thing = _Thing(_larger(clip_THWC[0], scale), _larger(region_HW.astype(np.float32), scale) > 0.5)
    places = [thing.start]
    for frame in clip_THWC[1:]:
        places.append(thing.find(_larger(frame, scale), places))
    return (np.array(places) / (width * scale, height * scale)).astype(np.float32)


def path_error(found_T2: Path, wanted_T2: Path, height_px: int, width_px: int) -> float:
    """Mean distance over time of two paths [T, 2] as a share of the picture's width; both start at 0."""
    apart = (found_T2 - found_T2[:1]) - (wanted_T2 - wanted_T2[:1])
    return float(np.hypot(apart[1:, 0], apart[1:, 1] * height_px / width_px).mean())


def swept(region_HW: Plane, path_T2: Path) -> NDArray[np.bool_]:
    """What a region passes over on its way [H, W], with a margin of a sixteenth of the width around it."""
    height, width = region_HW.shape
    plane = (region_HW > 0.5).astype(np.uint8)
    passed = np.zeros_like(plane)
    way = (path_T2 - path_T2[0]) * (width, height)
    for start, end in pairwise(way):
        for dx, dy in np.linspace(start, end, 1 + math.ceil(np.abs(end - start).max())):
            shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
            there = cv2.warpAffine(plane, shift, (width, height), flags=cv2.INTER_NEAREST)
            passed[np.asarray(there) > 0] = 1
    size = 2 * max(1, round(width / 16)) + 1
    return cv2.dilate(passed, np.ones((size, size), np.uint8)) > 0


def moved_outside(clip_THWC: Clip, inside_HW: NDArray[np.bool_]) -> float:
    """How far what is outside has gone since the first frame: mean of pixels and frames, over the width."""
    outside = ~inside_HW
    if not outside.any():
        return math.nan
    first, gone = clip_THWC[0], list[float]()
    for frame in clip_THWC[1:]:
        # The inside is held still: a flow that follows the thing drags along what is beside it.
        held = np.where(inside_HW[:, :, None], first, frame)
        gone.append(float(flow_speed(dis_flow(first, held))[outside].mean()))
    return float(np.mean(gone)) / clip_THWC.shape[2]


class _Thing:
    """How the thing looks, and how to look for it; it remembers how it was turned and sized last."""

    def __init__(self, first_HWC: Clip, region_HW: NDArray[np.bool_]) -> None:
        y, x = np.nonzero(region_HW)
        if not len(x):
            raise ValueError("the region covers nothing of the first frame")
        top, left, bottom, right = int(y.min()), int(x.min()), int(y.max()) + 1, int(x.max()) + 1
        self.start = ((left + right) / 2, (top + bottom) / 2)
        self.far = _FAR * min(first_HWC.shape[:2])
        self.picture = first_HWC[top:bottom, left:right].astype(np.float32)
        self.plane = region_HW[top:bottom, left:right].astype(np.float32)
        self.contrast = max(1.0, float(self.picture[self.plane > 0.5].std()))
        self.turn_deg, self.size = 0.0, 1.0

    def find(self, frame_HWC: Clip, before: list[tuple[float, float]]) -> tuple[float, float]:
        """The best place in a frame, not far from where it was, or would be if it went on."""
        x, y = before[-1]
        ahead = (2 * x - before[-2][0], 2 * y - before[-2][1]) if len(before) > 1 else (x, y)
        best, place, look = math.inf, before[-1], (self.turn_deg, self.size)
        for turn_deg, size in self._looks():
            picture, plane = _turned(self.picture, self.plane, turn_deg, size)
            cost, columns, rows = self._costs(frame_HWC, picture, plane)
            away = np.minimum(np.hypot(columns - x, rows - y), np.hypot(columns - ahead[0], rows - ahead[1]))
            cost = np.where(away <= self.far, cost + _STAY * away / self.far, np.inf)
            row, column = np.unravel_index(int(cost.argmin()), cost.shape)
            if cost[row, column] < best:
                best, look = float(cost[row, column]), (turn_deg, size)
                place = (float(columns[0, column]), float(rows[row, 0]))
        self.turn_deg, self.size = look
        return place

    def _looks(self) -> list[tuple[float, float]]:
        """Turns and sizes to try, those of the frame before first."""
        turns = sorted((self.turn_deg + turn for turn in _TURNS_DEG), key=lambda t: abs(t - self.turn_deg))
        sizes = [min(_MOST_SIZE, max(_LEAST_SIZE, self.size * size)) for size in (1.0, *_SIZES[::2])]
        return [(turn, size) for turn in turns for size in sizes]

    def _costs(
        self, frame_HWC: Clip, picture: NDArray[np.float32], plane: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
        """How badly it matches (over the thing's contrast) with its middle at each place; their x and y."""
        high, wide = plane.shape
        # What is half out of the picture can be found, too: there the edge goes on.
        padded = cv2.copyMakeBorder(
            frame_HWC.astype(np.float32), high // 2, high // 2, wide // 2, wide // 2, cv2.BORDER_REPLICATE
        )
        weight = np.repeat(plane[:, :, None], 3, axis=2)
        wrong = cv2.matchTemplate(padded, picture, cv2.TM_SQDIFF, mask=weight) / (3 * plane.sum())
        cost = np.sqrt(np.maximum(wrong, 0)) / self.contrast
        rows = np.arange(cost.shape[0])[:, None] + high / 2 - high // 2
        columns = np.arange(cost.shape[1])[None] + wide / 2 - wide // 2
        return cost, columns, rows


def _turned(
    picture_HWC: NDArray[np.float32], plane_HW: NDArray[np.float32], turn_deg: float, size: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The cut-out thing turned and scaled around its middle, in a box that holds it, and where it is."""
    high, wide = plane_HW.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), turn_deg, size)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    box = (math.ceil(wide * cos + high * sin), math.ceil(wide * sin + high * cos))
    turn[:, 2] += (box[0] / 2 - wide / 2, box[1] / 2 - high / 2)
    picture = cv2.warpAffine(picture_HWC, turn, box)
    plane = cv2.warpAffine(plane_HW, turn, box)
    return np.asarray(picture, np.float32), (plane > 0.6).astype(np.float32)


def _larger(plane: NDArray[Any], scale: float) -> NDArray[Any]:
    if scale == 1:
        return plane
    size = (round(plane.shape[1] * scale), round(plane.shape[0] * scale))
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_LINEAR))
