"""What footage is, what a tool makes of it, and what a tool is: parameters that can be applied.

Knows no tool, no file and no terminal. A tool is a frozen pydantic model: its fields are what a person may
ask for, so the command line, the server and Python ask in the same words and are refused in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Frame = NDArray[np.uint8]
"""uint8 [H, W, 3], RGB; [H, W, 4] where alpha is said, not multiplied in."""

Report = Callable[[str, int, int | None], None]
"""Called after every frame with (stage, done, total or None). It may raise anything to stop the work."""


class FootageError(Exception):
    """Something about the footage, or what is asked of it, that a person can do something about."""


class MissingPart(FootageError):
    """A tool needs a package that isn't installed; the message says which."""


class Box(NamedTuple):
    """A box in pixels: left and top edge, width and height; may reach outside of the frame."""

    x_px: float
    y_px: float
    width_px: float
    height_px: float


@dataclass(frozen=True, kw_only=True)
class Footage:
    """Frames of one size at a constant rate. Iterating looks through them from the start, any number of
    times.

    `frames` gives uint8 [H, W, 3]; an owner may draw the next frame into the same array, so who keeps one
    copies it. `count` is how many there are as far as is known before they are read; the file may lie.
    """

    frames: Iterable[Frame]
    width_px: int
    height_px: int
    rate_fps: Fraction
    count: int | None = None

    def __iter__(self) -> Iterator[Frame]:
        return iter(self.frames)


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a tool makes: a stream of frames of one size, that can be looked through once.

    The size, rate and alpha are known before the first frame is made. Sound belongs to the app: it is
    stretched by `time_scale` (2: twice as long), or left out where that is None.
    """

    frames: Iterator[Frame]
    width_px: int
    height_px: int
    rate_fps: Fraction
    count: int | None = None
    alpha: bool = False
    time_scale: Fraction | None = Fraction(1)


class Findings(BaseModel):
    """What a tool saw, for JSON: tracks, cuts, figures. Tools that only look answer with a subclass."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tool(BaseModel):
    """What every tool is: its parameters as fields, and make().

    `media` names those fields whose value is a picture or a clip beside the footage (a background, a
    reference); the app opens them and hands them in as `others`, by field name. Wrong parameters are refused
    when the tool is made (pydantic's ValidationError), what can't be done with this footage by FootageError
    before any frame is read where that can be known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    media: ClassVar[tuple[str, ...]] = ()
    see_through: ClassVar[tuple[str, ...]] = ()
    """Those of `media` that are opened with alpha, as frames [H, W, 4]."""

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made | Findings:
        """Frames, streamed; or, from a tool that only looks, findings."""
        raise NotImplementedError


def unheard(stage: str, done: int, total: int | None) -> None:
    """A Report for those who don't want to hear."""
