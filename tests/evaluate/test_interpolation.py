"""Frames between frames, of pictures that go evenly."""

import math

import numpy as np
import pytest

from vitascope.evaluate.interpolation import MOST_DB, blended, flow_interpolated, psnr


def going(step_px: float, frames: int, size: int = 64) -> np.ndarray:
    """A soft pattern that goes right by so many pixels a frame: uint8 [T, H, W, 3]."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    shots = [128 + 60 * np.sin((x - step_px * t) / 6) + 40 * np.sin(y / 5) for t in range(frames)]
    return np.stack([np.repeat(shot[:, :, None], 3, axis=2) for shot in shots]).round().astype(np.uint8)


def test_psnr_of_a_known_error() -> None:
    a = np.full((2, 4, 4, 3), 100, np.uint8)
    assert psnr(a, a + 10) == pytest.approx(10 * math.log10(255**2 / 100))
    assert psnr(a, a) == MOST_DB
    half = a.copy()
    half[:, :2] += 20
    where = np.zeros((2, 4, 4), np.bool_)
    where[:, :2] = True
    assert psnr(a, half, where) == pytest.approx(10 * math.log10(255**2 / 400))
    assert psnr(a, half, ~where) == MOST_DB
    assert math.isnan(psnr(a, half, np.zeros_like(where)))


def test_blending_mixes_by_nearness() -> None:
    given = np.stack([np.full((8, 8, 3), level, np.uint8) for level in (0, 90, 30)])
    assert blended(given, 3)[:, 0, 0, 0].tolist() == [0, 30, 60, 90, 70, 50, 30]


@pytest.mark.parametrize("way", [blended, flow_interpolated])
def test_given_frames_stay(way: object) -> None:
    assert callable(way)
    given = going(3.0, 4)
    made = way(given, 4)
    assert made.shape == (13, 64, 64, 3)
    assert np.array_equal(made[::4], given)


def test_flow_finds_what_is_halfway_and_blending_does_not() -> None:
    truth = going(1.5, 9)
    by_flow, by_mixing = flow_interpolated(truth[::4], 4), blended(truth[::4], 4)
    assert psnr(by_flow, truth) > psnr(by_mixing, truth) + 6
