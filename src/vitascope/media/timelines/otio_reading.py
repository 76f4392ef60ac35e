"""OpenTimelineIO's objects -> a timeline, ours or another editor's; says what it leaves aside.

Nested compositions are laid out flat: the lowest picture track of one takes its place, the others go to
tracks of their own. Opens no media. A file comes from a stranger: its depth, length and numbers are bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from vitascope.media.timelines.documents import MOST_MARKERS, Marker, Timeline
from vitascope.media.timelines.errors import TimelineError, inside
from vitascope.media.timelines.extras import from_plain
from vitascope.media.timelines.items import Clip, Colour, Gap, Item, Level, Look, Still, Transition
from vitascope.media.timelines.otio_parts import (
    DEEPEST,
    available_of,
    compositions_in,
    exact_of,
    extras_of,
    is_sound,
    kind_of,
    pictures_in,
    source_of,
    span_of,
)
from vitascope.media.timelines.otio_times import rate_of, seconds_of, speed_of
from vitascope.media.timelines.otio_writing import ITEM_KINDS, MARKER_COLOURS, VERSION
from vitascope.media.timelines.splicing import Entry, cut, mended
from vitascope.media.timelines.tracks import (
    MOST_ITEMS,
    CaptionTrack,
    Cue,
    PictureTrack,
    SoundTrack,
    Track,
)

_MOST_MISSING_SAID = 5
_FASTEST_PICTURES = 240
_USUAL_SIZE = (1920, 1080)
_PICTURES = {
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".bmp",
    ".tif",
    ".tiff",
    ".avif",
    ".heic",
    ".exr",
    ".dpx",
    ".tga",
}
_COLOURS = {"black": "#000000", "white": "#ffffff"}


@dataclass
class _Lane:
    """A track that is being laid out."""

    sound: bool
    name: str = ""
    enabled: bool = True
    extras: Mapping[str, Any] = field(default_factory=dict[str, Any])
    entries: list[Entry] = field(default_factory=list[Entry])

    @property
    def stop_s(self) -> Fraction:
        return sum((e.duration_s for e in self.entries if not isinstance(e, Transition)), Fraction(0))


@dataclass(frozen=True)
class _Captions:
    track: CaptionTrack


class Reading:
    """One pass over a file's objects. `aside` is what couldn't be kept, in words."""

    def __init__(self, size_px: tuple[int, int] | None) -> None:
        self.aside: list[str] = []
        self.sized = True
        self._size_px = size_px
        self._ours = False
        self._heard = True
        self._missing: list[str] = []
        self._markers: list[Marker] = []
        self._count = 0

    def timeline(self, root: Any) -> Timeline:
        """The timeline that an otio.schema.Timeline holds."""
        extras = extras_of(root)
        self._ours = extras.get("version") is not None
        if self._ours and extras["version"] != VERSION:
            raise TimelineError(
                f"was written by a newer Vitascope (version {extras['version']}); update this one"
            )
        stack = root.tracks
        if stack is None:
            raise TimelineError("has no tracks")
        self._heard = self._ours or not any(is_sound(track) for track in compositions_in(stack))
        lanes = self._stack(stack, "tracks", 0)
        self._keep_markers(stack, Fraction(0))
        if self._missing:
            said, more = self._missing[:_MOST_MISSING_SAID], len(self._missing) - _MOST_MISSING_SAID
            rest = f", and {more} more" if more > 0 else ""
            raise TimelineError(
                f"the media of {', '.join(said)}{rest} is missing in the file; relink it in the editor"
            )
        also: dict[str, Any] = {
            "tracks": tuple(self._track(lane, number) for number, lane in enumerate(lanes)),
            "name": str(root.name or ""),
            "markers": tuple(self._markers),
        }
        if self._ours:
            return from_plain(Timeline, extras, **also)
        also["width_px"], also["height_px"] = self._size()
        return Timeline(rate_fps=self._rate(root), **also)

    def _size(self) -> tuple[int, int]:
        if self._size_px:
            return self._size_px
        self.sized = False
        self.aside.append("it doesn't say how large its pictures are: {}x{} px".format(*_USUAL_SIZE))
        return _USUAL_SIZE

    def _rate(self, root: Any) -> Fraction:
        """The rate that most of its times are in."""
        said: Counter[Fraction] = Counter()
        for item in pictures_in(root.tracks):
            if item.source_range is not None:
                rate = rate_of(float(item.source_range.duration.rate))
                if 1 < rate <= _FASTEST_PICTURES:
                    said[rate] += 1
        if not said:
            raise TimelineError("none of its times has a frame rate; give its clips a source_range")
        return said.most_common(1)[0][0]

    def _stack(self, stack: Any, place: str, depth: int) -> list[_Lane | _Captions]:
        """The tracks in a stack, and behind each those that its nested compositions need."""
        lanes: list[_Lane | _Captions] = []
        if depth > DEEPEST:
            raise TimelineError(f"compositions lie more than {DEEPEST} deep in each other", place)
        self._say_effects(stack, place)
        for number, child in enumerate(stack):
            where = f"{place}[{number}]"
            if kind_of(child) == "Track":
                lanes.extend(self._lanes(child, where, depth))
            else:  # a clip or another stack, straight in this one
                lane = _Lane(sound=False)
                lanes.extend([lane, *self._children([child], lane, where, depth)])
        return lanes

    def _lanes(self, track: Any, place: str, depth: int) -> list[_Lane | _Captions]:
        extras = extras_of(track) if self._ours else {}
        kind = {"sound": "Audio", "picture": "Video"}.get(extras.get("kind", ""), str(track.kind))
        if extras.get("kind") == "captions":
            return [self._captions(track, extras, place)]
        if kind not in ("Audio", "Video"):
            self.aside.append(f"{place}: a track of kind {kind[:40]!r}")
            return []
        self._say_effects(track, place)
        lane = _Lane(
            sound=kind == "Audio", name=str(track.name or ""), enabled=bool(track.enabled), extras=extras
        )
        others = self._children(list(track), lane, f"{place}.items", depth)
        self._keep_markers(track, Fraction(0))
        if track.source_range is not None:
            start_s, duration_s = span_of(track.source_range)
            for trimmed in [lane, *(other for other in others if isinstance(other, _Lane))]:
                trimmed.entries = cut(trimmed.entries, start_s, duration_s)
        return [lane, *others]

    def _children(self, children: list[Any], lane: _Lane, place: str, depth: int) -> list[_Lane | _Captions]:
        """Lay the children out in the lane; returns the lanes that nested compositions need beside it."""
        beside: list[_Lane | _Captions] = []
        for index, child in enumerate(children):
            where = f"{place}[{index}]"
            self._count += 1
            if self._count > MOST_ITEMS:
                raise TimelineError(f"more than {MOST_ITEMS:,} items; split the film into several", where)
            with inside(where):
                kind = kind_of(child)
                if kind == "Transition":
                    lane.entries.append(self._transition(child))
                    continue
                start_s = lane.stop_s if kind in ("Stack", "Track") or len(child.markers) else Fraction(0)
                self._keep_markers(child, start_s)
                if kind in ("Stack", "Track"):
                    self._nested(child, (lane, beside), start_s, where, depth)
                else:
                    item = self._item(child, kind, lane.sound, where)
                    if item is not None:
                        lane.entries.append(item)
        if not self._ours:
            lane.entries = mended(lane.entries, place, self.aside)
        return beside

    def _nested(
        self,
        child: Any,
        lanes: tuple[_Lane, list[_Lane | _Captions]],
        start_s: Fraction,
        place: str,
        depth: int,
    ) -> None:
        """The first of a composition's tracks of the lane's kind is spliced in, the others lie beside."""
        lane, beside = lanes
        inner = (
            self._lanes(child, place, depth + 1)
            if kind_of(child) == "Track"
            else self._stack(child, place, depth + 1)
        )
        parts = [part for part in inner if isinstance(part, _Lane) and part.enabled]
        from_s, duration_s = Fraction(0), max((part.stop_s for part in parts), default=Fraction(0))
        if child.source_range is not None and kind_of(child) == "Stack":
            from_s, duration_s = span_of(child.source_range)
        main = next((part for part in parts if part.sound == lane.sound), None)
        if duration_s > 0:
            trimmed = cut(main.entries, from_s, duration_s) if main else []
            lane.entries.extend(trimmed)
            missing_s = start_s + duration_s - lane.stop_s
            if missing_s > 0:
                lane.entries.append(Gap(duration_s=missing_s))
        for part in parts:
            if part is not main and part.entries:
                lead: list[Entry] = [Gap(duration_s=start_s)] if start_s else []
                beside.append(
                    _Lane(
                        sound=part.sound, name=part.name, entries=lead + cut(part.entries, from_s, duration_s)
                    )
                )

    def _item(self, child: Any, kind: str, sound: bool, place: str) -> Item | None:
        """The item that a clip or a gap is; None for one of no length."""
        extras = extras_of(child) if self._ours else {}
        exact = exact_of(extras)
        span = child.source_range
        available = None if kind == "Gap" else available_of(child)
        if span is None:
            span = available
        if span is None:
            raise TimelineError(
                "says neither its own source_range nor what its media has; give it one of them"
            )
        start_s = seconds_of(span.start_time, exact.get("start_s"))
        duration_s = seconds_of(span.duration, exact.get("duration_s"))
        if available is not None:
            start_s -= seconds_of(available.start_time)
        if duration_s <= 0:
            self.aside.append(f"{place}: an item of no length")
            return None
        about: dict[str, Any] = {"name": str(child.name or "")[:200], "duration_s": duration_s}
        if kind == "Gap":
            return Gap(**about)
        if start_s < 0:
            raise TimelineError("begins before its media does", "source_range")
        if not child.enabled:
            return Gap(**about)
        about["start_s"] = start_s
        return self._clip(child, extras, about, sound, place)

    def _clip(
        self, child: Any, extras: Mapping[str, Any], about: dict[str, Any], sound: bool, place: str
    ) -> Item | None:
        reference, name = child.media_reference, str(child.name or "")
        kind = ITEM_KINDS.get(str(extras.get("kind")))
        schema = kind_of(reference)
        said = {key: value for key, value in extras.items() if key not in about}
        if schema == "GeneratorReference":
            if kind is not None and kind not in (Clip, Still, Gap):
                return from_plain(kind, said, **(about if "canvas" in said else _without_start(about)))
            return self._generated(reference, about, place)
        source = source_of(reference)
        if not source:
            self._missing.append(f"{place} ({name[:60]!r})" if name else place)
            return None
        still = Path(source).suffix.lower() in _PICTURES and "%0" not in source and not sound
        if kind is Still or (kind is None and still):
            self._say_effects(child, place)
            return from_plain(Still, said, source=source, **_without_start(about))
        about["speed"] = self._speed(child, extras, place)
        if kind is Clip:
            return from_plain(Clip, said, source=source, **about)
        level = Level() if sound or self._heard else None
        return Clip(source=source, look=Look(), level=level, **about)

    def _generated(self, reference: Any, about: dict[str, Any], place: str) -> Item:
        kind = str(reference.generator_kind or "")
        parameters: Any = reference.parameters
        colour = _COLOURS.get(kind.lower()) or parameters.get("color", parameters.get("colour"))
        if isinstance(colour, str) and (
            "color" in kind.lower() or "colour" in kind.lower() or kind.lower() in _COLOURS
        ):
            return Colour(colour=colour, **_without_start(about))
        self.aside.append(f"{place}: what the generator {kind[:40]!r} would make; nothing is shown there")
        return Gap(duration_s=about["duration_s"], name=about["name"])

    def _speed(self, child: Any, extras: Mapping[str, Any], place: str) -> Fraction:
        speed = Fraction(1)
        for effect in child.effects:
            kind = kind_of(effect)
            if kind == "FreezeFrame":
                speed = Fraction(0)
            elif kind == "LinearTimeWarp":
                speed *= speed_of(float(effect.time_scalar), extras.get("speed") if speed == 1 else None)
            else:
                self._say_effect(effect, place)
        return speed

    def _say_effects(self, owner: Any, place: str) -> None:
        for effect in owner.effects:
            self._say_effect(effect, place)

    def _say_effect(self, effect: Any, place: str) -> None:
        name = str(getattr(effect, "effect_name", "") or effect.name or kind_of(effect))
        self.aside.append(f"{place}: the effect {name[:60]!r}")

    def _transition(self, child: Any) -> Transition:
        extras = extras_of(child) if self._ours else {}
        exact = exact_of(extras)
        times = {
            "in_s": seconds_of(child.in_offset, exact.get("in_s")),
            "out_s": seconds_of(child.out_offset, exact.get("out_s")),
        }
        kind = str(child.transition_type or "")
        if not self._ours and kind not in ("", "SMPTE_Dissolve"):
            self.aside.append(f"a transition {str(child.name or kind)[:60]!r}: a dissolve takes its place")
        return from_plain(Transition, extras, name=str(child.name or "")[:200], **times)

    def _captions(self, track: Any, extras: Mapping[str, Any], place: str) -> _Captions:
        cues: list[Cue] = []
        for index, marker in enumerate(track.markers):
            with inside(f"{place}.cues[{index}]"):
                said = extras_of(marker)
                exact = exact_of(said)
                start_s = seconds_of(marker.marked_range.start_time, exact.get("start_s"))
                stop_s = start_s + seconds_of(marker.marked_range.duration, exact.get("duration_s"))
                cues.append(
                    from_plain(Cue, {"text": str(marker.name), **said}, start_s=start_s, stop_s=stop_s)
                )
        about: dict[str, Any] = {"cues": tuple(sorted(cues, key=lambda cue: cue.start_s))}
        with inside(place):
            return _Captions(
                from_plain(
                    CaptionTrack, extras, name=str(track.name or ""), enabled=bool(track.enabled), **about
                )
            )

    def _track(self, lane: _Lane | _Captions, number: int) -> Track:
        if isinstance(lane, _Captions):
            return lane.track
        with inside(f"tracks[{number}]"):
            about: dict[str, Any] = {"name": lane.name, "enabled": lane.enabled, "items": tuple(lane.entries)}
            return from_plain(SoundTrack if lane.sound else PictureTrack, lane.extras, **about)

    def _keep_markers(self, owner: Any, start_s: Fraction) -> None:
        for marker in owner.markers:
            extras = extras_of(marker)
            exact = exact_of(extras)
            span = marker.marked_range
            at_s = start_s + seconds_of(span.start_time, exact.get("start_s"))
            own = getattr(owner, "source_range", None)
            if start_s and own is not None:
                at_s -= seconds_of(own.start_time)
            if at_s < 0 or len(self._markers) >= MOST_MARKERS:
                self.aside.append(f"the marker {str(marker.name)[:60]!r}")
                continue
            colour = extras.get("colour") or MARKER_COLOURS.get(str(marker.color).upper(), "#ff0000")
            self._markers.append(
                Marker(
                    at_s=at_s,
                    name=str(marker.name or "")[:200],
                    duration_s=seconds_of(span.duration, exact.get("duration_s")),
                    colour=colour,
                )
            )


def _without_start(about: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in about.items() if name != "start_s"}
