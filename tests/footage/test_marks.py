"""What a mark means, and what is cut out by it."""

import cv2
import numpy as np
import pytest
from tests.footage.cutouts import Picture, Plane, clip, overlap

from vitascope.canvas import CanvasError
from vitascope.footage import FootageError
from vitascope.footage.marks import cut_out, parse_mark

MARKS = [
    ("rect:0.12,0.18,0.48,0.82",),
    ("ellipse:0.3,0.5,0.15,0.28",),
    ("polygon:0.18,0.2 0.34,0.25 0.44,0.5 0.34,0.62 0.22,0.78 0.16,0.6",),
    ("0.3,0.5",),
    ("point:30%,50%",),
    ("stroke:0.25,0.45 0.35,0.5",),
    ("stroke:0.25,0.45 0.35,0.5", "not:stroke:0.6,0.2 0.9,0.8"),
    ("stroke:0.25,0.4;0.02", "stroke:0.35,0.55;0.02"),
]


@pytest.fixture(scope="module")
def first() -> tuple[Picture, Plane]:
    return next(clip(2))


@pytest.mark.parametrize("texts", MARKS, ids="+".join)
def test_every_kind_of_mark_cuts_the_subject_out(
    first: tuple[Picture, Plane], texts: tuple[str, ...]
) -> None:
    picture, alpha = first
    assert overlap(cut_out(picture, tuple(map(parse_mark, texts))), alpha) > 0.93


def test_a_mark_on_what_it_is_not_takes_that_away(first: tuple[Picture, Plane]) -> None:
    """A box around the blob and a ball beside it."""
    picture, alpha = first[0].copy(), first[1]
    cv2.circle(picture, (110, 45), 14, (40, 200, 60), -1)
    box = parse_mark("rect:0.1,0.1,0.85,0.9")
    assert cut_out(picture, (box,))[45, 110] == 1
    without = cut_out(picture, (box, parse_mark("not:ellipse:0.6875,0.5,0.1,0.18")))
    assert not without[:, 90:].any()
    assert overlap(without, alpha) > 0.9


def test_outside_of_a_box_is_never_the_subject(first: tuple[Picture, Plane]) -> None:
    picture, alpha = first
    left = cut_out(picture, (parse_mark("rect:0.12,0.18,0.38,0.82"),))
    assert not left[:, 61:].any()
    assert overlap(left[:, :58], alpha[:, :58]) > 0.8


@pytest.mark.parametrize(
    "text", ["banana", "0.5", "1.5s", "not:not:rect:0,0,1,1", "mask:a.png", "rect:1,1,0,0"]
)
def test_what_is_no_mark_says_so(text: str) -> None:
    with pytest.raises(CanvasError, match=r"write|is enough|file|less than"):
        parse_mark(text)


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (("rect:1.1,0,1.5,1",), "outside of the picture"),
        (("rect:0,0,1,1",), "the whole picture"),
        (("rect:-1,-1,2,2",), "the whole picture"),
    ],
)
def test_marks_that_mean_nothing_are_refused(
    first: tuple[Picture, Plane], texts: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(FootageError, match=reason):
        cut_out(first[0], tuple(map(parse_mark, texts)))


def test_the_same_marks_cut_the_same(first: tuple[Picture, Plane]) -> None:
    marks = (parse_mark("rect:0.12,0.18,0.48,0.82"),)
    assert np.array_equal(cut_out(first[0], marks), cut_out(first[0], marks))


@pytest.mark.parametrize("size", [(2, 8), (1, 40), (40, 4)])
def test_tiny_pictures_are_cut(size: tuple[int, int]) -> None:
    halves = np.zeros((*size, 3), np.uint8)
    halves[:, size[1] // 2 :] = 200
    cut = cut_out(halves, (parse_mark("stroke:0.2,0.5;0.05"), parse_mark("not:stroke:0.8,0.5;0.05")))
    assert np.array_equal(cut, (halves[..., 0] == 0).astype(np.float32))


def test_a_picture_of_one_pixel_holds_no_subject() -> None:
    for text in ("rect:0,0,0.6,1", "0.5,0.5"):
        with pytest.raises(FootageError, match="whole picture"):
            cut_out(np.zeros((1, 1, 3), np.uint8), (parse_mark(text),))
