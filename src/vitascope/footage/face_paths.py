"""Faces through time: every frame gets the boxes of all faces in it, also where the finder missed one.

Frames are shown one by one; what is kept of them is a short window of small grey pictures, and boxes. A face
that the finder loses is followed on by optical flow for `hold_s` (it turned away, something passed before
it, it is half out of the frame); one that appears is followed back as long, into frames that have gone by. A
gap between two sights of a face gets both the followed boxes and those on the straight line between. Nothing
crosses a cut. Knows no blur.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Box, Frame
from vitascope.footage.faces import LEAST_SCORE, Face, FaceFinder, iou

FAINT_SCORE = 0.3
"""Enough for a face that was there a moment ago."""
HOLD_S = Fraction(1, 2)
_LONGEST_HOLD = 60  # frames: the window of grey pictures stays small at any rate
_SMALL_PX = 320  # the longer side of the grey pictures: a face of 40 px in 1920 still has 7
_CUT = 34.0  # mean grey levels between neighbours from which on nothing is followed across
_MOSTLY = 0.6  # of a box inside of the frame: with less, its own points say little
_MARGIN = 0.3  # of a box's size: with so much around it, it must be out of the frame before it's let go

Grey = NDArray[np.uint8]


@dataclass(eq=False)
class _Path:
    """One face that is being followed: where it is now, and where and when the finder saw it last."""

    name: int
    box: Box
    seen_box: Box
    seen: int
    velocity: tuple[float, float] = (0.0, 0.0)


class FacePaths:
    """add() every frame in order, then ask boxes(frame number).

    `size_px` is (width, height) of the frames. What is kept grows by a few numbers for each face and frame.
    """

    def __init__(
        self,
        finder: FaceFinder,
        size_px: tuple[int, int],
        rate_fps: Fraction,
        hold_s: Fraction = HOLD_S,
        least_score: float = LEAST_SCORE,
    ) -> None:
        self._finder, self._size_px, self._least_score = finder, size_px, least_score
        self._hold = min(_LONGEST_HOLD, max(1, round(hold_s * rate_fps)))
        self._scale = min(1.0, _SMALL_PX / max(size_px))
        self._window: deque[Grey] = deque(maxlen=self._hold + 1)
        self._live: list[_Path] = []
        self._boxes: dict[int, dict[int, Box]] = {}  # frame -> path -> box
        self._count = self._names = 0

    def __len__(self) -> int:
        return self._count

    def add(self, frame: Frame) -> None:
        """The next frame, uint8 [H, W, 3]."""
        number, grey = self._count, self._grey(frame)
        self._count += 1
        if self._window and is_cut(self._window[-1], grey):
            self._live.clear()
            self._window.clear()
        for path in self._live:
            path.box, path.velocity = self._moved(self._window[-1], grey, path.box, path.velocity)
        self._window.append(grey)
        found = self._finder.faces(frame, least_score=min(FAINT_SCORE, self._least_score))
        for face in self._matched(number, found):
            if face.score >= self._least_score:
                self._begin(number, face.box)
        self._live = [
            path for path in self._live if number - path.seen < self._hold and not self._is_out(path.box)
        ]
        for path in self._live:
            self._keep(number, path.name, path.box)

    def boxes(self, number: int) -> list[Box]:
        """Where faces are in a frame; each box holds the same face's place in the frames beside it, too."""
        beside = [self.named(near) for near in (number - 1, number + 1) if 0 <= near < self._count]
        return [
            reduce(hull, (near[name] for near in beside if name in near), box)
            for name, box in self.named(number).items()
        ]

    def named(self, number: int) -> dict[int, Box]:
        """The boxes of a frame, by a number for each face; one that was lost for long has a new one then."""
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self._boxes.get(number, {})

    def _matched(self, number: int, found: Sequence[Face]) -> list[Face]:
        """Give every live path the face that is nearest to where it was followed to; who is left over?"""
        rest = list(found)
        for path in sorted(self._live, key=lambda path: path.seen, reverse=True):
            near = [face for face in rest if _near(face.box, path.box)]
            if near:
                face = max(near, key=lambda face: iou(face.box, path.box) + 0.1 * face.score)
                rest.remove(face)
                self._see(path, number, face.box)
        return rest

    def _see(self, path: _Path, number: int, box: Box) -> None:
        """A face is seen again: since its last sight it was also on the line from there to here.

        Of one that is half out of the frame the finder sees a smaller one; then where it was followed to
        holds.
        """
        if self._inside(path.box) < 1 and box.width_px < path.box.width_px:
            box = path.box
        for between in range(path.seen + 1, number):
            share = (between - path.seen) / (number - path.seen)
            line = Box(*(a + (b - a) * share for a, b in zip(path.seen_box, box, strict=True)))
            self._keep(between, path.name, line)
        path.box = path.seen_box = box
        path.seen = number

    def _begin(self, number: int, box: Box) -> None:
        """A new face: follow it back into the frames that have gone by."""
        self._names += 1
        self._live.append(_Path(self._names, box, box, number))
        velocity = (0.0, 0.0)
        greys = list(self._window)
        for back in range(1, len(greys)):
            box, velocity = self._moved(greys[-back], greys[-back - 1], box, velocity)
            if self._is_out(box):
                break
            self._keep(number - back, self._names, box)

    def _keep(self, number: int, name: int, box: Box) -> None:
        here = self._boxes.setdefault(number, {})
        here[name] = hull(here[name], box) if name in here else box

    def _is_out(self, box: Box) -> bool:
        across, down = _MARGIN * box.width_px, _MARGIN * box.height_px
        width_px, height_px = self._size_px
        return (
            box.x_px + box.width_px + across <= 0
            or box.y_px + box.height_px + down <= 0
            or box.x_px - across >= width_px
            or box.y_px - down >= height_px
        )

    def _inside(self, box: Box) -> float:
        """The share of a box that is inside of the frame."""
        across = min(self._size_px[0], box.x_px + box.width_px) - max(0.0, box.x_px)
        down = min(self._size_px[1], box.y_px + box.height_px) - max(0.0, box.y_px)
        return max(0.0, across) * max(0.0, down) / max(1e-6, box.width_px * box.height_px)

    def _grey(self, frame: Frame) -> Grey:
        import cv2

        size = tuple(max(16, round(side * self._scale)) for side in self._size_px)
        grey: Any = cv2.cvtColor(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        return grey

    def _moved(
        self, before: Grey, after: Grey, box: Box, velocity: tuple[float, float]
    ) -> tuple[Box, tuple[float, float]]:
        """Where a box of one small picture is in the next, and its way in pixels of the frame.

        Without points in it that can be followed it goes on as it went; so does one that is half out of the
        frame, where most points are left behind at the edge.
        """
        gone = self._inside(box) < _MOSTLY and velocity != (0.0, 0.0)
        shift = None if gone else point_shift(before, after, Box(*(value * self._scale for value in box)))
        if shift is not None:
            velocity = (shift[0] / self._scale, shift[1] / self._scale)
        x_px, y_px = box.x_px + velocity[0], box.y_px + velocity[1]
        return Box(x_px, y_px, box.width_px, box.height_px), velocity


def point_shift(before: Grey, after: Grey, box: Box) -> tuple[float, float] | None:
    """How far what is in a box went, (x, y) in pixels: the median of points followed there and back.

    Pyramidal Lucas-Kanade (Bouguet 2001); a point counts that returns to within half a pixel. None: fewer
    than four do.
    """
    import cv2

    height_px, width_px = before.shape
    left, top = max(0.0, box.x_px), max(0.0, box.y_px)
    right = min(width_px - 1.0, box.x_px + box.width_px)
    bottom = min(height_px - 1.0, box.y_px + box.height_px)
    if right - left < 2 or bottom - top < 2:
        return None
    y, x = np.mgrid[0:8, 0:8].reshape(2, -1) / 7
    points = np.stack((left + x * (right - left), top + y * (bottom - top)), 1).astype(np.float32)[:, None]
    there: Any
    back: Any
    there, good, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points, points.copy(), winSize=(11, 11), maxLevel=3
    )
    back, good_back, _ = cv2.calcOpticalFlowPyrLK(
        after, before, there, points.copy(), winSize=(11, 11), maxLevel=3
    )
    kept = (good.ravel() > 0) & (good_back.ravel() > 0)
    kept &= np.linalg.norm((back - points)[:, 0], axis=1) < 0.5
    if kept.sum() < 4:
        return None
    across, down = np.median((there - points)[kept, 0], axis=0)
    return float(across), float(down)


def _near(found: Box, box: Box) -> bool:
    """Whether a face that was found may be the one that was followed to `box`."""
    apart = np.hypot(
        found.x_px + found.width_px / 2 - box.x_px - box.width_px / 2,
        found.y_px + found.height_px / 2 - box.y_px - box.height_px / 2,
    )
    size = max(found.width_px, box.width_px)
    return bool(apart < 0.6 * size) and 0.4 < found.width_px / max(1e-6, box.width_px) < 2.5


def hull(one: Box, other: Box) -> Box:
    """The smallest box that holds both."""
    left, top = min(one.x_px, other.x_px), min(one.y_px, other.y_px)
    right = max(one.x_px + one.width_px, other.x_px + other.width_px)
    bottom = max(one.y_px + one.height_px, other.y_px + other.height_px)
    return Box(left, top, right - left, bottom - top)


def is_cut(before: Grey, after: Grey) -> bool:
    """Whether two neighbouring grey pictures have so little in common that nothing is followed across."""
    return float(np.abs(after.astype(np.int16) - before).mean()) > _CUT
