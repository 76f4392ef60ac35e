"""The stills filler: given pictures, seen by a moving camera; drawn by rule, without a network.

Each given frame becomes a scene of layers. Up to the next given frame its scene is looked at along the path,
while the next one's comes up through it; both are at rest on their picture at the very frame where it is
given. Knows canvases; no feature and no file.

Axes: H, W, C.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas
from vitascope.engine.contracts import FillSettings, Progress, Report
from vitascope.engine.stills import CAPABILITIES
from vitascope.engine.stills.drawing import Easel
from vitascope.engine.stills.layers import scene_of
from vitascope.engine.stills.paths import Path
from vitascope.engine.stills.wishes import unread_words

Bytes = NDArray[np.uint8]

BRIEF_S = Fraction(1, 4)  # given frames nearer than this are dissolved into each other as they are


class StillsFiller:
    """Fills canvases that give whole frames, at any size and rate."""

    capabilities = CAPABILITIES

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        return [self._fill_one(canvas, settings, report) for canvas in canvases]

    def frames(self, canvas: Canvas, settings: FillSettings, report: Report) -> Iterator[Bytes]:
        """One frame after the other, uint8 [H, W, 3], in the memory of two pictures' layers."""
        given = [frame for frame in range(canvas.frames) if canvas.known[frame, 0, 0] == 1]
        painter = _Painter(canvas, Path(canvas, given), report)
        for frame in range(canvas.frames):
            yield canvas.pixels[frame] if frame in painter.given else painter.paint(frame)
            report(Progress("moving", frame + 1, canvas.frames))

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """The words that no rule reads."""
        return unread_words(text)

    def _fill_one(self, canvas: Canvas, settings: FillSettings, report: Report) -> Canvas:
        pixels = np.empty(canvas.pixels.shape, np.uint8)
        for number, frame in enumerate(self.frames(canvas, settings, report)):
            pixels[number] = frame
        pixels.setflags(write=False)
        return replace(canvas, pixels=pixels, known=np.broadcast_to(np.float32(1), canvas.known.shape))


class _Painter:
    """One canvas, frame after frame; keeps the easels of the two given frames beside the present one."""

    def __init__(self, canvas: Canvas, path: Path, report: Report) -> None:
        self.canvas, self.path, self.report = canvas, path, report
        self.given = set(path.keys)
        self.easels: dict[int, Easel] = {}

    def paint(self, frame: int) -> Bytes:
        before, after = self.path.neighbours(frame)
        beside = {key % self.canvas.frames for key in (before, after) if key is not None}
        for old in self.easels.keys() - beside:
            del self.easels[old]
        brief = before is not None and after is not None and after - before < BRIEF_S * self.canvas.rate_fps
        views = [self._seen(frame, key, brief) for key in (before, after) if key is not None]
        if len(beside) == 1 or before is None or after is None:
            return views[0]
        share = _dissolved((frame - before) / (after - before), brief)
        if share in (0, 1):
            return views[round(share)]
        return np.asarray(cv2.addWeighted(views[0], 1 - share, views[1], share, 0), np.uint8)

    def _seen(self, frame: int, key: int, brief: bool) -> Bytes:
        number = key % self.canvas.frames
        if brief:
            return self.canvas.pixels[number]
        if number not in self.easels:
            self.report(Progress("taking the picture apart", frame, self.canvas.frames))
            self.easels[number] = Easel(scene_of(self.canvas.pixels[number]))
        return self.easels[number].draw(self.path.view(frame, key))


def _dissolved(part: float, brief: bool) -> float:
    """How much of the next picture is seen: nothing for a while, all of it for a while before it is there."""
    if brief:
        return part
    u = min(max((part - 0.15) / 0.7, 0), 1)
    return u * u * (3 - 2 * u)
