"""Joins and seams of a painted clip, mended: where it meets what was given, it goes on from there.

A small painter knows what shall be seen better than how it looked a moment ago: at a join the picture softens
and leaps, at the border of a given region its colours are a little off. In time, the nearest given frame goes
on by its own motion, point by point, then by that of the painted clip, and hands over to it within a second.
In space, borders.py mends it. Knows arrays, and what of them was given; no filler, no feature.

Axes: T frames, H, W, C; N points. Times are frames, places and motions (x, y) in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.engine.borders import membrane
from vitascope.engine.optical_flow import Bytes, Floats, grey, lost_way, resized, scaled, seeker

FLOW_SIDE_PX = 256  # small pictures are enlarged before flow is sought: DIS looks at patches of eight pixels
HANDING_OVER_S = 0.9  # after so long only the painted clip is seen
OWN_MOTION_S = 0.5  # how soon a point that goes on takes the painted clip's motion for its own
CALM = 1 / 10  # of the shorter side: what is nearer moves together, for painted motion trembles
STRAY = 1 / 64  # of the shorter side: a flow that misses its start by so much speaks half as loud
APART = 25.0  # levels of 255 between what goes on and what is painted at which it fades twice as fast
SOFT = 2 / 64  # of the shorter side: over how much what no point reaches takes its neighbours' correction


def mend_seams(painted_THWC: Floats, known_THW: Floats, rate_fps: float, *, circle: bool = False) -> Floats:
    """A painted clip, -1..1, that goes on from what is known = 1 in it, in time and in space.

    What is known = 1 comes back to the bit; what is known by half is mended by half in time. `circle`: its
    last frame leads to its first.
    """
    given = known_THW == 1
    if given.all() or not given.any():
        return painted_THWC
    before = (painted_THWC + 1) * np.float32(127.5)
    levels = _joined(before, known_THW, rate_fps, circle)
    levels = np.asarray(np.where(given[..., None], before, levels), np.float32)
    levels = levels + membrane(levels, given)
    result = np.clip(levels / np.float32(127.5) - 1, -1, 1)
    return np.asarray(np.where(given[..., None], painted_THWC, result), np.float32)


def _joined(clip_THWC: Floats, known_THW: Floats, rate_fps: float, circle: bool) -> Floats:
    """The clip with every gap between wholly given frames entered from each given side of it."""
    whole_T: NDArray[np.bool_] = (known_THW == 1).all((1, 2))
    more, weight = np.zeros_like(clip_THWC), np.zeros(clip_THWC.shape[:3], np.float32)
    for first, length in _gaps(whole_T, circle):
        frames = [(first + i) % len(whole_T) for i in range(length)]
        for step in (1, -1):
            nearest = first - 1 if step == 1 else first + length
            led = _given_from(clip_THWC, whole_T, nearest, -step, circle)
            if not led:
                continue
            steps = min(max(1, round(HANDING_OVER_S * rate_fps)), length)
            order = frames[::step][:steps]
            carriers = _going_on(led, [clip_THWC[t] for t in order], rate_fps)
            for number, (t, carried) in enumerate(zip(order, carriers, strict=True)):
                share = 0.5 + 0.5 * np.cos(np.pi * number / steps)
                correction, apart = _correction(carried, clip_THWC[t])
                held = np.asarray((1 - known_THW[t]) * share ** (1 + apart / APART), np.float32)
                more[t] += held[..., None] * correction
                weight[t] += held
    return np.asarray(clip_THWC + more / np.maximum(1, weight)[..., None], np.float32)


def _given_from(
    clip_THWC: Floats, whole_T: NDArray[np.bool_], nearest: int, step: int, circle: bool
) -> list[Floats]:
    """The given frame beside a gap, and the one behind it if it is given too; none beyond the clip's ends."""
    T, led = len(whole_T), list[Floats]()
    for t in (nearest, nearest + step):
        if not (circle or 0 <= t < T) or not whole_T[t % T]:
            break
        led.append(clip_THWC[t % T])
    return led


def _gaps(whole_T: NDArray[np.bool_], circle: bool) -> Iterator[tuple[int, int]]:
    """The first frame and the length of each run of frames that aren't wholly given, if any frame is."""
    T = len(whole_T)
    for first in range(T if whole_T.any() else 0):
        if whole_T[first] or not (whole_T[first - 1] if first or circle else True):
            continue
        length = 1
        while (circle or first + length < T) and not whole_T[(first + length) % T]:
            length += 1
        yield first, length


class _Carried(NamedTuple):
    """A given frame gone on: its colours [H, W, C], and which share of each pixel its points reach [H, W]."""

    picture: Floats
    reached: Floats


