"""Extend: the clip is where it should be, known to the bit, and the new time is not."""

from fractions import Fraction
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import Camera, CanvasError, Sound
from vitascope.engine import ToyFiller, fill
from vitascope.tasks import extend

RNG = np.random.default_rng(0)
CLIP = RNG.integers(0, 256, (5, 6, 8, 3), np.uint8)


@given(
    st.sampled_from(["forward", "backward", "both"]),
    st.integers(1, 9),
    st.integers(1, 20),
    st.sampled_from([8, 24, "30000/1001", 12.5]),
)
def test_only_the_clip_is_known(
    direction: Literal["forward", "backward", "both"], frames: int, new: int, rate_fps: float | str
) -> None:
    clip = RNG.integers(0, 256, (frames, 3, 4, 3), np.uint8)
    rate = extend(clip, rate_fps=rate_fps).rate_fps
    canvas = extend(clip, rate_fps=rate_fps, duration_s=new / rate, direction=direction)
    before, after = {"forward": (0, new), "backward": (new, 0), "both": (new, new)}[direction]
    assert canvas.frames == before + frames + after
    assert np.array_equal(canvas.pixels[before : before + frames], clip)
    assert (canvas.known[before : before + frames] == 1).all()
    assert canvas.known.sum() == clip[..., 0].size
    assert canvas.rate_fps == rate


def test_the_wishes_are_taken_along() -> None:
    canvas = extend(CLIP, "it jumps", rate_fps=8, seed=4, camera=Camera(pan=20))
    assert (canvas.words_at(0), canvas.words_at(-1), canvas.seed) == ("it jumps", "it jumps", 4)
    assert (canvas.frames, canvas.camera, canvas.sound) == (5 + 16, (Camera(pan=20),), None)
    assert extend(CLIP, rate_fps=8).words == ()


@pytest.mark.parametrize(
    ("direction", "start"), [("forward", 0), ("backward", 400), ("both", 400)], ids=lambda value: str(value)
)
def test_the_sound_stays_with_its_frames(
    direction: Literal["forward", "backward", "both"], start: int
) -> None:
    samples = RNG.uniform(-1, 1, (900, 2)).astype(np.float32)  # longer than the clip
    canvas = extend(CLIP, rate_fps=10, duration_s=0.4, direction=direction, sound=Sound(samples, 1000))
    assert canvas.sound is not None
    assert canvas.sound.rate_hz == 1000
    assert not canvas.sound.samples[:start].any()
    assert np.array_equal(canvas.sound.samples[start:], samples[:500])


def test_what_is_given_comes_back_from_a_filler() -> None:
    video = fill(extend(CLIP, rate_fps=24, duration_s=0.25, direction="both"), ToyFiller())
    assert np.array_equal(video.pixels[6:11], CLIP)
    assert video.duration_s == Fraction(17, 24)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(CanvasError, match="direction: must be one of forward, backward, both, not 'up'"):
        extend(CLIP, rate_fps=8, direction="up")  # type: ignore[arg-type]  # pyright: ignore
    with pytest.raises(CanvasError, match="clip: wanted a uint8 array with axes T, H, W, C"):
        extend(CLIP[0], rate_fps=8)
