"""A timeline cut into parts: stretches that are painted, each a file of its own, and others that are copied.

Parts end at the edges of items where they can, and last from 4 to 10 s, so that a render that was killed, or
a film that was changed in one place, loses little. A part's key is made of everything that its pictures
depend on, and of nothing else: times count from its own start. Knows documents and numbers of frames; opens
nothing but packets.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

import av

from vitascope.films.rendering.copying import Stream, copyable, stream_of
from vitascope.films.rendering.parameter_sets import Sets, free_number
from vitascope.films.rendering.pictures import Pictures, slot_at
from vitascope.films.rendering.settings import Encoding
from vitascope.films.rendering.sources import Film, Sources
from vitascope.media.timelines import (
    CaptionTrack,
    Clip,
    Gap,
    Layer,
    PictureTrack,
    SoundTrack,
    Timeline,
)

_LEAST_S, _MOST_S = 4, 10
_FORMAT = 1  # of the keys: to be counted up when the same timeline is to be painted in another way


@dataclass(frozen=True)
class Painted:
    """Frames that are painted into a file of their own, named by their key."""

    frames: range
    key: str


@dataclass(frozen=True)
class Copied:
    """Frames that are taken over from a film, from one of its slots on."""

    frames: range
    film: Film
    stream: Stream
    slot: int

    @property
    def slots(self) -> range:
        """Where they are in their film."""
        return range(self.slot, self.slot + len(self.frames))


Part = Painted | Copied


@dataclass(frozen=True)
class Plan:
    """A film's parts in order, without gaps, and how the painted ones are encoded."""

    parts: tuple[Part, ...]
    encoding: Encoding


def plan(
    timeline: Timeline, sources: Sources, pictures: Pictures, encoding: Encoding, copy: bool = True
) -> Plan:
    """Cut a timeline into parts; with `copy`, what can be taken over is."""
    edges = edges_of(timeline)
    copied = list(_copies(timeline, edges, pictures, sources, encoding)) if copy else []
    copied = _joinable(copied, timeline.frames)
    encoding = _beside(encoding, copied)
    parts: list[Part] = []
    start = 0
    for each in (*copied, None):
        stop = each.frames.start if each else timeline.frames
        for frames in split(range(start, stop), edges, encoding.rate_fps):
            parts.append(Painted(frames, key_of(timeline, sources, encoding, frames)))
        if each:
            parts.append(each)
            start = each.frames.stop
    return Plan(tuple(parts), encoding)


def edges_of(timeline: Timeline) -> list[int]:
    """The frames at which something else begins to be seen, the film's two ends among them."""
    times_s: set[Fraction] = set()
    for track in timeline.tracks:
        if not track.enabled or isinstance(track, SoundTrack):
            continue
        if isinstance(track, CaptionTrack):
            times_s.update(time_s for cue in track.cues for time_s in (cue.start_s, cue.stop_s))
            continue
        for place in track.placed:
            times_s |= {place.start_s, place.stop_s}
            if cut := track.transition_before(place.index):
                times_s |= {place.start_s - cut.in_s, place.start_s + cut.out_s}
            if cut := track.transition_after(place.index):
                times_s |= {place.stop_s - cut.in_s, place.stop_s + cut.out_s}
            if not isinstance(place.item, Gap):
                look = place.item.look
                times_s |= {place.start_s + look.fade_in_s, place.stop_s - look.fade_out_s}
    frames = {ceil(time_s * timeline.rate_fps) for time_s in times_s}
    return sorted({each for each in frames if 0 < each < timeline.frames} | {0, timeline.frames})


def split(frames: range, edges: Sequence[int], rate_fps: Fraction) -> Iterator[range]:
    """Stretches of 4 to 10 s, that end at edges where there are any; shorter only where there is no more."""
    least, most = max(1, floor(_LEAST_S * rate_fps)), max(2, floor(_MOST_S * rate_fps))
    start = frames.start
    while start < frames.stop:
        left = frames.stop - start
        stop = frames.stop
        if left > most:
            furthest = min(start + most, frames.stop - least)
            place = bisect_right(edges, furthest) - 1
            stop = edges[place] if place >= 0 and edges[place] >= start + least else furthest
        yield range(start, stop)
        start = stop


# What can be copied


def _copies(
    timeline: Timeline, edges: Sequence[int], pictures: Pictures, sources: Sources, encoding: Encoding
) -> Iterator[Copied]:
    streams: dict[str, Stream | None] = {}
    for start, film, slot, count in _plain(timeline, edges, pictures, sources):
        if film.identity not in streams:
            streams[film.identity] = stream_of(film, encoding)
        stream = streams[film.identity]
        if stream is None:
            continue
        slots = copyable(film, range(slot, slot + count))
        if slots:
            first = start + slots.start - slot
            yield Copied(range(first, first + len(slots)), film, stream, slots.start)


