"""Where things should go. Knows paths and regions, not pixels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .errors import CanvasError, inside
from .planes import Floats
from .regions import Region, checked_point
from .time import Time, frame_at, read_time


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
