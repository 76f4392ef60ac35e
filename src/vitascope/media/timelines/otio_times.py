"""OpenTimelineIO's times, two floats each, as Fractions and back, without loss. Knows no schema."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vitascope.canvas import CanvasError, exact_rate
from vitascope.media.timelines.errors import TimelineError

_FINEST = 1_000_000
_FASTEST = 1_000_000  # a sound's rate, with room


def rational_time(otio: Any, seconds: Fraction, rate_fps: Fraction) -> Any:
    """An otio.opentime.RationalTime at a rate; a time between two frames has a value with a fraction."""
    return otio.opentime.RationalTime(float(seconds * rate_fps), float(rate_fps))


def exact_times(times: Mapping[str, Fraction], rate_fps: Fraction) -> dict[str, str]:
    """Those times that floats lose, as text: to be kept beside them.

    Only whole numbers are safe: OTIO's reader of numbers is off by the last bit now and then.
    """
    rate = float(rate_fps)
    kept: dict[str, str] = {}
    for name, time in times.items():
        frames = time * rate_fps
        if frames.denominator != 1 or _read(float(frames), rate) != time:
            kept[name] = str(time)
    return kept


def seconds_of(time: Any, exact: object = None) -> Fraction:
    """A RationalTime in seconds; `exact`, text that was kept beside it, counts while it says the same time.

    Another editor that moves something changes the floats and leaves our text as it was.
    """
    value, rate = float(time.value), float(time.rate)
    read = _read(value, rate)
    if isinstance(exact, str):
        try:
            said = Fraction(exact[:60])
            same = abs(float(said) * rate - value) <= 1e-9 * max(1.0, abs(value))
        except (ValueError, ZeroDivisionError, OverflowError):
            return read
        return said if same else read
    return read


def speed_of(scalar: float, exact: object = None) -> Fraction:
    """A time warp's scalar as a Fraction, by the text beside it while it still says the same."""
    if not math.isfinite(scalar):
        raise TimelineError(f"{scalar} is not a speed")
    if isinstance(exact, str):
        try:
            said = Fraction(exact[:60])
            if math.isclose(float(said), scalar, rel_tol=1e-12):
                return said
        except (ValueError, ZeroDivisionError, OverflowError):
            pass
    return Fraction(scalar).limit_denominator(_FINEST)


def rate_of(rate: float) -> Fraction:
    """A rate as the Fraction it stands for: 29.97 and its like are 30000/1001, a sound's are whole."""
    if not (math.isfinite(rate) and 0 < rate <= _FASTEST):
        raise TimelineError(f"{rate} is not a rate")
    try:
        return exact_rate(rate)
    except CanvasError:  # above what pictures have
        return Fraction(rate).limit_denominator(1001)


def _read(value: float, rate: float) -> Fraction:
    if not math.isfinite(value) or abs(value) > 1e15:
        raise TimelineError(f"{value} is not a time")
    return Fraction(value).limit_denominator(_FINEST) / rate_of(rate)
