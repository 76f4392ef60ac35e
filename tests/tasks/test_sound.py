"""Sound: every pixel is known, and what is heard is not."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError
from vitascope.tasks import sound

CLIP = np.random.default_rng(4).integers(0, 256, (4, 9, 12, 3), np.uint8)


def test_a_clip_is_known_and_its_sound_is_not() -> None:
    canvas = sound("rain", CLIP, rate_fps="30000/1001", seed=3, negative="wind")
    assert np.array_equal(canvas.pixels, CLIP)
    assert canvas.known.min() == 1
    assert (canvas.sound, canvas.sound_known, canvas.seed, canvas.negative) == (None, 0, 3, "wind")
    assert (canvas.words_at(0), canvas.duration_s) == ("rain", Fraction(4 * 1001, 30000))


@given(st.integers(1, 60_000))
def test_darkness_lasts_as_long_as_was_asked_to_the_bit(milliseconds: int) -> None:
    canvas = sound("rain", duration_s=Fraction(milliseconds, 1000))
    assert canvas.duration_s == Fraction(milliseconds, 1000)
    assert canvas.known.min() == 1
    assert canvas.pixels.base is not None, "a broadcast view: it takes no memory"


def test_ten_seconds_unless_it_is_said() -> None:
    assert sound("rain").duration_s == 10
    assert sound("rain", duration_s=1.5).duration_s == 1.5


@pytest.mark.parametrize("wrong", [{"duration_s": 0}, {"rate_fps": 8}, {"clip": CLIP}, {"duration_s": -1}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(CanvasError, match=r"duration_s|clip"):
        sound("rain", **wrong)  # type: ignore[arg-type]
    with pytest.raises(CanvasError, match="clip"):
        sound("rain", CLIP, rate_fps=8, duration_s=2)
