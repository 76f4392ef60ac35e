"""The verb: what it promises whoever fills."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from subprocess import run

import numpy as np
import pytest

from vitascope.canvas import Camera, Canvas
from vitascope.engine import (
    BrokenFiller,
    Cancelled,
    CannotFill,
    Capabilities,
    Filler,
    FillSettings,
    Progress,
    Report,
    ToyFiller,
    UnknownFiller,
    fill,
    fill_many,
    filler_for,
)

BLANK = Canvas.blank(4, 16, 24, 8).with_words("a fox")


class Recording(ToyFiller):
    """A toy that remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[Canvas]] = []

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        self.batches.append(list(canvases))
        return super().fill(canvases, settings, report)


def test_by_name_by_object_and_by_itself() -> None:
    by_name = fill(BLANK, "toy")
    assert by_name.known.min() == 1
    assert by_name == fill(BLANK, ToyFiller())
    assert filler_for(BLANK.with_loop()).name  # somebody here closes loops


def test_everything_but_pixels_and_known_comes_back_as_it_was() -> None:
    canvas = BLANK.with_negative("rain").with_seed(7)
    result = fill(canvas, ToyFiller())
    assert replace(result, pixels=canvas.pixels, known=canvas.known) == canvas


def test_a_canvas_that_is_known_everywhere_asks_nobody() -> None:
    toy = Recording()
    given = np.zeros((24, 16, 3), np.uint8)
    known = Canvas.blank(1, 24, 16, 8).with_picture(given).with_camera(Camera(pan=50))
    assert fill(known, toy) is known
    assert not toy.batches


def test_equal_shapes_are_one_batch_and_answers_keep_the_order() -> None:
    toy = Recording()
    wide = Canvas.blank(4, 16, 32, 8)
    canvases = [BLANK, wide, BLANK.with_seed(1), wide.with_seed(2)]
    results = fill_many(canvases, toy)
    assert [len(batch) for batch in toy.batches] == [2, 2]
    assert results == [fill(canvas, ToyFiller()) for canvas in canvases]


def test_progress_counts_the_steps_and_names_the_batches() -> None:
    heard: list[Progress] = []
    fill_many([BLANK], ToyFiller(), report=heard.append)
    assert [(p.done, p.total) for p in heard] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    heard.clear()
    fill_many([BLANK, Canvas.blank(1, 8, 8, 8)], ToyFiller(), report=heard.append)
    assert heard[-1].stage == "painting (2 of 2)"


def test_cancel_stops_at_the_next_step() -> None:
    heard: list[int] = []

    def stop(progress: Progress) -> None:
        heard.append(progress.done)
        if progress.done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        fill(BLANK, ToyFiller(), report=stop)
    assert heard == [1, 2]


def test_refusals_come_before_anything_is_loaded() -> None:
    toy = Recording()
    with pytest.raises(CannotFill, match='"toy" takes no camera'):
        fill_many([BLANK, BLANK.with_camera(Camera(pan=50))], toy)
    assert not toy.batches
    with pytest.raises(UnknownFiller):
        fill(BLANK, "nobody")


class Wrong:
    """Gives back whatever it is told to."""

    capabilities = Capabilities(name="wrong", summary="")

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        return self.answer  # type: ignore[return-value]


@pytest.mark.parametrize("answer", [None, [], [BLANK, BLANK], [None], [Canvas.blank(3, 16, 24, 8)], (BLANK,)])
def test_what_is_no_answer_is_a_broken_filler(answer: object) -> None:
    filler: Filler = Wrong(answer)
    with pytest.raises(BrokenFiller, match='"wrong"'):
        fill(BLANK, filler)


def test_choosing_and_refusing_loads_no_torch() -> None:
    code = (
        "import sys; from vitascope.engine import fillers, filler_for; from vitascope.canvas import Canvas;"
        "fillers(); filler_for(Canvas.blank(16, 256, 256, 8)); assert 'torch' not in sys.modules"
    )
    run([sys.executable, "-c", code], check=True)
