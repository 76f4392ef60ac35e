"""Expand: what was there stays to the bit, wherever it lies, and all around it is unknown."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError
from vitascope.tasks import expand
from vitascope.tasks.expand import smallest_size

sides = st.integers(1, 40)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, shape, np.uint8)


@given(sides, sides, st.integers(0, 30), st.integers(0, 30), st.floats(0, 1), st.floats(0, 1))
def test_the_inside_is_known_and_nothing_else(
    width: int, height: int, more_x: int, more_y: int, x: float, y: float
) -> None:
    clip = noise(3, height, width, 3)
    canvas = expand(clip, size=(width + more_x, height + more_y), rate_fps=12, at=(x, y), text="snow", seed=4)
    assert (canvas.frames, canvas.rate_fps, canvas.seed, canvas.words_at(0)) == (3, 12, 4, "snow")
    assert canvas.size == (width + more_x, height + more_y)
    top, left = round(y * more_y), round(x * more_x)
    inside = (slice(None), slice(top, top + height), slice(left, left + width))
    assert np.array_equal(canvas.pixels[inside], clip)
    assert (canvas.known[inside] == 1).all()
    assert canvas.known.sum() == clip.size / 3


@pytest.mark.parametrize(
    ("at", "corner"),
    [
        ("left", (0, 5)),
        ("Right", (20, 5)),
        ("top", (10, 0)),
        ("bottom", (10, 10)),
        ("centre", (10, 5)),
        ("center", (10, 5)),
        ("top right", (20, 0)),
        ("bottom-left", (0, 10)),
        ("0.25, 1", (5, 10)),
    ],
)
def test_places(at: str, corner: tuple[int, int]) -> None:
    known = expand(noise(2, 10, 20, 3), size=(40, 20), at=at).known[0]
    ys, xs = np.nonzero(known)
    assert (xs.min(), ys.min()) == corner


def test_a_picture_stays_one_or_begins_a_video() -> None:
    picture = noise(10, 20, 3)
    still = expand(picture, size=(30, 10))
    assert (still.frames, still.known.sum()) == (1, 200)
    video = expand(picture, size=(30, 10), duration_s=1, rate_fps=8)
    assert (video.frames, video.known[1:].any()) == (8, False)
    assert np.array_equal(video.pixels[0, :, 5:25], picture)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 30), st.integers(1, 30))
def test_the_smallest_size_of_a_shape(width: int, height: int, across: int, down: int) -> None:
    size = smallest_size(Fraction(across), Fraction(down), width, height)
    assert size[0] >= width
    assert size[1] >= height
    assert size[0] == width or size[1] == height  # smaller it would not hold it
    grown = [(new, old) for new, old in zip(size, (width, height), strict=True) if new != old]
    exact = [height * across / down, width * down / across]
    for new, old in grown:
        assert new % 2 == 0
        wanted = exact[0] if (new, old) == (size[0], width) else exact[1]
        assert wanted <= new < wanted + 2


def test_well_known_shapes() -> None:
    assert smallest_size(Fraction(16), Fraction(9), 640, 480) == (854, 480)
    assert smallest_size(Fraction(16), Fraction(9), 1280, 720) == (1280, 720)
    assert smallest_size(Fraction(9), Fraction(16), 1920, 1080) == (1920, 3414)


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    with pytest.raises(CanvasError, match=r"32x18 can't hold 40x30 px; .* is 54x30") as caught:
        expand(noise(2, 30, 40, 3), size=(32, 18))
    assert caught.value.where == "size"
    assert expand(noise(2, 30, 40, 3), size=(54, 30)).size == (54, 30)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"at": "upside"}, 'at: "upside" is no place; write "left"'),
        ({"at": "left right"}, "at: .* is no place"),
        ({"at": ""}, "at: .* is no place"),
        ({"at": (0.5, 1.5)}, "at: 0.5,1.5 is not in 0..1"),
        ({"size": (0, 9)}, "size: each side must be 1 or more, not 0x9"),
        ({"duration_s": 2}, "duration_s: a clip keeps its own length"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(CanvasError, match=message):
        expand(noise(2, 4, 4, 3), **{"size": (8, 8), **change})


def test_what_is_no_clip_is_refused() -> None:
    with pytest.raises(CanvasError, match=r"wanted a clip \[T, H, W, 3\] or a picture"):
        expand(noise(4, 4), size=(8, 8))
    with pytest.raises(CanvasError, match="wanted a uint8 array"):
        expand(np.zeros((2, 4, 4, 3)), size=(8, 8))
