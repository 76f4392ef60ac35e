"""What is made up behind a subject and beyond the edges goes on from what is there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.stills.scenes import ball, slope, still

from vitascope.engine.stills.filling import completed, extended


def test_behind_the_ball_the_slope_goes_on() -> None:
    made = completed(still(), ball())
    assert np.array_equal(made[~ball()], still()[~ball()])
    truth = slope().astype(float)
    wrong = np.abs(made - truth)[ball()].mean()
    assert wrong < 8, wrong  # its grain alone is 3 levels: two of them differ by 3.4
    grain = (made - truth)[ball()].std()
    assert grain > 2.5, "smooth where everything around is grainy shows"


@pytest.mark.parametrize("hole", [np.zeros((90, 160), bool), np.ones((90, 160), bool)])
def test_no_hole_and_nothing_but_a_hole_are_left(hole: np.ndarray) -> None:
    assert np.array_equal(completed(still(), hole), still())


@settings(max_examples=20)
@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    more=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_beyond_its_edges_a_picture_goes_on(size: tuple[int, int], more: tuple[int, int]) -> None:
    picture = slope(*size)
    wide = extended(picture, *more)
    assert wide.shape == (size[1] + 2 * more[1], size[0] + 2 * more[0], 3)
    assert np.array_equal(wide[more[1] : more[1] + size[1], more[0] : more[0] + size[0]], picture)
    assert wide.min() >= picture.min() - 1, "no black edges"
