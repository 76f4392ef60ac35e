"""Where things should go. Knows paths and regions, not pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .errors import CanvasError, inside
from .planes import Floats
from .regions import Region, checked_point
from .scaling import TRIANGLE, scaled
from .time import Time, frame_at, read_time

_SWEPT_AT_PX = 256  # the longer side at which a way is swept: what is swept needs no fine edge


@dataclass(frozen=True)
class Track:
    """A thing, or a region of the first frame, that goes along points (time, x, y).

    x and y are fractions of the width and height from the top left; a path may lead out of the picture
    (-1..2). Between points it moves evenly; before the first and after the last it rests. A region whose
    points are all at one place is frozen.
    """

    points: tuple[tuple[Time, float, float], ...]
    region: Region | None = None

    def __post_init__(self) -> None:
        if len(self.points) < 2:
            raise CanvasError(f"a track needs two points or more, not {len(self.points)}", "points")
        checked: list[tuple[Time, float, float]] = []
        for number, point in enumerate(self.points):
            with inside(f"points[{number}]"):
                if len(point) != 3:
                    raise CanvasError(f"a point is (time, x, y), not {point!r}")
                read_time(point[0])
                checked.append((point[0], *checked_point(point[1], point[2])))
        object.__setattr__(self, "points", tuple(checked))

    @classmethod
    def freeze(cls, region: Region) -> Track:
        """A track that holds a region where it is, from the first frame to the last."""
        x, y = region.centre
        return cls((("first", x, y), ("last", x, y)), region)

    @property
    def frozen(self) -> bool:
        """Whether every point is at the same place."""
        return len({(x, y) for _, x, y in self.points}) == 1

    def positions(self, frames: int, rate_fps: Fraction) -> Floats:
        """Where it is in every frame: float32 [T, 2], (x, y); refuses times outside or in disorder."""
        times: list[int] = []
        for number, (time, _, _) in enumerate(self.points):
            with inside(f"points[{number}]"):
                times.append(frame_at(time, frames, rate_fps))
                if number and times[-1] <= times[-2] and not (self.frozen and times[-1] == times[-2]):
                    raise CanvasError(
                        f"frame {times[-1]} does not come after the point before it (frame {times[-2]})"
                    )
        now = np.arange(frames)
        x = np.interp(now, times, [x for _, x, _ in self.points])
        y = np.interp(now, times, [y for _, _, y in self.points])
        return np.stack([x, y], axis=1).astype(np.float32)

    def swept(
        self, frames: int, rate_fps: Fraction, height_px: int, width_px: int, margin: float = 0.0
    ) -> NDArray[np.bool_]:
        """What its region passes over on the way, bool [H, W]; nothing without a region.

        margin: how much farther it reaches to every side, as a share of the width.
        """
        if self.region is None:
            return np.zeros((height_px, width_px), np.bool_)
        scale = min(1.0, _SWEPT_AT_PX / max(height_px, width_px))
        height, width = (max(1, round(side * scale)) for side in (height_px, width_px))
        covered = self.region.coverage(height, width) > 0
        way_T2 = self.positions(frames, rate_fps).astype(np.float64)
        way_T2 = (way_T2 - self.region.centre) * (width, height)
        passed = covered.copy()
        for start, end in pairwise(way_T2):
            steps = 1 + math.ceil(np.abs(end - start).max())
            places = start + np.linspace(0, 1, steps)[:, None] * (end - start)
            for right, down in np.unique(np.rint(places).astype(int), axis=0).tolist():
                passed |= _shifted(covered, right, down)
        reach = math.ceil(margin * width)
        for right, down in ((1, 0), (0, 1)):
            steps = range(-reach, reach + 1)
            passed = np.logical_or.reduce([_shifted(passed, right * n, down * n) for n in steps])
        if (height, width) == (height_px, width_px):
            return passed
        return scaled(passed.astype(np.float32), height_px, width_px, TRIANGLE) > 0.25


def _shifted(plane: NDArray[np.bool_], right: int, down: int) -> NDArray[np.bool_]:
    """The plane moved by whole pixels; what comes in is empty."""
    height, width = plane.shape
    result = np.zeros_like(plane)
    if abs(right) < width and abs(down) < height:
        result[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)] = plane[
            max(0, -down) : height + min(0, -down), max(0, -right) : width + min(0, -right)
        ]
    return result
