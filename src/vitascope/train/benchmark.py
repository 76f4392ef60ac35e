"""The closed-world benchmark: clips are asked for in words; a reader says whether they show what was asked.

The world wrote the scenes, so it knows every answer, and it can render the very same scenes itself: the
reader's score on those renders is the ceiling, and it stands beside every score. Two kinds of questions:
combinations of thing, action and place that training never saw, and wordings that it never heard. Knows
whoever paints only as a callable from canvases to clips.

Axes: B clips, T frames, H, W pixels, C colours, D width of features.
"""

import dataclasses
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from vitascope.canvas import Canvas
from vitascope.engine import Progress, Report
from vitascope.evaluate.adherence import Adherence, adherence
from vitascope.evaluate.cost import peak_memory_gib, timed
from vitascope.evaluate.metrics import diversity, dynamic, frechet_distance, smoothness, steadiness
from vitascope.evaluate.reading import Reading, TrainedReader
from vitascope.tasks import text_to_video
from vitascope.train.reading import TRAVELS, answers
from vitascope.train.world.captions import caption
from vitascope.train.world.render import render
from vitascope.train.world.scene import ACTION, CAMERA, Mix, Scenes, sample
from vitascope.train.world.sprites import Atlas

__all__ = ["Exam", "Measure", "Paint", "Questions", "Scores", "examine", "spoken"]

Paint = Callable[[Sequence[Canvas], Report], Sequence[Canvas]]
Clips = NDArray[np.uint8]

DURATION_S, RATE_FPS, FRAMES = 2, 8, 16
AT_ONCE = 8  # clips whose motion is measured together
MIX = Mix(p_camera=0.6)  # the world's usual mix, but enough camera moves to count
COMBINATIONS, WORDINGS, QUIET, TAKES = "new combinations", "new wordings", "standing still", "takes"


@dataclass(frozen=True)
class Exam:
    """How much is asked: `samples` for adherence, half of each kind; the same seed asks the same."""

    samples: int = 128
    seed: int = 0
    side_px: int = 64
    quiet: int = 16  # clips in which nothing should move, for flickering
    prompts: int = 6  # prompts that are painted `takes` times, for diversity
    takes: int = 4
    batch: int = 8
    alone_px: int = 256  # the size of the clip that is painted on its own, for what it costs

    def __post_init__(self) -> None:
        least = max(4, 2 * self.prompts)
        if self.samples < least:
            raise ValueError(
                f"an exam with {self.prompts} prompts for takes needs {least} samples, not {self.samples}"
            )


@dataclass(frozen=True)
class Questions:
    """Scenes, what is said of them, and the seeds to paint them with."""

    scenes: Scenes
    captions: list[str]
    first_seed: int

    def canvases(self, side_px: int) -> list[Canvas]:
        """What is to be filled: two seconds from words alone."""
        return [
            text_to_video(
                said,
                duration_s=DURATION_S,
                size=(side_px, side_px),
                rate_fps=RATE_FPS,
                seed=self.first_seed + i,
            )
            for i, said in enumerate(self.captions)
        ]


@dataclass(frozen=True)
class Measure:
    """One number for what was painted, and the same for real renders where that means something."""

    name: str
    painted: float | None
    real: float | None = None


@dataclass(frozen=True)
class Scores:
    """Rows of adherence by kind of question, the other measures, and the clips with their words."""

    adherence: dict[str, list[Adherence]]
    measures: list[Measure]
    clips_BTHWC: Clips
    captions: list[str]


