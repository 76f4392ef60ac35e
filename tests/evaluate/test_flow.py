"""Optical flow against displacements that are known, because the test made them."""

import math

import pytest
import torch
from torch import Tensor

from vitascope.evaluate.flow import halfway, midway_flow


def waves(shift_x: float, shift_y: float, size: int = 64) -> Tensor:
    """A smooth texture [1, H, W] in 0..255, exactly displaced: it's a formula, not a resampled picture."""
    y, x = torch.meshgrid(
        torch.arange(size) - float(shift_y), torch.arange(size) - float(shift_x), indexing="ij"
    )
    sum_of = torch.zeros(size, size)
    for i, (u, v) in enumerate([(3, 1), (-2, 4), (1, 2), (5, -3), (0, 3), (4, 0)]):
        sum_of += torch.sin(2 * math.pi * (u * x + v * y) / size + 1.3 * i)
    return (127.5 + 21 * sum_of).unsqueeze(0)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.5, -0.25), (2.5, 1.0), (-3.0, 4.0), (6.0, 0.0)])
def test_a_displacement_is_found(shift: tuple[float, float]) -> None:
    found = midway_flow(waves(0, 0), waves(*shift))[0, :, 8:-8, 8:-8]
    off = (found - torch.tensor(shift).view(2, 1, 1)).norm(dim=0)
    assert off.median() < 0.1
    assert off.quantile(0.9) < 0.5


def test_there_and_back_are_opposites() -> None:
    a, b = waves(0, 0), waves(1.5, -2)
    assert (midway_flow(a, b) + midway_flow(b, a)).abs().mean() < 1e-3


def test_the_frame_halfway_is_where_things_are_by_then() -> None:
    a, b, between = waves(0, 0), waves(4, -2), waves(2, -1)
    made = halfway(a.unsqueeze(1), b.unsqueeze(1), midway_flow(a, b))[:, 0]
    inner = (slice(None), slice(6, -6), slice(6, -6))
    assert (made - between)[inner].abs().mean() < 2
    assert ((a + b) / 2 - between)[inner].abs().mean() > 8  # without carrying it's a double exposure


def test_nothing_moves_where_nothing_is_to_be_seen() -> None:
    plain = torch.full((1, 32, 48), 90.0)
    assert midway_flow(plain, plain + 40).abs().max() == 0
