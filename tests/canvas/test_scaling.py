"""Scaling keeps what is even even, what is left left, and says the same as Pillow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vitascope.canvas.scaling import LANCZOS, TRIANGLE, Kernel, scaled

from .strategies import noise

sides = st.integers(1, 50)


@pytest.mark.parametrize("kernel", [LANCZOS, TRIANGLE])
@given(sides, sides, sides, sides)
def test_an_even_picture_stays_even(
    kernel: Kernel, height: int, width: int, to_height: int, to_width: int
) -> None:
    result = scaled(np.full((height, width, 3), 100, np.uint8), to_height, to_width, kernel)
    assert result == pytest.approx(np.full((to_height, to_width, 3), 100), abs=1e-3)


@pytest.mark.parametrize(
    ("kernel", "pillow"), [(LANCZOS, Image.Resampling.LANCZOS), (TRIANGLE, Image.Resampling.BILINEAR)]
)
@given(sides, sides, sides, sides, st.booleans())
def test_it_agrees_with_pillow(
    kernel: Kernel,
    pillow: Image.Resampling,
    height: int,
    width: int,
    to_height: int,
    to_width: int,
    part: bool,
) -> None:
    picture = noise((height, width), height * 64 + width).astype(np.float32)
    box = (0.25 * width, 0.125 * height, 0.75 * width, 0.9 * height) if part else None
    ours = scaled(picture, to_height, to_width, kernel, box)
    theirs = np.asarray(Image.fromarray(picture).resize((to_width, to_height), pillow, box=box))
    if part:
        # Pillow rounds where its kernel ends to whole pixels: looser where a box cuts through one.
        assert np.abs(ours - theirs).mean() < 2
    else:
        assert ours == pytest.approx(theirs, abs=0.05)


@given(sides, sides, sides, sides)
def test_masks_stay_between_0_and_1(height: int, width: int, to_height: int, to_width: int) -> None:
    mask = noise((height, width), 3) > 127
    result = scaled(mask, to_height, to_width, TRIANGLE)
    assert result.min() >= 0
    assert result.max() <= 1 + 1e-6


def test_a_mirrored_picture_scales_to_the_mirror() -> None:
    picture = noise((20, 30, 3), 1)
    assert scaled(picture[:, ::-1], 7, 41) == pytest.approx(scaled(picture, 7, 41)[:, ::-1], abs=1e-3)
