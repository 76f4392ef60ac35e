"""Joins of clips whose motion is known to the pixel."""

import numpy as np
import pytest

from vitascope.evaluate.joins import join_jumps


def going(steps_px: list[float], size: int = 64) -> np.ndarray:
    """A soft pattern that goes right by so many pixels before each frame: uint8 [T, H, W, 3]."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    gone = np.cumsum(steps_px)
    frames = [128 + 60 * np.sin((x - s) / 5) + 50 * np.sin((y + 0.5 * (x - s)) / 7) for s in gone]
    return np.stack([np.repeat(frame[:, :, None], 3, axis=2) for frame in frames]).round().astype(np.uint8)


def test_what_goes_on_evenly_has_no_jump() -> None:
    join = join_jumps(going([1.5] * 12), 6)
    assert join.position == pytest.approx(1, abs=0.1)
    assert join.velocity == pytest.approx(1, abs=0.15)
    assert 0.5 < join.flow_velocity < 1.6
    assert join.speed == pytest.approx(1, abs=0.1)


def test_a_cut_jumps_in_everything() -> None:
    clip = going([1.0] * 12)
    cut = np.concatenate((clip[:6], 255 - clip[6:, ::-1]))
    join = join_jumps(cut, 6)
    assert join.position > 4
    assert join.velocity > 4
    assert join.flow_velocity > 4


def test_turning_back_jumps_in_velocity_only() -> None:
    join = join_jumps(going([1.5] * 6 + [-1.5] * 6), 6)
    assert join.position == pytest.approx(1, abs=0.1)
    assert join.flow_velocity > 5
    assert join.velocity > 2
    assert join.speed == pytest.approx(1, abs=0.1)


def test_standing_still_from_there_on_shows_in_the_speed() -> None:
    join = join_jumps(going([1.5] * 6 + [0.0] * 6), 6, inner=range(1, 6))
    assert join.position < 0.2
    assert join.speed < 0.1
    assert join.flow_velocity > 3


def test_a_clip_that_never_moves_has_ratios_of_one() -> None:
    join = join_jumps(going([0.0] * 8), 4)
    assert vars(join) == dict.fromkeys(vars(join), 1)


def test_a_circle_is_measured_across_its_end() -> None:
    lap = 2 * np.pi * 5  # the length of the wave: after so many pixels the picture is the same
    x = np.mgrid[0:64, 0:64][1]
    waves = [128 + 60 * np.sin((x - lap / 16 * t) / 5) for t in range(16)]
    clip = np.stack([np.repeat(wave[:, :, None], 3, axis=2) for wave in waves]).round().astype(np.uint8)
    closed = join_jumps(clip, 0, circle=True)
    assert closed.position == pytest.approx(1, abs=0.1)
    assert closed.flow_velocity < 1.5
    assert join_jumps(clip[:11], 0, circle=True).position > 2


def test_a_cross_fade_shows_as_what_no_motion_brings() -> None:
    clip = going([1.5] * 20)
    faded = clip[:16].astype(np.float32)
    other = clip[::-1, :, ::-1][4:]
    for t in range(4):
        share = (t + 1) / 5
        faded[6 + t] = (1 - share) * clip[6 + t] + share * other[6 + t]
    faded[10:] = other[10:16]
    assert join_jumps(clip[:16], 8).unexplained == pytest.approx(1, abs=0.25)
    assert join_jumps(faded.astype(np.uint8), 8).unexplained > 2


def test_only_the_inner_pairs_that_are_named_measure() -> None:
    clip = going([2.0] * 6 + [0.2] * 6)
    by_first, by_last = (join_jumps(clip, 6, inner=pairs).position for pairs in (range(1, 6), range(7, 12)))
    assert by_last > 3 * by_first


@pytest.mark.parametrize(
    ("frames", "at", "circle"), [(3, 0, True), (8, 1, False), (8, 7, False), (8, 0, False)]
)
def test_a_join_needs_two_frames_on_each_side(frames: int, at: int, circle: bool) -> None:
    with pytest.raises(ValueError, match="no two frames on each side"):
        join_jumps(going([1.0] * frames), at, circle=circle)
