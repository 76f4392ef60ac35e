"""A small filler of sound for tests: a tone whose pitch its words choose."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from vitascope.canvas import Canvas, Sound
from vitascope.engine import Capabilities, FillSettings, Progress, Report


class Humming:
    """Hums at 8000 Hz, two seconds at most; takes no negative words."""

    capabilities = Capabilities(
        name="humming",
        summary="a tone",
        pictures=False,
        makes_sound=True,
        max_sound_s=Fraction(2),
        sound_rate_hz=8000,
        negative=False,
    )

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        return [self._hummed(canvas, report) for canvas in canvases]

    def _hummed(self, canvas: Canvas, report: Report) -> Canvas:
        report(Progress("humming", 1, 1))
        key = zlib.crc32(f"{canvas.words_at(0)}|{canvas.seed}".encode())
        time_s = np.arange(round(canvas.duration_s * 8000)) / 8000
        tone = 0.5 * np.sin(2 * np.pi * (200 + key % 800) * time_s)
        return canvas.with_sound(Sound(tone[:, None], 8000))
