"""One clock: every time becomes the right frame."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.media import Limits, MediaError
from vitascope.media.rate import constant_rate, measured_rate, rational_rate, snapped_rate

RATES = st.sampled_from([Fraction(8), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(60)])


def shown(starts_s, rate_fps, limits=None):
    ends_s = [*starts_s[1:], starts_s[-1] + 1 / Fraction(rate_fps)]
    timed = zip(starts_s, ends_s, range(len(starts_s)), strict=True)
    return list(constant_rate(timed, Fraction(rate_fps), limits or Limits()))


@given(rate=RATES, count=st.integers(1, 300), start_ms=st.integers(-5000, 5000))
def test_times_rounded_to_milliseconds_come_through_one_to_one(rate, count, start_ms):
    starts_s = [Fraction(start_ms + round(index * 1000 / rate), 1000) for index in range(count)]
    assert shown(starts_s, rate) == list(range(count))


@given(
    steps_ms=st.lists(st.integers(1, 400), min_size=1, max_size=50),
    rate=RATES,
)
def test_every_picture_is_within_a_slot_of_its_time(steps_ms, rate):
    starts_s = [Fraction(sum(steps_ms[:index]), 1000) for index in range(len(steps_ms))]
    pictures = shown(starts_s, rate)
    assert pictures == sorted(pictures)
    assert pictures[-1] == len(starts_s) - 1
    for slot, picture in enumerate(pictures):
        due_s = slot / rate
        assert starts_s[picture] <= due_s + 1 / (2 * rate)
        if picture + 1 < len(starts_s):  # the next one isn't overdue
            assert starts_s[picture + 1] >= due_s - 1 / (2 * rate)


def test_gaps_are_filled_and_doubles_dropped():
    starts_s = [Fraction(0), Fraction(1, 10), Fraction(11, 100), Fraction(5, 10)]
    assert shown(starts_s, 10) == [0, 2, 2, 2, 2, 3]


def test_a_step_backwards_in_time_still_shows_each_picture():
    assert shown([Fraction(5), Fraction(51, 10), Fraction(1), Fraction(11, 10)], 10) == [0, 1, 2, 3]


def test_the_last_picture_stays_to_its_end():
    timed = [(Fraction(0), Fraction(1, 10), "a"), (Fraction(1, 10), Fraction(1, 2), "b")]
    assert list(constant_rate(timed, Fraction(10), Limits())) == ["a", "b", "b", "b", "b"]


@given(
    rate=RATES, slower=st.sampled_from([Fraction(8), Fraction(12), Fraction(15)]), seconds=st.integers(1, 5)
)
def test_whole_seconds_stay_whole_seconds_at_another_rate(rate, slower, seconds):
    starts_s = [index / rate for index in range(round(seconds * rate))]
    ends_s = [*starts_s[1:], starts_s[-1] + 1 / rate]
    timed = zip(starts_s, ends_s, range(len(starts_s)), strict=True)
    assert len(list(constant_rate(timed, slower, Limits()))) == seconds * slower


def test_no_pictures_give_none():
    assert list(constant_rate([], Fraction(10), Limits())) == []


def test_a_lying_timestamp_is_refused_at_once():
    a_year_s = Fraction(365 * 24 * 3600)
    with pytest.raises(MediaError, match="max_duration_s"):
        shown([Fraction(0), a_year_s], 30)
    with pytest.raises(MediaError, match="max_frames"):
        shown([Fraction(0), Fraction(100)], 30, Limits(max_frames=50))


@pytest.mark.parametrize(
    ("given_rate", "exact"),
    [
        (24, Fraction(24)),
        (29.97, Fraction(30000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_rates_are_exact(given_rate, exact):
    assert rational_rate(given_rate) == exact


@pytest.mark.parametrize("nonsense", [0, -1, float("nan"), float("inf"), "fast", "1/0"])
def test_rates_that_make_no_sense_are_refused(nonsense):
    with pytest.raises(MediaError, match="rate"):
        rational_rate(nonsense)


def test_rates_near_a_standard_become_it():
    assert snapped_rate(Fraction(2990, 100)) == Fraction(30000, 1001)
    assert snapped_rate(Fraction(301, 10)) == 30
    assert snapped_rate(Fraction(41, 1)) == 41


@given(rate=RATES, count=st.integers(60, 200))
def test_a_clock_rounded_to_ticks_is_steady_and_its_rate_is_found(rate, count):
    tick_s = Fraction(1, 1000)
    starts_s = [round(index / rate / tick_s) * tick_s for index in range(count)]
    assert measured_rate(starts_s, tick_s) == (rate, False)


def test_a_varying_clock_gives_the_rate_of_most_frames():
    starts_s = [Fraction(index, 30) for index in range(20)] + [Fraction(5), Fraction(8)]
    assert measured_rate(starts_s, Fraction(1, 90_000)) == (Fraction(30), True)


def test_one_picture_has_no_rate():
    assert measured_rate([Fraction(3)], Fraction(1, 1000)) == (None, False)
