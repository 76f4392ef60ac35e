"""Sound is samples in -1..1 at a whole rate."""

from fractions import Fraction

import numpy as np
import pytest

from vitascope.canvas import CanvasError, Sound


def test_sound_is_a_value() -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (44101, 2))
    sound = Sound(samples, 44100)
    assert sound.samples.dtype == np.float32
    assert sound.duration_s == Fraction(44101, 44100)
    assert sound == Sound(samples.copy(), 44100)
    samples[:] = 0
    assert sound.samples.any()
    assert sound != Sound(samples, 44100)


@pytest.mark.parametrize(
    ("samples", "rate_hz"),
    [
        (np.zeros(9, np.float32), 8000),
        (np.zeros((9, 1), np.int16), 8000),
        (np.full((9, 1), 1.5), 8000),
        (np.full((9, 1), np.nan), 8000),
        (np.zeros((9, 0)), 8000),
        (np.zeros((9, 1)), 0),
    ],
)
def test_what_is_no_sound_is_refused(samples: np.ndarray, rate_hz: int) -> None:
    with pytest.raises(CanvasError, match=r"samples|rate"):
        Sound(samples, rate_hz)
