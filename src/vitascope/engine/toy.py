"""ToyFiller: the smallest filler that keeps every promise of the contract, for tests and for learning.

It understands nothing: words and seed only choose the colours of a gradient that drifts with time.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas
from vitascope.engine.contracts import Capabilities, FillSettings, Progress, Report


class ToyFiller:
    """Paints a drifting gradient, one frame a step. What is half known is blended by how well it's known."""

    capabilities = Capabilities(
        name="toy",
        summary="a drifting gradient, for tests",
        loop=True,
        licence="Apache-2.0",
        needs="any CPU",
        sharp_side_px=0,  # it keeps nothing of a picture
        rank=-1,
    )

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        return [self._fill_one(canvas, report) for canvas in canvases]

    def _fill_one(self, canvas: Canvas, report: Report) -> Canvas:
        pixels = np.empty(canvas.pixels.shape, np.uint8)
        for frame in range(canvas.frames):
            known = canvas.known[frame, :, :, None]
            blend = known * canvas.pixels[frame] + (1 - known) * _gradient(canvas, frame)
            pixels[frame] = blend.round()
            report(Progress("painting", frame + 1, canvas.frames))
        return replace(canvas, pixels=pixels, known=np.ones(canvas.known.shape, np.float32))


def _gradient(canvas: Canvas, frame: int) -> NDArray[np.float32]:
    """float32 [H,W,3] in 0..255: diagonal waves in three colours, they go round once in the whole length."""
    key = zlib.crc32(f"{canvas.words_at(frame)}|{canvas.negative}|{canvas.seed}".encode())
    phase = np.random.default_rng(key).random(3) + frame / canvas.frames
    y, x = np.mgrid[0 : canvas.height_px, 0 : canvas.width_px]
    place = x / canvas.width_px + y / canvas.height_px
    waves = np.sin(2 * np.pi * (place[:, :, None] / 2 + phase))
    return (127.5 + 127.5 * waves).astype(np.float32)
