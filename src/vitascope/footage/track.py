"""track: points, boxes and planes, marked in one frame and followed through the whole clip, both ways.

Knows how marks are written, and the order in which a tracker must be shown the frames; not how it follows
them (footage/trackers.py), and no file.

Forwards, the footage is read once. Backwards it can't be read: the part before the marked frame is read in
blocks of as many frames as fit into BLOCK_BYTES, the last block first, each from a new look through the
footage. A mark in the first frame costs nothing of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Annotated, ClassVar

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from vitascope.footage.contracts import Findings, Footage, FootageError, Frame, Report, Tool
from vitascope.footage.moments import MomentText, check_within, frame_of
from vitascope.footage.parts import load_part
from vitascope.footage.trackers import Kind, Mark, Places, Seen, Tracker

BLOCK_BYTES = 256 << 20
MOST_MARKS = 64
SMALLEST_PX = 8  # a box's or a plane's side
_NUMBER = re.compile(r"[+-]?(?:\d{1,8}(?:\.\d{0,12})?|\.\d{1,12})", re.ASCII)
_NAME = re.compile(r"\s*([^=,;\x00-\x1f]{1,60}?)\s*=(.*)", re.DOTALL)
_FORMS = {
    "point": (1, '"x,y"', '"0.5,0.4"'),
    "box": (2, '"x,y,width,height"', '"0.2,0.3,0.25,0.4"'),
    "plane": (
        4,
        '"x,y x,y x,y x,y", its corners in turn from the top left',
        '"0.2,0.2 0.6,0.2 0.6,0.5 0.2,0.5"',
    ),
}


@dataclass(frozen=True, eq=False)
class Written:
    """A mark as it was written: its corners as shares of the frame's size, or in pixels."""

    kind: Kind
    name: str
    corners: Places
    pixels: bool

    def mark(self, width_px: int, height_px: int) -> Mark:
        """In a frame of that size. Raises FootageError if it doesn't fit there."""
        corners_px = self.corners if self.pixels else self.corners * (width_px, height_px)
        middle_px = corners_px.mean(0)
        if not ((middle_px >= 0) & (middle_px <= (width_px, height_px))).all():
            raise FootageError(
                f"{self.name}: its middle is not in the frame, which is {width_px}x{height_px} px"
            )
        sides_px = np.linalg.norm(np.roll(corners_px, -1, 0) - corners_px, axis=1)
        if self.kind != "point" and sides_px.min() < SMALLEST_PX:
            raise FootageError(
                f"{self.name}: {sides_px.min():.3g} px on its shortest side are too few to follow; "
                f"mark {SMALLEST_PX} or more, or a point"
            )
        return Mark(kind=self.kind, corners_px=corners_px, name=self.name)


def parse_marked(kind: Kind, text: str, number: int = 1) -> Written:
    """Read "0.5,0.4", "logo=0.5,0.4" or, in pixels, "640,360px"; a box and a plane as their forms say.

    Raises ValueError, saying what would be right.
    """
    named = _NAME.fullmatch(text)
    name, body = (named[1], named[2]) if named else (f"{kind} {number}", text)
    body = body.strip()
    pixels = body.lower().endswith("px")
    words = [word for word in re.split(r"[\s,]+", body[:-2] if pixels else body) if word]
    pairs, form, example = _FORMS[kind]
    if len(words) != 2 * pairs or not all(_NUMBER.fullmatch(word) for word in words):
        raise ValueError(
            f'"{text[:60]}" is no {kind}; write {form}: {example}, or in pixels with "px" at the end'
        )
    places = np.array([float(word) for word in words]).reshape(-1, 2)
    if not pixels and np.abs(places).max() > 2:
        raise ValueError(f'"{text[:60]}": places are shares of the frame, 0..1; for pixels write "{body}px"')
    if kind == "box":
        if places[1].min() <= 0:
            raise ValueError(f'"{text[:60]}": a box is wider and higher than 0; write {form}')
        (left, top), (right, bottom) = places[0], places.sum(0)
        places = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    if kind == "plane" and not _convex(places):
        raise ValueError(
            f'"{text[:60]}": write the corners in turn, around a shape that has no dent: {example}'
        )
    return Written(kind, name, places, pixels)


def _convex(corners: Places) -> bool:
    sides = np.roll(corners, -1, 0) - corners
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    return bool((turns > 0).all() or (turns < 0).all())


def _checked(kind: Kind) -> AfterValidator:
    def check(text: str) -> str:
        parse_marked(kind, text)
        return text

    return AfterValidator(check)


