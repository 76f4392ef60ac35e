"""The tool "reframe": another shape of picture, in which the subject stays in sight (16:9 becomes 9:16).

A first look through the frames finds the subject and the cuts, and keeps a few numbers of each frame; a
second cuts the window out. Knows no files. The window is as large as the frame allows: nothing is zoomed
into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, field_validator

from vitascope.canvas import CanvasError, parse_region, parse_size
from vitascope.footage.contracts import Box, Footage, FootageError, Frame, Made, Report, Tool
from vitascope.footage.cut_finders import CutFinder
from vitascope.footage.following_boxes import box_of_region, follow_box, small_footage
from vitascope.footage.matters import matter_named
from vitascope.footage.moments import MomentText, check_within, frame_of
from vitascope.footage.parts import load_part
from vitascope.footage.scenes import scene_list
from vitascope.footage.subjects import FaceSubject, FirstOf, MotionSubject, PlaneSubject, Subject
from vitascope.footage.window_paths import Places, filled, window_path

_RATIO = re.compile(r"\s*(\d{1,4}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,4})?)\s*", re.ASCII)
_LOOK_PX = 640  # the longer side at which subjects are looked for
_SLACK = 0.12  # of the window: so far from its middle the subject may go before the window does
_LEAST_SLACK = 0.02
_NAMES = ("auto", "faces", "people", "motion")


class Reframe(Tool):
    """Cuts a window of another shape out of every frame, which follows the subject."""

    name: ClassVar[str] = "reframe"

    size: Annotated[
        str, Field(max_length=20, description='The new shape, "9:16", "1:1" ..., or size, "1080x1920".')
    ] = "9:16"
    subject: Annotated[
        str,
        Field(
            max_length=20_000,
            description='What is kept in sight: "auto", "faces", "people", "motion", or a region around it:'
            ' "rect:left,top,right,bottom" in 0..1.',
        ),
    ] = "auto"
    at: Annotated[MomentText, Field(description="With a region: when the subject is there.")] = "first"
    speed: Annotated[
        float, Field(gt=0, le=20, description="The window moves at most so many of its widths a second.")
    ] = 2.0
    ease_s: Annotated[
        float, Field(ge=0, le=10, description="How many seconds a movement takes to begin and to end.")
    ] = 0.8

    @field_validator("size")
    @classmethod
    def _size_is_readable(cls, size: str) -> str:
        _checked(lambda: _wanted(size))
        return size

    @field_validator("subject")
    @classmethod
    def _subject_is_readable(cls, subject: str) -> str:
        if subject not in _NAMES:
            _checked(lambda: parse_region(subject))
        return subject

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """Frames of the new size, the same rate and number. Raises FootageError for a frame that is too
        small for the shape or a time after the end, MissingPart where what finds the subject isn't
        installed."""
        if self.subject not in _NAMES:
            check_within("at", self.at, footage)
        window_px, out_px = window_of(self.size, footage.width_px, footage.height_px)
        subject = self._subject(small_footage(footage, _LOOK_PX))
        return Made(
            frames=self._reframed(footage, report, subject, window_px, out_px),
            width_px=out_px[0],
            height_px=out_px[1],
            rate_fps=footage.rate_fps,
            count=footage.count,
        )

    def _reframed(
        self,
        footage: Footage,
        report: Report,
        subject: Subject | None,
        window_px: tuple[int, int],
        out_px: tuple[int, int],
    ) -> Iterator[Frame]:
        boxes, starts = self._look(footage, report, subject, window_px)
        paths = [self._path(axis, footage, boxes, starts, window_px) for axis in (0, 1)]
        for number, frame in enumerate(footage):
            here = min(number, len(boxes) - 1)  # should the second look give more frames
            yield cut_window(frame, (float(paths[0][here]), float(paths[1][here])), window_px, out_px)
            report("reframing", number + 1, footage.count)

    def _subject(self, footage: Footage) -> Subject | None:
        """Who looks for the subject; None where a region marks it."""

        def faces() -> Subject:
            size_px = footage.width_px, footage.height_px
            return FaceSubject(load_part("face-finder"), size_px, footage.rate_fps)

        def people() -> Subject:
            matter = matter_named("people")
            return PlaneSubject(matter.alpha)

        if self.subject == "faces":
            return faces()
        if self.subject == "people":
            return people()
        if self.subject == "motion":
            return MotionSubject()
        if self.subject != "auto":
            return None
        subjects: list[Subject] = []
        for make in (faces, people, MotionSubject):
            try:
                subjects.append(make())
            except FootageError:
                continue  # what isn't installed isn't looked for; motion needs nothing
        return FirstOf(subjects)

    def _look(
        self, footage: Footage, report: Report, subject: Subject | None, window_px: tuple[int, int]
    ) -> tuple[list[Box | None], list[int]]:
        """The subject's box in every frame, in pixels of the footage, and where scenes begin."""
        small = small_footage(footage, _LOOK_PX)
        scale = footage.width_px / small.width_px, footage.height_px / small.height_px
        count = 0

        def looked_at() -> Iterator[Frame]:
            nonlocal count
            for frame in small:
                if subject is not None:
                    subject.see(frame)
                yield frame
                count += 1
                report("looking for the subject", count, footage.count)

        finder: CutFinder = load_part("cut-finder")
        changes = list(finder.changes(looked_at(), footage.rate_fps))
        if not count:
            raise FootageError("there are no frames to reframe")
        scenes = scene_list(changes, count, footage.rate_fps).scenes
        starts = [scene.start_frame for scene in scenes]
        if subject is None:
            plane = parse_region(self.subject).coverage(footage.height_px, footage.width_px)
            marked, in_sight = follow_box(
                footage, box_of_region(plane), frame_of(self.at, footage.rate_fps), report
            )
            seen: list[Box | None] = [
                box if visible else None for box, visible in zip(marked, in_sight, strict=True)
            ]
            return (seen + [None] * count)[:count], starts
        small_window = window_px[0] / scale[0], window_px[1] / scale[1]
        boxes = subject.boxes(small_window, [range(scene.start_frame, scene.stop_frame) for scene in scenes])
        return [_larger(box, scale) for box in boxes], starts

    def _path(
        self,
        axis: int,
        footage: Footage,
        boxes: Sequence[Box | None],
        starts: list[int],
        window_px: tuple[int, int],
    ) -> Places:
        """Where the window begins along one axis in every frame."""
        frame_px, side_px = (footage.width_px, footage.height_px)[axis], window_px[axis]
        room = float(frame_px - side_px)
        if room <= 0:
            return np.zeros(len(boxes))
        middles = np.array([np.nan if box is None else box[axis] + box[axis + 2] / 2 for box in boxes])
        widths = np.array([np.nan if box is None else box[axis + 2] for box in boxes])
        for start, stop in zip(starts, [*starts[1:], len(boxes)], strict=True):
            known = filled(middles[start:stop])
            wide = filled(widths[start:stop])
            middles[start:stop] = frame_px / 2 if known is None else _steadied(known)
            widths[start:stop] = side_px / 2 if wide is None else wide
        slack = np.clip((side_px - widths) / 2, _LEAST_SLACK * side_px, _SLACK * side_px)
        low = np.clip(middles - side_px / 2 - slack, 0, room)
        high = np.clip(middles - side_px / 2 + slack, 0, room)
        return window_path(
            low,
            high,
            ease_frames=min(round(Fraction(str(self.ease_s)) / 2 * footage.rate_fps), 600),
            most_px=self.speed * side_px / float(footage.rate_fps),
            starts=starts,
        )


