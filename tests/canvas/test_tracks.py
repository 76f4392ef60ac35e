"""Tracks go evenly from point to point and rest before and after."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError, Ellipse, Rectangle, Track

from . import strategies

RATE = Fraction(8)


def test_a_track_rests_goes_and_rests() -> None:
    track = Track(((1, 0.0, 1.0), (3, 1.0, 0.0)))
    expected = [[0, 1], [0, 1], [0.5, 0.5], [1, 0], [1, 0]]
    assert track.positions(5, RATE).tolist() == expected
    assert track.positions(5, RATE).dtype == np.float32


@given(st.data(), st.integers(2, 30))
def test_a_track_is_at_its_points_at_their_times(data: st.DataObject, frames: int) -> None:
    track = data.draw(strategies.tracks(frames))
    where = track.positions(frames, RATE)
    assert where.shape == (frames, 2)
    for time, x, y in track.points:
        assert where[int(time)] == pytest.approx((x, y), abs=1e-6)
    steps = np.abs(np.diff(where, axis=0))
    assert steps.max() <= 1.5 + 1e-6  # never farther in a frame than between its points


def test_times_may_be_seconds_and_names() -> None:
    track = Track((("first", 0, 0), (0.5, 0.5, 0), ("last", 1, 0)))
    assert track.positions(9, RATE)[:, 0].tolist() == [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]


def test_a_region_that_goes_nowhere_is_frozen() -> None:
    frozen = Track.freeze(Rectangle(0, 0, 0.5, 0.5))
    assert frozen.frozen
    assert frozen.positions(3, RATE).tolist() == [[0.25, 0.25]] * 3
    assert frozen.positions(1, RATE).tolist() == [[0.25, 0.25]]
    assert not Track(((0, 0, 0), (1, 0, 1)), Ellipse(0.5, 0.5, 0.1, 0.1)).frozen


def test_what_is_swept_is_where_the_region_is_at_any_time() -> None:
    track = Track(((0, 0.2, 0.5), (4, 0.8, 0.5), (8, 0.8, 0.9)), Rectangle(0.1, 0.4, 0.3, 0.6))
    swept = track.swept(9, RATE, 50, 100)
    expected = np.zeros((50, 100), bool)
    expected[20:30, 10:90] = True
    expected[20:50, 70:90] = True
    assert (swept == expected).all()
    wider = track.swept(9, RATE, 50, 100, margin=0.05)
    assert wider[15:35, 5:95].all()
    assert wider.sum() == 20 * 90 + 15 * 30
    assert not Track(track.points).swept(9, RATE, 50, 100).any()


def test_a_large_picture_is_swept_as_a_small_one() -> None:
    track = Track(((0, 0.2, 0.5), (4, 0.8, 0.3)), Ellipse(0.2, 0.5, 0.1, 0.1))
    small, large = (track.swept(5, RATE, side, 2 * side, margin=0.02) for side in (128, 1024))
    assert large.shape == (1024, 2048)
    assert (large[4::8, 4::8] == small).mean() > 0.995


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Track(((0, 0, 0),)), "points: a track needs two points"),
        (lambda: Track(((0, 0, 0), (1, 5, 0))), r"points\[1\]\.x: 5 is not in -1\.\.2"),
        (lambda: Track(((0, 0, 0), ("soon", 1, 0))), r'points\[1\]: "soon" is not a time'),
        (lambda: Track(((0, 0, 0), (1, 0))), r"points\[1\]: a point is \(time, x, y\)"),  # type: ignore[arg-type]
        (
            lambda: Track(((2, 0, 0), (1, 1, 0))).positions(4, RATE),
            r"points\[1\]: frame 1 does not come after",
        ),
        (
            lambda: Track(((0, 0, 0), (0.05, 1, 0))).positions(4, RATE),
            r"points\[1\]: frame 0 does not come after",
        ),
    ],
)
def test_what_is_no_track_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(CanvasError, match=message):
        make()
