"""A small filler of pictures with their sound for tests: the toy's pictures, and a tone as long as they."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from vitascope.canvas import Canvas, Sound
from vitascope.engine import FillSettings, Report, ToyFiller

RATE_HZ = 8000


class Talking(ToyFiller):
    """Paints at 24 frames a second, at most 2 s, in sides of 16 px; its tone rises with the canvas's time."""

    capabilities = replace(
        ToyFiller.capabilities,
        name="talking",
        rates_fps=(Fraction(24),),
        max_frames=48,
        size_multiple_px=16,
        sound_with_pictures=True,
        on_request=True,
    )

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        painted = super().fill(canvases, settings, report)
        return [canvas if canvas.sound_known else self._with_tone(canvas) for canvas in painted]

    def _with_tone(self, canvas: Canvas) -> Canvas:
        return canvas.with_sound(Sound(tone(round(canvas.duration_s * RATE_HZ)), RATE_HZ))


def tone(samples: int) -> np.ndarray:
    """Each of its samples tells when it was meant to be heard: float32 [N, 1]."""
    return (np.arange(samples, dtype=np.float32) / 2**17)[:, None]
