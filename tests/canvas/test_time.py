"""Times become frames exactly, however they are written."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError, Span, exact_rate, frame_at, frames_in, parse_time
from vitascope.canvas.time import Time, exact_seconds, write_time

from .strategies import rates

counts = st.integers(1, 2000)


@given(rates, counts, st.data())
def test_every_frames_own_time_names_it(rate: Fraction, count: int, data: st.DataObject) -> None:
    frame = data.draw(st.integers(0, count - 1))
    start = frame / rate
    assert frame_at(start, count, rate) == frame
    assert frame_at(float(start), count, rate) == frame  # a float too, though 1/24 is no float
    assert frame_at(f"{start}s", count, rate) == frame
    assert frame_at(frame, count, rate) == frame
    assert frame_at(frame - count, count, rate) == frame
    assert frame_at(f"{frame}f", count, rate) == frame


@given(rates, counts, st.data())
def test_a_frame_lasts_until_the_next(rate: Fraction, count: int, data: st.DataObject) -> None:
    frame = data.draw(st.integers(0, count - 1))
    inside = data.draw(st.fractions(0, 1, max_denominator=1000).filter(lambda part: part < 1))
    assert frame_at((frame + inside) / rate, count, rate) == frame


@given(rates, st.integers(2, 300), st.data())
def test_spans_that_meet_share_no_frame_and_miss_none(
    rate: Fraction, count: int, data: st.DataObject
) -> None:
    cut = data.draw(st.fractions(1 / rate, (count - 1) / rate, max_denominator=60_000))
    before, after = Span(None, cut).frames(count, rate), Span(cut).frames(count, rate)
    assert [*before, *after] == list(range(count))


def test_time_is_not_summed_in_floats() -> None:
    # Ten thousand frames of 29.97: by floats the last would come out a frame early.
    rate = exact_rate(29.97)
    assert rate == Fraction(30000, 1001)
    assert all(frame_at(float(frame / rate), 10_000, rate) == frame for frame in range(10_000))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("first", "first"),
        (" Last ", "last"),
        ("1.5s", Fraction(3, 2)),
        ("1.5 seconds", Fraction(3, 2)),
        ("3/2s", Fraction(3, 2)),
        ("250ms", Fraction(1, 4)),
        ("2", Fraction(2)),
        (".5", Fraction(1, 2)),
        ("12f", 12),
        ("-1f", -1),
        ("12 frames", 12),
    ],
)
def test_parse_time(text: str, moment: object) -> None:
    read = parse_time(text)
    assert read == moment
    assert type(read) is type(moment)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "1.5f", "1/0s", "nan", "inf", "1e9", "1:30", "٣s", "9" * 30, "1" * 5000, "--1s", "1s2"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(CanvasError, match=r"time|frame|nothing"):
        parse_time(text)


@given(
    st.integers(-(10**9), 10**9)
    | st.fractions(0, 10**6, max_denominator=10**9)
    | st.sampled_from(["first", "last"])
)
def test_written_times_are_read_back(time: Time) -> None:
    assert parse_time(write_time(time)) == time


@pytest.mark.parametrize(
    ("span", "message"),
    [
        (Span(0.0, 3.0), 'stop 3 s is after the end of the canvas (2 s); use "last" or at most 2 s'),
        (
            Span(0, 17),
            'stop frame 17 is after the end of the canvas (frame 16); use "last" or at most frame 16',
        ),
        (Span(2.0), "start 2 s is not before the end of the canvas (2 s)"),
        (Span(16), "start frame 16 is not before the end of the canvas (frame 16)"),
        (Span(-17), "frame -17 is before the beginning: the canvas has 16 frames"),
        (Span(-1.0), "-1 s is before the beginning; only frames count from the end (-1 is the last)"),
        (Span(4, 4), "this span holds no frame: it starts at frame 4 and stops before frame 4"),
        (Span(0.0, 0.1), "this span holds no frame: it starts at frame 0 and stops before frame 0"),
        (Span("last", "first"), "this span holds no frame: it starts at frame 15 and stops before frame 1"),
    ],
)
def test_spans_outside_say_what_would_be_right(span: Span, message: str) -> None:
    with pytest.raises(CanvasError) as caught:
        span.frames(16, Fraction(8))
    assert str(caught.value) == message


def test_an_end_between_the_last_frame_and_nowhere_is_outside() -> None:
    with pytest.raises(CanvasError, match="after the end"):
        Span(0, 2.05).frames(16, Fraction(8))  # less than one frame past the end


@pytest.mark.parametrize(
    ("span", "frames"),
    [
        (Span(), range(16)),
        (Span("first", "first"), range(1)),
        (Span("last", "last"), range(15, 16)),
        (Span(3, "last"), range(3, 16)),
        (Span(0, -1), range(15)),
        (Span(-4), range(12, 16)),
        (Span(0.5, "1s"), range(4, 8)),
        (Span(0, 2.0), range(16)),
        (Span(np.int64(2), np.float32(0.5)), range(2, 4)),
    ],
)
def test_spans(span: Span, frames: range) -> None:
    assert span.frames(16, Fraction(8)) == frames


def test_a_span_checks_its_times_at_once() -> None:
    with pytest.raises(CanvasError, match=r'stop: "soon" is not a time'):
        Span(0, "soon")


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (24, Fraction(24)),
        ("24", Fraction(24)),
        (12.5, Fraction(25, 2)),
        ("30000/1001", Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (29.9, Fraction(299, 10)),
        (Fraction(2997, 100), Fraction(2997, 100)),  # an exact rate is meant exactly
        ("2997/100", Fraction(2997, 100)),
    ],
)
def test_exact_rate(value: float | str, rate: Fraction) -> None:
    assert exact_rate(value) == rate


@pytest.mark.parametrize("value", [0, -8, 1001, float("nan"), float("inf"), "fast", "1/0", "1e3", True, None])
def test_what_is_no_rate_is_refused(value: float) -> None:
    with pytest.raises(CanvasError):
        exact_rate(value)


def test_frames_in() -> None:
    assert frames_in(2, Fraction(8)) == 16
    assert frames_in(0, Fraction(8)) == 1
    assert frames_in(1.06, Fraction(8)) == 8
    assert frames_in(0.1 + 0.2, Fraction(10)) == 3
    with pytest.raises(CanvasError, match="below 0"):
        frames_in(-1, Fraction(8))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, True, "2"])
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(CanvasError):
        exact_seconds(value)
