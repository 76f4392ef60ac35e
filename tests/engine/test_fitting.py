"""A canvas made to fit, and made whole again."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import Camera, Canvas, Rectangle, Span
from vitascope.engine import Cancelled, CannotFill, Capabilities, Progress
from vitascope.engine.fitting import Fitted, Shape, fit, fitted_shape, settled, unfit

NARROW = Capabilities(
    name="narrow",
    summary="",
    size_multiple_px=8,
    min_side_px=16,
    max_side_px=64,
    max_area_px=48 * 48,
    frames_multiple=4,
    max_frames=16,
    rates_fps=(Fraction(8), Fraction(12)),
    tracks=True,
    camera=True,
    loop=True,
)


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(1, 40),
    st.sampled_from([6, 8, 10, 24, "30000/1001"]),
)
def test_what_fits_is_within_every_limit(
    width_px: int, height_px: int, frames: int, rate_fps: str | int
) -> None:
    canvas = Canvas.blank(frames, height_px, width_px, rate_fps)
    try:
        shape = fitted_shape(canvas, NARROW)
    except CannotFill:
        too_long = canvas.duration_s * 12 > 16 or canvas.duration_s * 8 > 16
        assert too_long or max(width_px, height_px) / min(width_px, height_px) > 64 / 16 / 2
        return
    assert shape.width_px % 8 == shape.height_px % 8 == 0
    assert 16 <= min(shape.width_px, shape.height_px) <= max(shape.width_px, shape.height_px) <= 64
    assert shape.width_px * shape.height_px <= 48 * 48
    if frames == 1:
        assert shape.frames == 1
    else:
        assert shape.rate_fps in (8, 12)
        assert shape.frames % 4 == 0
        assert 0 <= shape.frames / shape.rate_fps - canvas.duration_s < Fraction(4, 8)


def test_a_canvas_that_fits_is_taken_as_it_is() -> None:
    canvas = Canvas.blank(16, 48, 32, 8)
    assert fit(canvas, NARROW).canvas is canvas


def test_shape_is_kept_before_area() -> None:
    wide = Capabilities(name="wide", summary="", size_multiple_px=16, max_side_px=256)
    assert fitted_shape(Canvas.blank(1, 720, 1280, 8), wide) == Shape(1, 144, 256, Fraction(8))
    assert fitted_shape(Canvas.blank(1, 250, 250, 8), wide) == Shape(1, 256, 256, Fraction(8))
    assert fitted_shape(Canvas.blank(1, 100, 100, 8), Capabilities(name="any", summary="")).width_px == 100


def test_a_loop_must_close_on_the_fillers_own_frames() -> None:
    assert fitted_shape(Canvas.blank(12, 16, 16, 12).with_loop(), NARROW).frames == 12
    with pytest.raises(CannotFill, match=r"closes loops of whole multiples of 0\.5 s only: make it 2 s"):
        fitted_shape(Canvas.blank(15, 16, 16, 8).with_loop(), NARROW)


def test_a_faster_rate_than_the_fillers_takes_each_frame_for_a_while() -> None:
    fitted = fit(Canvas.blank(30, 16, 16, 24), NARROW)
    assert fitted.canvas.rate_fps == 12
    assert fitted.canvas.frames == 16
    assert fitted.frame_of == tuple(i // 2 for i in range(30))


SLOW = Capabilities(name="slow", summary="", rates_fps=(Fraction(8),), loop=True)


def painted(fitted: Fitted) -> Canvas:
    """What a filler could have painted: a bright bar on a dark ground, 4 px further right with each frame."""
    canvas = fitted.canvas
    pixels = np.full(canvas.pixels.shape, 30, np.uint8)
    for frame in range(canvas.frames):
        pixels[frame, 16:48, 12 + 4 * frame : 28 + 4 * frame] = 220
    pixels.setflags(write=False)
    return replace(canvas, pixels=pixels)


def left_edge(frame: np.ndarray) -> float:
    """Where the bar begins: so many columns are dark, the one on its edge in part."""
    row = frame[32, :, 0].astype(float)
    bright = int((row > 125).argmax())
    return bright - (row[bright - 1] - 30) / 190


def test_between_the_fillers_frames_things_are_on_their_way() -> None:
    fitted = fit(Canvas.blank(24, 64, 64, 24), SLOW)
    clip = unfit(fitted, painted(fitted)).pixels
    assert np.array_equal(clip[::3], painted(fitted).pixels)
    for frame in range(22):
        assert left_edge(clip[frame]) == pytest.approx(12 + 4 * frame / 3, abs=1)
        assert clip[frame, 32, 32 + frame * 4 // 3 :].max() < 80  # nothing where it isn't yet
    assert np.array_equal(clip[22], clip[21])  # nothing is known of what comes after the last
    assert np.array_equal(clip[23], clip[21])


def test_what_speeds_up_is_on_its_curve() -> None:
    fitted = fit(Canvas.blank(24, 64, 64, 24), SLOW)
    frames = np.full_like(painted(fitted).pixels, 30)
    starts = [8 + round(1.1 * i * i) for i in range(8)]
    for frame, start in zip(frames, starts, strict=True):
        frame[:, start : start + 4] = 220
    frames.setflags(write=False)
    clip = unfit(fitted, replace(fitted.canvas, pixels=frames)).pixels
    assert np.array_equal(clip[::3], frames)
    for frame in range(19):
        assert left_edge(clip[frame]) == pytest.approx(8 + 1.1 * (frame / 3) ** 2, abs=1)


def test_in_a_loop_the_last_frame_leads_to_the_first() -> None:
    fitted = fit(Canvas.blank(24, 64, 64, 24).with_loop(), SLOW)
    there_and_back = painted(fitted).pixels[[0, 1, 2, 3, 4, 3, 2, 1]]
    there_and_back.setflags(write=False)
    clip = unfit(fitted, replace(fitted.canvas, pixels=there_and_back)).pixels
    assert left_edge(clip[22]) == pytest.approx(12 + 4 * 2 / 3, abs=1)
    assert left_edge(clip[23]) == pytest.approx(12 + 4 / 3, abs=1)


def test_what_is_given_moves_as_sharp_as_it_was_given() -> None:
    rng = np.random.default_rng(0)
    cloth = np.repeat(rng.integers(0, 256, (64, 72, 1), np.uint8), 3, -1)
    clip = np.stack([cloth[:, i : i + 64] for i in (4, 3, 2, 1)])  # 1 px to the right with each
    canvas = Canvas.blank(8, 64, 64, 16).with_clips((clip[i : i + 1], 2 * i, 1) for i in range(4))
    half = Capabilities(name="half", summary="", rates_fps=(Fraction(8),), max_side_px=32)
    fitted = fit(canvas, half)
    between = unfit(fitted, fitted.canvas).pixels[1].astype(float)
    assert between.std() > 0.6 * cloth.std()  # through 32 px it would be a quarter


def test_rates_that_are_nearly_alike_show_frames_as_they_were_painted() -> None:
    film = Capabilities(name="film", summary="", rates_fps=(Fraction(24),))
    fitted = fit(Canvas.blank(8, 64, 64, "24000/1001"), film)
    clip = unfit(fitted, painted(fitted)).pixels
    assert np.array_equal(clip, painted(fitted).pixels[:8])


def test_the_report_hears_of_frames_between_and_may_stop_them() -> None:
    heard: list[Progress] = []
    fitted = fit(Canvas.blank(6, 64, 64, 16), SLOW)
    unfit(fitted, painted(fitted), heard.append)
    assert [progress.done for progress in heard] == [2, 3, 4, 5, 6]
    fitted = fit(Canvas.blank(6, 64, 64, 8), SLOW)
    unfit(fitted, painted(fitted), heard.append)
    assert len(heard) == 5

    def stop(progress: Progress) -> None:
        raise Cancelled

    fitted = fit(Canvas.blank(6, 64, 64, 16), SLOW)
    with pytest.raises(Cancelled):
        unfit(fitted, painted(fitted), stop)


def test_a_slower_rate_than_the_fillers_shows_every_other_frame() -> None:
    picture = np.full((16, 16, 3), 9, np.uint8)
    fitted = fit(Canvas.blank(6, 16, 16, 4).with_picture(picture, at=1), NARROW)
    assert fitted.frame_of == (0, 2, 4, 6, 8, 10)
    assert [frame for frame in range(12) if fitted.canvas.known[frame].min() == 1] == [2]


def test_a_given_frame_between_two_of_the_fillers_still_guides_it() -> None:
    picture = np.full((16, 16, 3), 9, np.uint8)
    fitted = fit(Canvas.blank(24, 16, 16, 24).with_picture(picture, at=3), NARROW)
    assert fitted.canvas.known[1].min() == 1
    assert (fitted.canvas.pixels[1] == 9).all()


def test_words_camera_and_tracks_stay_with_their_moments() -> None:
    canvas = (
        Canvas.blank(24, 16, 16, 24).with_words("first half", Span(0, 12)).with_words("then", Span("0.5s"))
    )
    canvas = canvas.with_camera(Camera(pan=10, span=Span(6, 18)))
    canvas = canvas.with_track([(0, 0, 0), (12, 0.5, 0.5), ("last", 1, 0)]).with_track([(2, 0, 0), (3, 1, 1)])
    fitted = fit(canvas, NARROW).canvas
    assert fitted.frames == 12
    assert [words.span.frames(12, fitted.rate_fps) for words in fitted.words] == [range(6), range(6, 12)]
    assert fitted.camera[0].span.frames(12, fitted.rate_fps) == range(3, 9)
    assert fitted.tracks[0].points == ((0, 0.0, 0.0), (6, 0.5, 0.5), (11, 1.0, 0.0))
    assert fitted.tracks[1].points == (
        (0, 1.0, 1.0),
        (1, 1.0, 1.0),
    )  # both points fall on frame 1: it rests there


def test_an_end_that_is_named_stays_the_end_of_what_was_asked_for() -> None:
    canvas = Canvas.blank(10, 16, 16, 8).with_words("all along").with_words("the end", Span("last"))
    fitted = fit(canvas, NARROW).canvas
    assert fitted.frames == 12
    assert [words.span.frames(12, fitted.rate_fps) for words in fitted.words] == [range(12), range(9, 12)]


def test_what_is_unknown_does_not_bleed_into_what_is_known() -> None:
    pixels = np.zeros((1, 90, 90, 3), np.uint8)
    pixels[:, :, :40] = 200
    known = np.zeros((1, 90, 90), np.float32)
    known[:, :, :40] = 1
    fitted = fit(Canvas(pixels, known, Fraction(8)), NARROW).canvas
    assert set(np.unique(fitted.pixels[fitted.known > 0])) == {200}
    assert np.any((fitted.known > 0) & (fitted.known < 1))
    hard = Capabilities(name="hard", summary="", max_side_px=48, known=frozenset({"regions"}))
    assert set(np.unique(fit(Canvas(pixels, known, Fraction(8)), hard).canvas.known)) == {0, 1}


def test_soft_levels_survive_scaling() -> None:
    canvas = Canvas.blank(2, 100, 100, 8).with_known(Rectangle(0, 0, 1, 1), 0.4)
    assert np.allclose(fit(canvas, NARROW).canvas.known[:2], 0.4)


@given(st.integers(5, 80), st.integers(5, 80), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_the_way_there_and_back_keeps_what_is_known_to_the_bit(
    width_px: int, height_px: int, frames: int, chance: int
) -> None:
    rng = np.random.default_rng(chance)
    pixels = rng.integers(0, 256, (frames, height_px, width_px, 3), np.uint8)
    known = rng.choice(np.float32([0, 0.5, 1]), (frames, height_px, width_px))
    canvas = Canvas(pixels, known, Fraction(10))
    try:
        fitted = fit(canvas, NARROW)
    except CannotFill:
        assert max(width_px, height_px) / min(width_px, height_px) > 2
        return
    result = unfit(fitted, fitted.canvas)
    assert result.pixels.shape == canvas.pixels.shape
    assert result.known.min() == 1
    assert np.array_equal(result.pixels[known == 1], pixels[known == 1])


def test_a_smooth_picture_comes_back_nearly_as_it_was() -> None:
    y, x = np.mgrid[0:96, 0:96] / 96
    pixels = (np.stack([x, y, (x + y) / 2], -1) * 255).astype(np.uint8)[None]
    fitted = fit(Canvas(pixels, np.full((1, 96, 96), 0.5, np.float32), Fraction(8)), NARROW)
    assert fitted.canvas.size == (48, 48)
    error = unfit(fitted, fitted.canvas).pixels.astype(float) - pixels
    assert math.sqrt((error**2).mean()) < 2


OWN = Capabilities(name="own", summary="", own_rate_fps=Fraction(8))


def test_between_given_frames_that_stand_closer_than_the_fillers_all_of_them_count() -> None:
    bars = painted(fit(Canvas.blank(12, 64, 64, 8), SLOW)).pixels  # 24 a second here
    canvas = Canvas.blank(24, 64, 64, 48).with_clips((bars[i : i + 1], 2 * i, 1.0) for i in range(12))
    fitted = fit(canvas, OWN)
    assert settled(fitted)
    clip = unfit(fitted, fitted.canvas).pixels
    assert np.array_equal(clip[::2], bars)
    for frame in range(1, 22, 2):
        assert left_edge(clip[frame]) == pytest.approx(12 + 2 * frame, abs=1)


def test_what_follows_given_frames_for_longer_than_a_step_is_for_the_filler() -> None:
    picture = np.full((16, 16, 3), 9, np.uint8)
    held = Canvas.blank(6, 16, 16, 24).with_picture(picture).with_picture(picture, at=3)
    assert settled(fit(held, OWN))
    longer = Canvas.blank(8, 16, 16, 24).with_picture(picture).with_picture(picture, at=3)
    assert not settled(fit(longer, OWN))
    apart = Canvas.blank(24, 16, 16, 24).with_picture(picture).with_picture(picture, at="last")
    assert not settled(fit(apart, OWN))
    assert not settled(fit(Canvas.blank(8, 16, 16, 8), OWN))
