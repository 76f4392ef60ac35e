"""The toy keeps the contract's promises."""

import numpy as np
import pytest

from vitascope.canvas import Canvas, Rectangle
from vitascope.engine import ToyFiller, fill

BLANK = Canvas.blank(8, 16, 24, 8).with_words("a fox")


def test_words_and_seeds_mean_something_and_the_same_gives_the_same() -> None:
    first = fill(BLANK, ToyFiller()).pixels
    assert np.array_equal(first, fill(BLANK, ToyFiller()).pixels)
    assert not np.array_equal(first, fill(BLANK.with_seed(1), ToyFiller()).pixels)
    assert not np.array_equal(first, fill(BLANK.with_words("a boat"), ToyFiller()).pixels)


def test_it_moves_and_closes_its_circle() -> None:
    pixels = fill(BLANK.with_loop(), ToyFiller()).pixels.astype(int)
    steps = [np.abs(pixels[i] - pixels[i - 1]).mean() for i in range(8)]
    assert min(steps) > 1
    assert steps[0] == pytest.approx(np.mean(steps), rel=0.1)  # last to first is a step like the others


@pytest.mark.parametrize("level", [0.25, 0.5, 0.75])
def test_the_better_known_the_nearer(level: float) -> None:
    given = np.zeros((16, 24, 3), np.uint8)
    free = fill(BLANK, ToyFiller()).pixels[0].astype(float)
    held = fill(BLANK.with_picture(given, known=level), ToyFiller()).pixels[0]
    assert np.abs(held - (1 - level) * free).max() <= 1


def test_regions_hold() -> None:
    given = np.full((16, 24, 3), 7, np.uint8)
    result = fill(BLANK.with_picture(given, known=Rectangle(0, 0, 0.5, 1)), ToyFiller())
    assert (result.pixels[0, :, :12] == 7).all()
    assert not (result.pixels[0, :, 12:] == 7).all()
