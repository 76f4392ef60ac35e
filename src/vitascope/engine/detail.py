"""Detail that a small painter can't make, carried from the given frames to the painted ones.

A filler that works at 64 px gives soft frames beside a sharp given one. What it lost of the given frame (the
difference between that frame and its own soft version) moves with the picture: it is carried along the
optical flow to the painted frames, and fades where the flow doesn't explain what is seen there. Knows arrays
only; no filler, no feature.

Axes: T frames, H, W, C.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.engine.optical_flow import carried, grey, lost_way, scaled, seeker

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

FLOW_SIDE_PX = 256  # the flow is sought at this size; a painter's motion has no finer detail
TRUST = 14.0  # mean colour difference (0..255) at which half of the detail is carried
STRAY_PX = 2.0  # and how far the flow there and back may miss its start for the same


def carry_detail(painted_THWC: Bytes, given_THWC: Bytes, known_THW: Floats) -> Bytes:
    """Painted frames with the detail of the nearest frame that is wholly given.

    Where none is, of the nearest of which something is given. All at one size. Frames that are wholly given,
    and clips of which nothing is, are left alone.
    """
    share = np.array([float((level == 1).mean()) for level in known_THW])
    # A frame of which a part is given can't tell what is lost beside that part; a whole one can.
    sources = np.flatnonzero(share == 1 if (share == 1).any() else share > 0.02)
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
        self.soft = painted_HWC
        lost = given_HWC.astype(np.float32) - painted_HWC
        # A soft edge, or the border of a given region would be carried along as a line.
        inside = cv2.erode(given_HW.astype(np.float32), np.ones((5, 5)))
        self.lost: Floats = lost * cv2.GaussianBlur(inside, (0, 0), 2)[:, :, None]
        self.flow: Floats | None = None
        self.seeker = seeker()

    def onto(self, painted_HWC: Bytes) -> Bytes:
        """A later (or earlier) painted frame with the detail. Call in order: a flow starts from the last."""
        height, width = painted_HWC.shape[:2]
        scale = min(1.0, FLOW_SIDE_PX / min(height, width))
        small = (max(16, round(width * scale)), max(16, round(height * scale)))
        now, then = (grey(picture, small) for picture in (painted_HWC, self.soft))
        self.flow = there = np.asarray(self.seeker.calc(now, then, self.flow), np.float32)
        stray = cv2.resize(lost_way(there, self.seeker.calc(then, now, None)), (width, height))
        flow = scaled(there, (width, height))
        seen, detail = carried(self.soft, flow), carried(self.lost, flow, edge=cv2.BORDER_CONSTANT)
        wrong = np.abs(np.asarray(seen, np.float32) - painted_HWC).mean(-1) / TRUST + stray / STRAY_PX
        wide = max(1.0, min(height, width) / 128)
        trust = 1 / (1 + np.asarray(cv2.GaussianBlur(wrong, (0, 0), wide), np.float32) ** 4)
        return np.clip(painted_HWC + detail * trust[:, :, None] + 0.5, 0, 255).astype(np.uint8)
