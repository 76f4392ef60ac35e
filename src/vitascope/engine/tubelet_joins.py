"""Where one tubelet of a painted clip leads to the next, evened out.

The painter makes four frames from one token, and within them things move as they should. From one tubelet to
the next they land a little beside where they were going, and look a little otherwise: a jerk twice a second,
at the join of a loop as anywhere else. How large it is is measured at every point, as its way across the join
less the mean of its ways before and after; and the two frames on either side make way for each other, the
nearer ones more, so that the error is spread over as many frames as a tubelet has. What then differs in tone
is spread alike. Knows arrays, and what of them was given; no filler, no feature.

Axes: T frames, H, W, C. Flows are (x, y) in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.engine.optical_flow import Bytes, Floats, carried, grey, reached, scaled, seeker

FLOW_SIDE_PX = 256  # small pictures are enlarged before flow is sought: DIS looks at patches of eight pixels
# How much of the error the frames around a join take on: as if each tubelet were right in its middle, and the
# error grew evenly from one middle to the next.
SHARES = (-1 / 8, -3 / 8, 3 / 8, 1 / 8)
SOFT = 1.5 / 64  # of the shorter side: finer differences in tone are fine detail, and would only melt


def even_joins(painted_THWC: Floats, known_THW: Floats, tubelet: int, *, circle: bool = False) -> Floats:
    """A painted clip, -1..1, that goes on evenly from each `tubelet` frames to the next.

    What is known = 1 comes back to the bit and what lies right beside it stays where it is; what is known by
    half is moved by half. Joins beside wholly given frames are left to seams.py. `circle`: its last frame
    leads to its first.
    """
    T = len(painted_THWC)
    whole_T: NDArray[np.bool_] = (known_THW == 1).all((1, 2))
    levels = (painted_THWC + 1) * np.float32(127.5)
    more = np.zeros_like(levels)
    for join in range(0 if circle else tubelet, T if tubelet < T else 0, tubelet):
        around = [(join + step) % T for step in (-2, -1, 0, 1)]
        if not whole_T[around].any():
            for t, change in zip(around, _changes(levels[around]), strict=True):
                more[t] += change * _free(known_THW[t])[..., None]
    result = np.clip((levels + more) / np.float32(127.5) - 1, -1, 1)
    return np.asarray(np.where(more == 0, painted_THWC, result), np.float32)


def _free(known_HW: Floats) -> Floats:
    """How much of the change each point takes on: none at the border of what is given, all a little off."""
    given = (known_HW == 1).astype(np.float32)
    return np.asarray((1 - known_HW) * np.clip(1 - 2 * _soft(given), 0, 1), np.float32)


def _changes(frames_4HWC: Floats) -> Iterator[Floats]:
    """What to add to the two frames before a join and the two after it."""
    search = seeker()
    height, width = frames_4HWC.shape[1:3]
    up = max(1, round(FLOW_SIDE_PX / min(height, width)))
    large = [_large(frame, (width * up, height * up)) for frame in frames_4HWC]

    def flow(a: int, b: int) -> Floats:
        there = np.asarray(search.calc(large[a], large[b], None), np.float32)
        return np.asarray(scaled(there, (width, height)), np.float32)

    before, onward, across, back = flow(1, 0), flow(2, 3), flow(1, 2), flow(2, 1)
    # Seen from the frame after the join: the way that led there, less the mean of the ways beside it.
    wrong = -back - (onward - carried(before, back)) / 2
    tone = _soft(frames_4HWC[2] - carried(frames_4HWC[1], back))
    off = np.concatenate((wrong, tone), -1).astype(np.float32)
    off_before = np.asarray(carried(off, across), np.float32)
    # The outer frames change so little that they need no flow of their own.
    for frame, there, share in zip(
        frames_4HWC,
        (carried(off_before, -before), off_before, off, carried(off, -onward)),
        SHARES,
        strict=True,
    ):
        x, y = reached(np.asarray(there[..., :2], np.float32), share)
        moved = cv2.remap(frame, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(moved - frame - np.float32(share) * there[..., 2:], np.float32)


def _large(frame_HWC: Floats, size: tuple[int, int]) -> Bytes:
    large = cv2.resize(frame_HWC, size, interpolation=cv2.INTER_CUBIC)
    return grey(np.clip(np.asarray(large) + 0.5, 0, 255).astype(np.uint8), size)


def _soft(plane: Floats) -> Floats:
    sigma_px = max(0.3, SOFT * min(plane.shape[:2]))
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px), np.float32)
