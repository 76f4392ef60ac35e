"""Rows of items cut to a span, and transitions that don't fit made to. Knows no file format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeAlias

from vitascope.media.timelines.items import Clip, Fill, Gap, Item, Level, Look, Transition

Entry: TypeAlias = Item | Transition


def cut(entries: Sequence[Entry], start_s: Fraction, duration_s: Fraction) -> list[Entry]:
    """What lies in [start_s, start_s + duration_s) of a row, filled up with a gap to that length.

    A transition is kept where all of it lies inside.
    """
    found: list[Entry] = []
    stop_s = start_s + duration_s
    at_s = Fraction(0)
    for entry in entries:
        if isinstance(entry, Transition):
            if found and start_s <= at_s - entry.in_s and at_s + entry.out_s <= stop_s and at_s < stop_s:
                found.append(entry)
            continue
        head_s = max(start_s - at_s, Fraction(0))
        tail_s = max(at_s + entry.duration_s - stop_s, Fraction(0))
        at_s += entry.duration_s
        if head_s + tail_s < entry.duration_s:
            found.append(shortened(entry, head_s, tail_s))
    if found and isinstance(found[-1], Transition):
        found.pop()
    kept_s = sum((entry.duration_s for entry in found if not isinstance(entry, Transition)), Fraction(0))
    if kept_s < duration_s:
        found.append(Gap(duration_s=duration_s - kept_s))
    return found


def shortened(item: Item, head_s: Fraction, tail_s: Fraction) -> Item:
    """An item without so much of its beginning and its end; a fade that no longer fits is left out."""
    if not head_s and not tail_s:
        return item
    duration_s = item.duration_s - head_s - tail_s
    changed: dict[str, Any] = {"duration_s": duration_s}
    if isinstance(item, Clip):
        changed["start_s"] = item.start_s + (head_s if item.speed > 0 else tail_s) * abs(item.speed)
        changed["level"] = item.level and _fades_within(item.level, head_s, tail_s, duration_s)
    elif isinstance(item, Fill):
        changed["start_s"] = item.start_s + head_s
    if not isinstance(item, Gap):
        changed["look"] = _fades_within(item.look, head_s, tail_s, duration_s)
    return replace(item, **changed)


def mended(entries: Sequence[Entry], place: str, aside: list[str]) -> list[Entry]:
    """A row whose transitions have room: shortened, or left out, and said in `aside`, where they had none."""
    found: list[Entry] = []
    free_s = Fraction(0)  # of the item before
    for index, entry in enumerate(entries):
        if not isinstance(entry, Transition):
            before = found[-1] if found else None
            free_s = entry.duration_s - (before.out_s if isinstance(before, Transition) else 0)
            found.append(entry)
            continue
        after = entries[index + 1] if index + 1 < len(entries) else None
        doubled = bool(found) and isinstance(found[-1], Transition)
        room_s = after.duration_s if after is not None and not isinstance(after, Transition) else Fraction(0)
        in_s, out_s = min(entry.in_s, free_s), min(entry.out_s, room_s)
        if doubled or in_s + out_s <= 0:
            aside.append(f"{place}[{index}]: a transition that has no room")
            continue
        if (in_s, out_s) != (entry.in_s, entry.out_s):
            aside.append(f"{place}[{index}]: a part of a transition that has too little room")
        found.append(replace(entry, in_s=in_s, out_s=out_s))
    return found


def _fades_within(faded: Any, head_s: Fraction, tail_s: Fraction, duration_s: Fraction) -> Any:
    """A Look or Level with its fades cut along."""
    known: Look | Level = faded
    fade_in_s = max(known.fade_in_s - head_s, Fraction(0))
    fade_out_s = max(known.fade_out_s - tail_s, Fraction(0))
    fits = fade_in_s + fade_out_s <= duration_s
    return replace(known, fade_in_s=fade_in_s if fits else 0, fade_out_s=fade_out_s if fits else 0)