def ask(exam: Exam) -> dict[str, Questions]:
    """All questions of an exam."""
    generator, rng = torch.Generator().manual_seed(exam.seed), random.Random(exam.seed)
    first = exam.samples // 2
    scenes = {
        COMBINATIONS: sample(first, generator, MIX, "held-out"),
        WORDINGS: sample(exam.samples - first, generator, MIX, "train"),
        QUIET: _standing_still(sample(exam.quiet, generator, MIX, "train")),
    }
    said = {
        kind: [caption(some, i, rng, "held-out" if kind == WORDINGS else "train") for i in range(len(some))]
        for kind, some in scenes.items()
    }
    each = torch.arange(exam.prompts).repeat_interleave(exam.takes)
    scenes[TAKES] = scenes[WORDINGS][each].second_take(generator)
    said[TAKES] = [said[WORDINGS][i] for i in each.tolist()]
    seeds = np.cumsum([exam.seed * 1_000_000, *(len(some) for some in scenes.values())]).tolist()
    return {
        kind: Questions(scenes[kind], said[kind], seed) for kind, seed in zip(scenes, seeds, strict=False)
    }


def examine(
    paint: Paint, exam: Exam, reader: TrainedReader, report: Report, atlas: Atlas | None = None
) -> Scores:
    """Asks, paints, renders the same scenes, reads both and compares; `report` may raise, to cancel.

    `atlas` holds the world's pictures; None loads them, once everything is painted.
    """
    asked = ask(exam)
    alone = _alone(paint, asked[COMBINATIONS], exam, report)
    painted, seconds = _paint_all(paint, asked, exam, report)
    real, again = _render_all(asked, exam, atlas or Atlas.load(MIX.n_things), report)
    seen, truth, other = (
        {kind: _read(reader, clips, f"reading {what}", report) for kind, clips in made.items()}
        for what, made in (
            ("what was painted", painted),
            ("real renders", real),
            ("their second takes", again),
        )
    )
    rows = {
        kind: adherence(
            seen[kind].values, truth[kind].values, _wanted(asked[kind].scenes), spoken(asked[kind])
        )
        for kind in (COMBINATIONS, WORDINGS)
    }
    motion = _motion(painted, "measuring motion", report)
    real_motion = _motion(real, "measuring real motion", report)
    measures = [
        *(Measure(name, motion[name], real_motion[name]) for name in motion),
        Measure("diversity of takes", _diversity(seen[TAKES], exam), _diversity(truth[TAKES], exam)),
        Measure("Fréchet distance, reader's features", _frechet(seen, truth), _frechet(other, truth)),
        Measure(f"seconds per second of video, {exam.side_px} px, batches of {exam.batch}", seconds),
        *alone,
    ]
    both = (COMBINATIONS, WORDINGS)
    words = [said for kind in both for said in asked[kind].captions]
    return Scores(rows, measures, np.concatenate([painted[kind] for kind in both]), words)


def spoken(questions: Questions) -> dict[str, NDArray[np.bool_]]:
    """Of which scenes the words speak of each attribute; what is ordinary (a still camera) goes unsaid."""
    scenes = questions.scenes
    always = torch.ones(len(scenes), dtype=torch.bool)
    pans = torch.isin(scenes.camera_B, torch.tensor([CAMERA["pan left"], CAMERA["pan right"]]))
    travels = torch.isin(scenes.action_B, torch.tensor([ACTION[name] for name in TRAVELS]))
    sided = torch.tensor(
        [bool(re.search(r"\b(left|right)", said, re.IGNORECASE)) for said in questions.captions]
    )
    told = {
        "thing": always,
        "action": always,
        "place": always,
        "camera": scenes.camera_B > 0,
        "count": scenes.count_B > 1,
        "relation": scenes.relation_B > 0,
        "direction": sided & travels & ~pans & (scenes.relation_B == 0),
        "colour": scenes.colour_B > 0,
        "size": scenes.size_B != 1,
        "style": scenes.style_B > 0,
        "daytime": scenes.daytime_B > 0,
        "weather": scenes.weather_B > 0,
    }
    return {name: column.numpy() for name, column in told.items()}


def _standing_still(scenes: Scenes) -> Scenes:
    """The same under a still camera and a clear sky, with nothing that moves."""
    still = torch.zeros_like(scenes.action_B)
    return dataclasses.replace(scenes, action_B=still, camera_B=still, weather_B=still)


def _wanted(scenes: Scenes) -> dict[str, NDArray[np.int64]]:
    return {name: column.numpy() for name, column in answers(scenes).items()}


