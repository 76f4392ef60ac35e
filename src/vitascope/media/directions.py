"""Which stretches of a line run to the left: the Unicode bidirectional algorithm (UAX #9) for plain text.

All rules but those of explicit embeddings and isolates, whose signs paragraphs.py takes out of a text first;
left-to-right and right-to-left marks work. Knows nothing of fonts or widths.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

_OPENING = (
    *(0x2045, 0x207D, 0x208D, 0x2329, 0x27E6, 0x27E8, 0x27EA, 0x27EC, 0x27EE, 0x2983, 0x3008, 0x300A, 0x300C),
    *(0x300E, 0x3010, 0x3014, 0x3016, 0x3018, 0x301A, 0xFF5F, 0xFF62),
)
_BRACKETS = dict(zip("([{（［｛", ")]}）］｝", strict=True)) | {chr(code): chr(code + 1) for code in _OPENING}
_NEUTRAL = {"B", "S", "WS", "ON", "BN"}
_MOST_OPEN = 63  # BD16

RunT = TypeVar("RunT")


def base_level(text: str, direction: str = "auto") -> int:
    """0 for a paragraph that runs to the right, 1 for one that runs to the left (P2, P3)."""
    if direction != "auto":
        return int(direction == "rtl")
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return int(next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L")


def levels(text: str, base: int) -> list[int]:
    """The embedding level of every letter of a paragraph: even ones run right, odd ones left."""
    kinds = [unicodedata.bidirectional(letter) or "L" for letter in text]
    outer = "R" if base else "L"
    originals = list(kinds)
    _weak(kinds, outer)
    _brackets(text, kinds, originals, outer)
    _neutral(kinds, outer)
    found = [_level(kind, base) for kind in kinds]
    for index, kind in enumerate(originals):  # L1, for tabs and the like; a line's own end is in visual_order
        if kind in ("B", "S"):
            found[index] = base
    return found


def visual_order(runs: Sequence[RunT], level: Callable[[RunT], int]) -> list[RunT]:
    """Runs of one level each, as they stand from left to right (L2)."""
    ordered = list(runs)
    highest = max((level(run) for run in ordered), default=0)
    for turned in range(highest, 0, -1):
        turns = [level(run) >= turned for run in ordered]
        pieces = groupby(zip(turns, ordered, strict=True), lambda pair: pair[0])
        ordered = [
            run
            for turn, group in [(key, [run for _, run in pairs]) for key, pairs in pieces]
            for run in (reversed(group) if turn else group)
        ]
    return ordered


def _weak(kinds: list[str], outer: str) -> None:
    strong = before = outer
    for index, kind in enumerate(kinds):
        if kind == "NSM":  # W1
            kinds[index] = kind = before
        before = kind
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":  # W2
            kinds[index] = "AN"
    for index, kind in enumerate(kinds):
        if kind == "AL":  # W3
            kinds[index] = "R"
    for index in range(1, len(kinds) - 1):  # W4
        left, right = kinds[index - 1], kinds[index + 1]
        if left == right and (
            (kinds[index] == "ES" and left == "EN") or (kinds[index] == "CS" and left in ("EN", "AN"))
        ):
            kinds[index] = left
    _terminators(kinds)
    strong = outer
    for index, kind in enumerate(kinds):
        if kind in ("ES", "ET", "CS"):  # W6
            kinds[index] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":  # W7
            kinds[index] = "L"


def _terminators(kinds: list[str]) -> None:
    """W5: signs such as % and $ beside European digits count as such."""
    start = 0
    for key, group in groupby(list(kinds), lambda kind: kind in ("ET", "BN")):
        stop = start + len(list(group))
        beside = (start and kinds[start - 1] == "EN") or (stop < len(kinds) and kinds[stop] == "EN")
        if key and beside and "ET" in kinds[start:stop]:
            kinds[start:stop] = ["EN"] * (stop - start)
        start = stop


def _strong(kind: str) -> str:
    return "R" if kind in ("R", "EN", "AN") else kind if kind == "L" else ""


def _brackets(text: str, kinds: list[str], originals: list[str], outer: str) -> None:
    """N0: a pair of brackets runs as what is in it, or as what is around it."""
    for opened, closed in _pairs(text, kinds):
        within = {_strong(kind) for kind in kinds[opened + 1 : closed]}
        if outer in within:
            kind = outer
        elif within - {""}:
            earlier = (_strong(kinds[index]) for index in range(opened - 1, -1, -1))
            kind = next((strong for strong in earlier if strong), outer)
            kind = kind if kind != outer else outer
        else:
            continue
        for place in (opened, closed):
            kinds[place] = kind
            after = place + 1
            while after < len(kinds) and originals[after] == "NSM":
                kinds[after] = kind
                after += 1


def _pairs(text: str, kinds: list[str]) -> list[tuple[int, int]]:
    waiting: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for index, letter in enumerate(text):
        if kinds[index] != "ON":
            continue
        if letter in _BRACKETS:
            if len(waiting) == _MOST_OPEN:
                break
            waiting.append((_BRACKETS[letter], index))
            continue
        found = next((n for n in range(len(waiting) - 1, -1, -1) if waiting[n][0] == letter), None)
        if found is not None:
            pairs.append((waiting[found][1], index))
            del waiting[found:]
    return sorted(pairs)


def _neutral(kinds: list[str], outer: str) -> None:
    """N1, N2: what has no direction takes that of both its neighbours, or the paragraph's."""
    start = 0
    for key, group in groupby(list(kinds), lambda kind: kind in _NEUTRAL):
        stop = start + len(list(group))
        if key:
            left = _strong(kinds[start - 1]) if start else outer
            right = _strong(kinds[stop]) if stop < len(kinds) else outer
            kinds[start:stop] = [left if left == right else outer] * (stop - start)
        start = stop


def _level(kind: str, base: int) -> int:
    if base == 0:
        return {"L": 0, "R": 1}.get(kind, 2)
    return 1 if kind == "R" else 2
