"""What stands out is cut out; where nothing does, nothing is."""

import numpy as np
import pytest
from tests.engine.stills.scenes import Picture, ball, slope, still, textured

from vitascope.engine.stills.cutting import subject


@pytest.mark.parametrize("size", [(160, 90), (400, 300), (120, 200)])
def test_a_ball_is_cut_out_with_a_soft_edge(size: tuple[int, int]) -> None:
    alpha = subject(still(*size))
    assert alpha is not None
    assert alpha.shape == size[::-1]
    assert alpha.dtype == np.float32
    cut, there = alpha > 0.5, ball(*size)
    assert (cut & there).sum() / (cut | there).sum() > 0.95
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert alpha[there].mean() > 0.95
    assert alpha[~there].mean() < 0.02


@pytest.mark.parametrize(
    "picture",
    [
        slope(),
        textured(),
        np.full((90, 160, 3), 77, np.uint8),
        np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((20, 4000, 3), np.uint8),
    ],
    ids=["slope", "soft noise", "flat", "noise", "one pixel", "a line"],
)
def test_nothing_stands_out(picture: Picture) -> None:
    assert subject(picture) is None


def test_the_same_picture_is_cut_in_the_same_way() -> None:
    first, second = subject(still()), subject(still())
    assert first is not None
    assert np.array_equal(first, second)  # type: ignore[arg-type]
