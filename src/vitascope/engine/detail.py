"""Detail that a small painter can't make, carried from the given frames to the painted ones.

A filler that works at 64 px gives soft frames beside a sharp given one. What it lost of the given frame (the
difference between that frame and its own soft version) moves with the picture: it is carried along the
optical flow to the painted frames, and fades where the flow doesn't explain what is seen there. Knows arrays
only; no filler, no feature.

Axes: T frames, H, W, C.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

FLOW_SIDE_PX = 256  # the flow is sought at this size; a painter's motion has no finer detail
TRUST = 14.0  # mean colour difference (0..255) at which half of the detail is carried
STRAY_PX = 2.0  # and how far the flow there and back may miss its start for the same


def carry_detail(painted_THWC: Bytes, given_THWC: Bytes, known_THW: Floats) -> Bytes:
    """Painted frames with the detail of the nearest frame of which something was given.

    All at one size. Frames that are wholly given, and clips of which nothing is, are left alone.
    """
    share = np.array([float((level == 1).mean()) for level in known_THW])
    sources = np.flatnonzero(share > 0.02)
    if not len(sources) or not (share < 1).any():
        return painted_THWC
    result = painted_THWC.copy()
    for direction in (1, -1):
        carrier: _Carrier | None = None
        for frame in range(len(painted_THWC))[::direction]:
            if frame in sources:
                carrier = _Carrier(painted_THWC[frame], given_THWC[frame], known_THW[frame] == 1)
            nearest = int(sources[np.abs(sources - frame).argmin()])
            ahead = (frame - nearest) * direction > 0
            if carrier is not None and ahead and share[frame] < 1:
                result[frame] = carrier.onto(painted_THWC[frame])
    return result


class _Carrier:
    """The detail of one given frame, and the flow from the frame now looked at back to it."""

    def __init__(self, painted_HWC: Bytes, given_HWC: Bytes, given_HW: NDArray[np.bool_]) -> None:
        import cv2  # here: it takes a fifth of a second to import

        self.cv2: Any = cv2
        self.soft = painted_HWC
        lost = given_HWC.astype(np.float32) - painted_HWC
        # A soft edge, or the border of a given region would be carried along as a line.
        inside = cv2.erode(given_HW.astype(np.float32), np.ones((5, 5)))
        self.lost: Floats = lost * cv2.GaussianBlur(inside, (0, 0), 2)[:, :, None]
        self.flow: Floats | None = None
        self.seeker: Any = self.cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def onto(self, painted_HWC: Bytes) -> Bytes:
        """A later (or earlier) painted frame with the detail. Call in order: a flow starts from the last."""
        cv2 = self.cv2
        height, width = painted_HWC.shape[:2]
        scale = min(1.0, FLOW_SIDE_PX / min(height, width))
        small = (max(16, round(width * scale)), max(16, round(height * scale)))
        now, then = (_grey(cv2, picture, small) for picture in (painted_HWC, self.soft))
        there: Floats = self.seeker.calc(now, then, self.flow)
        self.flow = there
        lost_way = _lost_way(cv2, there, self.seeker.calc(then, now, None))
        flow = cv2.resize(there, (width, height)) * np.array(
            [width / small[0], height / small[1]], np.float32
        )
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        from_x, from_y = x + flow[..., 0], y + flow[..., 1]
        seen = cv2.remap(self.soft, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        carried = cv2.remap(self.lost, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        wrong = np.abs(seen.astype(np.float32) - painted_HWC).mean(-1) / TRUST
        wrong += cv2.resize(lost_way, (width, height)) / STRAY_PX
        wrong = cv2.GaussianBlur(wrong, (0, 0), max(1.0, min(height, width) / 128))
        trust = 1 / (1 + wrong**4)
        return np.clip(painted_HWC + carried * trust[:, :, None] + 0.5, 0, 255).astype(np.uint8)


def _lost_way(cv2: Any, there: Floats, back: Floats) -> Floats:
    """How far from its start (in px of the flow) a point ends that goes by one and returns by the other."""
    y, x = np.mgrid[0 : there.shape[0], 0 : there.shape[1]].astype(np.float32)
    returned = there + cv2.remap(back, x + there[..., 0], y + there[..., 1], cv2.INTER_LINEAR)
    return np.hypot(returned[..., 0], returned[..., 1])


def _grey(cv2: Any, picture_HWC: Bytes, size: tuple[int, int]) -> Bytes:
    return cv2.resize(cv2.cvtColor(picture_HWC, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
