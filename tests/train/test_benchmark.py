"""The benchmark, with painters whose worth is known: the world itself, a thief of other scenes, a toy."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from vitascope.canvas import Canvas
from vitascope.engine import Cancelled, Progress, Report, ToyFiller, fill_many
from vitascope.evaluate.reading import TrainedReader
from vitascope.model.reader import Reader, ReaderConfig
from vitascope.train.benchmark import (
    COMBINATIONS,
    QUIET,
    TAKES,
    WORDINGS,
    Exam,
    Questions,
    ask,
    examine,
    spoken,
)
from vitascope.train.reading import LABELS
from vitascope.train.world.render import render
from vitascope.train.world.scene import held_out
from vitascope.train.world.sprites import Atlas

EXAM = Exam(samples=12, seed=3, quiet=3, prompts=2, takes=2, batch=5, alone_px=64)


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    """Untrained: what it says means nothing, but the same clips make it say the same."""
    torch.manual_seed(0)
    sizes = {name: len(values) for name, values in LABELS.items()}
    network = Reader(ReaderConfig(sizes, widths=(8, 16, 24), near_blocks=1, far_blocks=2))
    return TrainedReader(network.eval().requires_grad_(False), LABELS, {})


class World:
    """Paints by rendering the very scenes that the words are about: by seed, as a filler knows a canvas."""

    def __init__(self, exam: Exam, atlas: Atlas) -> None:
        self.atlas = atlas
        self.asked = {
            canvas.seed: (questions, i)
            for questions in ask(exam).values()
            for i, canvas in enumerate(questions.canvases(64))
        }

    def __call__(self, canvases: Sequence[Canvas], report: Report) -> list[Canvas]:
        return [canvas.with_clip(self._clip(*self.asked[canvas.seed])) for canvas in canvases]

    def _clip(self, questions: Questions, i: int) -> np.ndarray:
        return render(questions.scenes[i : i + 1], self.atlas).pixels_BTHWC[0].numpy()


def silent(progress: Progress) -> None:
    pass


def test_questions_are_what_they_are_called() -> None:
    asked = ask(EXAM)
    combinations, wordings = asked[COMBINATIONS].scenes, asked[WORDINGS].scenes
    assert len(combinations) == len(wordings) == 6
    assert held_out(combinations.things_BK[:, 0], combinations.action_B, combinations.place_B).all()
    assert not held_out(wordings.things_BK[:, 0], wordings.action_B, wordings.place_B).any()
    assert (asked[QUIET].scenes.action_B == 0).all()
    assert (asked[QUIET].scenes.camera_B == 0).all()
    takes = asked[TAKES]
    assert takes.captions[0] == takes.captions[1] != takes.captions[2]
    seeds = [canvas.seed for questions in asked.values() for canvas in questions.canvases(64)]
    assert len(set(seeds)) == len(seeds)


def test_the_same_seed_asks_the_same_and_another_does_not() -> None:
    captions = {name: questions.captions for name, questions in ask(EXAM).items()}
    assert captions == {name: questions.captions for name, questions in ask(EXAM).items()}
    other = {name: questions.captions for name, questions in ask(Exam(samples=12, seed=4)).items()}
    assert captions[COMBINATIONS] != other[COMBINATIONS]


def test_attributes_count_only_where_the_words_speak_of_them() -> None:
    for name in (COMBINATIONS, WORDINGS):
        questions = ask(Exam(samples=400))[name]
        told = spoken(questions)
        for i, said in enumerate(questions.captions):
            assert told["thing"][i]
            assert told["camera"][i] == (questions.scenes.camera_B[i] > 0).item()
            if told["direction"][i]:
                assert "left" in said.lower() or "right" in said.lower()


def test_the_world_itself_reaches_the_ceiling(reader: TrainedReader, plain_atlas: Atlas) -> None:
    scores = examine(World(EXAM, plain_atlas), EXAM, reader, silent, plain_atlas)
    assert set(scores.adherence) == {COMBINATIONS, WORDINGS}
    for rows in scores.adherence.values():
        assert {"thing", "action", "place"} <= {row.attribute for row in rows}
        assert all(row.painted == row.ceiling for row in rows)
    for measure in scores.measures:
        if measure.real is not None and not measure.name.startswith("Fréchet"):
            assert measure.painted == pytest.approx(measure.real, abs=1e-6), measure.name
    distance = next(m for m in scores.measures if m.name.startswith("Fréchet"))
    assert distance.painted == pytest.approx(0, abs=1e-5)
    assert distance.real is not None
    assert distance.real > 1e-4
    assert scores.clips_BTHWC.shape == (12, 16, 64, 64, 3)
    assert len(scores.captions) == 12


def test_a_toy_is_told_from_the_world(reader: TrainedReader, plain_atlas: Atlas) -> None:
    seen: list[Progress] = []
    toy = ToyFiller()
    scores = examine(
        lambda canvases, report: fill_many(canvases, toy, report=report),
        EXAM,
        reader,
        seen.append,
        plain_atlas,
    )
    measures = {measure.name.split(",")[0]: measure for measure in scores.measures}
    assert measures["Fréchet distance"].painted > 3 * measures["Fréchet distance"].real
    assert measures["temporal flickering"].painted < measures["temporal flickering"].real
    assert measures["seconds per second of video"].painted > 0
    painting = [progress.done for progress in seen if progress.stage == "painting" and progress.total == 19]
    assert painting == sorted(painting)
    assert painting[-1] == 19


def test_it_can_be_cancelled_within_a_clip(reader: TrainedReader, plain_atlas: Atlas) -> None:
    steps = 0

    def cancel(progress: Progress) -> None:
        nonlocal steps
        steps += 1
        if steps == 40:
            raise Cancelled

    with pytest.raises(Cancelled):
        examine(
            lambda canvases, report: fill_many(canvases, ToyFiller(), report=report),
            EXAM,
            reader,
            cancel,
            plain_atlas,
        )
    assert steps == 40


def test_an_exam_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 12 samples, not 8"):
        Exam(samples=8)
