"""What every feature's exam shares: unseen scenes, their renders, filling and checking, rows of results.

A feature's own file draws scenes, makes canvases with the tasks as users do, and measures what comes back;
here is whatever is the same for all. Knows whoever paints only as a callable.

Axes: B clips, T frames, H, W pixels, C colours.
"""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitascope.canvas import Canvas
from vitascope.engine import Progress, Report
from vitascope.evaluate.reading import Reading, TrainedReader
from vitascope.train.benchmark import Paint
from vitascope.train.world.captions import caption
from vitascope.train.world.render import Render, render
from vitascope.train.world.scene import ACTION, Mix, Scenes, sample
from vitascope.train.world.sprites import Atlas

__all__ = [
    "PLAIN",
    "RATE_FPS",
    "Clip",
    "Clips",
    "Examiner",
    "FeatureExam",
    "Goal",
    "Live",
    "Row",
    "Section",
    "Shown",
    "Stream",
    "doing",
    "together",
]

Clip = NDArray[np.uint8]
Clips = list[Clip]
Stream = Callable[[Canvas], Iterator[Clip]]
"""A canvas of any length -> its frames in chunks."""
Live = Callable[[Canvas, Callable[[], str]], Iterator[Clip]]
"""The first window, and who says the words of each later one -> frames without end."""

RATE_FPS = 8
PLAIN = Mix(p_style=0.0, p_colour=0.0, p_count=0.0, p_pair=0.0, p_bump=0.0, p_weather=0.0, p_camera=0.0)
"""One thing in its own colours, a clear sky, a still camera: what is measured is the feature."""
_DRAWN = 64  # scenes drawn for each that is wanted, so that those with a certain action are among them


