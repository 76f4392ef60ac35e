"""Seams in pictures with known jumps."""

import numpy as np
import pytest

from vitascope.evaluate.seams import seam


def ramp(slope: float = 3.0) -> np.ndarray:
    plane = np.repeat((20 + slope * np.arange(64))[None], 64, axis=0)
    return np.repeat(plane[None, :, :, None], 3, axis=3).clip(0, 255).astype(np.uint8)


def left_half() -> np.ndarray:
    inside = np.zeros((64, 64), np.bool_)
    inside[:, :32] = True
    return inside


def test_a_picture_that_goes_on_has_none() -> None:
    found = seam(ramp(), left_half())
    assert found.colour == pytest.approx(1)
    assert found.gradient == pytest.approx(1)


def test_a_step_shows_in_colour_by_its_height() -> None:
    clip = ramp()
    clip[:, :, 32:] += 27  # 30 where it's 3 elsewhere
    found = seam(clip, left_half())
    assert found.colour == pytest.approx((30 + 0.5) / (3 + 0.5), rel=0.01)
    assert found.gradient > 10


def test_a_bend_shows_in_the_gradient_alone() -> None:
    plane = 20 + np.where(np.arange(64) < 32, 3.0 * np.arange(64), 3.0 * 31 + 0 * np.arange(64))
    clip = np.repeat(np.repeat(plane[None], 64, 0)[None, :, :, None], 3, 3).astype(np.uint8)
    found = seam(clip, left_half())
    assert found.colour < 1.5
    assert found.gradient > 3


def test_a_moving_border_is_followed() -> None:
    clip = np.repeat(ramp(), 3, axis=0)
    inside = np.zeros((3, 64, 64), np.bool_)
    for t, edge in enumerate((20, 30, 40)):
        inside[t, :, :edge] = True
        clip[t, :, edge:] += 27
    assert seam(clip, inside).colour == pytest.approx(30.5 / 3.5, rel=0.01)


def test_no_border_no_seam() -> None:
    assert seam(ramp(), np.ones((64, 64), np.bool_)).colour == 1
