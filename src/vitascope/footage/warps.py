"""The geometry that tracking and stabilising share: warps, pieces of frames, and points led between two.

A warp is float64 [3, 3] and carries (x, y, 1) of one frame into another. Places here are as OpenCV counts
them: the middle of the first pixel is (0, 0). Knows single frames and pairs of them; not what is followed,
nor why.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Frame

Grey = NDArray[np.uint8]
Plane = NDArray[np.float32]
Places = NDArray[np.float64]
Warp = NDArray[np.float64]
Flags = NDArray[np.bool_]
Model = Literal["similarity", "homography"]

EVEN_PX, EVEN_GAIN, EVEN_FLOOR = 31, 40.0, 8.0
OFF_PX = 1.5  # how far a point may lie from the fitted warp and still count for it
BACK_PX = 1.0  # and how far from where it began, led there and back
STEPS: Any = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 0.01)
RANSAC_ROUNDS = 400
FEWEST = {"similarity": 3, "homography": 6}


class Greys:
    """A frame in grey, and in halves of its size where that is asked for."""

    def __init__(self, frame: Frame) -> None:
        self._levels = [np.asarray(cv2.cvtColor(frame[..., :3], cv2.COLOR_RGB2GRAY), np.uint8)]

    def at(self, level: int) -> Grey:
        """In 1 / 2**level of the size; an odd last row or column is doubled first."""
        while len(self._levels) <= level:
            last = self._levels[-1]
            down, across = last.shape[0] % 2, last.shape[1] % 2
            even = cv2.copyMakeBorder(last, 0, down, 0, across, cv2.BORDER_REPLICATE)
            size = (even.shape[1] // 2, even.shape[0] // 2)
            self._levels.append(np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8))
        return self._levels[level]


class Rect(NamedTuple):
    """Whole pixels of a frame."""

    left: int
    top: int
    width: int
    height: int

    def of(self, picture: Grey) -> Grey:
        """These pixels of the frame, not copied."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]

    @property
    def offset(self) -> Places:
        """(left, top)."""
        return np.array([self.left, self.top], np.float64)

    @property
    def corners(self) -> Places:
        """The middles of its corner pixels [4, 2], clockwise from the top left."""
        shape = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64) * (self.width - 1, self.height - 1)
        return shape + self.offset


class Fit(NamedTuple):
    """A patch found in a frame: the warp that leads into it, how alike it looks there (0..1), the share of it
    that is alike, the share of it that lies in the frame, and which of its points are alike.
    """

    warp: Warp
    alike: float
    share: float
    inside: float
    good: Flags


def carried(warp: Warp, places: Places) -> Places:
    """Places [N, 2] through a warp; what would lie behind the viewer goes far out of the frame."""
    there = places @ warp[:, :2].T + warp[:, 2]
    depth = there[:, 2:]
    return there[:, :2] / np.where(depth > 1e-6, depth, 1e-6)


def moved(offset: Places) -> Warp:
    """The warp that shifts by (x, y)."""
    warp = np.eye(3)
    warp[:2, 2] = offset
    return warp


def around(places: Places, margin_px: float, shape: tuple[int, ...]) -> Rect | None:
    """The pixels of a frame [H, W] around places, or None if there are none."""
    height, width = shape[:2]
    low = np.floor(np.clip(places.min(0) - margin_px, -1, (width, height))).astype(int)
    high = np.ceil(np.clip(places.max(0) + margin_px + 1, -1, (width, height))).astype(int)
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    if high[0] - left < 2 or high[1] - top < 2:
        return None
    return Rect(left, top, int(high[0]) - left, int(high[1]) - top)


def in_frame(places: Places, shape: tuple[int, ...]) -> Flags:
    """Which places [N, 2] are on a frame [H, W]."""
    height, width = shape[:2]
    within = (places >= 0) & (places <= (width - 1, height - 1))
    return np.asarray(within.all(1), np.bool_)