def window_of(size: str, width_px: int, height_px: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """(The largest window of that shape in a frame, the size it is written at), (width, height) in even
    pixels.

    Raises FootageError if the frame has no room for two pixels of it.
    """
    ratio, out_px = _wanted(size)
    across = min(Fraction(width_px), height_px * ratio)
    window = (int(across) // 2 * 2, int(across / ratio) // 2 * 2)
    if out_px is not None and Fraction(width_px, height_px) == ratio:
        window = width_px, height_px
    if min(window) < 2:
        raise FootageError(f"a picture of {width_px}x{height_px} is too small to cut {size} out of it")
    return window, out_px or window


def cut_window(
    frame: Frame, place: tuple[float, float], window_px: tuple[int, int], out_px: tuple[int, int]
) -> Frame:
    """The window that begins at a place of the frame, in parts of a pixel too, at the size of the output."""
    import cv2

    width_px, height_px = window_px
    x, y = (
        min(max(0.0, at), side - window)
        for at, side, window in zip(place, frame.shape[1::-1], window_px, strict=True)
    )
    left, top = round(x), round(y)
    part = frame[top : top + height_px, left : left + width_px]
    if abs(x - left) >= 1 / 64 or abs(y - top) >= 1 / 64:
        shift = np.array([[1, 0, -x], [0, 1, -y]], np.float64)
        edge = cv2.BORDER_REPLICATE
        moved = cv2.warpAffine(frame, shift, window_px, flags=cv2.INTER_LANCZOS4, borderMode=edge)
        part = np.asarray(moved, np.uint8)
    if out_px != window_px:
        how = cv2.INTER_AREA if out_px[0] < width_px else cv2.INTER_CUBIC
        part = np.asarray(cv2.resize(part, out_px, interpolation=how), np.uint8)
    return np.ascontiguousarray(part)


def _wanted(size: str) -> tuple[Fraction, tuple[int, int] | None]:
    """(width to height, the exact size if one is named)."""
    if match := _RATIO.fullmatch(size):
        across, down = Fraction(match[1]), Fraction(match[2])
        if across and down and Fraction(1, 20) <= across / down <= 20:
            return across / down, None
        raise CanvasError(f'"{size}" is no shape for a picture; write "9:16", "1:1", "4:5" or "1080x1920"')
    width_px, height_px = parse_size(size)
    return Fraction(width_px, height_px), (width_px, height_px)


def _checked(read: Any) -> None:
    try:
        read()
    except CanvasError as error:
        raise ValueError(error.message) from error


def _steadied(places: Places) -> Places:
    """The median of every five: a single wrong box doesn't move the camera."""
    held = np.pad(places, 2, "edge")
    return np.median(np.stack([held[shift : shift + len(places)] for shift in range(5)]), axis=0)


def _larger(box: Box | None, scale: tuple[float, float]) -> Box | None:
    if box is None:
        return None
    return Box(box.x_px * scale[0], box.y_px * scale[1], box.width_px * scale[0], box.height_px * scale[1])
