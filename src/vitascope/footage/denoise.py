"""Denoise: less grain, by the help of two frames before and two after, and within each frame.

A cut ends the window, so nothing of one shot is seen in the next. How much noise there is, is measured along
the way. Memory: five frames and their like. Knows no file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from vitascope.footage.contracts import Footage, Frame, Made, Report, Tool
from vitascope.footage.parts import load_part

if TYPE_CHECKING:
    from vitascope.footage.denoisers import Denoiser

REACH = 2  # frames before and after: of 1 the result is 0.7 dB farther from the truth
REMEMBERED = 9  # measures of noise, of which the middle one counts: it shall not flicker
UNSEEN = 0.3  # noise of so little is none


class Denoise(Tool):
    """The same frames with less noise; things keep their edges, and shots their beginnings and ends."""

    name: ClassVar[str] = "denoise"

    strength: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description="0 leaves all as it is, 50 takes out as much as is measured, 100 twice that.",
        ),
    ] = 50
    denoiser: Annotated[
        str | None,
        Field(description="Who does it: flow, or a plug-in; by itself, the best that is installed."),
    ] = None

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """The clip with less noise. Raises FootageError for a denoiser that isn't there."""
        denoiser: Denoiser = load_part("denoiser", self.denoiser)
        frames = _calmed(footage, denoiser, self.strength / 50, report) if self.strength else iter(footage)
        return Made(
            frames=frames,
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=footage.rate_fps,
            count=footage.count,
        )


@dataclass(eq=False)
class _Held:
    """A frame that is waited for: its number, its shot's, and the noise around it (None: not yet known)."""

    frame: Frame
    number: int
    shot: int
    noise: float | None = None


def _calmed(footage: Footage, denoiser: Denoiser, share: float, report: Report) -> Iterator[Frame]:
    held: deque[_Held] = deque()
    done = 0
    for each in _measured(footage):
        held.append(each)
        if each.number - done >= REACH:
            yield _calm(held, done, denoiser, share)
            done += 1
            report("denoise", done, footage.count)
        while held[0].number < done - REACH:
            held.popleft()
    while held and done <= held[-1].number:
        yield _calm(held, done, denoiser, share)
        done += 1
        report("denoise", done, footage.count)


def _calm(held: deque[_Held], number: int, denoiser: Denoiser, share: float) -> Frame:
    from vitascope.footage.pairs import noise_within

    this = next(each for each in held if each.number == number)
    window = [each for each in held if each.shot == this.shot and abs(each.number - number) <= REACH]
    noise = this.noise if this.noise is not None else _of_the_shot(window)
    if noise is None:
        noise = noise_within(this.frame)
    if noise * share < UNSEEN:
        return this.frame
    return denoiser.denoised([each.frame for each in window], window.index(this), noise * share)


def _of_the_shot(window: list[_Held]) -> float | None:
    """Of a shot's first frame: what is measured between it and the second."""
    return next((each.noise for each in window if each.noise is not None), None)


def _measured(footage: Footage) -> Iterator[_Held]:
    """The frames, copied, each with its shot and the noise as measured from its shot's beginning to it."""
    from vitascope.footage.pairs import Pair

    last: _Held | None = None
    measures: deque[float] = deque(maxlen=REMEMBERED)
    for number, frame in enumerate(footage):
        this = _Held(frame.copy(), number, 0)
        if last is not None:
            pair = Pair(last.frame, this.frame)
            this.shot = last.shot + pair.cut
            if this.shot != last.shot:
                measures.clear()
            else:
                if not pair.same:  # a frame that is shown twice says nothing of noise
                    measures.append(pair.noise())
                this.noise = median(measures) if measures else None
        yield this
        last = this