def _going_on(given: list[Floats], painted: list[Floats], rate_fps: float) -> Iterator[_Carried]:
    """The given frame (nearest first, then perhaps the one before it) at the time of each painted one.

    Where only one is given nothing tells how fast it was; then it moves as the painted clip does at once.
    """
    height, width = given[0].shape[:2]
    up = max(1, round(FLOW_SIDE_PX / min(height, width)))
    size = (width * up, height * up)
    large = [_enlarged(picture, size) for picture in painted]
    start = _enlarged(given[0], size)
    if len(given) > 1:
        before = _enlarged(given[1], size)
        motion = -_own_flow(start, before)
    elif len(large) > 1:
        motion = _calm_flow(large[0], large[1])
    else:
        motion = np.zeros((*start.shape[:2], 2), np.float32)
    speed_N2 = motion.reshape(-1, 2)
    # Most of a picture is its ground: what moves otherwise is in front of it.
    behind_N = np.hypot(*(speed_N2 - np.median(speed_N2, 0)).T).argsort(kind="stable")
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    place_N2 = np.stack((columns, rows), -1).reshape(-1, 2)
    for now, following in zip(large, [*large[1:], None], strict=True):
        place_N2 = place_N2 + speed_N2
        yield _seen(start.reshape(-1, 3), place_N2, behind_N, size, up)
        if following is not None:
            x, y = (place_N2[:, i].reshape(size[::-1]) for i in (0, 1))
            theirs = cv2.remap(
                _calm_flow(now, following), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            share = min(1.0, 1 / (OWN_MOTION_S * rate_fps)) if len(given) > 1 else 1.0
            speed_N2 = speed_N2 + np.float32(share) * (np.asarray(theirs).reshape(-1, 2) - speed_N2)


def _seen(
    colours_N3: Bytes, place_N2: Floats, behind_N: NDArray[np.int64], size: tuple[int, int], up: int
) -> _Carried:
    """What is seen of coloured points, those at the end of `behind_N` in front, `up` times smaller."""
    x, y = (np.rint(place_N2[behind_N, i]).astype(np.int64) for i in (0, 1))
    inside = (x >= 0) & (y >= 0) & (x < size[0]) & (y < size[1])
    who = np.full(size[::-1], -1)
    who[y[inside], x[inside]] = behind_N[inside]  # of several at one place the last one stays
    there = (who >= 0).astype(np.float32)
    small = (size[0] // up, size[1] // up)
    colours = cv2.resize(colours_N3[who] * there[..., None], small, interpolation=cv2.INTER_AREA)
    reached = np.asarray(cv2.resize(there, small, interpolation=cv2.INTER_AREA), np.float32)
    picture = np.asarray(colours) / np.maximum(reached, 1e-3)[..., None]
    return _Carried(np.asarray(picture, np.float32), reached)


def _correction(carried: _Carried, painted_HWC: Floats) -> tuple[Floats, Floats]:
    """What makes a painted frame the carried one [H, W, C], and how far apart both are [H, W], in levels.

    Where no point came, something is uncovered that only the painter knows: it gets its neighbours' tone.
    """
    wide = SOFT * min(painted_HWC.shape[:2])
    sure = np.clip(2 * carried.reached - 0.5, 0, 1)[..., None].astype(np.float32)
    wrong = (carried.picture - painted_HWC) * sure
    tone = _blurred(wrong, wide) / np.maximum(_blurred(sure[..., 0], wide), 0.05)[..., None]
    return np.asarray(wrong + (1 - sure) * tone, np.float32), np.abs(tone).mean(-1)


def _own_flow(first_HWC: Bytes, second_HWC: Bytes) -> Floats:
    """The flow of each point by itself; that of what lies around it where the ways there and back differ."""
    there, back = _flow(first_HWC, second_HWC), _flow(second_HWC, first_HWC)
    trust = _trust(there, back)
    calm = _calmed(there, trust)
    return np.asarray(calm + trust[..., None] * (there - calm), np.float32)


def _calm_flow(first_HWC: Bytes, second_HWC: Bytes) -> Floats:
    """The flow of what lies around each point, where the ways there and back agree."""
    size = (first_HWC.shape[1], first_HWC.shape[0])
    first, second = (resized(p, (size[0] // 2, size[1] // 2)) for p in (first_HWC, second_HWC))
    there, back = _flow(first, second), _flow(second, first)
    return scaled(_calmed(there, _trust(there, back)), size)


def _trust(there: Floats, back: Floats) -> Floats:
    stray = lost_way(there, back) / (STRAY * min(there.shape[:2]))
    return np.asarray(1 / (1 + stray**2), np.float32)


def _calmed(flow: Floats, trust: Floats) -> Floats:
    """A flow's mean around each point, by trust."""
    height, width = trust.shape
    small = (-(-width // 4), -(-height // 4))  # so wide a blur needs no more
    wide, weight = CALM * min(small), trust + np.float32(1e-3)
    loud, heard = (_blurred(resized(p, small), wide) for p in (flow * weight[..., None], weight))
    return resized(loud / heard[..., None], (width, height))


def _flow(first_HWC: Bytes, second_HWC: Bytes) -> Floats:
    size = (first_HWC.shape[1], first_HWC.shape[0])
    return np.asarray(seeker().calc(grey(first_HWC, size), grey(second_HWC, size), None), np.float32)


def _enlarged(picture_HWC: Floats, size: tuple[int, int]) -> Bytes:
    large = cv2.resize(picture_HWC, size, interpolation=cv2.INTER_CUBIC)
    return np.clip(np.asarray(large) + 0.5, 0, 255).astype(np.uint8)


def _blurred(plane: Floats, sigma_px: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), max(0.3, sigma_px)), np.float32)
