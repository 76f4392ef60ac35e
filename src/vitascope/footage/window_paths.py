"""How a window moves over frames to keep something in it: quietly. Plain numbers along one axis.

The window may be anywhere in a corridor that keeps the subject where it belongs. It stands still until the
corridor pushes it, from both ends of time, and the mean of the two is smoothed with a kernel so short that
it can't leave the corridor. Knows neither frames nor subjects.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.float64]
"""float64 [frames]: along one axis, in pixels."""


def window_path(
    low: Places, high: Places, *, ease_frames: int, most_px: float, starts: Sequence[int] = (0,)
) -> Places:
    """Where a window begins in every frame, so that low <= path <= high where its speed allows.

    `low` and `high` are the corridor; where low > high, its middle counts. `ease_frames` is half of the time
    that a movement takes to begin and to end: where the corridor is narrower than what it moves in that
    time, the path cuts the corner. It moves at most `most_px` a frame. `starts` are the frames in which a
    scene begins, the first is 0: nothing is smoothed across.
    """
    path = np.empty(len(low))
    for start, stop in zip(starts, [*starts[1:], len(low)], strict=True):
        path[start:stop] = _one_scene(low[start:stop], high[start:stop], ease_frames, most_px)
    return path


def filled(places: Places) -> Places | None:
    """Unknown places (nan) put on straight lines between known ones, held before and after. None: all are."""
    known = np.flatnonzero(np.isfinite(places))
    if not len(known):
        return None
    return np.interp(np.arange(len(places)), known, places[known])


def _one_scene(low: Places, high: Places, ease_frames: int, most_px: float) -> Places:
    # Of all frames that the kernel reaches, the narrowest corridor: a weighted mean of places in there is
    # within the corridor of the frame in the middle.
    reach = min(ease_frames, (len(low) - 1) // 2)
    tight_low, tight_high = _extreme(low, reach, np.maximum), _extreme(high, reach, np.minimum)
    closed = tight_low > tight_high  # it moves too fast for that: there the corridor of the frame itself
    tight_low, tight_high = np.where(closed, low, tight_low), np.where(closed, high, tight_high)
    there = _pushed(tight_low, tight_high)
    back = _pushed(tight_low[::-1], tight_high[::-1])[::-1]
    path = np.clip(_eased((there + back) / 2, reach), low.min(), high.max())
    return _slowed(path, most_px)


def _pushed(low: Places, high: Places) -> Places:
    """A path that only moves when the corridor pushes it, and begins where it can stay the longest."""
    lows, highs = np.maximum.accumulate(low), np.minimum.accumulate(high)
    open_until = int(np.flatnonzero(lows <= highs)[-1])
    place = (lows[open_until] + highs[open_until]) / 2
    path = np.empty(len(low))
    for index, (least, most) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        place = min(max(place, least), most)
        path[index] = place
    return path


def _eased(path: Places, reach: int) -> Places:
    """The path under a raised cosine of 2 * reach + 1 frames; beyond its ends it goes on as it went."""
    if reach < 1:
        return path
    kernel = 1 + np.cos(np.arange(-reach, reach + 1) / (reach + 1) * np.pi)
    longer = np.pad(path, reach, "reflect", reflect_type="odd")
    return np.asarray(np.convolve(longer, kernel / kernel.sum(), "valid"), np.float64)


def _slowed(path: Places, most_px: float) -> Places:
    """The mean of the nearest paths below and above that move at most `most_px` a frame; it does so, too."""
    below, above = path.copy(), path.copy()
    for order in (range(1, len(path)), range(len(path) - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        for index in order:
            below[index] = min(below[index], below[index + step] + most_px)
            above[index] = max(above[index], above[index + step] - most_px)
    return (below + above) / 2


def _extreme(values: Places, reach: int, which: np.ufunc) -> Places:
    """The largest or smallest of the values within `reach` frames."""
    result = values.copy()
    for shift in range(1, reach + 1):
        result[shift:] = which(result[shift:], values[:-shift])
        result[:-shift] = which(result[:-shift], values[shift:])
    return result
