"""Tubelets as mean and change: the way there and back, and what their noise is like."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vitascope.model.waves import WORTH, counted, from_waves, tubelet_noise, waves


@given(st.integers(1, 8), st.integers(1, 5), st.integers(0, 2**31))
def test_waves_lead_back_to_the_frames(frames: int, numbers: int, seed: int) -> None:
    pixels = torch.randn(2, 3, frames * numbers, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(from_waves(waves(pixels, frames), frames), pixels, atol=1e-5, rtol=1e-5)


def test_frames_that_are_all_alike_have_no_change() -> None:
    alike = torch.randn(1, 1, 6).repeat(1, 1, 4)
    mean, *changes = waves(alike, 4).chunk(4, dim=-1)
    torch.testing.assert_close(mean, 2 * alike[..., :6])
    for change in changes:
        torch.testing.assert_close(change, torch.zeros_like(change), atol=1e-5, rtol=0)


def test_the_noise_of_a_tubelet_is_white_in_waves_and_alike_in_its_frames() -> None:
    noise = tubelet_noise(torch.randn(4000, 1, 8, generator=torch.Generator().manual_seed(0)), 4)
    torch.testing.assert_close(waves(noise, 4).flatten(0, 1).T.cov(), 4 * torch.eye(8), atol=0.32, rtol=0)
    first, second = noise.flatten(0, 1)[:, 0], noise.flatten(0, 1)[:, 2]
    assert torch.stack((first, second)).corrcoef()[0, 1] > 0.7


def test_an_error_in_the_mean_counts_most() -> None:
    errors = [counted(from_waves(torch.eye(4)[wave], 4), 4).square().mean().item() for wave in range(4)]
    assert errors == pytest.approx([WORTH[0], WORTH[1], WORTH[2], WORTH[2]])
