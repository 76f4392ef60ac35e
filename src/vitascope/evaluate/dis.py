"""How pictures move, by dense inverse search (Kroeger et al., arXiv 1603.03590), as OpenCV has it.

The classical flow that features are measured with and against; `flow.py` holds our own, which says how far
VBench-like measures move. DIS looks at patches of eight pixels, so small pictures are enlarged before it
looks. Does not know what a clip shows.

Axes: T frames, H, W pixels, C colours. Displacements are (x, y) in pixels.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["carried", "dis_flow", "flow_speed"]

Picture = NDArray[np.uint8]
Flow = NDArray[np.float32]

LOOK_PX = 256  # the shorter side at which a small picture is looked at


def dis_flow(a_HWC: Picture, b_HWC: Picture) -> Flow:
    """float32 [H, W, 2]: where each pixel of a is seen in b, less where it is in a."""
    height, width = a_HWC.shape[:2]
    scale = max(1.0, LOOK_PX / min(height, width))
    flow: Flow = _seeker().calc(_grey(a_HWC, scale), _grey(b_HWC, scale), None)
    if scale == 1:
        return flow
    small = cv2.resize(flow, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small / scale, np.float32)


def carried(picture_HWC: NDArray[Any], flow_HW2: Flow) -> NDArray[np.float32]:
    """The picture read at each pixel plus its displacement, bilinear; beyond the edge the edge goes on."""
    y, x = np.mgrid[0 : flow_HW2.shape[0], 0 : flow_HW2.shape[1]].astype(np.float32)
    seen = cv2.remap(
        picture_HWC.astype(np.float32),
        x + flow_HW2[..., 0],
        y + flow_HW2[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen, np.float32)


def flow_speed(flow_HW2: Flow) -> NDArray[np.float32]:
    """The displacements' lengths [H, W] in pixels."""
    return np.hypot(flow_HW2[..., 0], flow_HW2[..., 1])


@cache
def _seeker() -> Any:
    opencv: Any = cv2  # its stubs lack DIS
    return opencv.DISOpticalFlow_create(opencv.DISOPTICAL_FLOW_PRESET_MEDIUM)


def _grey(picture_HWC: Picture, scale: float) -> Picture:
    grey = cv2.cvtColor(np.ascontiguousarray(picture_HWC), cv2.COLOR_RGB2GRAY)
    if scale == 1:
        return np.asarray(grey, np.uint8)
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC), np.uint8)
