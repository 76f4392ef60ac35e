"""Interpolate: a clip at another rate, or slower, with new frames between its own where there are to be more.

A given frame comes out to the bit wherever a moment falls on it. Each pair of frames is looked at first: two
that are the same are held, a cut is never mixed across, small sure motion goes to optical flow, the rest to a
network where one is installed. Two frames and a few new ones are held at a time. Knows no file; sound is the
app's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from vitascope.canvas import exact_rate
from vitascope.footage.contracts import Footage, FootageError, Frame, Made, Report, Tool
from vitascope.footage.parts import load_part, parts

if TYPE_CHECKING:
    from vitascope.footage.interpolators import Interpolator
    from vitascope.footage.pairs import Pair

SLOWEST = 1000
MOST_BETWEEN = 1000  # new frames between two: more is a mistake in a rate
HELD_BYTES = 128 << 20  # of new frames at once

# From which mean error there and back, and which motion (both as shares of the shorter side), a pair goes to
# the network. Over 48 pairs (Big Buck Bunny at 360p with gaps of 2 to 16 frames, and discs over moving
# photographs) RIFE is 1.4 dB nearer to the truth above the first and 0.1 dB farther below, at six times the
# cost.
FAR_STRAY, FAR_MOTION = 0.002, 0.08


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float | Fraction) and not isinstance(value, bool) else value


class Interpolate(Tool):
    """More frames (or fewer) for the same time, or more time; or both."""

    name: ClassVar[str] = "interpolate"

    rate: Annotated[
        str | None,
        BeforeValidator(_as_text),
        Field(
            description='Frames a second to come to: "60", "29.97", "60000/1001"; by itself, the clip\'s own.'
        ),
    ] = None
    slow: Annotated[
        str | None,
        BeforeValidator(_as_text),
        Field(description='How many times as long it takes: "2", "2.5", "8/3"; by itself, once.'),
    ] = None
    interpolator: Annotated[
        str | None,
        Field(description="Who makes the frames: dis, rife, or a plug-in; by itself, chosen for each pair."),
    ] = None
    sound: Annotated[
        Literal["stretch", "keep", "drop"],
        Field(description="In slow motion: stretched at its pitch, left as fast as it was, or left out."),
    ] = "stretch"

    @field_validator("rate")
    @classmethod
    def _rate_is_one(cls, rate: str | None) -> str | None:
        if rate is not None:
            exact_rate(rate)
        return rate

    @field_validator("slow")
    @classmethod
    def _slow_is_a_factor(cls, slow: str | None) -> str | None:
        if slow is not None:
            _factor(slow)
        return slow

    @model_validator(mode="after")
    def _something_is_asked(self) -> Interpolate:
        if self.rate is None and self.slow is None:
            raise ValueError('say a rate ("60"), how many times slower ("2"), or both')
        return self

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """The clip at the rate asked for. Raises FootageError for an interpolator that isn't there."""
        rate_fps = exact_rate(self.rate) if self.rate else footage.rate_fps
        slow = _factor(self.slow) if self.slow else Fraction(1)
        step = footage.rate_fps / (rate_fps * slow)  # from one frame that is made to the next, in given ones
        if step * MOST_BETWEEN < 1:
            raise FootageError(
                f"from {float(footage.rate_fps):g} to {float(rate_fps * slow):g} frames a second there would"
                f" be more than {MOST_BETWEEN} new ones between each two; ask for a lower rate or less slow"
            )
        chooser = _Chooser(self.interpolator)
        total = None if footage.count is None else math.ceil(footage.count / step)
        heard = {"stretch": slow, "keep": Fraction(1), "drop": None}
        return Made(
            frames=_told(_frames(footage, step, chooser), report, total),
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=rate_fps,
            count=total,
            time_scale=heard[self.sound],
        )


def _frames(footage: Footage, step: Fraction, chooser: _Chooser) -> Iterator[Frame]:
    """The frames for the moments 0, step, 2 step ... that fall before the end, in given frames of time.

    Fewer frames than there were are dropped by time, and none is made. What is after the last given frame is
    that one, held: it was on the screen for as long.
    """
    first: Frame | None = None
    index, place = 0, Fraction(0)
    for frame in footage:
        if first is not None:
            shares: list[Fraction] = []
            while place < index:
                shares.append(place - index + 1)
                place += step
            if step >= 1:
                yield from (first if share < Fraction(1, 2) else frame for share in shares)
            else:
                yield from _with_given(first, frame, shares, chooser)
        first = frame.copy()  # its owner may draw the next into the same array
        index += 1
    while first is not None and place < index:
        yield first
        place += step


def _with_given(
    first: Frame, second: Frame, shares: Sequence[Fraction], chooser: _Chooser
) -> Iterator[Frame]:
    """The given frame where a moment falls on it, else what is between."""
    if shares and shares[0] == 0:
        yield first
        shares = shares[1:]
    if shares:
        yield from chooser.between(first, second, shares)


class _Chooser:
    """Who makes the frames of a pair: the one who was named; else, by what is measured of the pair."""

    def __init__(self, named: str | None) -> None:
        self._near: Interpolator = load_part("interpolator", named or "dis")
        self._far: Interpolator = self._near
        if named is None:
            others = [part for part in parts("interpolator").values() if part.name != "dis"]
            best = next((part for part in others if not part.missing()), None)
            self._far = load_part("interpolator", best.name) if best else self._near

    def between(self, first: Frame, second: Frame, shares: Sequence[Fraction]) -> Iterator[Frame]:
        """A frame for each share of the way from the first to the second, 0 < share < 1, in order."""
        from vitascope.footage.pairs import Pair

        pair = Pair(first, second)
        if pair.same or pair.cut:
            yield from (first if share < Fraction(1, 2) else second for share in shares)
            return
        interpolator = self._for(pair)
        batch = max(1, min(16, HELD_BYTES // first.nbytes))
        for start in range(0, len(shares), batch):
            times = [float(share) for share in shares[start : start + batch]]
            yield from interpolator.between(first, second, times)

    def _for(self, pair: Pair) -> Interpolator:
        if self._far is self._near:
            return self._near
        far = pair.stray > FAR_STRAY or pair.motion > FAR_MOTION
        return self._far if far else self._near


def _told(frames: Iterator[Frame], report: Report, total: int | None) -> Iterator[Frame]:
    for done, frame in enumerate(frames, 1):
        yield frame
        report("interpolate", done, total)


def _factor(text: str) -> Fraction:
    """How many times as long, from "2", "2.5" or "8/3"."""
    try:
        factor = Fraction(text.strip()).limit_denominator(1_000_000) if len(text) < 40 else None
    except (ValueError, ZeroDivisionError):
        factor = None
    if factor is None:
        raise ValueError('write how many times slower: "2", "2.5" or "8/3"')
    if not 1 <= factor <= SLOWEST:
        raise ValueError(f"slow motion takes 1 to {SLOWEST} times as long, not {text.strip()}")
    return factor
