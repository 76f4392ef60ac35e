"""--then "5s: a fox sleeps": words that take the place of those before, from a time on. Knows no command."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from vitascope.apps.cli import options as o

if TYPE_CHECKING:
    from vitascope.canvas import Canvas

_EXAMPLE = 'write "5s: a fox sleeps", a time and the words from then on'


def with_then(canvas: Canvas, then: list[str] | None) -> Canvas:
    """The canvas with each text in place of the words before it, from its time up to that of the next.

    Raises a usage error for what is no time and text, for a time outside the video, or for two at one time.
    """
    from vitascope.canvas import Span

    if not then:
        return canvas
    turns = sorted(_read(item, canvas) for item in then)
    for before, (frame, text) in zip([(0, ""), *turns], turns, strict=False):
        if frame <= before[0]:
            at_once = (
                "at the beginning, where the first words hold" if frame == 0 else "at the time of another"
            )
            raise _wrong(f'"{text}" is {at_once}; give it a time of its own')
    stops = [*(frame for frame, _ in turns[1:]), canvas.frames]
    opening = Span(0, turns[0][0])
    canvas = replace(canvas, words=tuple(replace(words, span=opening) for words in canvas.words))
    for (frame, text), stop in zip(turns, stops, strict=True):
        canvas = canvas.with_words(text, Span(frame, stop))
    return canvas


def _read(item: str, canvas: Canvas) -> tuple[int, str]:
    """The frame and the words of one --then."""
    from vitascope.canvas import frame_at, parse_time

    time, colon, text = item.partition(":")
    if not colon or not text.strip():
        raise _wrong(f'"{item}" is no change of words; {_EXAMPLE}')
    with o.reading("--then"):
        return frame_at(parse_time(time), canvas.frames, canvas.rate_fps), text.strip()


def _wrong(message: str) -> typer.BadParameter:
    return typer.BadParameter(message, param_hint="--then")
