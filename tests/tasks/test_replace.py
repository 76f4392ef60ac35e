"""Replace and erase: outside the region all is known to the bit, inside nothing is."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.canvas.strategies import regions

from vitascope.canvas import CanvasError, Rectangle, Region, Span
from vitascope.tasks import replace

CLIP = np.random.default_rng(2).integers(0, 256, (6, 18, 24, 3), np.uint8)


@given(regions, st.booleans())
def test_outside_all_is_known_and_inside_nothing(region: Region, words: bool) -> None:
    covered = region.coverage(18, 24)
    assume(covered.any())
    canvas = replace(CLIP, region, "a pumpkin" if words else "", rate_fps="30000/1001", seed=7)
    assert np.array_equal(canvas.pixels, CLIP)
    assert ((canvas.known == 1) == (covered == 0)).all()
    assert ((canvas.known == 0) == (covered > 0)).all()
    assert (canvas.words_at(0), canvas.seed) == ("a pumpkin" * words, 7)


def test_an_array_is_taken_as_it_is() -> None:
    soft = np.linspace(0, 1, 18 * 24, dtype=np.float32).reshape(18, 24)
    canvas = replace(CLIP, soft, rate_fps=8)
    assert np.allclose(canvas.known, 1 - soft)
    moving = np.zeros((6, 18, 24), bool)
    moving[np.arange(6), :, np.arange(6)] = True
    assert np.array_equal(replace(CLIP, moving, rate_fps=8).known, ~moving)


@pytest.mark.parametrize("moving", [False, True])
def test_a_span_says_when(moving: bool) -> None:
    region = np.ones((6, 18, 24), bool) if moving else Rectangle(0, 0, 1, 1)
    canvas = replace(CLIP, region, "a pumpkin", rate_fps=8, span=Span("2f", "4f"))
    assert canvas.known.mean(axis=(1, 2)).tolist() == [1, 1, 0, 0, 1, 1]
    assert [canvas.words_at(frame) for frame in (1, 2, 3, 4)] == ["", "a pumpkin", "a pumpkin", ""]


@pytest.mark.parametrize(
    ("region", "message"),
    [
        (Rectangle(1.2, 0, 1.5, 1), "region: it holds no pixel of the clip"),
        (np.zeros((18, 24)), "region: it holds no pixel"),
        (np.ones((9, 9)), r"where: wanted the shape \(18, 24\), got \(9, 9\)"),
        (np.full((18, 24), 255), "where: values go from 255"),
    ],
)
def test_what_is_no_region_of_it_is_refused(region: Region, message: str) -> None:
    with pytest.raises(CanvasError, match=message):
        replace(CLIP, region, rate_fps=8)


def test_what_is_no_clip_is_refused() -> None:
    with pytest.raises(CanvasError, match="clip: wanted a uint8 array with axes T, H, W, C"):
        replace(CLIP[0], Rectangle(0, 0, 1, 1), rate_fps=8)
