"""How well two parts of a clip are joined: what jumps there, over what goes on inside the clip anyway.

Ratios, each about 1 where a real clip goes on and large at a cut. In position: the difference of the two
frames at the join. In velocity: second differences around the join, of pixels; and of optical flow, which
is blind to what merely looks sharp. What no motion explains: a cross-fade leaves no jump at all, but
pictures that melt. And the speed after the join over that before: what stands still from there on has no
jump in position. Does not know which feature made the join.

Axes: T frames, H, W pixels, C colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitascope.evaluate.dis import carried, dis_flow, flow_speed

__all__ = ["Join", "join_jumps"]

Clip = NDArray[np.uint8]

# Less than that moves in no real clip without being asked to: added above and below, so that two clips that
# stand still make 1 and not anything.
_LEAST_LEVELS = 0.3  # of 255, mean over the picture
_PAIRS, _BENDS = 2, 4  # on each side, that it is measured against
_NEAR = 3  # frames from the join: a cross-fade takes about that long
_LEAST_SHARE = 0.0005  # of the picture's width


@dataclass(frozen=True)
class Join:
    """Jumps at a join over the clip's own: position, velocity in pixels and in flow.

    unexplained: change near the join that no motion brings, over the clip's own. speed: after over before.
    """

    position: float
    velocity: float
    flow_velocity: float
    unexplained: float
    speed: float


def join_jumps(clip_THWC: Clip, at: int, *, circle: bool = False, inner: Sequence[int] | None = None) -> Join:
    """The join before frame `at` of a uint8 clip, `circle` if its last frame leads to its first.

    It is measured against the median over the nearest neighbours on both sides (a clip may be faster
    elsewhere), or over those that `inner` names by their second frame: an extension is measured by what was
    given. A circle's join may be at 0. Raises ValueError where there are no two frames on each side.
    """
    T = len(clip_THWC)
    if T < 4 or not (circle or 2 <= at <= T - 2):
        raise ValueError(f"a join before frame {at} of {T} has no two frames on each side")
    order = np.arange(T) if not circle else (np.arange(T) + at - T // 2) % T
    frames = clip_THWC[order]
    join = at if not circle else T // 2
    pairs = [t for t in range(1, T) if 0 < abs(t - join) <= _PAIRS]
    middles = [t for t in range(1, T - 1) if t not in (join - 1, join) and -_BENDS <= t - join < _BENDS]
    if inner is not None:
        wanted = {int(np.flatnonzero(order == t)[0]) for t in inner}
        pairs = [t for t in range(1, T) if t in wanted and t != join]
        middles = [t for t in pairs if t + 1 in pairs] or middles
    return _Measured(frames).jumps(join, pairs, middles)


class _Measured:
    """First and second differences of a clip, in pixels and in flow, each made when it's asked for."""

    def __init__(self, frames_THWC: Clip) -> None:
        self.x = frames_THWC.astype(np.float32)
        self.clip = frames_THWC
        self.width = frames_THWC.shape[2]
        self.flows: dict[tuple[int, int], NDArray[np.float32]] = {}

    def jumps(self, join: int, pairs: Sequence[int], middles: Sequence[int]) -> Join:
        """The differences at a join over the medians over pairs (by their second frame) and middles."""
        around = (join - 1, join)
        return Join(
            position=_ratio([self._step(join)], [self._step(t) for t in pairs], _LEAST_LEVELS),
            velocity=_ratio([self._bend(t) for t in around], [self._bend(t) for t in middles], _LEAST_LEVELS),
            flow_velocity=_ratio(
                [self._turn(t) for t in around], [self._turn(t) for t in middles], _LEAST_SHARE
            ),
            unexplained=self._around(join),
            speed=(self._speed(join + 1) + _LEAST_SHARE) / (self._speed(join - 1) + _LEAST_SHARE),
        )

    def _around(self, join: int) -> float:
        """What no motion explains in the pairs near a join, over that in all others."""
        pairs = range(1, len(self.x))
        near = [t for t in pairs if abs(t - join) <= _NEAR]
        rest = [t for t in pairs if t not in near] or near
        return _ratio([self._appears(t) for t in near], [self._appears(t) for t in rest], _LEAST_LEVELS)

    def _appears(self, t: int) -> float:
        """What is in frame t and not in the one before, wherever that has moved."""
        return float(np.abs(self.x[t] - carried(self.x[t - 1], self._flow(t, t - 1))).mean())

    def _step(self, t: int) -> float:
        return float(np.abs(self.x[t] - self.x[t - 1]).mean())

    def _bend(self, t: int) -> float:
        return float(np.abs(self.x[t + 1] - 2 * self.x[t] + self.x[t - 1]).mean())

    def _turn(self, t: int) -> float:
        """How far the way on from frame t differs from the way that led there, over the width.

        Both are seen from frame t, so what moves evenly has none, wherever it is.
        """
        return float(flow_speed(self._flow(t, t + 1) + self._flow(t, t - 1)).mean()) / self.width

    def _speed(self, t: int) -> float:
        """How fast the picture moves from frame t - 1 to frame t, over the width."""
        return float(flow_speed(self._flow(t - 1, t)).mean()) / self.width

    def _flow(self, a: int, b: int) -> NDArray[np.float32]:
        if (a, b) not in self.flows:
            self.flows[a, b] = dis_flow(self.clip[a], self.clip[b])
        return self.flows[a, b]


def _ratio(there: Sequence[float], inside: Sequence[float], least: float) -> float:
    return (float(np.mean(there)) + least) / (float(np.median(inside)) + least)
