"""Borders of given regions in painted frames, mended: painted pixels go on from the given ones beside them.

A painter's colours are a little off at the border of what was given. At the painter's own size the difference
is spread like a membrane and fades with the distance (`membrane`). A clip that is enlarged after that doesn't
meet the given pixels of the full size any more: they have detail that it lacks, and their border runs through
the middle of the painter's pixels. That gap is closed within a few pixels (`meet_borders`). Knows arrays, and
what of them was given; no filler, no feature.

Axes: T frames, H, W, C. Colours are levels of 0..255.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.engine.optical_flow import Bytes, Floats

HOLD = 12.0  # how much stiffer the membrane hangs on the border than in itself
# A gap at the border of few levels is off colour and is spread far (as a share of the shorter side: there a
# third is left); of more it may be a thing's outline, which must not glow, and only its next pixels give in.
# Last the rounds of conjugate gradients: more of them changed nothing by a level.
SPREADS = ((20.0, 1 / 10, 28), (30.0, 1 / 40, 10))
# A second time, at full size: gaps above so many levels count less than half, and how far each correction
# reaches, as a share of the shorter side: about two of the painter's pixels, then one. What is left is closed
# on the border itself.
FULL_LEVELS, FULL_REACHES = 30.0, (1 / 32, 1 / 64)


def meet_borders(painted_THWC: Bytes, given_THWC: Bytes, known_THW: Floats) -> Bytes:
    """Painted frames uint8, enlarged, whose pixels beside what is known = 1 go on from it.

    `painted_THWC` is written to, and is what comes back; of `given_THWC` only known pixels are read.
    """
    for painted_HWC, given_HWC, known_HW in zip(painted_THWC, given_THWC, known_THW, strict=True):
        given_HW = known_HW == 1
        if given_HW.all() or not given_HW.any():
            continue
        frame_HWC: Floats = np.asarray(np.where(given_HW[..., None], given_HWC, painted_HWC), np.float32)
        frame_HWC = frame_HWC + _near_border(frame_HWC, ~given_HW)
        painted_HWC[...] = np.clip(frame_HWC + 0.5, 0, 255).astype(np.uint8)
    return painted_THWC


def _near_border(frame_HWC: Floats, new_HW: NDArray[np.bool_]) -> Floats:
    """What to add to new pixels of a frame near given ones; 0 on these.

    The gaps along the border, averaged over a reach and faded with the distance by the same; then what that
    leaves of them, over a shorter one. A membrane as above gave no better seams at ten times the time.
    """
    weight, wanted = (plane[0] for plane in _gap_at_border(frame_HWC[None], new_HW[None], FULL_LEVELS))
    gap = wanted / np.maximum(weight, 1e-6)[..., None]
    trust = np.minimum(weight, 1)[..., None]
    away = np.asarray(cv2.distanceTransform(new_HW.astype(np.uint8), cv2.DIST_L2, 5), np.float32) - 1
    # All of the border is averaged over, also what counts little: an outline mustn't be outvoted by a pixel.
    border = (new_HW & (away < 0.5)).astype(np.float32)
    more: Floats = np.zeros_like(frame_HWC)
    for share in FULL_REACHES:
        reach = max(0.6, share * min(new_HW.shape))
        heard = np.maximum(_blurred(border, reach), 1e-4)
        fade = new_HW * np.exp(-away / reach) / heard
        more += _blurred((gap - more) * trust, reach) * fade[..., None].astype(np.float32)
    return np.asarray(more + (gap - more) * trust, np.float32)


def _blurred(plane: Floats, sigma_px: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px), np.float32)


def membrane(clip_THWC: Floats, given_THW: NDArray[np.bool_]) -> Floats:
    """What to add to the painted pixels of each frame so that they meet the given ones; 0 on these.

    The c that is least in sum (c - its neighbour's)^2 + (c / reach)^2, and HOLD (c - gap)^2 at the border.
    """
    mixed = np.flatnonzero(given_THW.any((1, 2)) & ~given_THW.all((1, 2)))
    result = np.zeros_like(clip_THWC)
    if len(mixed):
        clip, new = clip_THWC[mixed], ~given_THW[mixed]
        for levels, reach, rounds in SPREADS:
            weight, wanted = _gap_at_border(clip + result[mixed], new, levels)
            result[mixed] += _spread(weight, wanted, new, reach, rounds)
    return result


def _gap_at_border(clip_THWC: Floats, new_THW: NDArray[np.bool_], levels: float) -> tuple[Floats, Floats]:
    """For painted pixels beside given ones: how much their gaps count, and the sum of the gaps by that.

    A gap of `levels` counts by half, a larger one hardly.
    """
    weight = np.zeros(new_THW.shape, np.float32)
    wanted = np.zeros_like(clip_THWC)
    for axis in (1, 2):
        for side in (1, -1):
            at = np.nonzero(new_THW & ~_shifted(new_THW, axis, side))
            there, beside, behind, before = (_beside(clip_THWC, at, axis, n * side) for n in (0, 1, 2, -1))
            slopes = (beside - behind, before - there)
            # As steep as both sides are: an edge that only one has doesn't end at the border by chance.
            even = np.where(slopes[0] * slopes[1] > 0, np.minimum(*np.abs(slopes)) * np.sign(slopes[0]), 0)
            missing = beside + even - there
            trust = 1 / (1 + (np.abs(missing).mean(-1) / levels) ** 4)
            weight[at] += trust
            wanted[at] += trust[..., None] * missing
    return weight, wanted


def _spread(
    weight_THW: Floats, wanted_THWC: Floats, new_THW: NDArray[np.bool_], reach: float, rounds: int
) -> Floats:
    """The membrane on the new pixels, by conjugate gradients, all frames and colours at once."""
    new = new_THW[..., None].astype(np.float32)
    height, width = new_THW.shape[1:]
    neighbours = _around(new)
    stiff = (neighbours + HOLD * weight_THW[..., None] + (reach * min(height, width)) ** -2) * new

    def pulled(c: Floats) -> Floats:
        return stiff * c - new * _around(c)

    # Each pixel's own stiffness is divided out first: without that it took half as many rounds again.
    ease = np.asarray(new / np.maximum(stiff, 1e-6), np.float32)
    c: Floats = np.zeros_like(wanted_THWC)
    rest: Floats = np.asarray(HOLD * wanted_THWC * new, np.float32)
    way: Floats = ease * rest
    size = _dot(rest, way)
    for _ in range(rounds):
        pull = pulled(way)
        stride = _share(size, _dot(way, pull))
        c += stride * way
        rest -= stride * pull
        before, size = size, _dot(rest, ease * rest)
        way = np.asarray(ease * rest + _share(size, before) * way, np.float32)
    return c


def _around(plane_THWC: Floats) -> Floats:
    """The sum of the four neighbours' values; there are none beyond the picture."""
    padded = np.pad(plane_THWC, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return padded[:, 2:, 1:-1] + padded[:, :-2, 1:-1] + padded[:, 1:-1, 2:] + padded[:, 1:-1, :-2]


def _beside(clip_THWC: Floats, at: tuple[NDArray[np.intp], ...], axis: int, step: int) -> Floats:
    """Colours [N, C] so many pixels beside some places; beyond the picture its last pixel's."""
    moved = list(at)
    moved[axis] = np.clip(at[axis] + step, 0, clip_THWC.shape[axis] - 1)
    return clip_THWC[tuple(moved)]


def _shifted(plane: NDArray[Any], axis: int, side: int) -> NDArray[Any]:
    """At each pixel its neighbour's value on that side; beyond the picture its own."""
    n = plane.shape[axis]
    return plane.take([min(max(0, place + side), n - 1) for place in range(n)], axis)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.asarray(part / np.maximum(whole, 1e-12), np.float32)


def _dot(a_THWC: Floats, b_THWC: Floats) -> Floats:
    return np.asarray((a_THWC * b_THWC).sum((1, 2), keepdims=True), np.float32)