def _plain(
    timeline: Timeline, edges: Sequence[int], pictures: Pictures, sources: Sources
) -> Iterator[tuple[int, Film, int, int]]:
    """Where a clip is seen as it is and nothing else: first frame, film, first slot, how many; joined up."""
    held: tuple[int, Film, int, int] | None = None
    for start, stop in pairwise(edges):
        found = _plain_clip(timeline, start, stop, pictures, sources)
        if held and found and _follows(held, found):
            held = (*held[:3], held[3] + found[3])
            continue
        if held:
            yield held
        held = found
    if held:
        yield held


def _follows(held: tuple[int, Film, int, int], found: tuple[int, Film, int, int]) -> bool:
    """Whether one stretch of a film goes on where the other ends, on the timeline and in the film."""
    start, film, slot, count = held
    return found[1] is film and found[0] == start + count and found[2] == slot + count


def _plain_clip(
    timeline: Timeline, start: int, stop: int, pictures: Pictures, sources: Sources
) -> tuple[int, Film, int, int] | None:
    moment = timeline.at(start / timeline.rate_fps)
    if moment.captions or not moment.layers:
        return None
    layer: Layer = moment.layers[-1]
    if layer.transition or layer.seen is None or not isinstance(layer.seen.item, Clip):
        return None
    clip = layer.seen.item
    unfaded = replace(clip, look=replace(clip.look, fade_in_s=Fraction(0), fade_out_s=Fraction(0)))
    begins_s, ends_s = layer.seen.time_s, layer.seen.time_s + (stop - 1 - start) / timeline.rate_fps
    clear = begins_s >= clip.look.fade_in_s and ends_s <= clip.duration_s - clip.look.fade_out_s
    if clip.speed != 1 or not clear or not pictures.covers(unfaded):
        return None
    film = sources.film(clip)
    slot, _ = slot_at(clip, layer.seen.time_s, film)
    return (start, film, slot, stop - start) if slot >= 0 else None


def _joinable(copied: list[Copied], frames: int) -> list[Copied]:
    """Those that can be in one track with each other and with what is painted; of two kinds, the longer."""
    kinds: dict[Stream, int] = {}
    for each in copied:
        kinds[each.stream] = kinds.get(each.stream, 0) + len(each.frames)
    chosen: list[Stream] = []
    for stream in sorted(kinds, key=lambda kind: -kinds[kind]):
        if all(stream.joins(other) for other in chosen):
            chosen.append(stream)
    kept = [each for each in copied if each.stream in chosen]
    complete = sum(len(each.frames) for each in kept) == frames
    sets = [stream.sets for stream in chosen if stream.sets]
    mixes = all(stream.with_painted for stream in chosen) and free_number(sets) is not None
    return kept if complete or mixes else []


def _beside(encoding: Encoding, copied: Sequence[Copied]) -> Encoding:
    """The encoding whose H.264 has a number that none of the copied streams has."""
    sets: list[Sets] = [each.stream.sets for each in copied if each.stream.sets]
    number = free_number(sets)
    if not sets or not number:
        return encoding
    return encoding.with_options(**{"x264-params": f"sps-id={number}"})


# What a part depends on


def key_of(timeline: Timeline, sources: Sources, encoding: Encoding, frames: range) -> str:
    """A name for a part, that is another one as soon as any of its pictures could be another."""
    start_s, stop_s = frames.start / timeline.rate_fps, frames.stop / timeline.rate_fps
    said: list[object] = [
        _FORMAT,
        av.__version__,
        encoding,
        timeline.rate_fps,
        timeline.ground,
        len(frames),
    ]
    for track in timeline.tracks:
        if not track.enabled or isinstance(track, SoundTrack):
            continue
        said.append("track")
        if isinstance(track, CaptionTrack):
            stop = bisect_left(track.cues, stop_s, key=lambda cue: cue.start_s)
            cues = [cue for cue in track.cues[:stop] if cue.stop_s > start_s]
            said += [track.style, track.language] if cues else []
            said += [
                (cue.start_s - start_s, cue.stop_s - start_s, cue.text, cue.line, cue.position, cue.align)
                for cue in cues
            ]
        else:
            said += _items(track, sources, start_s, stop_s)
    return hashlib.sha256("\n".join(map(repr, said)).encode()).hexdigest()[:32]


def _items(track: PictureTrack, sources: Sources, start_s: Fraction, stop_s: Fraction) -> list[object]:
    said: list[object] = []
    # A transition reaches into its neighbours only, so one more on both sides is enough.
    first = bisect_right(track.placed, start_s, key=lambda place: place.start_s) - 2
    last = bisect_left(track.placed, stop_s, key=lambda place: place.start_s) + 1
    for place in track.placed[max(0, first) : last]:
        if isinstance(place.item, Gap):  # shows nothing; its transitions are its neighbours' too
            continue
        before, after = track.transition_before(place.index), track.transition_after(place.index)
        begins_s = place.start_s - (before.in_s if before else 0)
        ends_s = place.stop_s + (after.out_s if after else 0)
        if begins_s < stop_s and ends_s > start_s:
            item = replace(place.item, name="")
            said += [place.start_s - start_s, item, sources.identity(item), before, after]
    return said
