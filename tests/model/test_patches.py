"""Pixels to patches and back."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from vitascope.model.layout import Layout
from vitascope.model.patches import patchify, unpatchify


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 2, 4]))
def test_patches_come_back_as_the_pixels_they_were(
    batch: int, groups: int, rows: int, columns: int, frames: int
) -> None:
    pixels = torch.randn(batch, groups * frames, rows * 8, columns * 8, 3)
    patches = patchify(pixels, frames, 8)
    assert patches.shape == (batch, groups * rows * columns, frames * 192)
    assert torch.equal(unpatchify(patches, frames, 8, rows, columns), pixels)


def test_a_patch_holds_its_own_square() -> None:
    pixels = torch.zeros(1, 4, 16, 16, 3)
    pixels[:, :, 8:, :8] = 1  # the lower left square
    assert patchify(pixels, 4, 8).mean(-1).tolist() == [[0, 0, 1, 0]]


def test_places_follow_the_order_of_tokens() -> None:
    layout = Layout(rows=2, columns=3, tubelets=2, frame_times=(5,))
    places = layout.places()
    assert places.shape == (18, 3)
    assert places[0].tolist() == [5, -0.5, -1]
    assert places[1].tolist() == [5, -0.5, 0]
    assert places[6].tolist() == [1.5, -0.5, -1]
    assert places[-1].tolist() == [5.5, 0.5, 1]