PointText = Annotated[str, _checked("point")]
BoxText = Annotated[str, _checked("box")]
PlaneText = Annotated[str, _checked("plane")]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A mark in one frame, in pixels from the frame's top left corner; out of sight, the place is a guess.

    `x_px`, `y_px` is the point, or the middle of the corners; `corners_px` are a box's or a plane's,
    clockwise from what was the top left, None for a point.
    """

    frame: int
    time_s: float
    x_px: float
    y_px: float
    corners_px: tuple[tuple[float, float], ...] | None
    confidence: float
    visible: bool


class Followed(Findings):
    """One mark through the clip, a Sighting for every frame."""

    name: str
    kind: Kind
    frames: tuple[Sighting, ...]


class Tracks(Findings):
    """What `track` answers: the size and rate of the clip, the frame of the marks, and a track for each."""

    width_px: int
    height_px: int
    rate_fps: Fraction
    at_frame: int
    tracks: tuple[Followed, ...]


class Track(Tool):
    """Follow points, boxes and planes through a clip, forwards and backwards from where they are marked."""

    name: ClassVar[str] = "track"

    points: Annotated[
        tuple[PointText, ...], Field(description='Points: "x,y" in 0..1, or "x,y px"; "name=x,y" names it.')
    ] = ()
    boxes: Annotated[
        tuple[BoxText, ...],
        Field(description='Boxes: "x,y,width,height". They are moved, turned and scaled as what is in them.'),
    ] = ()
    planes: Annotated[
        tuple[PlaneText, ...],
        Field(description='Flat things seen in perspective: "x,y x,y x,y x,y", clockwise from the top left.'),
    ] = ()
    at: Annotated[MomentText, Field(description='When they are marked so: "first", "1.5", "12f".')] = "first"
    tracker: Annotated[str | None, Field(description="Which tracker; the best that is there if none.")] = None

    @model_validator(mode="after")
    def _some(self) -> Track:
        if not 1 <= len(self.points) + len(self.boxes) + len(self.planes) <= MOST_MARKS:
            raise ValueError(f"mark something to follow, and at most {MOST_MARKS}: points, boxes or planes")
        names = [each.name for each in self.written()]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f'two marks are called "{twice}"; give each its own name')
        return self

    def written(self) -> list[Written]:
        """All marks, in order: points, boxes, planes."""
        kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
            ("point", self.points),
            ("box", self.boxes),
            ("plane", self.planes),
        )
        return [parse_marked(kind, text, n) for kind, texts in kinds for n, text in enumerate(texts, 1)]

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Tracks:
        """Where each mark is in every frame."""
        check_within("at", self.at, footage)
        marks = [each.mark(footage.width_px, footage.height_px) for each in self.written()]
        at = frame_of(self.at, footage.rate_fps)
        seen = follow(footage, marks, at, load_part("tracker", self.tracker), report)
        if len(seen) <= at:
            check_within("at", self.at, footage, len(seen))
        return Tracks(
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=footage.rate_fps,
            at_frame=at,
            tracks=tuple(
                Followed(name=mark.name, kind=mark.kind, frames=_sightings(mark, each, footage.rate_fps))
                for mark, each in zip(marks, zip(*seen, strict=True), strict=True)
            ),
        )


def follow(
    footage: Footage, marks: Sequence[Mark], at: int, tracker: Tracker, report: Report
) -> list[list[Seen]]:
    """Where each mark is in every frame: [frame][mark], from frame 0 to the last.

    A list of `at` or fewer frames, with nothing in them, says that the footage ends before the marked frame.
    """
    after: list[list[Seen]] = []
    marked: Frame | None = None
    following = None
    number = -1
    for number, frame in enumerate(footage):
        if number == at:
            marked = frame.copy()
            following = tracker.start(marked, marks)
            after.append([Seen(mark.corners_px, 1.0, True) for mark in marks])
        elif following is not None:
            after.append(following.see(frame))
        report("following", number + 1, footage.count)
    if marked is None:
        return [[] for _ in range(number + 1)]
    before: list[list[Seen]] = []
    if at:
        following = tracker.start(marked, marks)
        for done, frame in enumerate(backwards(footage, at), 1):
            before.append(following.see(frame))
            report("following backwards", done, at)
    return [*reversed(before), *after]


def backwards(footage: Footage, stop: int, block_bytes: int = BLOCK_BYTES) -> Iterator[Frame]:
    """The frames before `stop`, the last one first, no more than `block_bytes` of them (or eight) held at
    once.
    """
    block = max(8, block_bytes // max(1, footage.width_px * footage.height_px * 3))
    for end in range(stop, 0, -block):
        start = max(0, end - block)
        frames = [frame.copy() for frame in islice(iter(footage), start, end)]
        if len(frames) < end - start:
            raise FootageError(
                "the clip was shorter when it was read a second time; is it still being written?"
            )
        yield from reversed(frames)


def _sightings(mark: Mark, seen: Sequence[Seen], rate_fps: Fraction) -> tuple[Sighting, ...]:
    places = bent([each.corners_px for each in seen], [each.visible for each in seen])
    found: list[Sighting] = []
    for frame, (each, corners) in enumerate(zip(seen, places, strict=True)):
        x_px, y_px = corners.mean(0)
        found.append(
            Sighting(
                frame=frame,
                time_s=float(frame / rate_fps),
                x_px=round(float(x_px), 3),
                y_px=round(float(y_px), 3),
                corners_px=None
                if mark.kind == "point"
                else tuple((round(float(x), 3), round(float(y), 3)) for x, y in corners),
                confidence=round(float(each.confidence), 3),
                visible=each.visible,
            )
        )
    return tuple(found)


def bent(places: Sequence[Places], visible: Sequence[bool]) -> list[Places]:
    """The guesses of hidden stretches, bent so that each meets both places between which it lies."""
    result = [np.asarray(each, np.float64) for each in places]
    start = 0
    while start < len(result):
        if visible[start]:
            start += 1
            continue
        stop = start
        while stop < len(result) and not visible[stop]:
            stop += 1
        if start and stop < len(result):
            run = result[start:stop]
            led = (2 * run[0] - run[1], 2 * run[-1] - run[-2]) if len(run) > 1 else (run[0], run[0])
            missed = result[start - 1] - led[0], result[stop] - led[1]
            for number in range(start, stop):
                share = (number - start + 1) / (len(run) + 1)
                result[number] = result[number] + (1 - share) * missed[0] + share * missed[1]
        start = stop
    return result
