"""Wipes: one frame uncovered over another along an edge, hard or soft. Knows planes, nothing of tracks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vitascope.films.rendering.planes import Grid, Planes
from vitascope.media.timelines import Transition


def wipe(before: Planes, after: Planes, into: Planes, share: float, cut: Transition, grid: Grid) -> None:
    """Write the frame in which `share` of `after` is uncovered, towards the cut's heading."""
    upright = cut.heading in ("up", "down")
    length_px = grid.height_px if upright else grid.width_px
    for first, second, place in zip(before, after, into, strict=True):
        samples = place.shape[0] if upright else place.shape[1]
        cover = _cover(samples, length_px, share, cut)
        hidden, shown = cover <= 0, cover >= 1
        np.copyto(place, first)
        rows: tuple[slice, slice]
        for bare in _runs(shown):
            rows = (bare, slice(None)) if upright else (slice(None), bare)
            np.copyto(place[rows], second[rows])
        for edge in _runs(~hidden & ~shown):
            rows = (edge, slice(None)) if upright else (slice(None), edge)
            weights = cover[edge, None] if upright else cover[None, edge]
            softly = first[rows] * (1 - weights) + second[rows] * weights
            np.copyto(place[rows], np.rint(softly).astype(place.dtype))


def _cover(samples: int, length_px: int, share: float, cut: Transition) -> NDArray[np.float32]:
    """How far each line of samples is uncovered, 0..1: the edge starts and ends outside of the frame."""
    step_px = length_px / samples
    at = (np.arange(samples, dtype=np.float32) + 0.5) * step_px
    if cut.heading in ("left", "up"):
        at = at[::-1]
    soft_px = max(cut.softness * length_px, 1.0)
    front = share * (length_px + soft_px)
    return ((front - at) / soft_px).clip(0, 1)


def _runs(marked: NDArray[np.bool_]) -> list[slice]:
    """The stretch that is marked, if there is any: along a wipe there is one at most."""
    places = np.flatnonzero(marked)
    return [slice(int(places[0]), int(places[-1]) + 1)] if len(places) else []
