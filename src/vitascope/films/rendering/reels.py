"""Films to be cut: the frame that is on screen at a slot of the film's own clock, read as a reel runs.

A reel keeps its decoder open and runs forward; only a jump winds it. Which frame belongs to which slot is the
rule of `media/rate.py`: each takes the nearest slot of the film's constant rate and stays until the next
one's.

Knows decoders and clocks; nothing of timelines, sizes or colours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from av import VideoFrame
from av.error import FFmpegError

from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place
from vitascope.media.moving_pictures import is_moving_picture, moving_picture_frames
from vitascope.media.opening import decoded, file_name, opened_film, picture_stream, seconds
from vitascope.media.probing import Info
from vitascope.media.rate import constant_rate
from vitascope.media.side_alpha import CODECS, SideAlpha

_WIND_S = 5  # as far ahead as reading on is quicker than winding: a group of pictures lasts 1 to 10 s
_BACK_S = (
    Fraction(0),
    Fraction(2),
    Fraction(10),
)  # how far before the target to wind, where less was too late
_HELD_BYTES = 96 << 20  # of frames that are shown backwards
_HELD_FRAMES = 64


class Still(NamedTuple):
    """One frame of a film: as its decoder gave it, and its alpha [H, W] where that is kept apart from it."""

    slot: int
    frame: VideoFrame
    alpha: np.ndarray | None = None


class Reel:
    """One film, wound to where it is wanted. Frames stay the decoder's: who draws on one copies it.

    Raises MediaError where nothing decodes. Past its end a film holds its last frame, before its beginning
    the first.
    """

    def __init__(self, path: Place, info: Info, limits: Limits = DEFAULT_LIMITS) -> None:
        self.path = path
        self.winds = 0
        self._info = info
        self._limits = limits
        self._files = ExitStack()
        self._frames: Iterator[Still] = iter(())
        self._shown: Still | None = None
        self._next: Still | None = None
        self._backwards: dict[int, Still] = {}
        self._container: Any = None
        self._stream: Any = None
        self._open()

    def close(self) -> None:
        """Close the file and let the frames go."""
        self._files.close()
        self._frames, self._shown, self._next = iter(()), None, None
        self._backwards = {}

    @property
    def slot(self) -> int:
        """Of the frame that was shown last."""
        return self._shown.slot if self._shown else 0

    def frame(self, slot: int) -> Still:
        """The frame on screen at a slot."""
        slot = max(0, slot)
        if self._shown is None or not 0 <= slot - self.slot <= _WIND_S * self._info.rate_fps:
            self._wind(slot)
        while self._next is not None and self._next.slot <= slot:
            self._shown, self._next = self._next, next(self._frames, None)
        if self._shown is None:
            raise MediaError(f"{file_name(self.path)}: not one picture of it could be decoded")
        return self._shown

    def frame_backwards(self, slot: int) -> Still:
        """The same for slots that come from the last to the first: the stretch before one is kept."""
        slot = max(0, slot)
        if slot not in self._backwards:
            frame_bytes = self._info.width_px * self._info.height_px * 2
            stretch = max(4, min(_HELD_FRAMES, _HELD_BYTES // frame_bytes))
            self._backwards = {}
            for each in range(max(0, slot - stretch + 1), slot + 1):
                self._backwards[each] = self.frame(each)
        return self._backwards[slot]

    def _open(self) -> None:
        self._files.close()
        if is_moving_picture(self.path):
            self._frames = self._drawn()
        else:
            self._container = self._files.enter_context(opened_film(self.path, self._limits))
            self._stream = picture_stream(self._container, self._limits, file_name(self.path))
            self._frames = self._timed()
        self._shown, self._next = None, next(self._frames, None)

    def _wind(self, slot: int) -> None:
        """Go to a frame at or before the slot: by the index, or from the start where that fails."""
        fresh = self._shown is None and self._next is not None
        target_s = slot / self._info.rate_fps
        if not fresh or target_s > _WIND_S:
            self.winds += 1
            if target_s <= _WIND_S or is_moving_picture(self.path) or not self._sought(slot):
                self._open()
        self._shown = self._next

    def _sought(self, slot: int) -> bool:
        for back_s in _BACK_S:
            wanted_s = slot / self._info.rate_fps - back_s
            if wanted_s <= 0:
                return False
            try:
                ticks = int((wanted_s + self._info.start_s) / self._stream.time_base)
                self._container.seek(ticks, stream=self._stream, backward=True)
            except FFmpegError:
                return False
            self._frames = self._timed()
            self._next = next(self._frames, None)
            if self._next is not None and self._next.slot <= slot:
                return True
        return False

    def _timed(self) -> Iterator[Still]:
        """Frames as they are shown, none before the one in front of it."""
        name, last = file_name(self.path), -1
        apart = self._info.alpha and self._info.codec in CODECS
        beside = SideAlpha(self._info.codec, self._limits) if apart else None
        hear = beside.hear if beside else None
        try:
            for frame in decoded(self._container, self._stream, self._limits, name, hear):
                self._limits.check_size(frame.width, frame.height, name)
                said_s = seconds(frame.pts, frame.time_base)
                if said_s is None:
                    slot = last + 1
                else:
                    slot = round((said_s - self._info.start_s) * self._info.rate_fps)
                last = slot if slot >= last else last + 1
                yield Still(
                    last, frame, beside.plane_of(frame, frame.width, frame.height) if beside else None
                )
        except FFmpegError:
            return  # what can be read ends here; the last frame is held

    def _drawn(self) -> Iterator[Still]:
        """Of GIF, WebP and sequences, which Pillow reads."""
        rate_fps, form = self._info.rate_fps, "rgba" if self._info.alpha else "rgb24"
        timed = moving_picture_frames(self.path, rate_fps, self._limits, alpha=self._info.alpha)
        for slot, picture in enumerate(constant_rate(timed, rate_fps, self._limits)):
            yield Still(slot, VideoFrame.from_ndarray(picture, format=form))


class Reels:
    """The reels of a film that is being made: as many open as are on screen, and a few that were.

    A cut within one file goes on with the reel that is there, for opening and winding anew takes as long as
    many frames.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS, idle: int = 3) -> None:
        self._limits = limits
        self._most_idle = idle
        self._busy: dict[object, Reel] = {}
        self._idle: list[Reel] = []
        self._wanted: set[object] = set()

    def reel(self, owner: object, path: Place, info: Info) -> Reel:
        """The owner's own reel of a film, until a frame comes in which it asks for none."""
        self._wanted.add(owner)
        found = self._busy.get(owner)
        if found is None:
            found = next((reel for reel in self._idle if reel.path == path), None)
            if found is None:
                found = Reel(path, info, self._limits)
            else:
                self._idle.remove(found)
            self._busy[owner] = found
        return found

    def next_frame(self) -> list[object]:
        """Reels that nobody asked for since the last call are free for others; gives who had them."""
        done = [owner for owner in self._busy if owner not in self._wanted]
        self._idle += [self._busy.pop(owner) for owner in done]
        self._wanted.clear()
        while len(self._idle) > self._most_idle:
            self._idle.pop(0).close()
        return done

    def close(self) -> None:
        """Close all files."""
        for reel in (*self._busy.values(), *self._idle):
            reel.close()
        self._busy, self._idle = {}, []
