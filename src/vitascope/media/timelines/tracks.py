"""The tracks of a timeline: items one after the other, sounds, captions. Knows nothing of other tracks."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Literal, TypeAlias, get_args

from vitascope.media.text_styles import CAPTION_STYLE, TextStyle
from vitascope.media.timelines.errors import TimelineError, inside
from vitascope.media.timelines.items import (
    ITEMS,
    LONGEST_S,
    Clip,
    Gap,
    Item,
    Level,
    Transition,
    check_kind,
    check_line,
    check_number,
    check_seconds,
    check_words,
    said,
)

CueAlign = Literal["start", "left", "centre", "right", "end"]

MOST_ITEMS = 20_000  # on all tracks of a timeline together


@dataclass(frozen=True, kw_only=True)
class Cue:
    """A caption: a text from `start_s` up to, not including, `stop_s`.

    In the text, <i>, <b> and <u> with their ends are marks, and a plain "<" or "&" is "&lt;", "&amp;".
    `line` (0: top .. 1: bottom) and `position` (0: left .. 1: right) say where the text's middle lies in the
    frame; None leaves it to the track's style, as does `align`.
    """

    start_s: Fraction
    stop_s: Fraction
    text: str
    line: float | None = None
    position: float | None = None
    align: CueAlign | None = None

    def __post_init__(self) -> None:
        check_seconds(self, "start_s")
        check_seconds(self, "stop_s")
        if self.stop_s <= self.start_s:
            raise TimelineError(
                f"must be after start_s ({said(self.start_s)}), not {said(self.stop_s)}", "stop_s"
            )
        check_words(self.text, "text")
        for name in ("line", "position"):
            if getattr(self, name) is not None:
                check_number(self, name, 0, 1)
        if self.align is not None and self.align not in get_args(CueAlign):
            raise TimelineError(
                f"one of {', '.join(get_args(CueAlign))}, not {str(self.align)[:40]!r}", "align"
            )


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An item on screen: its number on the track, when it starts, and the time since then.

    In a transition `time_s` may be below 0 or past the item's duration.
    """

    item: Item
    index: int
    start_s: Fraction
    time_s: Fraction


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What one picture track shows at a time: one item, or two and how far the first has become the second.

    Without a transition `seen` is the item and `into` is None. In one, `seen` goes and `into` comes; None is
    nothing, as a gap is. `progress` is 0 at the transition's first moment and 1 where it ends.
    """

    track: int
    seen: Seen | None
    into: Seen | None = None
    transition: Transition | None = None
    progress: Fraction = Fraction(0)


@dataclass(frozen=True)
class Placed:
    """An item and where it lies: its number in `items`, its start and its stop on the timeline."""

    index: int
    item: Item
    start_s: Fraction
    stop_s: Fraction


@dataclass(frozen=True, kw_only=True)
class _Sequence:
    """Items one after the other, with transitions between them."""

    items: tuple[Item | Transition, ...] = ()
    name: str = ""
    enabled: bool = True

    def __post_init__(self) -> None:
        check_line(self.name, "name")
        check_kind(self.enabled, (bool,), "enabled", "true or false")
        object.__setattr__(self, "items", tuple(self.items))
        allowed = (*self._allowed(), Transition)
        for index, item in enumerate(self.items):
            names = ", ".join(kind.__name__ for kind in allowed)
            check_kind(item, allowed, f"items[{index}]", f"one of {names}")
        if len(self.items) > MOST_ITEMS:
            raise TimelineError(f"{len(self.items):,} are more than {MOST_ITEMS:,}", "items")
        self._check_transitions()
        if self.duration_s > LONGEST_S:
            raise TimelineError(f"last {said(self.duration_s)} together; at most {LONGEST_S} s", "items")

    def _allowed(self) -> tuple[type[Any], ...]:
        return ITEMS

    def _check_transitions(self) -> None:
        free_s: Fraction | None = None  # of the item before, what no transition at its start has taken
        for index, item in enumerate(self.items):
            with inside(f"items[{index}]"):
                if not isinstance(item, Transition):
                    before = self.items[index - 1] if index else None
                    free_s = item.duration_s - (before.out_s if isinstance(before, Transition) else 0)
                    if free_s < 0:
                        raise TimelineError(
                            f"lasts {said(item.duration_s)}, and the transition before it needs"
                            f" {said(item.duration_s - free_s)}; shorten its out_s"
                        )
                    continue
                if index and isinstance(self.items[index - 1], Transition):
                    raise TimelineError("two transitions in a row; put an item or a Gap between them")
                if item.in_s > (free_s or 0):
                    wanted = (
                        "nothing is before it"
                        if free_s is None
                        else f"{said(free_s)} of the item before are free"
                    )
                    raise TimelineError(f"is {said(item.in_s)}, and {wanted}", "in_s")
                if index == len(self.items) - 1 and item.out_s:
                    raise TimelineError("must be 0: nothing comes after it", "out_s")

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """The items without the transitions, and where each lies."""
        items = [(index, item) for index, item in enumerate(self.items) if not isinstance(item, Transition)]
        ends = list(accumulate((item.duration_s for _, item in items), initial=Fraction(0)))
        return tuple(
            Placed(index, item, *span) for (index, item), span in zip(items, pairwise(ends), strict=True)
        )

    @property
    def duration_s(self) -> Fraction:
        """How long its items are together."""
        return self.placed[-1].stop_s if self.placed else Fraction(0)

    def transition_after(self, index: int) -> Transition | None:
        """The transition behind the item of that number in `items`; -1: before the first item."""
        found = self.items[index + 1] if index + 1 < len(self.items) else None
        return found if isinstance(found, Transition) else None

    def transition_before(self, index: int) -> Transition | None:
        """The transition in front of the item of that number in `items`."""
        found = self.items[index - 1] if index > 0 else None
        return found if isinstance(found, Transition) else None

    def at(self, time_s: Fraction, track: int = 0) -> Layer | None:
        """What it shows at a time; None where that is nothing."""
        placed = self.placed
        number = bisect_right(placed, time_s, key=lambda place: place.start_s) - 1
        if number < 0 or time_s >= self.duration_s:
            return None
        here = placed[number]
        cut = self.transition_before(here.index)
        if cut and time_s < here.start_s + cut.out_s:
            return self._between(number - 1, number, cut, time_s, track)
        cut = self.transition_after(here.index)
        if cut and time_s >= here.stop_s - cut.in_s:
            return self._between(number, number + 1, cut, time_s, track)
        seen = self._seen(number, time_s)
        return Layer(track=track, seen=seen) if seen else None

    def _between(self, before: int, after: int, cut: Transition, time_s: Fraction, track: int) -> Layer:
        cut_s = self.placed[after].start_s if after < len(self.placed) else self.duration_s
        progress = (time_s - (cut_s - cut.in_s)) / cut.length_s
        seen, into = self._seen(before, time_s), self._seen(after, time_s)
        return Layer(track=track, seen=seen, into=into, transition=cut, progress=progress)

    def _seen(self, number: int, time_s: Fraction) -> Seen | None:
        if not 0 <= number < len(self.placed):
            return None
        place = self.placed[number]
        if isinstance(place.item, Gap):
            return None
        return Seen(item=place.item, index=place.index, start_s=place.start_s, time_s=time_s - place.start_s)


@dataclass(frozen=True, kw_only=True)
class PictureTrack(_Sequence):
    """Pictures one after the other, laid over the tracks below; its clips may be heard, each at its level."""


@dataclass(frozen=True, kw_only=True)
class Duck:
    """Makes a track quieter by `by_db` while the one named `under` is above `threshold_db` of full scale."""

    under: str
    by_db: float = 12.0
    threshold_db: float = -40.0
    attack_s: Fraction = Fraction(1, 10)
    release_s: Fraction = Fraction(1, 2)

    def __post_init__(self) -> None:
        check_line(self.under, "under")
        check_number(self, "by_db", 0, 120)
        check_number(self, "threshold_db", -120, 0)
        check_seconds(self, "attack_s")
        check_seconds(self, "release_s")


@dataclass(frozen=True, kw_only=True)
class SoundTrack(_Sequence):
    """The sound of its clips, one after the other; their looks mean nothing here."""

    level: Level = field(default_factory=Level)
    duck: Duck | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_kind(self.level, (Level,), "level", "a Level")
        check_kind(self.duck, (Duck, type(None)), "duck", "a Duck, or None")

    def _allowed(self) -> tuple[type[Any], ...]:
        return (Clip, Gap)


@dataclass(frozen=True, kw_only=True)
class CaptionTrack:
    """Captions in the order of their starts; they may overlap, and are drawn where `enabled`."""

    cues: tuple[Cue, ...] = ()
    style: TextStyle = CAPTION_STYLE
    language: str = ""
    name: str = ""
    enabled: bool = True

    def __post_init__(self) -> None:
        check_line(self.name, "name")
        check_line(self.language, "language")
        check_kind(self.enabled, (bool,), "enabled", "true or false")
        check_kind(self.style, (TextStyle,), "style", "a TextStyle")
        object.__setattr__(self, "cues", tuple(self.cues))
        for index, cue in enumerate(self.cues):
            check_kind(cue, (Cue,), f"cues[{index}]", "a Cue")
        for index, (before, after) in enumerate(pairwise(self.cues), 1):
            if after.start_s < before.start_s:
                raise TimelineError(
                    "starts before the one in front of it; sort them by start_s", f"cues[{index}]"
                )

    @property
    def duration_s(self) -> Fraction:
        """When the last caption ends."""
        return max((cue.stop_s for cue in self.cues), default=Fraction(0))

    @cached_property
    def _starts(self) -> list[Fraction]:
        return [cue.start_s for cue in self.cues]

    @cached_property
    def _latest_stops(self) -> list[Fraction]:
        """For each caption, when the last of those up to it ends."""
        return list(accumulate((cue.stop_s for cue in self.cues), max))

    def at(self, time_s: Fraction) -> tuple[Cue, ...]:
        """The captions shown at a time, the one that started first at the front."""
        found: list[Cue] = []
        number = bisect_right(self._starts, time_s) - 1
        while number >= 0 and self._latest_stops[number] > time_s:
            if self.cues[number].stop_s > time_s:
                found.append(self.cues[number])
            number -= 1
        return tuple(reversed(found))


Track: TypeAlias = PictureTrack | SoundTrack | CaptionTrack
