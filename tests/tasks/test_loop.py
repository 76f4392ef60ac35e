"""Loop: the canvas is a circle, and begins with what is given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError, fit_picture
from vitascope.engine import ToyFiller, fill
from vitascope.tasks import loop

RNG = np.random.default_rng(0)
CLIP = RNG.integers(0, 256, (5, 6, 8, 3), np.uint8)


def test_from_words_nothing_is_known() -> None:
    canvas = loop("a fox runs", duration_s=1.5, size=(64, 32), seed=3)
    assert (canvas.loop, canvas.frames, canvas.size, canvas.seed) == (True, 12, (64, 32), 3)
    assert not canvas.known.any()
    assert canvas.words_at(-1) == "a fox runs"
    assert loop("a fox").size == (256, 256)


def test_from_a_picture_only_the_first_frame_is_known() -> None:
    canvas = loop("it blinks", picture=CLIP[0], duration_s=1)
    assert (canvas.loop, canvas.frames, canvas.size) == (True, 8, (8, 6))
    assert np.array_equal(canvas.pixels[0], CLIP[0])
    assert (canvas.known[0] == 1).all()
    assert not canvas.known[1:].any()


@given(st.integers(1, 9), st.integers(1, 20), st.sampled_from([8, 24, "30000/1001"]))
def test_from_a_clip_the_bridge_is_not_known(frames: int, bridge: int, rate_fps: float | str) -> None:
    clip = RNG.integers(0, 256, (frames, 3, 4, 3), np.uint8)
    rate = loop(clip=clip, rate_fps=rate_fps).rate_fps
    canvas = loop(clip=clip, duration_s=bridge / rate, rate_fps=rate_fps)
    assert canvas.loop
    assert canvas.frames == frames + bridge
    assert np.array_equal(canvas.pixels[:frames], clip)
    assert (canvas.known[:frames] == 1).all()
    assert not canvas.known[frames:].any()


def test_another_size_scales_what_is_given() -> None:
    canvas = loop(clip=CLIP, size=(12, 12))
    assert canvas.size == (12, 12)
    assert np.array_equal(canvas.pixels[3], fit_picture(CLIP[3], 12, 12))
    assert np.array_equal(loop(picture=CLIP[0], size=(4, 3)).pixels[0], fit_picture(CLIP[0], 4, 3))


def test_the_circle_comes_back_whole() -> None:
    video = fill(loop(clip=CLIP, duration_s=1), ToyFiller())
    assert video.loop
    assert np.array_equal(video.pixels[:5], CLIP)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(CanvasError, match="with a picture or with a clip, not with both"):
        loop(picture=CLIP[0], clip=CLIP)
    with pytest.raises(CanvasError, match="wanted a uint8 array"):
        loop(clip=CLIP[0])
