"""When: frames, seconds and names turned into exact frame numbers.

Time is rational. A float is read once, as the plain fraction it stands for (0.1 is 1/10, 1/24 is 1/24), and
no float is ever added to another. Knows nothing of pixels or of what happens at a time.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Literal, TypeAlias

from .errors import CanvasError, inside, quoted

Time: TypeAlias = int | float | Fraction | str
"""An int is a frame (negative: from the end), a float or Fraction is seconds, text is read by parse_time."""

Moment: TypeAlias = int | Fraction | Literal["first", "last"]
"""A Time that has been read: a frame, exact seconds, or a name."""

# Far finer than any frame, yet coarse enough that 1/24, written as a float, comes back as 1/24.
_FINEST = 1_000_000
_LONGEST_S = 10_000_000  # 115 days: past this a number is a mistake
_FASTEST_FPS = 1000
_BROADCAST = tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120))
_AS_TYPED = Fraction(1, 200)  # 23.98 means 24000/1001, and 29.9 does not mean 30000/1001
_NUMBER = r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:/\d{1,20})?"
_TEXT = re.compile(rf"({_NUMBER})\s*(s|sec|secs|second|seconds|ms|f|frame|frames|)", re.ASCII)


def exact_seconds(value: object) -> Fraction:
    """A number of seconds as the fraction it stands for; refuses NaN, infinity and more than 115 days."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise CanvasError(f"{value!r} is not a number of seconds")
    if isinstance(value, Rational):
        exact = Fraction(int(value.numerator), int(value.denominator)).limit_denominator(_FINEST**2)
    elif math.isfinite(value):
        exact = Fraction(float(value)).limit_denominator(_FINEST)
    else:
        raise CanvasError(f"{value} is not a time; give a number of seconds")
    if abs(exact) > _LONGEST_S:
        raise CanvasError("this time is longer than 115 days; times are in seconds")
    return exact


def exact_rate(value: float | Fraction | str) -> Fraction:
    """A frame rate as a fraction: 24, 12.5, "30000/1001"; 29.97 and its like mean 30000/1001."""
    if isinstance(value, str):
        if not re.fullmatch(_NUMBER, value.strip(), re.ASCII):
            raise CanvasError(f"{quoted(value)} is not a frame rate; write 24, 29.97 or 30000/1001")
        exact = "/" in value
        value = _fraction(value.strip())
    else:
        exact = isinstance(value, Rational)
    rate = exact_seconds(value).limit_denominator(_FINEST)
    if not 0 < rate <= _FASTEST_FPS:
        raise CanvasError(
            f"a frame rate is above 0 and at most {_FASTEST_FPS} frames a second, not {_short(rate)}"
        )
    return rate if exact else next((true for true in _BROADCAST if abs(rate - true) < _AS_TYPED), rate)


def frames_in(duration_s: float | Fraction, rate_fps: Fraction) -> int:
    """How many frames a duration holds: the nearest whole number, at least one."""
    duration = exact_seconds(duration_s)
    if duration < 0:
        raise CanvasError(f"a duration can't be below 0 s, and this is {_short(duration)} s")
    return max(1, math.floor(duration * rate_fps + Fraction(1, 2)))


def parse_time(text: str) -> Moment:
    """Read "first", "last", "1.5s", "3/2 s", "1500ms" or "12f"; a bare number is seconds."""
    plain = text.strip().lower()
    if plain == "first":
        return "first"
    if plain == "last":
        return "last"
    match = _TEXT.fullmatch(plain)
    if not match:
        raise CanvasError(
            f'{quoted(text)} is not a time; write "first", "last", seconds ("1.5s") or a frame ("12f")'
        )
    number, unit = _fraction(match[1]), match[2]
    if unit.startswith("f"):
        if number.denominator != 1:
            raise CanvasError(
                f'{quoted(text)} is no whole frame; write "{math.floor(number)}f", or seconds ("1.5s")'
            )
        return int(number)
    return exact_seconds(number / 1000 if unit == "ms" else number)


