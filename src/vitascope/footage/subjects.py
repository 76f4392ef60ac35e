"""What a frame is about, frame by frame: faces, people, what moves, or what somebody marked.

Frames are shown one by one; a few numbers are kept of each. Knows no cameras and no windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Box, Frame
from vitascope.footage.face_paths import FacePaths, hull
from vitascope.footage.faces import FaceFinder

_MOTION_PX = 160  # the longer side at which motion is looked at
_LEAST_MOTION_PX = 0.35  # of the small picture, beside the camera's own motion
_LEAST_SHARE = 0.002  # of the frame that moves


class Subject(Protocol):
    """see() every frame in order (small ones will do), then ask box() for any of them."""

    def see(self, frame: Frame) -> None: ...

    def boxes(self, window_px: tuple[float, float], scenes: Sequence[range]) -> list[Box | None]:
        """What to keep in a window of that size, in pixels of the frames that were shown; None: unknown."""
        ...


class FaceSubject:
    """The face that is largest and longest in sight in each scene, and others as long as they fit in."""

    def __init__(self, finder: FaceFinder, size_px: tuple[int, int], rate_fps: Fraction) -> None:
        self._paths = FacePaths(finder, size_px, rate_fps)

    def see(self, frame: Frame) -> None:
        self._paths.add(frame)

    def boxes(self, window_px: tuple[float, float], scenes: Sequence[range]) -> list[Box | None]:
        result: list[Box | None] = [None] * len(self._paths)
        for scene in scenes:
            weights: dict[int, float] = {}
            for number in scene:
                for name, box in self._paths.named(number).items():
                    weights[name] = weights.get(name, 0.0) + box.width_px * box.height_px
            order = sorted(weights, key=lambda name: -weights[name])
            for number in scene:
                here = self._paths.named(number)
                result[number] = _fitting([here[name] for name in order if name in here], window_px)
        return result


class MotionSubject:
    """What moves beside the camera: where the flow differs from that of the whole picture."""

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None
        self._boxes: list[Box | None] = []

    def see(self, frame: Frame) -> None:
        import cv2

        scale = _MOTION_PX / max(frame.shape)
        size = max(16, round(frame.shape[1] * scale)), max(16, round(frame.shape[0] * scale))
        grey: Any = cv2.cvtColor(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        found = None if self._before is None else moving_box(self._before, grey)
        self._before = grey
        if found is not None:
            across, down = frame.shape[1] / size[0], frame.shape[0] / size[1]
            found = Box(
                found.x_px * across, found.y_px * down, found.width_px * across, found.height_px * down
            )
        self._boxes.append(found)

    def boxes(self, window_px: tuple[float, float], scenes: Sequence[range]) -> list[Box | None]:
        found = list(self._boxes)
        for scene in scenes:  # what moves from one scene to the next is the cut
            if scene:
                found[scene[0]] = None
        return found


class PlaneSubject:
    """What a plane of coverage shows: people, cut out by a matter."""

    def __init__(self, coverage: Any) -> None:
        self._coverage = coverage
        self._boxes: list[Box | None] = []

    def see(self, frame: Frame) -> None:
        plane = self._coverage(frame)
        self._boxes.append(weighted_box(plane) if float(plane.mean()) > 0.01 else None)

    def boxes(self, window_px: tuple[float, float], scenes: Sequence[range]) -> list[Box | None]:
        return self._boxes


class FirstOf:
    """Of several subjects, in every scene the first that is known in a seventh of its frames or more."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self._subjects = subjects

    def see(self, frame: Frame) -> None:
        for subject in self._subjects:
            subject.see(frame)

    def boxes(self, window_px: tuple[float, float], scenes: Sequence[range]) -> list[Box | None]:
        every = [subject.boxes(window_px, scenes) for subject in self._subjects]
        result: list[Box | None] = [None] * len(every[0])
        for scene in scenes:
            for boxes in every:
                part = boxes[scene.start : scene.stop]
                if sum(box is not None for box in part) * 7 >= len(part):
                    result[scene.start : scene.stop] = part
                    break
        return result


def moving_box(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Box | None:
    """Where two small grey pictures [h, w] differ by more than the camera's motion; None: nowhere.

    The camera's motion is a shift, a turn and a zoom, found from the flow by least squares in which what
    doesn't fit is left out (three rounds).
    """
    from vitascope.footage.flow import flows_of_grey

    flow = flows_of_grey(before, after).there.astype(np.float64)
    height, width = before.shape
    y, x = np.mgrid[0:height:4, 0:width:4]
    points = np.stack((np.ones(x.size), x.ravel() - width / 2, y.ravel() - height / 2), axis=1)
    moved = flow[::4, ::4].reshape(-1, 2)
    fits = np.ones(len(points), bool)
    rest = np.zeros(len(points))
    for _ in range(3):
        camera, *_ = np.linalg.lstsq(points[fits], moved[fits], rcond=None)
        rest = np.hypot(*(moved - points @ camera).T)
        fits = rest <= max(float(np.median(rest)) * 2, 0.1)
        if fits.sum() < 6:
            return None
    weights = np.where(rest > max(_LEAST_MOTION_PX, 3 * float(np.median(rest))), rest, 0).reshape(x.shape)
    if (weights > 0).mean() < _LEAST_SHARE:
        return None
    box = weighted_box(np.minimum(weights, 4.0).astype(np.float32))
    return Box(box.x_px * 4, box.y_px * 4, box.width_px * 4, box.height_px * 4)


def weighted_box(weights: NDArray[np.float32]) -> Box:
    """A box around the middle of weights [h, w], two standard deviations to each side, within the picture."""
    height, width = weights.shape
    sides: list[tuple[float, float]] = []
    for axis, length in ((0, width), (1, height)):
        line = weights.sum(axis=axis, dtype=np.float64)
        places: NDArray[np.float64] = np.arange(length, dtype=np.float64) + 0.5
        middle = float(np.average(places, weights=line))
        spread = float(np.sqrt(np.average((places - middle) ** 2, weights=line)))
        low, high = max(0.0, middle - 2 * spread), min(float(length), middle + 2 * spread)
        sides.append((low, high - low))
    (left, across), (top, down) = sides
    return Box(left, top, across, down)


def _fitting(boxes: Sequence[Box], window_px: tuple[float, float]) -> Box | None:
    """The first box with those after it, as long as all of them fit into the window."""
    if not boxes:
        return None

    def joined(one: Box, other: Box) -> Box:
        both = hull(one, other)
        fits = both.width_px <= 0.8 * window_px[0] and both.height_px <= 0.8 * window_px[1]
        return both if fits else one

    return reduce(joined, boxes)
