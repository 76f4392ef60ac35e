"""Tubelets of a painted clip lead to each other evenly, and what was given isn't touched."""

import numpy as np
import pytest

from vitascope.engine.tubelet_joins import even_joins

T, SIDE = 16, 64


def cloth(right: float) -> np.ndarray:
    """Soft blobs moved so far to the right, -1..1, float32 [H, W, 3]."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    planes = [
        np.sin((x - right) / a + 0.7 * i) * np.cos(y / (a + 1) - i) for i, a in enumerate((3.1, 4.3, 5.7))
    ]
    return (0.6 * np.stack(planes, -1)).astype(np.float32)


def pan(speed: float, off: tuple[float, ...] = (0, 0, 0, 0), tone: float = 0.0) -> np.ndarray:
    """Evenly to the right, each tubelet off by so many pixels; every second one lighter by `tone`."""
    return np.stack([cloth(speed * t + off[t // 4]) + tone * (t // 4 % 2) for t in range(T)]).astype(
        np.float32
    )


def jumps(clip: np.ndarray) -> tuple[float, float]:
    """The mean change across joins, and elsewhere."""
    change = np.abs(np.diff(clip[:, 8:-8, 8:-8], axis=0)).mean((1, 2, 3))
    at = np.arange(1, T) % 4 == 0
    return float(change[at].mean()), float(change[~at].mean())


UNKNOWN = np.zeros((T, SIDE, SIDE), np.float32)


def test_what_goes_on_evenly_is_hardly_changed() -> None:
    clip = pan(1.0)
    assert np.abs(even_joins(clip, UNKNOWN, 4) - clip)[:, 8:-8, 8:-8].mean() < 0.01


@pytest.mark.parametrize("speed", [0.0, 1.0])
def test_a_jerk_is_spread(speed: float) -> None:
    clip = pan(speed, off=(0, 1, -0.5, 0.5))
    even = even_joins(clip, UNKNOWN, 4)
    before, after = jumps(clip), jumps(even)
    assert before[0] > 1.3 * before[1]
    assert after[0] / max(after[1], 0.01) < 0.65 * before[0] / max(before[1], 0.01)


def test_a_flash_is_spread() -> None:
    clip = pan(0, tone=0.2)
    even = even_joins(clip, UNKNOWN, 4)
    means = even.mean((1, 2, 3)) - clip[0].mean()
    assert means[3] == pytest.approx(0.075, abs=0.02)  # 3/8 of the way
    assert means[4] == pytest.approx(0.125, abs=0.02)
    assert np.abs(np.diff(means)).max() < 0.06


def test_a_circle_is_even_across_its_end_too() -> None:
    clip = pan(0, off=(0, 0, 0, 1))
    straight, circle = (even_joins(clip, UNKNOWN, 4, circle=c) for c in (False, True))
    step = [float(np.abs(some[0] - some[-1]).mean()) for some in (clip, straight, circle)]
    assert step[1] > 0.9 * step[0]
    assert step[2] < 0.5 * step[0]


def test_what_is_given_comes_back_to_the_bit() -> None:
    clip = np.random.default_rng(0).uniform(-1, 1, (T, SIDE, SIDE, 3)).astype(np.float32)
    level = UNKNOWN.copy()
    level[:6], level[6:, :20] = 1, 1
    even = even_joins(clip, level, 4, circle=True)
    assert np.array_equal(even[level == 1], clip[level == 1])
    changed = [t for t in range(T) if not np.array_equal(even[t], clip[t])]
    assert changed == list(range(6, 14))  # the join at 4 lies in what is given, and the end leads to it


def test_what_meets_a_given_part_stays_there() -> None:
    clip = pan(0, tone=0.2)
    level = UNKNOWN.copy()
    level[:, :, :20] = 1
    level[0] = 0
    change = np.abs(even_joins(clip, level, 4) - clip)[3:5].mean((0, 1, 3))
    assert change[20] < 0.3 * change[30:].mean()
    assert change[30:].mean() > 0.05


def test_a_sketch_is_moved_by_as_much_as_it_is_free() -> None:
    clip = pan(0, tone=0.2)
    free, half = (even_joins(clip, UNKNOWN + np.float32(level), 4)[3] - clip[3] for level in (0, 0.5))
    assert half.mean() == pytest.approx(free.mean() / 2, rel=0.01)


def test_a_single_tubelet_and_a_still_are_left_alone() -> None:
    for frames in (1, 4):
        clip = pan(1.0)[:frames]
        for circle in (False, True):
            assert np.array_equal(even_joins(clip, UNKNOWN[:frames], 4, circle=circle), clip)
