"""corner-pin: what is pinned lies where it should, filtered and blended, and nothing else changes."""

from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.footage.filmed import WIDTH_PX, carried, film, footage, shifted, turned

from vitascope.footage import Frame, Made, load_tool, unheard
from vitascope.footage.corner_pin import FADE, CornerPin, Painter, covered, fading, fitting, in_step

RED = np.full((40, 60, 3), (200, 30, 40), np.uint8)
PLANE = "45,30 115,34 110,95 40,88px"


def pinned(frames: list[Frame], overlay: list[Frame], rate_fps: int = 25, **asked: object) -> list[Frame]:
    tool = CornerPin(overlay="overlay", **asked)  # pyright: ignore
    made = tool.make(footage(frames), unheard, {"overlay": footage(overlay, Fraction(rate_fps))})
    assert isinstance(made, Made)
    assert (made.width_px, made.height_px, made.rate_fps) == (160, 120, 25)
    return [frame.copy() for frame in made.frames]


def test_it_covers_its_corners_and_nothing_else() -> None:
    frames = film([np.eye(3)] * 3)
    corners = np.array([[45.0, 30], [115, 34], [110, 95], [40, 88]])
    inside = covered(corners, (120, 160), 6) >= 1
    outside = covered(corners, (120, 160), 6) <= 0
    for before, after in zip(frames, pinned(frames, [RED], plane=PLANE), strict=True):
        assert (after[inside] == RED[0, 0]).all()
        assert np.array_equal(after[outside], before[outside])
        edge = after[~inside & ~outside].astype(int)
        assert ((edge - RED[0, 0]).any(1) & (edge - before[~inside & ~outside]).any(1)).any()


def test_a_piece_of_the_clip_pinned_where_it_was_is_not_seen() -> None:
    warps = [shifted(2 * n, n) @ turned(0.02 * n) for n in range(8)]
    frames = film(warps)
    piece = frames[0][30:90, 40:120]
    after = pinned(frames, [piece], plane="40,30 120,30 120,90 40,90px")
    for number, (one, other) in enumerate(zip(frames, after, strict=True)):
        assert cv2.PSNR(one, other) > 38, number
        assert number == 0 or not np.array_equal(one, other)


def test_it_hides_with_what_it_sticks_to() -> None:
    frames = film([shifted(2 * n, 0) for n in range(16)])
    for number in range(6, 10):
        frames[number][:, 20:150] = (40, 90, 60)
    after = pinned(frames, [RED], plane=PLANE)
    same = [np.array_equal(one, other) for one, other in zip(frames, after, strict=True)]
    assert same == [6 <= number < 10 for number in range(16)]


def test_opacity_and_alpha_let_through_what_is_below() -> None:
    frames = film([np.eye(3)] * 2)
    assert np.array_equal(pinned(frames, [RED], plane=PLANE, opacity=0)[1], frames[1])
    half = pinned(frames, [RED], plane=PLANE, opacity=0.5)[1]
    mixed = (frames[1][60, 80].astype(int) + RED[0, 0]) / 2
    assert np.abs(half[60, 80] - mixed).max() <= 1
    see_through = np.dstack([RED, np.full((40, 60), 128, np.uint8)])
    assert np.abs(pinned(frames, [see_through], plane=PLANE)[1][60, 80] - mixed).max() <= 2
    gone = np.dstack([RED, np.zeros((40, 60), np.uint8)])
    assert np.array_equal(pinned(frames, [gone], plane=PLANE)[1], frames[1])


def test_at_a_point_it_stays_upright_beside_it() -> None:
    warps = [turned(0.03 * n) @ shifted(3 * n, 0) for n in range(6)]
    after = pinned(film(warps), [RED], point="80,60px", width=0.25, shift=(0.2, -0.1))
    for warp, frame in zip(warps, after, strict=True):
        rows, columns = np.nonzero((frame == RED[0, 0]).all(2))
        middle = carried(warp, np.array([[80.0, 60]]))[0] + (0.2 * 160, -0.1 * 120)
        assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(tuple(middle), abs=0.5)
        assert np.ptp(columns) + 1 == pytest.approx(0.25 * WIDTH_PX, abs=2)
        assert np.ptp(rows) + 1 == pytest.approx(0.25 * WIDTH_PX * 40 / 60, abs=2)


def test_in_a_box_it_keeps_its_own_shape() -> None:
    (frame, _) = pinned(film([np.eye(3)] * 2), [RED], box="40,30,80,80px")
    rows, columns = np.nonzero((frame == RED[0, 0]).all(2))
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == pytest.approx((80, 80 * 40 / 60), abs=2)
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((80, 70), abs=0.5)


def test_a_clip_goes_by_its_own_clock_and_its_last_picture_stays() -> None:
    shades = [np.full((8, 8, 3), shade, np.uint8) for shade in (10, 20, 30)]
    shown = in_step(footage(shades, Fraction(10)), footage(film([np.eye(3)]), Fraction(25)))
    assert [int(next(shown)[0, 0, 0]) for _ in range(9)] == [10, 10, 10, 20, 20, 30, 30, 30, 30]


def test_much_larger_pictures_are_averaged_not_skipped() -> None:
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    square = np.array([[10.0, 10], [50, 10], [50, 50], [10, 50]])
    frame = Painter(stripes).painted(np.zeros((60, 60, 3), np.uint8), square, 1.0, 1.0)
    assert np.abs(frame[12:48, 12:48].astype(int) - 127).max() <= 3


def test_far_out_and_out_of_frame_corners_change_nothing() -> None:
    frame = film([np.eye(3)])[0]
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    for corners in (square * 50 + 500, square * 50 - 500, square * 1e7 - 5e6):
        assert np.array_equal(Painter(RED).painted(frame, corners, 1.0, 1.5), frame)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_nothing_pops_and_nothing_hidden_is_shown(visible: list[bool]) -> None:
    shown = fading(visible)
    assert [each > 0 for each in shown] == visible
    assert all(abs(one - other) <= 1 / FADE + 1e-9 for one, other in pairwise(shown))
    assert not all(visible) or set(shown) == {1.0}


@given(st.floats(8, 30), st.floats(8, 30), st.floats(0, 3.1), st.booleans())
def test_coverage_adds_up_to_the_area(width: float, height: float, turn: float, mirrored: bool) -> None:
    shape = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * (width, height)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = shape @ rotation.T + 40
    cover = covered(corners[::-1] if mirrored else corners, (80, 80), 1.0)
    assert cover.sum() == pytest.approx(width * height, rel=0.02)


@given(st.floats(0.3, 3), st.floats(0, 6))
def test_what_fits_keeps_its_aspect_and_its_middle(aspect: float, turn: float) -> None:
    box = np.array([[0.0, 0], [30, 0], [30, 20], [0, 20]]) @ np.array(
        [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    )
    within = fitting(box, aspect)
    sides = np.linalg.norm(np.roll(within, -1, 0) - within, axis=1)
    assert sides[0] / sides[1] == pytest.approx(aspect)
    assert within.mean(0) == pytest.approx(box.mean(0))
    assert sides[0] <= 30 + 1e-6
    assert sides[1] <= 20 + 1e-6


def test_it_wants_one_thing_to_pin_on() -> None:
    for asked in ({}, {"plane": PLANE, "point": "0.5,0.5"}):
        with pytest.raises(ValidationError, match="name one thing to pin it on"):
            CornerPin(overlay="a.png", **asked)
    assert load_tool("corner-pin") is CornerPin
    assert CornerPin.see_through == CornerPin.media == ("overlay",)
