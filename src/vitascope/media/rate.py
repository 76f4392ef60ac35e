"""One clock: rational frame rates, and pictures at any times turned into pictures at a constant rate.

Knows nothing of files. Times are seconds as ``Fraction``; no float sum ever decides which frame is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from vitascope.canvas import CanvasError, exact_rate
from vitascope.media.limits import Limits, MediaError

Shown = TypeVar("Shown")
Rate = int | float | str | Fraction

_NTSC = tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120))
_STANDARD = tuple(Fraction(n) for n in (*range(1, 31), 48, 50, 60, 72, 90, 100, 120, 144, 240)) + _NTSC
_FASTEST_OF_A_VARYING_CLOCK = Fraction(240)  # two close timestamps say nothing about the rest


def rational_rate(rate_fps: Rate) -> Fraction:
    """The rate as an exact fraction, 29.97 meaning 30000/1001; MediaError where it makes no sense."""
    try:
        return exact_rate(rate_fps)
    except CanvasError as error:
        raise MediaError(f"frame rate: {error}") from error


def snapped_rate(rate_fps: Fraction, tolerance: Fraction = Fraction(1, 50)) -> Fraction:
    """The standard rate within ``tolerance`` (relative) of a measured one, else that one made simple."""
    nearest = min(_STANDARD, key=lambda standard: abs(standard - rate_fps))
    if abs(nearest - rate_fps) <= tolerance * rate_fps:
        return nearest
    return rate_fps.limit_denominator(1001) or rate_fps


def measured_rate(times_s: Sequence[Fraction], tick_s: Fraction) -> tuple[Fraction | None, bool]:
    """The rate of pictures shown at these times, and whether it varies by more than the clock's own rounding.

    A steady clock gives its mean rate. A varying one gives the rate of its median step, so that the motion of
    most frames stays as it was and only the pauses are filled. None if there are not two different times.
    """
    ordered = sorted(set(times_s))
    steps = sorted(after - before for before, after in pairwise(ordered))
    if not steps:
        return None, False
    median = steps[len(steps) // 2]
    varies = steps[-1] - steps[0] > max(2 * tick_s, median / 20)
    if varies:
        return min(snapped_rate(1 / median), _FASTEST_OF_A_VARYING_CLOCK), True
    span_s = ordered[-1] - ordered[0]
    mean = len(steps) / span_s
    if (
        abs(round(mean) - mean) <= mean * tick_s / span_s
    ):  # a whole number within the clock's rounding is meant
        return Fraction(round(mean)), False
    return snapped_rate(mean), False


def constant_rate(
    shown: Iterable[tuple[Fraction, Fraction, Shown]], rate_fps: Fraction, limits: Limits
) -> Iterator[Shown]:
    """Turn (start, end, picture) triples into one picture for every 1/``rate_fps``, from the first one on.

    Each picture takes the nearest slot of the constant clock (so a file whose times were rounded to
    milliseconds comes through one to one) and stays until the next one's slot; of two in one slot the later
    is shown. The last stays to its own end. The first start is zero, whatever the file calls it, and a
    picture whose time steps backwards is shown one slot after the one before.
    """
    zero_s = last_end_s = Fraction(0)
    held: Shown | None = None
    slot = -1  # of the picture that is held
    for start_s, end_s, picture in shown:
        zero_s = start_s if slot < 0 else zero_s
        wanted = round((start_s - zero_s) * rate_fps)
        if wanted < slot:
            wanted = slot + 1
        if held is not None and wanted > slot:
            _check_clock(wanted, rate_fps, limits)
            for _ in range(wanted - slot):
                yield held
        held, slot, last_end_s = picture, wanted, end_s
    if held is None:
        return
    stops = (last_end_s - zero_s) * rate_fps
    if slot and abs(stops - slot) < Fraction(1, 2):  # to the nearest frame, the film is over before its slot
        return
    end = max(slot + 1, round(stops))
    _check_clock(end, rate_fps, limits)
    for _ in range(end - slot):
        yield held


def _check_clock(slot: int, rate_fps: Fraction, limits: Limits) -> None:
    """A gap is filled by repeating a picture, so one lying timestamp could ask for years of frames."""
    limits.check_duration(float(slot / rate_fps), "the film")
    limits.check_frames(slot, "the film")
