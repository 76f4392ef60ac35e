"""How a canvas becomes calls of pipelines: what a model takes natively as it is, the rest composed of it.

A plan is a list of calls, each of which makes the frames of one stretch of time. Knows ways and frames; no
pipeline and no family. Axes: T frames, H, W, C.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from vitascope.canvas import Canvas
from vitascope.engine.contracts import CannotFill, Pattern

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


class Able(Protocol):
    """What a plan must know of whoever carries it out."""

    @property
    def name(self) -> str: ...
    @property
    def ways(self) -> Mapping[Way, Pipeline]: ...
    @property
    def frames_step(self) -> int: ...
    @property
    def composites(self) -> bool: ...
    @property
    def still(self) -> bool: ...
    @property
    def steps(self) -> int: ...
    @property
    def guidance(self) -> float: ...


@dataclass(frozen=True)
class Call:
    """One call of the pipeline for `way`: `frames` frames are made, of which the first shows frame `start`.

    The canvas's frames start .. stop are taken evenly out of them, the ends exactly at the ends. `backward`:
    what comes out is shown in reverse. `hold`: known pixels are written into the latents at every step.
    `over`: it is dissolved into over what an earlier call made of the same frames.
    """

    way: Way
    start: int
    stop: int
    frames: int
    first: int | None = None
    last: int | None = None
    backward: bool = False
    hold: bool = False
    over: bool = False

    def shown(self) -> list[int]:
        """Which made frame is shown at each of start .. stop."""
        length = self.stop - self.start
        if self.last is not None:  # both ends count: spread evenly between them
            span = self.last - self.start
            picks = [round(i * (self.frames - 1) / max(1, span)) for i in range(length)]
            return [min(pick, self.frames - 1) for pick in picks]
        picks = list(range(length))
        return [length - 1 - pick for pick in picks] if self.backward else picks


def plan(canvas: Canvas, able: Able) -> list[Call]:
    """The calls that fill this canvas, in order. Later ones may be given what earlier ones made.

    Of whole given frames: what lies between two, before the first and after the last. Where parts of frames
    or half-known pixels count, one call over the whole.
    """
    total = canvas.frames
    ways, step = able.ways, able.frames_step
    whole = [frame for frame in range(total) if canvas.known[frame].min() == 1]
    open_frames = [frame for frame in range(total) if canvas.known[frame].min() < 1]
    partly = any(canvas.known[frame].max() > 0 for frame in open_frames)
    if partly and "regions" not in ways and not able.composites:
        return [Call("soft", 0, total, _length(total, step))]
    if partly:
        return [_holding(total, able, "regions" if "regions" in ways else _plainest(able))]
    if not whole:
        if canvas.loop:
            return _loop_from_words(total, able)
        return [Call("words", 0, total, 1 if total == 1 else _length(total, step))]
    if ("frames" in ways or "regions" in ways) and not canvas.loop:
        way: Way = "frames" if "frames" in ways else "regions"
        return [Call(way, 0, total, _length(total, step))]
    return _stretches(whole, total, able, canvas.loop)


def composed_known(able: Able) -> frozenset[Pattern]:
    """The patterns that can be filled, by itself or by composition."""
    ways = set(able.ways)
    known: set[Pattern] = set()
    if "words" in ways:
        known.add("nothing")
    if ways & {"first", "first-last", "frames", "regions"} or able.composites:
        known.add("frames")
    if "regions" in ways or able.composites:
        known.add("regions")
    if "soft" in ways or able.composites:
        known.add("soft")
    return frozenset(known)


def composed_words(able: Able) -> tuple[str, ...]:
    """What of that is composed, and of what, for people."""
    ways = set(able.ways)
    if able.still:
        return ()
    said: list[str] = []
    if "frames" not in ways and "regions" not in ways:
        if "first" in ways:
            said.append("extend: its picture-to-video from the last given frame; that frame is trimmed")
            said.append("what comes before given frames: the same, shown in reverse")
        if "first-last" in ways:
            said.append("key frames: from each to the next")
        elif able.composites or "first" in ways:
            said.append("between two given frames: from both sides, joined in the middle")
    if able.composites and "regions" not in ways:
        said.append("parts of frames and half-known pixels: held in the latents at every step")
    if ways & {"first-last", "frames", "regions"}:
        said.append("loop: from its first frame back to it")
    if ways & {"first", "frames", "regions"} or able.composites:
        said.append("longer than it makes at once: window after window")
    return tuple(said)


def _stretches(whole: Sequence[int], total: int, able: Able, loop: bool) -> list[Call]:
    """What lies between whole given frames, before the first and after the last; in a loop also around its
    end."""
    if "first" not in able.ways and able.composites:
        return [_holding(total, able, _plainest(able))]
    calls: list[Call] = []
    pairs = list(pairwise(whole))
    if loop:
        pairs.append((whole[-1], whole[0] + total))
    elif whole[0] > 0:
        calls.append(_onwards(0, whole[0] + 1, able, backward=True))
    for before, after in pairs:
        if after - before > 1:
            calls += _between(before, after, min(after + 1, total), able)
    if not loop and whole[-1] < total - 1:
        calls.append(_onwards(whole[-1], total, able))
    return calls


def _between(before: int, after: int, stop: int, able: Able) -> list[Call]:
    """From one given frame to another; in a loop `after` lies beyond the end."""
    frames = _length(after - before + 1, able.frames_step)
    if way := _both_ends(able):
        return [Call(way, before, stop, frames, first=before, last=after)]
    there = _onwards(before, after, able)
    back = _onwards(before + 1, after + 1, able, backward=True)
    return [there, Call(back.way, back.start, back.stop, back.frames, back.first, None, True, over=True)]


def _onwards(start: int, stop: int, able: Able, backward: bool = False) -> Call:
    """On from the given frame at one end; backward: from that at the other."""
    if "first" not in able.ways:
        raise CannotFill(f'the filler "{able.name}" goes from a first picture to a last one: give it both')
    first = stop - 1 if backward else start
    return Call("first", start, stop, _length(stop - start, able.frames_step), first, None, backward)


def _loop_from_words(total: int, able: Able) -> list[Call]:
    """Half of it from words, and the rest from there back to the first frame."""
    half = max(1, total // 2)
    way = _both_ends(able) or "first-last"
    back = Call(way, half - 1, total, _length(total - half + 2, able.frames_step), half - 1, total)
    return [Call("words", 0, half, _length(half, able.frames_step)), back]


def _both_ends(able: Able) -> Way | None:
    """The way that takes a first and a last picture."""
    ways: tuple[Way, ...] = ("first-last", "frames", "regions")
    return next((way for way in ways if way in able.ways), None)


def _holding(total: int, able: Able, way: Way) -> Call:
    return Call(way, 0, total, _length(total, able.frames_step), hold=way != "regions")


def _plainest(able: Able) -> Way:
    return "words" if "words" in able.ways else "first"


def _length(frames: int, step: int) -> int:
    """The shortest length of 1 + step * n that has so many frames."""
    return 1 + math.ceil((frames - 1) / step) * step
