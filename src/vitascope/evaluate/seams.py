"""Seams: does colour jump, or does a line break, at the border between what was given and what was painted?

Differences of neighbouring pixels across the border, over those of neighbours that are near the border on
one side of it; first differences for colour, second ones for gradients. About 1 where there is no seam. A
border that follows a thing's outline has one in real clips too: the same ratio of the true clip belongs
beside.

Axes: T frames, H, W pixels, C colours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Seam", "seam"]

_NEAR_PX = 4  # how far from the border its neighbourhood goes, for a shorter side of 64
_LEAST_LEVELS = 0.5  # of 255: between two plain areas any ratio would be one of noise


@dataclass(frozen=True)
class Seam:
    """Jumps across the border over those beside it: of colour and of gradient."""

    colour: float
    gradient: float


def seam(clip_THWC: NDArray[np.uint8], inside_THW: NDArray[np.bool_]) -> Seam:
    """The seam around `inside`, [H, W] or [T, H, W]; 1 and 1 where it has no border."""
    x = clip_THWC.astype(np.float32)
    inside = np.broadcast_to(inside_THW, x.shape[:3])
    near = max(2, round(_NEAR_PX * min(x.shape[1:3]) / 64))
    across: dict[int, list[NDArray[np.float32]]] = {1: [], 2: []}
    beside: dict[int, list[NDArray[np.float32]]] = {1: [], 2: []}
    for axis in (1, 2):
        for order in (1, 2):
            jump = np.abs(np.diff(x, order, axis=axis)).mean(axis=-1)
            crossing = _differs(inside, order, axis)
            close = _within(inside, near, order, axis)
            across[order].append(jump[crossing])
            beside[order].append(jump[close & ~crossing])
    colour, gradient = (_ratio(np.concatenate(across[o]), np.concatenate(beside[o])) for o in (1, 2))
    return Seam(colour, gradient)


def _differs(inside_THW: NDArray[np.bool_], reach: int, axis: int) -> NDArray[np.bool_]:
    """Whether of reach + 1 pixels in a row not all are on one side."""
    n = inside_THW.shape[axis]
    parts = [inside_THW.take(range(k, n - reach + k), axis) for k in range(reach + 1)]
    return np.logical_or.reduce(parts) & ~np.logical_and.reduce(parts)


def _within(inside_THW: NDArray[np.bool_], near: int, reach: int, axis: int) -> NDArray[np.bool_]:
    """Whether those reach + 1 pixels have the border (along this axis) within `near` of their first."""
    crossing = _differs(inside_THW, 1, axis)
    close = np.zeros_like(inside_THW)
    n = inside_THW.shape[axis]
    for step in range(-near, near + 1):
        low, high = max(0, -step), min(crossing.shape[axis], n - step)
        if low < high:
            at = [slice(None)] * 3
            at[axis] = slice(low + step, high + step)
            close[tuple(at)] |= crossing.take(range(low, high), axis)
    return close.take(range(n - reach), axis)


def _ratio(across: NDArray[np.float32], beside: NDArray[np.float32]) -> float:
    if not across.size or not beside.size:
        return 1.0
    return (float(across.mean()) + _LEAST_LEVELS) / (float(beside.mean()) + _LEAST_LEVELS)
