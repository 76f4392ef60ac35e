"""Where the points of one frame are seen in the next: dense flow both ways, and how far it can be trusted.

Dense inverse search (Kroeger et al., arXiv 1603.03590) as OpenCV has it. A flow is float32 [H, W, 2]: how far
to the right of and below its place in the one frame each point is seen in the other, in pixels of the size at
which it was sought. Knows frames; not what they are carried for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Frame

Plane = NDArray[np.float32]

LEAST_PX = 256  # DIS looks at patches of eight pixels: smaller pictures are enlarged before it looks
MOST_PX = 512  # more gave 0.05 dB at 720p, for twice the time
LONGEST_PX = 1024
# How far from its start a point of a sure flow may end, there and back: in pixels, and as a share of its way.
STRAY_PX, STRAY_SHARE = 1.5, 0.05


@dataclass(frozen=True)
class Flows:
    """How the points of two frames go, both ways, at the size (width_px, height_px) at which it was
    sought."""

    there: Plane
    back: Plane

    @property
    def size_px(self) -> tuple[int, int]:
        return self.there.shape[1], self.there.shape[0]


def flows(first: Frame, second: Frame, most_px: int = MOST_PX) -> Flows:
    """The flows between two frames of one size, sought at a shorter side of 256..`most_px`."""
    size = sought_at(first.shape[0], first.shape[1], most_px)
    return flows_of_grey(grey(first, size), grey(second, size))


def flows_of_grey(first: Frame, second: Frame) -> Flows:
    """The same between two grey pictures uint8 [H, W], at their own size, each side 16 px or more."""
    return Flows(flow_of_grey(first, second), flow_of_grey(second, first))


def flow_of_grey(first: Frame, second: Frame) -> Plane:
    """Where the points of the first are seen in the second, only."""
    seeker: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)  # its stubs refuse None
    return np.asarray(seeker.calc(first, second, None), np.float32)


def sought_at(height_px: int, width_px: int, most_px: int = MOST_PX) -> tuple[int, int]:
    """(width, height) at which flow is sought in frames of this size."""
    short, long = sorted((height_px, width_px))
    scale = min(min(max(short, LEAST_PX), most_px) / short, max(LONGEST_PX, 2 * most_px) / long)
    return max(16, round(width_px * scale)), max(16, round(height_px * scale))


def grey(frame: Frame, size_px: tuple[int, int]) -> Frame:
    """The frame's brightness uint8 [H, W] at another (width, height)."""
    return np.asarray(
        resized(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY), size_px), np.uint8
    )


def resized(plane: NDArray[Any], size_px: tuple[int, int]) -> NDArray[Any]:
    """A plane [H, W] or [H, W, C] at another (width, height): areas are averaged where it shrinks."""
    if size_px == (plane.shape[1], plane.shape[0]):
        return plane
    shrinks = size_px[0] <= plane.shape[1] and size_px[1] <= plane.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, size_px, interpolation=how))


def scaled(flow: Plane, size_px: tuple[int, int]) -> Plane:
    """The flow between the same frames at another (width, height)."""
    height, width = flow.shape[:2]
    if size_px == (width, height):
        return flow
    by = np.array([size_px[0] / width, size_px[1] / height], np.float32)
    return np.asarray(resized(flow, size_px) * by, np.float32)


def reached(flow: Plane) -> tuple[Plane, Plane]:
    """The columns and the rows [H, W] where the points are after their way."""
    x, y = _places(flow.shape[0], flow.shape[1])
    return x + flow[..., 0], y + flow[..., 1]


def carried(plane: NDArray[Any], flow: Plane) -> NDArray[Any]:
    """What is seen of a plane [H, W] or [H, W, C] at each place plus its flow, bilinear; edges go on."""
    x, y = reached(flow)
    seen = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen)


def carried_flow(flow: Plane, along: Plane) -> Plane:
    """carried(), of a flow."""
    return np.asarray(carried(flow, along), np.float32)


def lengths(flow: Plane) -> Plane:
    """How long each displacement is, float32 [H, W]."""
    return np.hypot(flow[..., 0], flow[..., 1])


def beyond(flow: Plane) -> NDArray[np.bool_]:
    """Which points have left the frame after their way [H, W]."""
    (height, width), (x, y) = flow.shape[:2], reached(flow)
    return (x < -0.5) | (y < -0.5) | (x > width - 0.5) | (y > height - 0.5)


def strayed(there: Plane, back: Plane) -> Plane:
    """How far from its start a point ends that goes by one flow and returns by the other, px [H, W]."""
    return lengths(there + carried_flow(back, there))


def softened(plane: Plane, side_px: int) -> Plane:
    """Means over squares of that side."""
    return np.asarray(cv2.blur(plane, (side_px, side_px)), np.float32)


@lru_cache(maxsize=4)
def _places(height: int, width: int) -> tuple[Plane, Plane]:
    """The column and the row of each point."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y
