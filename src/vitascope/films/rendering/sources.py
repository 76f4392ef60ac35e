"""The media of a timeline: each looked at once, and what could go wrong with them said before any work.

Knows items and files; paints nothing. What an error is about comes first: `tracks[0].items[2]: fox.mp4 ...`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError
from vitascope.media.pictures import opened_picture, turned_size
from vitascope.media.probing import Info, probe
from vitascope.media.sound import SoundStream
from vitascope.media.timelines import (
    CaptionTrack,
    Clip,
    Fill,
    Item,
    PictureTrack,
    SoundTrack,
    Still,
    Timeline,
    TimelineError,
)
from vitascope.media.timelines.errors import inside
from vitascope.media.timelines.items import said
from vitascope.media.titles import check_fonts

Find = Callable[[str], Path]
"""Where a source lies. Raises MediaError for one that may not be read, or isn't there."""

_LOOK_BYTES = 1 << 16


@dataclass(frozen=True)
class Film:
    """A file with pictures that move: where it lies, what it is, and what tells it from a changed one."""

    path: Path
    info: Info
    identity: str


@dataclass(frozen=True)
class Voice:
    """A file that is heard."""

    path: Path
    start_s: Fraction | None
    """When its clock's zero is heard: with the first picture of a film; None: its first sample."""
    identity: str


@dataclass
class Sources:
    """What the names in a timeline stand for."""

    films: dict[str, Film] = field(default_factory=dict[str, Film])
    voices: dict[str, Voice | None] = field(default_factory=dict[str, "Voice | None"])
    stills: dict[str, tuple[Path, str]] = field(default_factory=dict[str, tuple[Path, str]])
    fills: dict[tuple[str, str], Film] = field(default_factory=dict[tuple[str, str], Film])

    def film(self, item: Clip | Fill) -> Film:
        """The film that a clip or a fill shows."""
        return self.fills[item.canvas, item.filler] if isinstance(item, Fill) else self.films[item.source]

    def still(self, item: Still) -> Path:
        """The picture file of a still."""
        return self.stills[item.source][0]

    def identity(self, item: Item) -> str:
        """What changes when the item's media do; empty where it has none."""
        if isinstance(item, Clip | Fill):
            return self.film(item).identity
        return self.stills[item.source][1] if isinstance(item, Still) else ""


def look_at(timeline: Timeline, find: Find, limits: Limits = DEFAULT_LIMITS) -> Sources:
    """Open every file that an enabled track shows or plays, once, and the fonts of its texts.

    Fills are left out: they are still to be made. Raises TimelineError with the place of what can't be: a
    file that is missing, damaged, of an unknown codec, or shorter than what is asked of it.
    """
    sources = Sources()
    check_fonts(timeline)
    for number, track in enumerate(timeline.tracks):
        if not track.enabled or isinstance(track, CaptionTrack):
            continue
        for place in track.placed:
            item = place.item
            with inside(f"tracks[{number}].items[{place.index}]"):
                if isinstance(item, Clip):
                    _look_at_clip(item, track, sources, find, limits)
                elif isinstance(item, Still) and item.source not in sources.stills:
                    path = find(item.source)
                    with opened_picture(path, limits) as picture:
                        turned_size(picture)
                    sources.stills[item.source] = path, identity_of(path)
    return sources


def _look_at_clip(
    clip: Clip, track: PictureTrack | SoundTrack, sources: Sources, find: Find, limits: Limits
) -> None:
    seen = isinstance(track, PictureTrack)
    if seen and clip.source not in sources.films:
        path = find(clip.source)
        sources.films[clip.source] = Film(path, probe(path, limits), identity_of(path))
    if clip.heard and clip.source not in sources.voices:
        film = sources.films.get(clip.source)
        sources.voices[clip.source] = _voice(film.path if film else find(clip.source), film, limits)
    if clip.heard and not seen and sources.voices[clip.source] is None:
        raise TimelineError(f"{clip.source} has no sound, and lies on a sound track", "source")
    if seen:
        info = sources.films[clip.source].info
        check_span(clip.source, clip.start_s + clip.used_s, info.duration_s, info.rate_fps)


def _voice(path: Path, film: Film | None, limits: Limits) -> Voice | None:
    if film is None:
        try:
            info = probe(path, limits)
        except MediaError:  # a sound file, or nothing at all: the next line says which
            return Voice(path, SoundStream(path, None, limits).start_s, identity_of(path))
        film = Film(path, info, identity_of(path))
    if not film.info.has_sound:
        return None
    return Voice(path, film.info.start_s, film.identity)


def check_span(name: str, until_s: Fraction, duration_s: Fraction | None, rate_fps: Fraction) -> None:
    """Refuse a span that ends more than a frame after its film, as far as the film's length is known."""
    if duration_s is not None and until_s > duration_s + 1 / rate_fps:
        raise TimelineError(f"{name} ends at {said(duration_s)}, and is asked for until {said(until_s)}")


def fills_of(timeline: Timeline) -> Iterator[tuple[str, Fill]]:
    """The fills that are shown, each canvas and filler once, and the place of the first."""
    seen: set[tuple[str, str]] = set()
    for number, track in enumerate(timeline.tracks):
        if not track.enabled or not isinstance(track, PictureTrack):
            continue
        for place in track.placed:
            fill = place.item
            if isinstance(fill, Fill) and (fill.canvas, fill.filler) not in seen:
                seen.add((fill.canvas, fill.filler))
                yield f"tracks[{number}].items[{place.index}]", fill


def identity_of(path: Path) -> str:
    """What tells a file from a changed one without reading all of it: size, time, and both its ends.

    Of a folder or a pattern of pictures: the same of its names.
    """
    digest = hashlib.sha256()
    if not path.is_file():
        from vitascope.media.moving_pictures import sequence_files

        for file in sequence_files(path):
            state = file.stat()
            digest.update(f"{file.name} {state.st_size} {state.st_mtime_ns}\n".encode())
        return digest.hexdigest()
    state = path.stat()
    digest.update(f"{state.st_size} {state.st_mtime_ns}\n".encode())
    with path.open("rb") as file:
        digest.update(file.read(_LOOK_BYTES))
        file.seek(max(0, state.st_size - _LOOK_BYTES))
        digest.update(file.read(_LOOK_BYTES))
    return digest.hexdigest()
