"""In-between: both ends are known, to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError, fit_picture
from vitascope.tasks import between


@given(st.integers(1, 30), st.integers(1, 30), st.integers(3, 40), st.integers(0, 2**31))
def test_only_both_ends_are_known(width: int, height: int, frames: int, seed: int) -> None:
    first, last = np.random.default_rng(seed).integers(0, 256, (2, height, width, 3), np.uint8)
    canvas = between(first, last, "it turns", duration_s=frames / 8, seed=seed)
    assert (canvas.frames, canvas.size) == (frames, (width, height))
    assert np.array_equal(canvas.pixels[[0, -1]], [first, last])
    assert (canvas.known[[0, -1]] == 1).all()
    assert not canvas.known[1:-1].any()
    assert (canvas.words_at(0), canvas.seed) == ("it turns", seed)


def test_the_first_picture_says_the_size() -> None:
    first, last = (
        np.full((6, 8, 3), 50, np.uint8),
        np.random.default_rng(0).integers(0, 256, (9, 5, 3), np.uint8),
    )
    assert np.array_equal(between(first, last).pixels[-1], fit_picture(last, 8, 6))
    assert np.array_equal(between(first, last, size=(5, 9)).pixels[-1], last)


def test_there_must_be_something_between() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    assert between(picture, picture, duration_s=0.375).frames == 3
    with pytest.raises(CanvasError, match=r"of 2 frames; at 8 fps make it 0\.375 s or more"):
        between(picture, picture, duration_s=0.25)
