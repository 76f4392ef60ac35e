"""What is heard, on the same clock as the picture. Knows samples, not codecs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .errors import CanvasError
from .planes import Floats, alike, kept


@dataclass(frozen=True, eq=False)
class Sound:
    """Samples float32 [N, channels] in -1..1, at a rate in Hz; the first is heard with the first frame."""

    samples: Floats
    rate_hz: int

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples)
        if samples.ndim != 2 or not 1 <= samples.shape[1] <= 64 or samples.dtype.kind != "f":
            raise CanvasError(
                f"wanted float samples [N, channels], got {samples.dtype} {samples.shape}", "samples"
            )
        samples = samples.astype(np.float32, copy=False)
        if samples.size and not (float(samples.min()) >= -1 and float(samples.max()) <= 1):
            raise CanvasError("samples must be in -1..1", "samples")
        if not 1 <= self.rate_hz <= 768_000:
            raise CanvasError(f"a sample rate is in 1..768000 Hz, not {self.rate_hz}", "rate_hz")
        object.__setattr__(self, "samples", kept(samples))

    @property
    def duration_s(self) -> Fraction:
        """How long it lasts, exactly."""
        return Fraction(len(self.samples), self.rate_hz)

    def __eq__(self, other: object) -> bool:
        return alike(self, other)

    __hash__ = None  # type: ignore[assignment]  # arrays inside