@dataclass(frozen=True)
class FeatureExam:
    """How much is asked: `samples` clips for most features; the same seed asks the same.

    drift_s: after how many seconds a long clip is looked at. live_s: how much of a live stream is watched.
    """

    samples: int = 8
    seed: int = 0
    side_px: int = 64
    batch: int = 8
    shots: int = 10
    drift_s: tuple[int, ...] = (10,)
    live_s: int = 6

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"an exam needs a sample, not {self.samples}")
        if any(second < 4 for second in self.drift_s):
            raise ValueError("drift is looked for from 4 s on: the first two are what it's compared with")

    @property
    def some(self) -> int:
        """Fewer, for what takes several clips a question."""
        return max(1, self.samples // 4)


@dataclass(frozen=True)
class Goal:
    """What a number should be: at most `high`, at least `low`."""

    high: float = math.inf
    low: float = -math.inf

    def met(self, value: float) -> bool:
        """Whether it is; nan is not."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:g}"
        if math.isinf(self.low):
            return f"≤ {self.high:g}"
        return f"≥ {self.low:g}" if math.isinf(self.high) else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Row:
    """One number of what was painted; beside it those of simple ways to do without, and of real renders."""

    measure: str
    painted: float
    goal: Goal | None = None
    baselines: Mapping[str, float] = field(default_factory=dict[str, float])
    real: float | None = None
    unit: str = ""
    asked: int = 0  # clips behind the number

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        return self.goal.met(self.painted) if self.goal else None


@dataclass(frozen=True)
class Shown:
    """A clip and what it is, for a contact sheet."""

    clip_THWC: Clip
    caption: str


@dataclass(frozen=True)
class Section:
    """All rows of one feature; or why the filler can't do it at all."""

    feature: str
    rows: Sequence[Row] = ()
    shown: Sequence[Shown] = ()
    refused: str = ""


class Examiner:
    """Draws scenes that training never saw, renders them, has canvases filled and clips read."""

    def __init__(
        self,
        exam: FeatureExam,
        paint: Paint,
        reader: TrainedReader,
        atlas: Atlas,
        report: Report,
        stream: Stream | None = None,
        live: Live | None = None,
    ) -> None:
        self.exam, self.reader, self.atlas = exam, reader, atlas
        self.stream, self.live = stream, live
        self._paint, self._report = paint, report
        self._feature, self._changed, self._asked = "", 0, 0

    def begin(self, feature: str) -> None:
        """From here on it's about this feature: its chance is its own, whatever was asked before."""
        self._feature, self._changed, self._asked = feature, 0, 0
        key = zlib.crc32(f"{feature}|{self.exam.seed}".encode())
        self.generator, self.rng = torch.Generator().manual_seed(key), random.Random(key)
        self.first_seed = key % 1_000_000

    # Questions

    def scenes(
        self, count: int, mix: Mix = PLAIN, wanted: Callable[[Scenes], Tensor] | None = None
    ) -> Scenes:
        """Scenes of held-out combinations; of those for which wanted(scenes) is true, bool [B]."""
        drawn = sample(count * _DRAWN, self.generator, mix, "held-out")
        if wanted is None:
            return drawn[slice(0, count)]
        rows = wanted(drawn).nonzero()[:, 0]
        if len(rows) < count:
            raise ValueError(f"only {len(rows)} of {len(drawn)} scenes are as wanted; {count} are needed")
        return drawn[rows[:count]]

    def said(self, scenes: Scenes) -> list[str]:
        """A caption of each, in usual words."""
        return [caption(scenes, i, self.rng, "train") for i in range(len(scenes))]

    def render(
        self,
        scenes: Scenes,
        *,
        frames: int = 16,
        width_px: int | None = None,
        rate_fps: float = RATE_FPS,
        start_s: float = 0.0,
        camera: Tensor | None = None,
        lap_s: float | None = None,
        carry_BT2: Tensor | None = None,
    ) -> Render:
        """The scenes at the exam's size, with all that is true of them."""
        self.tell("rendering", 0, 1)
        return render(
            scenes,
            self.atlas,
            frames=frames,
            height_px=self.exam.side_px,
            width_px=width_px or self.exam.side_px,
            rate_fps=rate_fps,
            start_s=start_s,
            camera=camera,
            lap_s=lap_s,
            carry_BT2=carry_BT2,
            truth=True,
        )

    def clips(self, rendered: Render) -> Clips:
        """A render's clips, each uint8 [T, H, W, 3]."""
        return list(rendered.pixels_BTHWC.numpy())

    # Answers

    def fill(self, canvases: Sequence[Canvas]) -> Clips:
        """Has them filled, each with a seed of its own, and counts known pixels that came back otherwise."""
        seeded = [canvas.with_seed(self.first_seed + self._asked + i) for i, canvas in enumerate(canvases)]
        self._asked += len(seeded)
        filled = list[Clip]()
        for start in range(0, len(seeded), self.exam.batch):
            some = seeded[start : start + self.exam.batch]
            answers = self._paint(some, partial(self._within, start, len(seeded)))
            for canvas, answer in zip(some, answers, strict=True):
                self._changed += _changed(canvas, answer)
                filled.append(np.asarray(answer.pixels))
            self.tell("painting", start + len(some), len(seeded))
        return filled

    def read(self, clips: Sequence[Clip]) -> Reading:
        """What the reader sees in clips of one shape."""
        return self.reader.read(np.stack(clips), lambda done: self.tell("reading", done, len(clips)))

    def known(self) -> Row:
        """The row that every feature has: known pixel values that came back changed."""
        return Row("known values changed", float(self._changed), Goal(0, 0), asked=self._asked)

    def tell(self, stage: str, done: int, total: int) -> None:
        """Says how far it is; whoever listens may raise, to cancel."""
        self._report(Progress(f"{self._feature}: {stage}", done, total))

    def _within(self, done: int, total: int, progress: Progress) -> None:
        self._report(Progress(f"{self._feature}: painting", done, total))


def doing(*actions: str) -> Callable[[Scenes], Tensor]:
    """Whether a scene's action is one of these, for Examiner.scenes()."""
    return lambda scenes: torch.isin(scenes.action_B, torch.tensor([ACTION[name] for name in actions]))


def together(ratios: Sequence[float]) -> float:
    """The geometric mean: what twice and half as much make together is 1."""
    return math.exp(float(np.mean(np.log(ratios))))


def _changed(canvas: Canvas, answer: Canvas) -> int:
    """How many values (three a pixel) of what was wholly known are not what they were."""
    if answer.pixels.shape != canvas.pixels.shape:
        return int((canvas.known == 1).sum()) * 3
    return int((answer.pixels != canvas.pixels)[canvas.known == 1].sum())