def evened(grey: Grey) -> Grey:
    """The local contrast alone, so that changes of light hardly matter: (grey - mean) / (deviation + 8)."""
    plane = grey.astype(np.float32)
    side = (EVEN_PX, EVEN_PX)
    mean = cv2.blur(plane, side)
    variance = cv2.blur(plane * plane, side) - mean * mean
    scale = EVEN_GAIN / (np.sqrt(np.maximum(variance, 0)) + EVEN_FLOOR)
    return np.clip((plane - mean) * scale + 128, 0, 255).astype(np.uint8)


def noise(grey: Grey) -> float:
    """The deviation of a picture's noise (Immerkaer, "Fast noise variance estimation", 1996)."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
    return float(np.median(np.abs(cv2.filter2D(grey.astype(np.float32), -1, kernel)))) / 0.6745


def warped_back(rect: Rect, grey: Grey, warp: Warp) -> Grey:
    """What a frame shows of the pixels of another, which the warp leads into it."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (rect.width, rect.height)
    into = warp @ moved(rect.offset)
    back = cv2.warpPerspective(grey, into, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(back, np.uint8)


def led(
    pair: tuple[Grey, Grey], points: Places, guess: Places, *, levels: int, side_px: int = 15
) -> tuple[Places, Flags]:
    """Where points [N, 2] of one picture are in another, by pyramidal Lucas-Kanade from a guess; and whether
    they come back to within a pixel of where they began when they are led back.
    """
    start = points.astype(np.float32)[:, None]
    how: dict[str, Any] = {"winSize": (side_px, side_px), "maxLevel": levels, "criteria": STEPS}
    how["flags"] = cv2.OPTFLOW_USE_INITIAL_FLOW
    one, other = pair
    there, ok, _ = cv2.calcOpticalFlowPyrLK(
        one, other, start, guess.astype(np.float32)[:, None].copy(), **how
    )
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(other, one, there, start.copy(), **how)
    returned = np.linalg.norm((back - start)[:, 0], axis=1) < BACK_PX
    good = returned & (ok[:, 0] > 0) & (ok_back[:, 0] > 0)
    return np.asarray(there[:, 0], np.float64), good


def led_between(
    greys: tuple[Grey, Grey], points: Places, guess: Places, *, side_px: int = 15
) -> tuple[Places, Flags]:
    """led() between two frames that may be lit differently, looking only around the points."""
    reach_px = min(240.0, max(40.0, 0.1 * max(greys[0].shape)))  # 15 px at the smallest of the levels are 240
    rect = around(np.vstack([points, guess]), reach_px, greys[0].shape)
    if rect is None:
        return guess, np.zeros(len(points), bool)
    textures = evened(rect.of(greys[0])), evened(rect.of(greys[1]))
    there, ok = led(textures, points - rect.offset, guess - rect.offset, levels=4, side_px=side_px)
    return there + rect.offset, ok


def fitted(model: Model, start: Places, end: Places) -> tuple[Warp, Flags] | None:
    """The warp that most of the points agree on (RANSAC, then least squares over those), and which they are.

    None if there are too few, or they agree on nothing.
    """
    if len(start) < FEWEST[model]:
        return None
    warp: Any
    if model == "similarity":
        found: Any
        found, inliers = cv2.estimateAffinePartial2D(
            start, end, ransacReprojThreshold=OFF_PX, maxIters=RANSAC_ROUNDS, refineIters=10
        )
        warp = None if found is None else np.vstack([found, [0, 0, 1]])
    else:
        warp, inliers = cv2.findHomography(start, end, cv2.RANSAC, OFF_PX, maxIters=RANSAC_ROUNDS)
    if warp is None or not np.isfinite(warp).all() or abs(warp[2, 2]) < 1e-9:
        return None
    return np.asarray(warp / warp[2, 2], np.float64), inliers[:, 0] > 0


def possible(warp: Warp, corners: Places) -> bool:
    """Whether a patch with these corners [4, 2] keeps its side to the viewer, and a size that can be."""
    if ((corners @ warp[2, :2] + warp[2, 2]) <= 1e-6).any():
        return False
    there = carried(warp, corners)
    sides = np.roll(there, -1, 0) - there
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    before, after = (float(cv2.contourArea(each.astype(np.float32))) for each in (corners, there))
    return bool((turns > 0).all()) and 0.02 * before < after < 50 * before