def read_time(time: Time) -> Moment:
    """Any Time as a frame, exact seconds or a name."""
    if isinstance(time, str):
        return parse_time(time)
    if isinstance(time, bool):
        raise CanvasError('a time is a frame, seconds, "first" or "last", not true or false')
    # Whole numbers, NumPy's too, are frames; Fraction(2) is two seconds.
    return int(time) if isinstance(time, Integral) else exact_seconds(time)


def write_time(time: Time) -> str:
    """A Time as text that parse_time reads back exactly, with its unit: "12f", "3/2s", "last"."""
    moment = read_time(time)
    if isinstance(moment, str):
        return moment
    return f"{moment}s" if isinstance(moment, Fraction) else f"{moment}f"


def frame_at(time: Time, frames: int, rate_fps: Fraction) -> int:
    """The frame on screen at `time`: 0..frames-1; refuses a time outside the canvas."""
    moment = read_time(time)
    frame = _place(moment, frames, rate_fps)
    if frame >= frames:
        raise CanvasError(
            f'{_said(moment)} is after the last frame ({_end(moment, frames - 1, rate_fps)}); use "last"'
        )
    return frame


@dataclass(frozen=True)
class Span:
    """A stretch of time from `start` up to, not including, `stop`; None is the beginning or the end.

    A named frame is included as a stop: Span("first", "first") is the first frame, Span(3, "last") goes to
    the end.
    """

    start: Time | None = None
    stop: Time | None = None

    def __post_init__(self) -> None:
        for name, time in (("start", self.start), ("stop", self.stop)):
            with inside(name):
                if time is not None:
                    read_time(time)

    def frames(self, count: int, rate_fps: Fraction) -> range:
        """The frames of this span in a canvas of `count`; refuses one that is outside or holds no frame."""
        start = 0 if self.start is None else _place(read_time(self.start), count, rate_fps)
        stop = count if self.stop is None else _stop(read_time(self.stop), count, rate_fps)
        if start >= count and self.start is not None:
            moment = read_time(self.start)
            raise CanvasError(
                f"start {_said(moment)} is not before the end of the canvas ({_end(moment, count, rate_fps)})"
            )
        if start >= stop:
            raise CanvasError(
                f"this span holds no frame: it starts at frame {start} and stops before frame {stop}"
            )
        return range(start, stop)


def _stop(moment: Moment, frames: int, rate_fps: Fraction) -> int:
    if isinstance(moment, str):
        return _place(moment, frames, rate_fps) + 1
    # An end between two frames lies after the last: compare in time, not in whole frames.
    after = moment > Fraction(frames) / rate_fps if isinstance(moment, Fraction) else moment > frames
    if after:
        end = _end(moment, frames, rate_fps)
        raise CanvasError(
            f'stop {_said(moment)} is after the end of the canvas ({end}); use "last" or at most {end}'
        )
    return _place(moment, frames, rate_fps)


def _place(moment: Moment, frames: int, rate_fps: Fraction) -> int:
    """The frame number that a moment names, which may lie past the end but never before the beginning."""
    if isinstance(moment, str):
        return 0 if moment == "first" else frames - 1
    if isinstance(moment, Fraction):
        if moment < 0:
            raise CanvasError(
                f"{_said(moment)} is before the beginning; only frames count from the end (-1 is the last)"
            )
        return math.floor(moment * rate_fps)
    if moment < -frames:
        raise CanvasError(f"{_said(moment)} is before the beginning: the canvas has {frames} frames")
    return moment + frames if moment < 0 else moment


def _fraction(number: str) -> Fraction:
    above, _, below = number.partition("/")
    if below and int(below) == 0:
        raise CanvasError(f'"{number}" divides by nothing')
    return Fraction(above) / int(below or 1)


def _short(value: Fraction) -> str:
    return f"{float(value):.4g}" if abs(value) < 1000 else f"{float(value):.10g}"


def _said(moment: Moment) -> str:
    if isinstance(moment, Fraction):
        return f"{_short(moment)} s"
    return f"frame {moment}" if isinstance(moment, int) else f'"{moment}"'


def _end(moment: Moment, frames: int, rate_fps: Fraction) -> str:
    """Where the canvas ends, in the unit that the person used."""
    return f"{_short(Fraction(frames) / rate_fps)} s" if isinstance(moment, Fraction) else f"frame {frames}"
