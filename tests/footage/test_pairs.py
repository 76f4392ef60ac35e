"""What two frames in a row have to do with each other."""

import numpy as np
import pytest
from tests.footage.filmed import film, shifted, texture

from vitascope.footage import Frame
from vitascope.footage.pairs import Pair

TONES = {"bright": 1.0, "dark": 0.6}


def still(seed: int) -> Frame:
    return film([shifted(0, 0)], seed)[0]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", TONES.values(), ids=TONES)
def test_other_scenes_are_cuts(seed: int, share: float) -> None:
    """Scenes as unlike as two pictures are: one is drawn coarser, in other light."""
    coarse = np.repeat(np.repeat(texture(seed + 9)[:30, :40], 4, 0), 4, 1)
    one, other = ((picture * share).astype(np.uint8) for picture in (still(seed), 255 - coarse))
    assert Pair(one, other).cut
    assert Pair(other, one).cut


@pytest.mark.parametrize("step_px", [0.5, 3, 14, 30])
@pytest.mark.parametrize("noise", [0.0, 20.0])
def test_motion_and_noise_are_none(step_px: float, noise: float) -> None:
    pair = Pair(*film([shifted(0, 0), shifted(step_px, step_px / 3)], noise=noise))
    assert not pair.cut
    assert not pair.same


def test_a_flash_is_none_and_black_is() -> None:
    frame = still(0)
    assert not Pair(frame, np.clip(frame.astype(int) + 80, 0, 255).astype(np.uint8)).cut
    assert Pair(frame, np.zeros_like(frame)).cut
    assert not Pair(np.zeros_like(frame), np.full_like(frame, 4)).cut


def test_the_same_is_the_same() -> None:
    frame = still(0)
    pair = Pair(frame, frame.copy())
    assert pair.same
    assert not pair.cut


def test_motion_is_told_as_a_share_of_the_shorter_side() -> None:
    pair = Pair(*film([shifted(-3, 0), shifted(3, 0)]))
    assert pair.motion == pytest.approx(6 / 120, rel=0.1)
    assert pair.stray < 0.002


@pytest.mark.parametrize("sigma", [3.0, 8.0, 20.0])
@pytest.mark.parametrize("step_px", [0.0, 2.5])
def test_noise_is_measured_within_a_fifth(sigma: float, step_px: float) -> None:
    pair = Pair(*film([shifted(0, 0), shifted(step_px, 0)], noise=sigma))
    assert pair.noise() == pytest.approx(sigma, rel=0.2)
