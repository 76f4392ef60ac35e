"""A subject that is known in one frame of a clip, in every frame: back to the beginning, and on to the end.

The clip is a stream, and the frames before the known one are wanted first. So a first look through goes as
far as the known frame and lays small pictures aside, in a file that has no name and goes with the process:
reading the clip backwards from its own file would decode every stretch of it again for every frame, and in
memory an hour would be ten gigabytes. As JPEGs of quality 95 an hour takes about five on the disk, of which
the flow sees no difference.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import CanvasError, frame_at, parse_time
from vitascope.footage.contracts import Footage, FootageError, Frame, Report
from vitascope.footage.edges import Plane, as_bytes, working
from vitascope.footage.following import LOST, Follower, Seen

_QUALITY = 95


@dataclass(frozen=True)
class Sight:
    """A frame of the clip, the same small, and where the subject is in the small one.

    `frame` is the footage's own array: whoever keeps it copies it.
    """

    frame: Frame
    small: Frame
    alpha: Plane
    confidence: float

    @property
    def lost(self) -> bool:
        """Whether the subject isn't taken to be in this frame."""
        return self.confidence < LOST


def followed(footage: Footage, at: str, cut: Callable[[Frame], Plane], report: Report) -> Iterator[Sight]:
    """Every frame in order, with the subject that `cut` finds in the (small) frame at the time `at`.

    Raises FootageError for a time outside of the clip, and what `cut` raises.
    """
    known = _frame_of(at, footage)
    with _Kept() as pictures, _Kept() as planes:
        start = _looked_ahead(footage, known, at, pictures, report)
        follower = Follower(start, cut(start))
        before = _backward(follower.first, start, pictures, planes, report)
        index = -1
        for index, frame in enumerate(footage):
            small = working(frame)
            if index < len(pictures):
                seen = before(index)
            elif index == len(pictures):
                seen = follower.first
            else:
                seen = follower.step(small)
            yield Sight(frame, small, seen.alpha, seen.confidence)


def _frame_of(at: str, footage: Footage) -> int | None:
    """The number of the known frame; None for the last one where nobody knows how many there are."""
    try:
        moment = parse_time(at)
        if footage.count is not None:
            return frame_at(moment, footage.count, footage.rate_fps)
        if moment == "last":
            return None
        if isinstance(moment, int) and moment < 0:
            raise CanvasError(
                f'{at}: how many frames there are isn\'t known; count from the start, or "last"'
            )
        return frame_at(moment, 10**9, footage.rate_fps)
    except CanvasError as error:
        raise FootageError(f"at: {error}") from error


def _looked_ahead(footage: Footage, known: int | None, at: str, pictures: _Kept, report: Report) -> Frame:
    """Lay aside what comes before the known frame, and give that one; both small."""
    small: Frame | None = None
    index = -1
    for index, frame in enumerate(footage):
        if small is not None:
            pictures.keep(small, ".jpg")
        small = working(frame)
        report("Looking for the subject", index + 1, None if known is None else known + 1)
        if index == known:
            return small
    if small is not None and (known is None or parse_time(at) == "last"):  # the file said that it was longer
        return small
    raise FootageError(f"at: {at} is after the last frame; the clip ends after {index + 1} of them")


def _backward(
    first: Seen, start: Frame, pictures: _Kept, planes: _Kept, report: Report
) -> Callable[[int], Seen]:
    """Follow the subject back to the beginning; gives what was seen in any frame on the way."""
    total = len(pictures)
    confidence = np.zeros(total, np.float32)
    follower = Follower(start, first.alpha)
    for step, index in enumerate(reversed(range(total)), 1):
        seen = follower.step(pictures.picture(index))
        planes.keep(np.rint(seen.alpha * 255).astype(np.uint8), ".png")
        confidence[index] = seen.confidence
        report("Following it back", step, total)

    def seen_in(index: int) -> Seen:
        return Seen(planes.plane(total - 1 - index), float(confidence[index]))

    return seen_in


@dataclass
class _Kept:
    """Small pictures in a file without a name; of each only its place is held in memory."""

    _file: BinaryIO = field(init=False)
    _ends: list[int] = field(init=False, default_factory=lambda: [0])

    def __enter__(self) -> _Kept:
        self._file = tempfile.TemporaryFile(prefix="vitascope-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def keep(self, picture: NDArray[np.uint8], form: str) -> None:
        """Add a picture [h, w] or [h, w, 3] at the end."""
        _, data = cv2.imencode(form, picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY] if form == ".jpg" else [])
        self._file.seek(self._ends[-1])
        self._file.write(as_bytes(data).data)
        self._ends.append(self._file.tell())

    def picture(self, index: int) -> Frame:
        return as_bytes(self._read(index, cv2.IMREAD_COLOR))

    def plane(self, index: int) -> Plane:
        return as_bytes(self._read(index, cv2.IMREAD_GRAYSCALE)).astype(np.float32) / np.float32(255)

    def _read(self, index: int, how: int) -> Any:
        self._file.seek(self._ends[index])
        data = self._file.read(self._ends[index + 1] - self._ends[index])
        return cv2.imdecode(np.frombuffer(data, np.uint8), how)
