"""In which windows a long clip is painted, given that the network sees four tubelets at a time.

Each window holds at least one tubelet that is given already, so that what moves goes on; from what is given
the painting spreads forwards and backwards, and where two given parts face each other the last window holds
both. Works on tubelets given or not; knows no pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vitascope.engine.tokens import TUBELET

WINDOW = 4  # tubelets


def plan_windows(given: Sequence[bool], loop: bool = False) -> Iterator[list[int]]:
    """The frames of each window, in the order of painting; a loop's windows may cross its end.

    A loop of which nothing is given, or that fits into a window, is painted in one, for only then does time
    close in the network; so is whatever is no longer than a window.
    """
    total = len(given)
    if all(given):
        return
    if total <= WINDOW or (loop and not any(given)):
        yield _frames(range(total), total)
        return
    known = list(given)
    while not all(known):
        window = _next(known, loop)
        yield _frames(window, total)
        for tubelet in window:
            known[tubelet % total] = True


def _frames(tubelets: range, total: int) -> list[int]:
    if total == 1:  # a still, or a single tubelet
        return list(range(TUBELET))
    return [TUBELET * (tubelet % total) + frame for tubelet in tubelets for frame in range(TUBELET)]


def _next(known: list[bool], loop: bool) -> range:
    """The next window: from the earliest gap's known side inwards; both sides at once where it can."""
    total = len(known)
    first = _gap_start(known, loop)
    length = 1
    while length < total and not known[(first + length) % total] and (loop or first + length < total):
        length += 1
    before = first > 0 or loop
    after = first + length < total or loop
    if before and after:
        if length <= WINDOW - 2:
            return range(first - 1, min(first + length + 1, first - 1 + WINDOW))
        return range(first - 1, first + min(WINDOW - 1, length - (WINDOW - 2)))
    if before:
        return range(max(0, min(first - 1, total - WINDOW)), min(first - 1 + WINDOW, total))
    if after:
        end = first + length
        return range(max(0, end + 1 - WINDOW), min(total, max(end + 1, WINDOW)))
    return range(WINDOW)


def _gap_start(known: list[bool], loop: bool) -> int:
    """The first tubelet of a gap; in a loop one that a known tubelet stands before."""
    gaps = [i for i, there in enumerate(known) if not there]
    if loop:
        return next(i for i in gaps if known[i - 1])
    return gaps[0]
