"""Physics-IQ's formula (arXiv 2501.09038): does what moves do so where, when and as much as in the real
take?

Motion is what differs from a running average of the frames before. Where it happened at all, how much of it
where, and where at each moment are compared as intersections over unions, each over what two real takes of
the same experiment reach between them; the difference of the pixels comes off. Does not know what a take is
of.

Axes: T frames, H, W pixels, C colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Likeness", "likeness", "motion", "physics_iq"]

Clip = NDArray[np.uint8]

_FORGETS = 0.3  # the running average takes so much of each frame
_MOVES_LEVELS = 10  # of 255
_CLEANED_PX = 5


@dataclass(frozen=True)
class Likeness:
    """How alike two takes are: three overlaps of motion, and the mean squared error, of 0..1 pixels."""

    where: float
    how_much: float
    when: float
    error: float


def motion(clip_THWC: Clip) -> NDArray[np.bool_]:
    """What moves in each frame but the first: bool [T - 1, H, W]."""
    kernel = np.ones((_CLEANED_PX, _CLEANED_PX), np.uint8)
    grey = [cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY) for frame in clip_THWC]
    usual = grey[0].astype(np.float32)
    moves: list[NDArray[np.bool_]] = []
    for frame in grey[1:]:
        differs = (np.abs(frame - usual) > _MOVES_LEVELS).astype(np.uint8)
        opened = cv2.morphologyEx(differs, cv2.MORPH_OPEN, kernel)
        moves.append(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel) > 0)
        usual += _FORGETS * (frame - usual)
    return np.stack(moves)


def likeness(a_THWC: Clip, b_THWC: Clip) -> Likeness:
    """Two clips of one length and size; overlaps are 1 where neither moves."""
    a, b = motion(a_THWC), motion(b_THWC)
    much_a, much_b = a.mean(axis=0), b.mean(axis=0)
    error = float(np.square((a_THWC.astype(np.float32) - b_THWC) / 255).mean())
    when = np.mean([_overlap(a[t], b[t]) for t in range(len(a))])
    return Likeness(_overlap(much_a > 0, much_b > 0), _overlap(much_a, much_b), float(when), error)


def physics_iq(painted: Sequence[Likeness], real: Sequence[Likeness]) -> float:
    """The score in 0..100: painted clips against first takes, over second takes against first takes."""

    def mean(name: str, some: Sequence[Likeness]) -> float:
        return float(np.mean([getattr(each, name) for each in some]))

    overlaps = ("where", "how_much", "when")
    shares = [mean(name, painted) / max(mean(name, real), 1e-6) for name in overlaps]
    score = float(np.mean(shares)) - (mean("error", painted) - mean("error", real))
    return 100 * min(1.0, max(0.0, score))


def _overlap(
    a: NDArray[np.bool_] | NDArray[np.floating], b: NDArray[np.bool_] | NDArray[np.floating]
) -> float:
    """The intersection over the union of two planes of amounts."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    union = np.maximum(x, y).sum()
    return float(np.minimum(x, y).sum() / union) if union else 1.0
