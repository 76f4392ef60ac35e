"""Is it the same one in every shot? Shares of agreement among what a reader saw.

Knows readings as whole numbers; not what they stand for, nor who read.

Axes: S shots.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["agreement", "recognised"]


def recognised(read_S: NDArray[np.int64], wanted: int) -> float:
    """The share of shots in which it's the one that was asked for."""
    return float((read_S == wanted).mean())


def agreement(read_S: NDArray[np.int64]) -> float:
    """The share of pairs of shots in which it's the same one, whoever that is; 1 for a single shot."""
    S = len(read_S)
    if S < 2:
        return 1.0
    alike = (read_S[:, None] == read_S[None]).sum() - S
    return float(alike / (S * (S - 1)))
