"""Long and endless video: window by window, in the memory of one."""

import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vitascope.canvas import Camera, Canvas, MaskPicture, Rectangle, Sound, Span
from vitascope.engine import (
    BrokenFiller,
    Cancelled,
    CannotFill,
    Capabilities,
    EngineError,
    FillSettings,
    Progress,
    Report,
    ToyFiller,
    fill,
    fill_many,
    filler_for,
    in_windows,
    live,
    stream,
)
from vitascope.engine.windows import Rolling, cut, rolling, windows

BLANK = Canvas.blank(40, 16, 24, 8).with_words("a fox")


class Recording(ToyFiller):
    """A toy that remembers what it was given."""

    def __init__(self, **declared: Any) -> None:
        names: dict[str, Any] = {
            "name": "recording",
            "summary": "",
            "tracks": True,
            "camera": True,
            "loop": True,
        }
        self.capabilities = Capabilities(**names | declared)
        self.seen: list[Canvas] = []

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        self.seen += canvases
        return super().fill(canvases, settings, report)


def frames_of(chunks: Iterator[np.ndarray]) -> np.ndarray:
    return np.concatenate(list(chunks))


# How a canvas is cut


@given(
    frames=st.integers(1, 400),
    window=st.integers(2, 60),
    overlap=st.integers(1, 30),
    grid=st.integers(1, 20),
    known=st.sets(st.integers(0, 399), max_size=6),
)
def test_windows_cover_the_canvas_and_share_enough(
    frames: int, window: int, overlap: int, grid: int, known: set[int]
) -> None:
    canvas = Canvas.blank(frames, 2, 2, 8)
    white = np.full((1, 2, 2, 3), 255, np.uint8)
    canvas = canvas.with_clips([(white, frame, 1.0) for frame in known if frame < frames])
    how = Rolling(window, min(overlap, window // 2), grid)
    held = windows(canvas, how)
    assert (held[0].start, held[-1].stop) == (0, frames)
    assert all(0 < len(each) <= window for each in held)
    for before, after in pairwise(held):
        assert before.start < after.start < before.stop < after.stop
        assert before.stop - after.start >= how.overlap


def test_a_window_ends_on_given_frames_or_reaches_them_with_room() -> None:
    how = Rolling(16, 4)
    assert windows(Canvas.blank(40, 2, 2, 8), how) == [range(16), range(12, 28), range(24, 40)]
    one_more = windows(Canvas.blank(41, 2, 2, 8), how)
    assert [len(each) for each in one_more] == [16, 16, 11, 10]  # not one window with a single new frame
    picture = np.zeros((2, 2, 3), np.uint8)
    key = Canvas.blank(60, 2, 2, 8).with_picture(picture, at=10).with_picture(picture, at=24)
    assert windows(key, how)[:3] == [range(11), range(7, 23 - 5), range(14, 25)]


@pytest.mark.parametrize(
    ("rate_fps", "declared", "how"),
    [
        (8, {}, Rolling(128, 4)),
        (8, {"max_frames": 20, "frames_multiple": 8}, Rolling(16, 8)),
        (24, {"rates_fps": (Fraction(8),), "max_frames": 16}, Rolling(48, 12, 3)),
        (30, {"rates_fps": (Fraction(8),)}, Rolling(480, 15, 15)),
        ("30000/1001", {"rates_fps": (Fraction(8),)}, Rolling(480, 15, 1)),  # they never lie on each other
        (1, {}, Rolling(16, 2)),
    ],
)
def test_sixteen_seconds_or_what_the_filler_takes(
    rate_fps: str | int, declared: dict[str, Any], how: Rolling
) -> None:
    canvas = Canvas.blank(5000, 2, 2, rate_fps)
    assert rolling(canvas, Capabilities(name="some", summary="", **declared)) == how


# What a window is


@given(
    spans=st.lists(st.tuples(st.integers(0, 39), st.integers(1, 40)), max_size=4),
    start=st.integers(0, 37),
    length=st.integers(2, 40),
)
def test_words_camera_and_tracks_hold_at_their_time(
    spans: list[tuple[int, int]], start: int, length: int
) -> None:
    canvas = Canvas.blank(40, 4, 4, 8)
    for number, (first, count) in enumerate(spans):
        span = Span(first, min(first + count, 40))
        canvas = canvas.with_words(f"{number}", span).with_camera(Camera(pan=number + 1, span=span))
    canvas = canvas.with_track([(0, 0.1, 0), (7, 0.9, 1), (8, 0.2, 0.5), ("last", 0, 0)])
    held = range(start, min(start + length, 40))
    window = cut(canvas, held, canvas.pixels[:0], 1)
    assert [window.words_at(i) for i in range(len(held))] == [canvas.words_at(i) for i in held]
    assert [window.camera_at(i) for i in range(len(held))] == [canvas.camera_at(i) for i in held]
    there = canvas.tracks[0].positions(40, canvas.rate_fps)[start : held.stop]
    assert np.allclose(window.tracks[0].positions(len(held), canvas.rate_fps), there, atol=1e-6)


def test_a_brushed_region_goes_along_with_its_track() -> None:
    region = Rectangle(0, 0, 0.25, 0.5)
    canvas = Canvas.blank(17, 8, 8, 8).with_track([(0, 0, 0), ("last", 1, 0.5)], region)
    later = cut(canvas, range(8, 17), canvas.pixels[:0], 1).tracks[0]
    assert isinstance(later.region, MaskPicture)
    assert later.region.coverage(8, 8)[2:6, 4:6].all()
    assert later.region.coverage(8, 8).sum() == 8
    away = Canvas.blank(17, 8, 8, 8).with_track([(0, 0, 0), (4, 2, 0), ("last", 2, 0)], region)
    assert cut(away, range(8, 17), canvas.pixels[:0], 1).tracks == ()
    frozen = Canvas.blank(17, 8, 8, 8).with_track([("first", 0.5, 0.5), ("last", 0.5, 0.5)], region)
    assert cut(frozen, range(8, 17), canvas.pixels[:0], 1).tracks[0].region == region


def test_each_window_hears_its_own_time() -> None:
    samples = np.linspace(-1, 1, 500, dtype=np.float32)[:, None]
    canvas = BLANK.with_sound(Sound(samples, 100))
    heard = cut(canvas, range(8, 16), canvas.pixels[:0], 1).sound
    assert heard
    assert np.array_equal(heard.samples, samples[100:200])


# stream()


def test_what_fits_in_one_window_is_filled_as_ever() -> None:
    (chunk,) = stream(BLANK, "toy")
    assert np.array_equal(chunk, fill(BLANK, "toy").pixels)


def test_each_window_is_given_the_end_of_the_one_before() -> None:
    toy = Recording()
    whole = frames_of(stream(BLANK, toy, window_s=2))
    assert whole.shape == BLANK.pixels.shape
    assert [canvas.frames for canvas in toy.seen] == [16, 16, 16]
    assert len({canvas.seed for canvas in toy.seen}) == 3
    for canvas, start in zip(toy.seen[1:], (12, 24), strict=True):
        assert canvas.known[:4].min() == 1
        assert not canvas.known[4:].any()
        assert np.array_equal(canvas.pixels[:4], whole[start : start + 4])
    assert np.array_equal(whole, frames_of(stream(BLANK, Recording(), window_s=2)))
    assert not np.array_equal(whole, frames_of(stream(BLANK.with_seed(1), Recording(), window_s=2)))


@given(
    size=st.tuples(st.integers(9, 40), st.integers(9, 40)),
    frames=st.integers(2, 70),
    rate_fps=st.sampled_from([4, 8, 10, 24]),
    chance=st.integers(0, 2**31),
    seconds=st.sampled_from([Fraction(1), Fraction(3, 2), None]),
)
def test_what_is_known_comes_back_to_the_bit(
    size: tuple[int, int], frames: int, rate_fps: int, chance: int, seconds: Fraction | None
) -> None:
    rng = np.random.default_rng(chance)
    shape = (frames, *size)
    pixels = rng.integers(0, 256, (*shape, 3), np.uint8)
    known = rng.choice(np.float32([0, 0.5, 1]), shape)
    known[rng.random(frames) < 0.3] = 1
    known[rng.random(frames) < 0.3] = 0
    canvas = Canvas(pixels, known, Fraction(rate_fps)).with_words("a fox")
    choosy = Recording(
        max_frames=20, frames_multiple=5, size_multiple_px=16, min_side_px=32, max_side_px=64, rates_fps=(8,)
    )
    try:
        filler_for(canvas, choosy)
    except CannotFill:
        return
    whole = frames_of(stream(canvas, choosy, window_s=seconds))
    assert whole.shape == pixels.shape
    assert np.array_equal(whole[known == 1], pixels[known == 1])
    assert all(canvas.frames <= 20 for canvas in choosy.seen)


def test_the_window_before_given_frames_sees_them() -> None:
    end = np.full((8, 16, 24, 3), 9, np.uint8)
    toy = Recording()
    whole = frames_of(stream(BLANK.with_clip(end, at="last"), toy, window_s=2))
    assert np.array_equal(whole[-8:], end)
    leading = [canvas for canvas in toy.seen if canvas.known[4:].max() == 1]
    assert leading
    assert all(canvas.known[-1].min() == 1 for canvas in leading)


def test_memory_stays_that_of_one_window() -> None:
    def peak(seconds: int) -> int:
        canvas = Canvas.empty(seconds, 64, 64, 8).with_words("a fox")
        tracemalloc.start()
        for _ in stream(canvas, "toy", window_s=2):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    short = peak(8)
    assert peak(120) < short * 1.1  # 112 s more are 11 MB of frames; what Python frees late is 0.1 MB
    assert short < 8 * 16 * 64 * 64 * 3 * 4


def test_progress_names_the_windows_and_may_stop() -> None:
    heard: list[str] = []

    def stop(progress: Progress) -> None:
        heard.append(progress.stage)
        if len(heard) == 18:
            raise Cancelled

    with pytest.raises(Cancelled):
        frames_of(stream(BLANK, "toy", report=stop, window_s=2))
    assert heard[15:] == ["painting, window 1 of 3", "painting, window 2 of 3", "painting, window 2 of 3"]


def test_refusals_come_at_once() -> None:
    assert not in_windows(BLANK, ToyFiller.capabilities)
    with pytest.raises(CannotFill, match=r"a loop longer than 2 s can't be painted in windows"):
        stream(BLANK.with_loop(), "toy", window_s=2)
    blind = Recording(known=frozenset({"nothing"}))
    with pytest.raises(CannotFill, match=r"takes no given frames, so it makes 2 s at most"):
        stream(BLANK, blind, window_s=2)
    with pytest.raises(EngineError, match=r"1.5 s shared by windows of 2 s"):
        stream(BLANK, "toy", window_s=2, overlap_s=1.5)
    (whole,) = stream(BLANK.with_loop(), "toy")
    assert np.array_equal(whole, fill(BLANK.with_loop(), "toy").pixels)


def test_a_canvas_that_is_known_is_streamed_as_it_is() -> None:
    given = Canvas.blank(2, 16, 24, 8).with_clip(np.zeros((2, 16, 24, 3), np.uint8))
    (whole,) = stream(given.with_camera(Camera(pan=50)), "toy")
    assert whole is given.pixels or np.shares_memory(whole, given.pixels)


# fill(), of what is too long


def test_fill_puts_together_what_is_too_long_for_its_filler() -> None:
    short = Recording(max_frames=16)
    heard: list[str] = []
    whole = fill(BLANK, short, report=lambda p: heard.append(p.stage))
    assert [canvas.frames for canvas in short.seen] == [16, 16, 16]
    assert whole.known.min() == 1
    assert whole.words == BLANK.words
    assert whole.seed == BLANK.seed
    assert np.array_equal(whole.pixels, frames_of(stream(BLANK, short)))
    assert heard[0] == "painting, window 1 of 3"


def test_long_and_short_are_filled_together() -> None:
    short = Recording(max_frames=16)
    little = Canvas.blank(8, 16, 24, 8)
    canvases = [BLANK, little, BLANK.with_seed(3)]
    heard: list[str] = []
    results = fill_many(canvases, short, report=lambda p: heard.append(p.stage))
    assert results == [fill(canvas, short) for canvas in canvases]
    assert heard[-1] == "painting, window 3 of 3 (3 of 3)"


# live()


def test_live_goes_on_from_what_it_showed_while_the_words_change() -> None:
    toy = Recording()
    said = iter(["a fox", "a fox", "a boat", ""])
    first = Canvas.blank(16, 16, 24, 8).with_negative("rain").with_cast("Ada", np.zeros((4, 4, 3), np.uint8))
    toy.capabilities = Capabilities(name="recording", summary="", cast=True)
    chunks = list(islice(live(first, lambda: next(said), toy), 4))
    assert [len(chunk) for chunk in chunks] == [16, 12, 12, 12]
    assert [canvas.words_at(0) for canvas in toy.seen] == ["a fox", "a fox", "a boat", ""]
    assert {canvas.negative for canvas in toy.seen} == {"rain"}
    assert all(canvas.cast for canvas in toy.seen)
    assert len({canvas.seed for canvas in toy.seen}) == 4
    whole = np.concatenate(chunks)
    for canvas, start in zip(toy.seen[1:], (12, 24, 36), strict=True):
        assert np.array_equal(canvas.pixels[:4], whole[start : start + 4])
        assert canvas.known[:4].min() == 1
        assert not canvas.known[4:].any()


def test_live_may_begin_with_a_picture_and_a_move() -> None:
    toy = Recording()
    picture = np.full((16, 24, 3), 9, np.uint8)
    first = Canvas.blank(16, 16, 24, 24).with_picture(picture)
    first = first.with_camera(Camera(pan=20)).with_camera(Camera(zoom=50, span=Span(0, 4)))
    chunks = list(islice(live(first, lambda: "", toy), 2))
    assert np.array_equal(chunks[0][0], picture)
    assert [canvas.camera_at(0) for canvas in toy.seen] == [(20, 0, 50, 0), (20, 0, 0, 0)]


def test_live_memory_is_bounded() -> None:
    chunks = live(Canvas.blank(16, 64, 64, 8), lambda: "a fox", "toy")
    peaks: list[int] = []
    tracemalloc.start()
    for _ in range(3):
        for _ in islice(chunks, 20):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()
    tracemalloc.stop()
    assert peaks[2] < peaks[0] * 1.05


@pytest.mark.parametrize(
    ("first", "declared", "reason"),
    [
        (BLANK.with_loop(), {}, "a loop longer than"),
        (Canvas.blank(1, 16, 24, 8), {}, "one frame is no video"),
        (BLANK, {"max_frames": 8}, "makes at most 1 s at once"),
        (BLANK, {"known": frozenset({"nothing"})}, "takes no given frames"),
    ],
)
def test_live_refuses_at_once(first: Canvas, declared: dict[str, Any], reason: str) -> None:
    with pytest.raises(CannotFill, match=reason):
        live(first, lambda: "", Recording(**declared))


class Streaming(ToyFiller):
    """A toy that makes one frame after the other, as many as it is told."""

    capabilities = replace(ToyFiller.capabilities, name="streaming", streams=True)
    missing = 0

    def frames(self, canvas: Canvas, settings: FillSettings, report: Report) -> Iterator[NDArray[np.uint8]]:
        yield from self.fill([canvas], settings, report)[0].pixels[: canvas.frames - self.missing]


def test_a_filler_that_streams_needs_no_windows_and_keeps_what_is_known() -> None:
    canvas = Canvas.blank(400, 16, 24, 8).with_picture(np.full((16, 24, 3), 77, np.uint8), at=3)
    chunks = list(stream(canvas, Streaming(), window_s=1))
    assert [len(chunk) for chunk in chunks] == [1] * 400
    assert (chunks[3] == 77).all()
    assert np.array_equal(np.concatenate(chunks), fill(canvas, ToyFiller()).pixels)
    assert in_windows(canvas, Streaming.capabilities)


def test_a_filler_that_streams_too_little_is_broken() -> None:
    broken = Streaming()
    broken.missing = 1
    with pytest.raises(BrokenFiller, match="was to stream 4 frames and gave 3"):
        list(stream(Canvas.blank(4, 16, 24, 8), broken))


def test_a_filler_that_says_it_streams_must_have_frames() -> None:
    class Empty(ToyFiller):
        capabilities = Streaming.capabilities

    with pytest.raises(BrokenFiller, match=r"no frames\(\)"):
        list(stream(Canvas.blank(4, 16, 24, 8), Empty()))
