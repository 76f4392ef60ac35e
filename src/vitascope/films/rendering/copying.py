"""Shots that need no painting: the packets of a film that can be taken over as they are.

A stretch can be copied where its film is encoded as the output is, and every frame in it can be decoded from
the packets in it alone: it begins at a key frame that nothing shown later reaches behind, and ends where all
that has been sent has been shown. Knows packets and their order; paints nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from av.error import FFmpegError

from vitascope.films.rendering.parameter_sets import Sets, read_sets
from vitascope.films.rendering.settings import Encoding
from vitascope.films.rendering.sources import Film
from vitascope.media.limits import DEFAULT_LIMITS, MediaError
from vitascope.media.opening import AS_STORED, file_name, opened_film, picture_stream
from vitascope.media.probing import SIZE_MARK

_BT709, _UNSPECIFIED = 1, 2
_AS_WE_WRITE = (0, 1)  # limited range, or unsaid, which means it
_SDR = (1, 2, 6)  # curves and primaries of BT.709, unsaid, BT.601's (which is the same curve)
_LEAST_S = Fraction(1)  # a shorter stretch isn't worth a seam
_APART = ("vp9", "prores")  # each key frame says all that a decoder must know
_CODECS = {
    "h264": "libx264",
    "hevc": "libx265",
    "av1": "libsvtav1",
    "vp9": "libvpx-vp9",
    "prores": "prores_ks",
}


@dataclass(frozen=True)
class Stream:
    """What a film's stream says of itself, as far as it decides on copying."""

    codec: str
    header: bytes
    sets: Sets | None

    def joins(self, other: Stream) -> bool:
        """Whether packets of both can be in one track."""
        if self.codec != other.codec:
            return False
        if self.sets and other.sets:
            return self.sets.agrees(other.sets)
        return self.codec in _APART or self.header == other.header

    @property
    def with_painted(self) -> bool:
        """Whether packets that we encode can be in one track with it."""
        return self.codec in _APART or self.sets is not None


def stream_of(film: Film, encoding: Encoding) -> Stream | None:
    """The film's stream, if its packets could be part of such an output; None if they couldn't."""
    info, grid = film.info, encoding.grid
    alike = (
        _CODECS.get(info.codec) == encoding.encoder.name
        and (info.width_px, info.height_px) == (grid.width_px, grid.height_px)
        and info.pixel_format == grid.pixel_format
        and info.rate_fps == encoding.rate_fps
        and not info.variable_rate
        and not info.alpha
        and info.turn == AS_STORED
        and SIZE_MARK not in info.metadata
    )
    if not alike:
        return None
    name = file_name(film.path)
    with opened_film(film.path, DEFAULT_LIMITS) as container:
        stream = picture_stream(container, DEFAULT_LIMITS, name)
        context: Any = stream.codec_context
        shown = stream.sample_aspect_ratio in (None, 0, 1)
        usual = _UNSPECIFIED if info.height_px > 576 or info.width_px > 1024 else _BT709
        coloured = context.colorspace in (_BT709, usual) and context.color_range in _AS_WE_WRITE
        if not (shown and coloured and context.color_trc in _SDR and context.color_primaries in _SDR):
            return None
        header = bytes(context.extradata or b"")
        sets = read_sets(header) if info.codec == "h264" else None
        if info.codec == "h264" and sets is None:
            return None
        return Stream(info.codec, header, sets)


def copyable(film: Film, slots: range) -> range | None:
    """The longest stretch of slots that can be copied; None if there is none worth it."""
    try:
        found = _stretch(film, slots)
    except MediaError:
        return None
    return found if found and len(found) >= _LEAST_S * film.info.rate_fps else None


def _stretch(film: Film, slots: range) -> range | None:
    order, keys = array("q"), bytearray()  # as they are decoded; plain numbers, for there may be a million
    with opened_film(film.path, DEFAULT_LIMITS) as container:
        for slot, packet in _packets(container, film, slots.start):
            if packet.is_corrupt or packet.is_discard:
                break
            order.append(slot)
            keys.append(packet.is_keyframe)
            if packet.is_keyframe and slot >= slots.stop:
                break
    shown = np.frombuffer(order, np.int64) if order else np.zeros(0, np.int64)
    # Of all that is decoded later, what is shown first: a key frame must come before it.
    least_after = np.append(np.minimum.accumulate(shown[::-1])[::-1][1:], np.iinfo(np.int64).max)
    begins = np.frombuffer(keys, np.bool_) & (shown >= slots.start) & (least_after[: len(shown)] > shown)
    place = int(np.argmax(begins)) if begins.any() else -1
    return _closed(shown[place:], slots.stop) if place >= 0 else None


def _closed(shown: np.ndarray, stop: int) -> range | None:
    """From the first slot on, as many as are complete and lie before `stop`."""
    first = int(shown[0])
    inside = (shown >= first) & (shown < stop)
    count = len(shown) if inside.all() else int(np.argmin(inside))
    complete = np.maximum.accumulate(shown[:count]) == first + np.arange(count)
    ends = np.flatnonzero(complete)
    return range(first, first + int(ends[-1]) + 1) if len(ends) else None


def packets_of(film: Film, slots: range) -> Iterator[tuple[int, Any]]:
    """(slot, packet) of a stretch that is copyable, in the order that they are decoded."""
    left = len(slots)
    with opened_film(film.path, DEFAULT_LIMITS) as container:
        for slot, packet in _packets(container, film, slots.start):
            if left < len(slots) or slot == slots.start:
                yield slot, packet
                left -= 1
            if not left:
                return
    raise MediaError(f"{file_name(film.path)}: it has changed while it was copied")


def _packets(container: Any, film: Film, first: int) -> Iterator[tuple[int, Any]]:
    """(slot, packet) from a key frame at or before a slot on."""
    info = film.info
    stream = picture_stream(container, DEFAULT_LIMITS, file_name(film.path))
    stream.thread_type = "SLICE"  # nothing is decoded: no need of threads

    def timed() -> Iterator[tuple[int, Any]]:
        for packet in container.demux(stream):
            if packet.pts is not None and packet.dts is not None:
                yield round((packet.pts * packet.time_base - info.start_s) * info.rate_fps), packet

    if first > 0:
        try:
            ticks = int((first / info.rate_fps + info.start_s) / stream.time_base)  # type: ignore[operator]
            container.seek(ticks, stream=stream, backward=True)
        except FFmpegError:
            container.seek(0)
    run = timed()
    head = next(run, None)
    if head is not None and head[0] > first > 0:  # it went too far: all from the start
        container.seek(0)
        run = timed()
        head = next(run, None)
    if head is not None:
        yield head
        yield from run