def _alone(paint: Paint, questions: Questions, exam: Exam, report: Report) -> list[Measure]:
    """One clip on its own, painted first, at the size that people get: what it costs, all included."""
    canvas = questions.canvases(exam.alone_px)[0]
    with timed() as watch:
        paint([canvas], report)
    size = f"{exam.alone_px} px, one clip alone"
    return [
        Measure(f"seconds per second of video, {size}", watch.seconds / DURATION_S),
        Measure(f"peak memory in GiB, {size}", peak_memory_gib()),
    ]


def _paint_all(
    paint: Paint, asked: dict[str, Questions], exam: Exam, report: Report
) -> tuple[dict[str, Clips], float]:
    """The clips of every kind, and the seconds that a second of video took."""
    total = sum(len(questions.captions) for questions in asked.values())
    clips, done = dict[str, Clips](), 0

    def within(done: int, progress: Progress) -> None:
        report(Progress("painting", done, total))

    with timed() as watch:
        for kind, questions in asked.items():
            canvases, made = questions.canvases(exam.side_px), list[Clips]()
            for start in range(0, len(canvases), exam.batch):
                some = canvases[start : start + exam.batch]
                made += [canvas.pixels for canvas in paint(some, partial(within, done))]
                done += len(some)
                report(Progress("painting", done, total))
            clips[kind] = np.stack(made)
    return clips, watch.seconds / (total * DURATION_S)


def _render_all(
    asked: dict[str, Questions], exam: Exam, atlas: Atlas, report: Report
) -> tuple[dict[str, Clips], dict[str, Clips]]:
    """Real renders of every scene; and of those asked about in words, second takes."""
    generator = torch.Generator().manual_seed(exam.seed + 1)
    real, again = dict[str, Clips](), dict[str, Clips]()
    for done, (kind, questions) in enumerate(asked.items()):
        report(Progress("rendering the same scenes", done, len(asked)))
        real[kind] = _rendered(questions.scenes, atlas, exam.side_px)
        if kind in (COMBINATIONS, WORDINGS):
            again[kind] = _rendered(questions.scenes.second_take(generator), atlas, exam.side_px)
    report(Progress("rendering the same scenes", len(asked), len(asked)))
    return real, again


def _rendered(scenes: Scenes, atlas: Atlas, side_px: int) -> Clips:
    rendered = render(scenes, atlas, frames=FRAMES, height_px=side_px, width_px=side_px, rate_fps=RATE_FPS)
    return rendered.pixels_BTHWC.numpy()


def _read(reader: TrainedReader, clips: Clips, stage: str, report: Report) -> Reading:
    return reader.read(clips, lambda done: report(Progress(stage, done, len(clips))))


def _motion(clips: dict[str, Clips], stage: str, report: Report) -> dict[str, float]:
    """Flickering where nothing should move; smoothness and dynamic degree where people asked for motion."""
    asked = torch.from_numpy(np.concatenate((clips[COMBINATIONS], clips[WORDINGS])))
    smooth, moving = list[torch.Tensor](), list[torch.Tensor]()
    for some in asked.split(AT_ONCE):
        report(Progress(stage, len(smooth) * AT_ONCE, len(asked)))
        smooth.append(smoothness(some))
        moving.append(dynamic(some, RATE_FPS))
    report(Progress(stage, len(asked), len(asked)))
    return {
        "temporal flickering, standing still": float(steadiness(torch.from_numpy(clips[QUIET])).mean()),
        "motion smoothness (own flow)": float(torch.cat(smooth).mean()),
        "dynamic degree (own flow)": float(torch.cat(moving).float().mean()),
    }


def _diversity(takes: Reading, exam: Exam) -> float:
    return diversity(np.split(takes.features_BD, exam.prompts))


def _frechet(some: dict[str, Reading], others: dict[str, Reading]) -> float:
    a, b = (
        np.concatenate([r[kind].features_BD for kind in (COMBINATIONS, WORDINGS)]) for r in (some, others)
    )
    return frechet_distance(a, b)
