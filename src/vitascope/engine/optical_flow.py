"""Where the points of one picture are seen in another: DIS optical flow, checked and mended.

Dense inverse search (Kroeger et al., arXiv 1603.03590) as OpenCV has it. A flow is float32 [H, W, 2]: how far
to the right of and below its place in the first picture each point is seen in the second, in pixels. Knows
pictures; not what they are carried for.

Axes: H, W, C.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

# At which sizes flow is mended, and how far apart neighbours then try each other's. On nine fast renders at
# 8 fps, frames between came out 1 dB nearer to the truth than with bare DIS; a third size gave nothing more.
MENDED_AT_PX = ((64, (4, 2, 1)), (128, (2, 1)))
BEYOND = 20.0  # what a point beyond the picture's edge costs, in mean colour difference
MOST = 40.0  # and what any point costs at most: one that nothing explains shall not speak for its neighbours
GAIN = 0.5  # how much better a neighbour's flow must explain a point to be taken over
LEAPS, LEAP_GAIN = 6, 4.0  # how many leaps are tried, and the gain that one needs: chance is likelier there
WINDOW_PX = 5


def seeker() -> Any:
    """A search for flows; calc(now, then, start) takes grey pictures and perhaps a flow to start from."""
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)


def grey(picture_HWC: Bytes, size: tuple[int, int]) -> Bytes:
    """The picture in grey at another (width, height)."""
    return np.asarray(resized(cv2.cvtColor(picture_HWC, cv2.COLOR_RGB2GRAY), size), np.uint8)


def resized(plane: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """At another (width, height): areas are averaged where it shrinks."""
    height, width = plane.shape[:2]
    if size == (width, height):
        return plane
    shrinks = size[0] <= width and size[1] <= height
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR))


def scaled(flow: Floats, size: tuple[int, int]) -> Floats:
    """The flow between the same pictures at another (width, height)."""
    height, width = flow.shape[:2]
    if size == (width, height):
        return flow
    return resized(flow, size) * np.array([size[0] / width, size[1] / height], np.float32)


def carried(plane: NDArray[Any], flow: Floats, part: float = 1.0, edge: int = cv2.BORDER_REPLICATE) -> Any:
    """What is seen of a plane [H, W] or [H, W, C] at each point plus `part` of its flow, bilinear."""
    x, y = reached(flow, part)
    return cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=edge)


def reached(flow: Floats, part: float = 1.0) -> tuple[Floats, Floats]:
    """The columns and the rows where each point is after `part` of its way."""
    x, y = _places(*flow.shape[:2])
    along = (np.float32(part) * flow).astype(np.float32, copy=False)
    return x + along[..., 0], y + along[..., 1]


def softened(plane: NDArray[Any], side_px: int) -> Floats:
    """Means over squares of that side."""
    return np.asarray(cv2.blur(plane, (side_px, side_px)), np.float32)


def lost_way(there: Floats, back: Floats) -> Floats:
    """How far from its start (in px of the flow) a point ends that goes by one and returns by the other."""
    return lengths(there + carried(back, there))


def lengths(flow: Floats) -> Floats:
    """float32 [H, W]."""
    return np.hypot(flow[..., 0], flow[..., 1])


def beyond(flow: Floats, part: float = 1.0) -> NDArray[np.bool_]:
    """Which points have left the picture after `part` of their way."""
    (height, width), (x, y) = flow.shape[:2], reached(flow, part)
    return (x < -0.5) | (y < -0.5) | (x > width - 0.5) | (y > height - 0.5)


def mended(first_HWC: Bytes, second_HWC: Bytes, there: Floats, back: Floats) -> Floats:
    """The flow `there` from first to second, with what points know of it handed on to their neighbours.

    DIS starts from coarse patches, so what turns or leaps is often missed whole. Here a point takes over a
    neighbour's flow, or what the flow `back` says of it, or stillness, where that explains it better. Done on
    small pictures: what is missed is large, and elsewhere the flow stays as fine as it was.
    """
    height, width = there.shape[:2]
    for side, strides in MENDED_AT_PX:
        scale = side / min(height, width)
        if scale >= 1:
            break
        size = (round(width * scale), round(height * scale))
        coarse = scaled(there, size)
        better = _handed_on(
            resized(first_HWC, size), resized(second_HWC, size), coarse, scaled(back, size), strides
        )
        there = there + scaled(better - coarse, (width, height))
    return there


def _handed_on(first: Bytes, second: Bytes, there: Floats, back: Floats, strides: tuple[int, ...]) -> Floats:
    looks = (_look(first), _look(second))
    best, cost = there, _unlike(*looks, there)
    leaps = _leaps(looks[0] * cost[..., None], looks[1] * _unlike(looks[1], looks[0], back)[..., None])

    def attempt(flow: Floats, gain: float = GAIN) -> None:
        nonlocal best, cost
        its_cost = _unlike(*looks, flow)
        better = its_cost + gain < cost
        best, cost = np.where(better[..., None], flow, best), np.where(better, its_cost, cost)

    attempt(-carried(back, best))
    for leap in [(0, 0), *leaps]:
        attempt(np.broadcast_to(np.array(leap, np.float32), there.shape), LEAP_GAIN)
    for stride in strides:
        for right in (-stride, 0, stride):
            for down in (-stride, 0, stride):
                if right or down:
                    attempt(_shifted(best, right, down))
    return best


def _leaps(first: Floats, second: Floats) -> list[tuple[int, int]]:
    """The (x, y) by which what is unexplained in the first is most like what is so in the second."""
    height, width = first.shape[:2]
    padded = (2 * height, 2 * width)
    spectra = [np.fft.rfft2(plane - plane.mean((0, 1)), padded, (0, 1)) for plane in (first, second)]
    alike = np.fft.irfft2((spectra[0].conj() * spectra[1]).sum(-1), padded)
    alike = np.fft.fftshift(alike)
    leaps: list[tuple[int, int]] = []
    for _ in range(LEAPS):
        y, x = np.unravel_index(alike.argmax(), padded)
        leaps.append((int(x) - width, int(y) - height))
        alike[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3] = -np.inf
    return leaps


def _look(picture_HWC: Bytes) -> Floats:
    """What points are told apart by, float32 [H, W, 5]: their colours, and the slopes of their brightness."""
    bright = cv2.cvtColor(picture_HWC, cv2.COLOR_RGB2GRAY).astype(np.float32)
    across, down = (cv2.Sobel(bright, cv2.CV_32F, 1 - i, i, scale=3 / 8) for i in (0, 1))
    return np.dstack((picture_HWC, across, down)).astype(np.float32)


def _unlike(first: Floats, second: Floats, flow: Floats) -> Floats:
    """How little the flow explains about each point and its neighbours [H, W], of 0..40."""
    apart = np.abs(first - carried(second, flow)).sum(-1) / 3
    apart[beyond(flow)] = BEYOND
    return softened(np.minimum(apart, MOST), WINDOW_PX)


def _shifted(flow: Floats, right: int, down: int) -> Floats:
    by = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = (flow.shape[1], flow.shape[0])
    moved = cv2.warpAffine(flow, by, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


@cache
def _places(height: int, width: int) -> tuple[Floats, Floats]:
    """The column and the row of each point."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y
