"""One call of a pipeline, in our words: what is to be made, what of it is given, and what came of it.

Knows no pipeline. Axes: T frames, H, W, C.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Sound

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Made:
    """What a call made: frames uint8 [T, H, W, 3], and what is heard with them from the first on, if that was
    asked for; it may end sooner or later than they.
    """

    frames: Pixels
    sound: Sound | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """So many frames of a size, from words and what is given.

    `first` and `last` are pictures uint8 [H, W, 3]; `given` has clips uint8 [t, H, W, 3] by the frame where
    they begin; `pixels` [T, H, W, 3] and `known` [T, H, W] are there where parts of frames, or half-known
    ones, count.
    """

    frames: int
    height_px: int
    width_px: int
    rate_fps: Fraction
    text: str
    negative: str
    steps: int
    guidance: float
    seed: int
    first: Pixels | None = None
    last: Pixels | None = None
    given: tuple[tuple[int, Pixels], ...] = ()
    cast: tuple[Pixels, ...] = ()
    pixels: Pixels | None = None
    known: NDArray[np.float32] | None = None
    sound: bool = False
    """What is heard is to be made too."""

    @property
    def strength(self) -> float:
        """How much is to be redrawn of a clip that is known a little everywhere: 0..1."""
        return 1.0 if self.known is None else float(1 - self.known.min())
