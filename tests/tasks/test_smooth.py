"""Smooth: every frame of the clip at its own time, and nothing else known."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError
from vitascope.engine import ToyFiller, fill
from vitascope.tasks import smooth

CLIP = np.random.default_rng(0).integers(0, 256, (5, 6, 8, 3), np.uint8)


@given(
    st.integers(2, 9),
    st.integers(2, 8),
    st.sampled_from([Fraction(8), Fraction(24000, 1001), Fraction(25, 2)]),
)
def test_given_frames_keep_their_times(frames: int, times: int, rate: Fraction) -> None:
    clip = np.random.default_rng(frames).integers(0, 256, (frames, 3, 4, 3), np.uint8)
    canvas = smooth(clip, rate_fps=rate, to_rate_fps=rate * times, text="a fox", seed=2)
    assert canvas.duration_s == frames / rate
    assert np.array_equal(canvas.pixels[::times], clip)
    assert (canvas.known[::times] == 1).all()
    assert canvas.known.sum() == clip[..., 0].size
    assert (canvas.words_at(1), canvas.seed) == ("a fox", 2)


def test_a_filler_gives_them_back() -> None:
    video = fill(smooth(CLIP, rate_fps=12, to_rate_fps=48), ToyFiller())
    assert (video.frames, video.rate_fps) == (20, 48)
    assert np.array_equal(video.pixels[::4], CLIP)


@pytest.mark.parametrize(
    ("rate_fps", "to_rate_fps", "message"),
    [
        (24, 60, "of the clip's 24 fps: 48 or 72, not 60"),
        (24, 24, "of the clip's 24 fps: 48 or 72, not 24"),
        (24, 12, "of the clip's 24 fps: 48 or 72, not 12"),
        (24, 100, "of the clip's 24 fps: 96 or 120, not 100"),
        ("24000/1001", 48, r"of the clip's 23\.976 fps: 47\.952 or 72000/1001, not 48"),
        (12.5, 30, r"of the clip's 12\.5 fps: 25 or 37\.5, not 30"),
    ],
)
def test_other_rates_are_refused_with_the_nearest_that_do(
    rate_fps: float | str, to_rate_fps: float, message: str
) -> None:
    with pytest.raises(CanvasError, match=f"to_rate_fps: must be a whole multiple {message}"):
        smooth(CLIP, rate_fps=rate_fps, to_rate_fps=to_rate_fps)


@given(st.sampled_from([8, 24, 25, "24000/1001", "30000/1001", 12.5]), st.integers(1, 240))
def test_what_the_error_names_does(rate_fps: float | str, to_rate_fps: int) -> None:
    try:
        smooth(CLIP, rate_fps=rate_fps, to_rate_fps=to_rate_fps)
    except CanvasError as error:
        named = error.message.split(": ")[1].split(", ")[0].split(" or ")
        low, high = (smooth(CLIP, rate_fps=rate_fps, to_rate_fps=name).rate_fps for name in named)
        assert low < high
        assert to_rate_fps < high


def test_a_single_frame_has_nothing_between() -> None:
    with pytest.raises(CanvasError, match="clip: a single frame has nothing between"):
        smooth(CLIP[:1], rate_fps=8, to_rate_fps=16)
