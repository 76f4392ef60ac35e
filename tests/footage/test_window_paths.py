"""How a window moves: within its corridor, no faster than allowed, and not at all where nothing moves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.footage.window_paths import filled, window_path

SEEDS = st.integers(0, 2**32 - 1)


def _walk(seed: int, frames: int, step_px: float) -> np.ndarray:
    """A subject that changes its mind about where to go every now and then."""
    chance = np.random.default_rng(seed)
    speeds = np.repeat(chance.uniform(-step_px, step_px, frames // 10 + 1), 10)[:frames]
    return 500 + np.cumsum(speeds)


@given(SEEDS, st.integers(1, 120), st.integers(0, 12))
def test_the_path_stays_in_a_corridor_that_has_room(seed: int, frames: int, ease_frames: int) -> None:
    middle = _walk(seed, frames, 2.0)
    low, high = middle - 60, middle + 60
    path = window_path(low, high, ease_frames=ease_frames, most_px=1e9)
    assert (path >= low - 1e-6).all()
    assert (path <= high + 1e-6).all()


@given(SEEDS, st.floats(0.1, 10), st.integers(0, 12))
def test_it_is_never_faster_than_allowed(seed: int, most_px: float, ease_frames: int) -> None:
    middle = _walk(seed, 80, 15.0)
    path = window_path(middle - 5, middle + 5, ease_frames=ease_frames, most_px=most_px)
    assert np.abs(np.diff(path)).max() <= most_px + 1e-9


@given(SEEDS)
def test_it_stands_still_while_the_subject_stays_about_there(seed: int) -> None:
    middle = 300 + np.random.default_rng(seed).uniform(-9, 9, 60)
    path = window_path(middle - 10, middle + 10, ease_frames=8, most_px=1e9)
    assert np.ptp(path) < 1e-6


def test_it_goes_along_with_what_is_fast_and_begins_gently() -> None:
    middle = np.concatenate((np.full(30, 100.0), 100 + 8 * np.arange(60), np.full(30, 572.0)))
    path = window_path(middle - 15, middle + 15, ease_frames=8, most_px=1e9)
    assert np.abs(path - middle).max() < 25
    assert np.abs(np.diff(path, 2)).max() < 2.5  # the subject's own is 8


def test_a_cut_lets_it_jump_and_nothing_leaks_across() -> None:
    middle = np.concatenate((np.full(20, 100.0), np.full(20, 700.0)))
    path = window_path(middle - 10, middle + 10, ease_frames=8, most_px=2.0, starts=(0, 20))
    assert path[:20] == pytest.approx(100)
    assert path[20:] == pytest.approx(700)


def test_unknown_places_are_filled_from_the_known() -> None:
    known = filled(np.array([np.nan, 2, np.nan, 4, np.nan]))
    assert known is not None
    assert known.tolist() == [2, 2, 3, 4, 4]
    assert filled(np.array([np.nan])) is None
