"""Sizes as people write them, and pictures made to fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError, Fit, fit_picture, parse_size, size_within

from .strategies import noise


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1280x720", (1280, 720)),
        (" 1280 X 720 ", (1280, 720)),
        ("1280×720", (1280, 720)),
        ("512", (512, 512)),
        ("512px", (512, 512)),
        ("16:9", (456, 256)),
        ("9:16", (256, 456)),
        ("1:1", (256, 256)),
        ("2.39:1", (608, 256)),
        ("720p", (1280, 720)),
        ("1080p", (1920, 1080)),
    ],
)
def test_parse_size(text: str, size: tuple[int, int]) -> None:
    assert parse_size(text) == size


def test_a_ratio_at_another_size() -> None:
    assert parse_size("16:9", short_side_px=720) == (1280, 720)


@pytest.mark.parametrize(
    "text", ["", "big", "0x9", "99999x1", "16:0", "0:9", "1:1000", "-5", "1x2x3", "٥", "1e3"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(CanvasError, match=r"is not a (size|shape)"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "within"),
    [
        ((4000, 3000), (1920, 1440)),
        ((3024, 4032), (1440, 1920)),
        ((1921, 1081), (1920, 1080)),
        ((1920, 1080), (1920, 1080)),
        ((1919, 333), (1919, 333)),
        ((16_384, 3), (1920, 2)),
    ],
)
def test_a_size_within(size: tuple[int, int], within: tuple[int, int]) -> None:
    assert size_within(*size, 1920) == within


@given(st.integers(1, 16_384), st.integers(1, 16_384), st.integers(2, 5000))
def test_a_size_within_is_as_large_and_as_shaped_as_even_sides_allow(
    width: int, height: int, longest: int
) -> None:
    new_width, new_height = size_within(width, height, longest)
    if max(width, height) <= longest:
        assert (new_width, new_height) == (width, height)
        return
    assert new_width % 2 == new_height % 2 == 0
    assert longest - 1 <= max(new_width, new_height) <= longest
    scale = longest / max(width, height)
    assert abs(new_width - width * scale) <= 2
    assert abs(new_height - height * scale) <= 2


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.sampled_from([3, 4])
)
@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
def test_a_picture_gets_the_size_that_was_asked_for(
    fit: Fit, width: int, height: int, new_width: int, new_height: int, channels: int
) -> None:
    fitted = fit_picture(noise((height, width, channels), 1), new_width, new_height, fit)
    assert fitted.shape == (new_height, new_width, channels)
    assert fitted.dtype == np.uint8


def test_a_picture_that_fits_comes_back_as_it_is() -> None:
    picture = noise((5, 7, 3), 1)
    assert fit_picture(picture, 7, 5) is picture


def test_cover_crops_the_middle_and_contain_leaves_edges() -> None:
    thirds = np.zeros((10, 30, 3), np.uint8)
    thirds[:, 10:20] = 255
    assert (fit_picture(thirds, 10, 10, "cover") == 255).all()
    contained = fit_picture(thirds, 30, 30, "contain")
    assert np.array_equal(contained[10:20], thirds)
    assert not contained[:10].any()
    assert not contained[20:].any()


def test_a_wrong_fit_or_picture_is_refused() -> None:
    with pytest.raises(CanvasError, match='fit must be one of cover, contain, stretch, not "crop"'):
        fit_picture(noise((2, 2, 3), 1), 4, 4, "crop")  # type: ignore[arg-type]
    with pytest.raises(CanvasError, match="wanted a uint8 array with axes H, W, C"):
        fit_picture(noise((2, 2), 1), 4, 4)
