"""What stands out from the edges of a picture, without a network. Knows no clip and no mark."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import FootageError, Frame
from vitascope.footage.edges import Plane, as_bytes, as_plane
from vitascope.footage.marks import BACK, PERHAPS_BACK, PERHAPS_SUBJECT, largest, separated, without_holes

_RIM = 0.04  # of the shorter side: along the edges a picture is mostly background
_ROUNDS = 4


class Salient:
    """Whatever stands out from the colours along the picture's edges, as one piece or a few.

    Boundary priors (Zhu et al., "Saliency optimization from robust background detection", 2014) in their
    plainest form, cut by GrabCut. Falls for bright distractions, and for subjects that fill the frame: mark
    those.
    """

    begins = True

    def alpha(self, frame: Frame) -> Plane:
        """float32 [H, W] of 0 or 1. Raises FootageError where nothing stands out."""
        outstanding = _outstanding(frame)
        level, _ = cv2.threshold(as_bytes(np.rint(outstanding * 255)), 0, 255, cv2.THRESH_OTSU)
        said = np.where(outstanding * 255 > level, PERHAPS_SUBJECT, PERHAPS_BACK).astype(np.uint8)
        said[_rim_of(said.shape) & (said == PERHAPS_BACK)] = BACK
        cut = largest(separated(frame, said, _ROUNDS), 0.2)
        cut = without_holes(cut, said)
        if not 0.002 < cut.mean() < 0.95:
            raise FootageError(
                "nothing stands out from its background by itself; mark the subject in one frame: "
                '--subject "rect:0.3,0.1,0.7,1" --at 1.5'
            )
        return as_plane(cut)


def _outstanding(frame: Frame) -> Plane:
    """How unlike the edges of the picture each pixel is, more so in the middle: float32 [H, W] in 0..1."""
    height_px, width_px = frame.shape[:2]
    soft = cv2.GaussianBlur(frame, (0, 0), max(1.0, 0.006 * max(height_px, width_px)))
    lab = as_plane(cv2.cvtColor(soft, cv2.COLOR_RGB2LAB))
    rim = lab[_rim_of((height_px, width_px))]
    rim = rim[:: max(1, len(rim) // 3000)]
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 15, 1.0)
    count = min(6, len(rim))
    found: Any = cv2.kmeans(rim, count, np.empty(0), criteria, 2, cv2.KMEANS_PP_CENTERS)  # type: ignore
    _, names, middles = found
    share = np.bincount(np.asarray(names).ravel(), minlength=count) / len(rim)
    # A colour that is seldom at the edge is more likely a subject that reaches it.
    far = [
        np.sqrt(((lab - as_plane(middle)) ** 2).sum(axis=2)) + 60 * max(0.0, 0.06 - float(part)) / 0.06
        for middle, part in zip(as_plane(middles), share, strict=True)
    ]
    down, across = np.mgrid[-1 : 1 : height_px * 1j, -1 : 1 : width_px * 1j]
    middle = np.exp(-(down**2 + across**2) / 0.9)
    unlike = np.minimum(np.min(far, axis=0), 80) * middle
    return as_plane(unlike / max(1e-6, float(unlike.max())))


def _rim_of(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    rim_px = max(1, round(_RIM * min(shape[:2])))
    rim = np.ones(shape[:2], bool)
    rim[rim_px:-rim_px, rim_px:-rim_px] = False
    return rim
