"""Image -> video: the first frame is known, to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import Camera, CanvasError, fit_picture
from vitascope.tasks import image_to_video


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**31))
def test_the_first_frame_is_the_picture(width: int, height: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    canvas = image_to_video(picture, "it jumps", seed=seed)
    assert canvas.size == (width, height)
    assert np.array_equal(canvas.pixels[0], picture)
    assert (canvas.known[0] == 1).all()
    assert not canvas.known[1:].any()
    assert (canvas.words_at(-1), canvas.seed) == ("it jumps", seed)


def test_another_size_crops_the_picture() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (30, 50, 3), np.uint8)
    canvas = image_to_video(picture, size=(20, 20), duration_s=1, camera=Camera(zoom=20))
    assert np.array_equal(canvas.pixels[0], fit_picture(picture, 20, 20, "cover"))
    assert (canvas.frames, canvas.words, canvas.camera) == (8, (), (Camera(zoom=20),))


@pytest.mark.parametrize("size", [None, (8, 8)])
def test_what_is_no_picture_is_refused(size: tuple[int, int] | None) -> None:
    with pytest.raises(CanvasError, match="wanted a uint8 array with axes H, W, C"):
        image_to_video(np.zeros((4, 4)), size=size)
