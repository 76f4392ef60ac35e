"""reframe: the window has the shape that was asked for, stays in the frame, and the subject in the window."""

from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vitascope.footage import Footage, FootageError, unheard
from vitascope.footage.reframe import Reframe, cut_window, window_of
from vitascope.footage.subjects import moving_box

cv2 = pytest.importorskip("cv2")
WIDTH_PX, HEIGHT_PX, RATE_FPS = 192, 108, Fraction(24)
MARK = (255, 0, 255)


def _ground(seed: int, width_px: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(HEIGHT_PX, width_px, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 3)
    return (128 + soft / soft.std() * 30).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    """A box in magenta goes from left to right while the camera pans a little."""
    ground = _ground(1, WIDTH_PX + 60)
    inside = _ground(2, 30)[:30]
    frames: list[np.ndarray] = []
    for number in range(48):
        frame = np.ascontiguousarray(ground[:, number : number + WIDTH_PX])
        left = 10 + round(140 * min(1, max(0, (number - 8) / 30)))
        frame[40:70, left : left + 30] = inside
        frame[44:66, left + 4 : left + 26] = MARK
        frames.append(frame)
    return frames


def reframed(frames: list[np.ndarray], **asked: Any) -> list[np.ndarray]:
    height_px, width_px = frames[0].shape[:2]
    footage = Footage(
        frames=frames, width_px=width_px, height_px=height_px, rate_fps=RATE_FPS, count=len(frames)
    )
    made = Reframe(**asked).make(footage, unheard, {})
    result = list(made.frames)
    assert {frame.shape for frame in result} == {(made.height_px, made.width_px, 3)}
    return result


def _marked(frame: np.ndarray) -> float:
    return float((np.abs(frame.astype(int) - MARK).max(axis=2) < 60).sum())


@pytest.mark.parametrize("subject", ["motion", "rect:0.05,0.37,0.21,0.65"])
def test_the_subject_stays_in_sight(clip: list[np.ndarray], subject: str) -> None:
    result = reframed(clip, subject=subject)
    assert len(result) == len(clip)
    assert result[0].shape == (108, 60, 3)
    shares = [_marked(frame) / _marked(whole) for frame, whole in zip(result, clip, strict=True)]
    assert min(shares) > 0.85
    middle = [_marked(frame[:, 23:38]) / _marked(whole) for frame, whole in zip(clip, clip, strict=True)]
    assert min(middle) < 0.1  # a window that stands still would lose it


def test_a_size_is_the_size(clip: list[np.ndarray]) -> None:
    assert reframed(clip[:4], size="54x96", subject="motion")[0].shape == (96, 54, 3)
    assert reframed(clip[:4], size="1:1", subject="motion")[0].shape == (108, 108, 3)


def test_a_clip_of_that_shape_is_left_alone(clip: list[np.ndarray]) -> None:
    for frame, made in zip(clip[:6], reframed(clip[:6], size="16:9", subject="motion"), strict=True):
        assert np.array_equal(frame, made)


@given(
    st.integers(2, 5000),
    st.integers(2, 5000),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_the_window_is_the_largest_of_its_shape(
    width_px: int, height_px: int, across: int, down: int
) -> None:
    if not Fraction(1, 20) <= Fraction(across, down) <= 20:
        return
    try:
        (window_w, window_h), out = window_of(f"{across}:{down}", width_px, height_px)
    except FootageError:
        assert min(width_px * down // across, height_px * across // down) < 4
        return
    assert out == (window_w, window_h)
    assert window_w <= width_px
    assert window_h <= height_px
    assert width_px - window_w < 2 or height_px - window_h < 2
    assert abs(window_w * down - window_h * across) <= 2 * (across + down)


@given(st.floats(-50, 300), st.floats(-50, 300))
def test_a_window_never_shows_what_is_outside(x_px: float, y_px: float) -> None:
    frame = np.full((40, 60, 3), 200, np.uint8)
    made = cut_window(frame, (x_px, y_px), (20, 30), (20, 30))
    assert made.shape == (30, 20, 3)
    assert (np.abs(made.astype(int) - 200) <= 1).all()


def test_parts_of_a_pixel_count() -> None:
    frame = np.repeat(np.repeat(np.arange(60, dtype=np.uint8)[None] * 4, 40, 0)[..., None], 3, 2)
    made = cut_window(frame, (10.5, 0), (20, 40), (20, 40))
    assert np.abs(made[:, 4:16, 0].astype(int) - (np.arange(14, 26) * 4 + 2)).max() <= 1


def test_what_moves_is_told_from_a_camera_that_pans(clip: list[np.ndarray]) -> None:
    small = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in islice(clip, 20, 22)]
    found = moving_box(small[0], small[1])
    assert found is not None
    left = 10 + round(140 * 12 / 30)
    assert abs(found.x_px + found.width_px / 2 - left - 15) < 10
    assert abs(found.y_px + found.height_px / 2 - 55) < 10
    still = _ground(5, WIDTH_PX + 3)
    grey = cv2.cvtColor(still, cv2.COLOR_RGB2GRAY)
    panned = [np.ascontiguousarray(part) for part in (grey[:, :WIDTH_PX], grey[:, 3:])]
    assert moving_box(*panned) is None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"size": "9:0"}, "no shape"),
        ({"size": "1:99"}, "no shape"),
        ({"size": "wide"}, "not a size"),
        ({"subject": "the cat"}, "no region"),
        ({"at": "last"}, "counts from the end"),
        ({"speed": 0}, "greater than 0"),
    ],
)
def test_wrong_wishes_are_refused_at_once(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Reframe(**asked)


def test_a_frame_without_room_is_refused() -> None:
    with pytest.raises(FootageError, match="too small"):
        reframed([np.zeros((4, 10, 3), np.uint8)], size="1:20")
