"""Ways that aren't straight: a thing that swings or jumps leaves the line between its places.

Where a point was a frame earlier and will be a frame later bends its way: a cubic through all four places.
Of the toy world's swings 8 frames a second are 0.40 px off a straight way in the middle (of 64 px, the median
of 17), and 0.03 px off this one; jumps 0.96 and 0.42, bounces 0.92 and 0.66. Does not know how flow is found.

Axes: H, W. Flows are float32 [H, W, 2] in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitascope.engine.optical_flow import Floats, carried, lengths, softened

Bools = NDArray[np.bool_]
MOST_SHARE, MOST_PX = 2.0, 40.0  # turns of more than so much of the way, and px, are mistakes
AROUND_PX = 9  # how far around a point of which nothing is known its neighbours are asked


@dataclass(frozen=True)
class Turn:
    """How the flow of a frame's points changes there: what comes after, less what was before."""

    change: Floats
    sure: Bools

    @staticmethod
    def of(away: Floats, sure: Bools, other_away: Floats, other_sure: Bools) -> Turn:
        """Of a frame's flows to its two neighbours: a steady point goes as far to the one as to the other."""
        change = away + other_away
        most = MOST_SHARE * np.minimum(lengths(away), lengths(other_away)) + MOST_PX
        return Turn(change, sure & other_sure & (lengths(change) < most))

    def seen_from(self, flow: Floats) -> Turn:
        """The same for the points of another frame, which go there by that flow."""
        surely = carried(self.sure.astype(np.float32), flow)
        return Turn(carried(self.change, flow), surely > 0.99)


@dataclass(frozen=True)
class Bend:
    """How the ways of a frame's points are bent: the turns where they begin and where they end."""

    first: Floats
    second: Floats

    @staticmethod
    def of(first: Turn | None, second: Turn | None) -> Bend | None:
        """Of the turns at both ends, as points of one frame know them; None where there's neither.

        Where one isn't known it's taken for as strong as the other; where neither is, for its neighbours'.
        """
        if first is None or second is None:
            one = first or second
            return None if one is None else Bend(*(2 * [_filled(one.change, one.sure)]))
        sure = first.sure | second.sure
        starts = np.where(first.sure[..., None], first.change, second.change)
        ends = np.where(second.sure[..., None], second.change, first.change)
        return Bend(_filled(starts, sure), _filled(ends, sure))

    def at(self, share: float) -> Floats:
        """How far beside the straight way a point is at a share of it: Lagrange's cubic, less its chord."""
        weight = -share * (1 - share) / 6
        return (weight * ((2 - share) * self.first + (1 + share) * self.second)).astype(np.float32)


def _filled(change: Floats, sure: Bools) -> Floats:
    known = sure[..., None].astype(np.float32)
    around = softened(known[..., 0], AROUND_PX)[..., None]
    nearby = softened(change * known, AROUND_PX) / np.maximum(around, 1e-6)
    return np.where(known > 0, change, np.where(around > 0.1, nearby, 0)).astype(np.float32)
