"""A box that is marked in one frame, followed through all of the footage, looked at small.

Knows the tool "track" (footage/track.py), which does it, and how boxes are got out of regions; no blur, no
camera.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Box, Footage, FootageError, Frame, Report
from vitascope.footage.parts import load_part
from vitascope.footage.track import bent, follow
from vitascope.footage.trackers import Mark

_SMALL_PX = 640  # the longer side of the frames that the tracker sees


def box_of_region(coverage: NDArray[np.float32]) -> Box:
    """The box around what a plane [H, W] covers. Raises FootageError if that is nothing."""
    rows, columns = np.flatnonzero(coverage.any(1)), np.flatnonzero(coverage.any(0))
    if not len(rows):
        raise FootageError("the region that is marked lies outside of the frame")
    left, top = float(columns[0]), float(rows[0])
    return Box(left, top, float(columns[-1]) + 1 - left, float(rows[-1]) + 1 - top)


def follow_box(footage: Footage, box: Box, at: int, report: Report) -> tuple[list[Box], list[bool]]:
    """Where a box that was marked in frame `at` is in every frame, upright, and whether it is in sight there.

    Out of sight its place is the tracker's guess. Looks through the footage once, and again for what lies
    before the mark. Raises FootageError for a mark after the end, or with nothing in it to hold on to.
    """
    small = small_footage(footage, _SMALL_PX)
    scale = small.width_px / footage.width_px, small.height_px / footage.height_px
    right, bottom = box.x_px + box.width_px, box.y_px + box.height_px
    corners = np.array([(box.x_px, box.y_px), (right, box.y_px), (right, bottom), (box.x_px, bottom)])
    mark = Mark(kind="box", corners_px=corners * scale, name="the marked region")
    seen = [each[0] for each in follow(small, [mark], at, load_part("tracker"), report) if each]
    if not seen:
        raise FootageError(f"frame {at}, in which the region is marked, is after the end of the clip")
    visible = [each.visible for each in seen]
    places = bent([each.corners_px for each in seen], visible)
    return [_upright(corners / scale) for corners in places], visible


def small_footage(footage: Footage, longest_px: int) -> Footage:
    """The same frames with no side longer, made as they are asked for."""
    width_px, height_px = footage.width_px, footage.height_px
    scale = longest_px / max(width_px, height_px)
    if scale >= 1:
        return footage
    size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    return Footage(
        frames=_Small(footage, size),
        width_px=size[0],
        height_px=size[1],
        rate_fps=footage.rate_fps,
        count=footage.count,
    )


@dataclass(frozen=True)
class _Small:
    footage: Footage
    size: tuple[int, int]

    def __iter__(self) -> Iterator[Frame]:
        import cv2

        for frame in self.footage:
            small: Any = cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA)
            yield small


def _upright(corners: NDArray[np.float64]) -> Box:
    """The upright box around four corners."""
    (left, top), (right, bottom) = corners.min(0).tolist(), corners.max(0).tolist()
    return Box(left, top, right - left, bottom - top)
