"""stream() and live(): long and endless video, painted window by window in the memory of one window.

Each window is given the last frames of the one before, so time only looks back. Knows canvases and fill(); no
filler, no feature, and not who watches.

Axes: T time, H height, W width, C colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import count

from vitascope.canvas import Canvas
from vitascope.canvas.planes import once
from vitascope.engine.contracts import CannotFill, Capabilities, Filler, FillSettings, Report
from vitascope.engine.fill import (
    Choice,
    fill,
    fill_frames,
    fill_windows,
    filler_for,
    streams_whole,
)
from vitascope.engine.fitting import Pixels, longest
from vitascope.engine.plugins import awake
from vitascope.engine.windows import FEWEST_GIVEN, can_roll, rolling, window_seed, windows


def stream(
    canvas: Canvas,
    filler: Filler | str | None = None,
    settings: FillSettings = FillSettings(),
    report: Report | None = None,
    *,
    window_s: float | Fraction | None = None,
    overlap_s: float | Fraction | None = None,
) -> Iterator[Pixels]:
    """Fill a canvas of any length and yield its frames as they are done: chunks uint8 [t, H, W, 3], in order.

    Memory holds one window (None: 16 s, or as much as the filler takes) whatever the length; windows share
    `overlap_s` (None: half a second). Known pixels come back to the bit; the same canvas, filler and seed
    give the same frames. A canvas that fits in one window comes back as fill() fills it, and so does any by
    a filler that makes one frame after the other: it needs no windows. Raises what fill()
    raises, and at once: CannotFill too for a loop, or for a filler that takes no given frames, longer than a
    window.
    """
    _check_silent(canvas)
    if once(canvas.known).min() == 1:
        return iter([canvas.pixels])
    choice = filler_for(canvas, filler)
    if streams_whole(canvas, choice.capabilities):
        return fill_frames(canvas, choice, settings, report or _silent)
    how = rolling(canvas, choice.capabilities, window_s, overlap_s)
    if canvas.frames > how.frames and not can_roll(canvas, choice.capabilities):
        raise CannotFill(_why_not(canvas, choice, how.frames))
    return fill_windows(canvas, choice, windows(canvas, how), settings, report or _silent)


def in_windows(canvas: Canvas, filler: Capabilities) -> bool:
    """Whether stream() would paint this canvas in several windows, or frame by frame, with that filler."""
    if not canvas.sound_known:
        return False
    if canvas.frames > 1 and streams_whole(canvas, filler):
        return True
    return can_roll(canvas, filler) and canvas.frames > rolling(canvas, filler).frames


def live(
    first: Canvas,
    words: Callable[[], str],
    filler: Filler | str | None = None,
    settings: FillSettings = FillSettings(),
    report: Report | None = None,
    *,
    overlap_s: float | Fraction | None = None,
) -> Iterator[Pixels]:
    """Paint for ever: chunks uint8 [t, H, W, 3], each going on from the end of the one before.

    `first` is the first window, and says how long each one is. words() is asked before every window, and what
    it says holds in place of the canvas's own words; "" says nothing. Cast, the negative words and camera
    moves over the whole of `first` stay, tracks end with it. Memory holds one window. Raises CannotFill at
    once for a loop, a canvas too long for the filler or of one frame, or whatever else fill() refuses.
    """
    _check_silent(first)
    choice = filler_for(first, filler)
    how = rolling(first, choice.capabilities, first.duration_s, overlap_s)
    if not can_roll(first, choice.capabilities) or not FEWEST_GIVEN <= first.frames <= how.frames:
        raise CannotFill(_why_not(first, choice, longest(first, choice.capabilities) or first.frames))
    new = max((how.frames - how.overlap) // how.grid * how.grid, 1)
    return _for_ever(first, words, choice, new, lambda window, worker: fill(window, worker, settings, report))


def _for_ever(
    first: Canvas,
    words: Callable[[], str],
    choice: Choice,
    new: int,
    paint: Callable[[Canvas, Filler], Canvas],
) -> Iterator[Pixels]:
    """Windows as long as the first, each of which has so many new frames."""
    worker = choice.filler or awake(choice.name)
    everything = range(first.frames)
    held = [move for move in first.camera if move.span.frames(first.frames, first.rate_fps) == everything]
    blank = Canvas.blank(first.frames, first.height_px, first.width_px, first.rate_fps)
    later = replace(first, pixels=blank.pixels, known=blank.known, camera=tuple(held), tracks=(), sound=None)
    past = first.pixels[:0]
    for number in count():
        window = later.with_clip(past) if number else first
        said = words()
        window = replace(window, words=(), seed=window_seed(first.seed, number))
        pixels = paint(window.with_words(said) if said.strip() else window, worker).pixels
        given, past = len(past), pixels[new:].copy()
        yield pixels[given:]
        del window, pixels  # the next one needs the room


def _check_silent(canvas: Canvas) -> None:
    if not canvas.sound_known:
        raise CannotFill(
            "what comes in chunks has no sound; fill() makes the sound that this canvas asks for"
        )


def _why_not(canvas: Canvas, choice: Choice, most: int) -> str:
    most_s = f"{float(most / canvas.rate_fps):g} s"
    if canvas.loop:
        return f"a loop longer than {most_s} can't be painted in windows, for its end leads to its beginning"
    if canvas.frames < FEWEST_GIVEN:
        return f"one frame is no video; give it {FEWEST_GIVEN} frames or more"
    if "frames" not in choice.capabilities.known:
        return f'the filler "{choice.name}" takes no given frames, so it makes {most_s} at most'
    return f'the filler "{choice.name}" makes at most {most_s} at once'


def _silent(progress: object) -> None:
    """For those who don't ask how it goes."""
