"""Restyle: everything is known alike, by what the strength leaves."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError
from vitascope.engine import ToyFiller, fill
from vitascope.tasks import restyle

CLIP = np.random.default_rng(4).integers(0, 256, (4, 9, 12, 3), np.uint8)


@given(st.floats(0, 1))
def test_every_pixel_is_known_by_the_rest_of_the_strength(strength: float) -> None:
    canvas = restyle(CLIP, "as clay", rate_fps=24, strength=strength, seed=3)
    assert np.array_equal(canvas.pixels, CLIP)
    assert np.allclose(canvas.known, 1 - strength)
    assert (canvas.words_at(0), canvas.rate_fps, canvas.seed) == ("as clay", 24, 3)


def test_the_ends_of_the_slider() -> None:
    assert np.array_equal(fill(restyle(CLIP, "as clay", rate_fps=8, strength=0), ToyFiller()).pixels, CLIP)
    assert not restyle(CLIP, "as clay", rate_fps=8, strength=1).known.any()


def test_more_strength_moves_it_further() -> None:
    far = [
        np.abs(fill(restyle(CLIP, "as clay", rate_fps=8, strength=s), ToyFiller()).pixels - CLIP.astype(int))
        for s in (0, 0.3, 0.6, 1)
    ]
    assert [bool((one <= two).all()) for one, two in pairwise(far)] == [True] * 3


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_strength_has_ends(strength: float) -> None:
    with pytest.raises(CanvasError, match=r"strength: must be in 0\.\.1"):
        restyle(CLIP, "as clay", rate_fps=8, strength=strength)


def test_what_is_no_clip_is_refused() -> None:
    with pytest.raises(CanvasError, match="clip: wanted a uint8 array"):
        restyle(CLIP / 255, "as clay", rate_fps=8)
