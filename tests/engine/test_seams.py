"""Painted clips that meet what was given: joins in time, seams in space."""

import numpy as np
import pytest

from vitascope.engine.seams import mend_seams

RATE_FPS = 8.0


def wide_cloth(height: int, width: int) -> np.ndarray:
    """Soft blobs, -1..1, float32 [H, W, 3]: something that flow can hold on to."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    planes = [np.sin(x / a + 0.7 * i) * np.cos(y / (a + 1) - i) for i, a in enumerate((3.1, 4.3, 5.7))]
    return (0.6 * np.stack(planes, -1)).astype(np.float32)


def pan(frames: int = 16, side: int = 64, step: int = 1) -> np.ndarray:
    """A clip of the cloth that moves `step` px to the left each frame."""
    cloth = wide_cloth(side, side + frames * step)
    return np.stack([cloth[:, step * t : step * t + side] for t in range(frames)])


def known(shape: tuple[int, ...], *given: slice) -> np.ndarray:
    """1 in these frames."""
    level = np.zeros(shape, np.float32)
    for frames in given:
        level[frames] = 1
    return level


def off(clip: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Mean error of each frame, away from the edges, where new things come in."""
    return np.abs(clip - true)[:, 8:-8, 8:-16].mean((1, 2, 3))


@pytest.mark.parametrize("shape", [(1, 64, 64), (2, 48, 64), (5, 33, 47)])
@pytest.mark.parametrize("circle", [False, True])
def test_what_is_known_comes_back_to_the_bit(shape: tuple[int, int, int], circle: bool) -> None:
    rng = np.random.default_rng(0)
    painted = rng.uniform(-1, 1, (*shape, 3)).astype(np.float32)
    region = known(shape)
    region[:, : shape[1] // 3] = 1
    scattered = rng.choice(np.array([0, 0.5, 1], np.float32), shape)
    for level in (region, scattered, known(shape, slice(0, 1)), known(shape, slice(0, 2), slice(-1, None))):
        mended = mend_seams(painted, level, RATE_FPS, circle=circle)
        assert mended.shape == painted.shape
        assert mended.dtype == np.float32
        assert np.abs(mended).max() <= 1
        assert np.array_equal(mended[level == 1], painted[level == 1])


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
def test_where_nothing_meets_nothing_is_changed(level: float) -> None:
    clip = pan(4)
    assert np.array_equal(mend_seams(clip, np.full((4, 64, 64), level, np.float32), RATE_FPS), clip)


@pytest.mark.parametrize("axis", [1, 2])
def test_an_offset_is_gone_at_the_border_and_kept_far_away(axis: int) -> None:
    clip, inside = pan(3, step=0), known((3, 64, 64))
    inside[(slice(None),) * axis + (slice(0, 20),)] = 1
    painted = np.where(inside[..., None] == 1, clip, clip + 0.1)
    error = np.abs(mend_seams(painted, inside, RATE_FPS) - clip).mean((0, 3))
    profile = error.mean(1 if axis == 1 else 0)
    assert profile[20] < 0.03
    assert profile[-1] == pytest.approx(0.1, abs=0.005)
    assert np.all(np.diff(profile[20:40]) > -0.003)


def test_what_already_meets_stays_as_it_is() -> None:
    clip, inside = pan(3), known((3, 64, 64))
    inside[:, 16:48, 16:48] = 1
    assert np.abs(mend_seams(clip, inside, RATE_FPS) - clip).max() < 0.1
    assert np.abs(mend_seams(clip, inside, RATE_FPS) - clip).mean() < 0.005


def test_an_outline_is_no_seam() -> None:
    """A white thing given before a black ground: no glow around it."""
    inside = known((1, 64, 64))
    inside[:, 20:44, 20:44] = 1
    painted = np.repeat(np.where(inside == 1, 0.9, -0.9)[..., None], 3, -1).astype(np.float32)
    assert np.abs(mend_seams(painted, inside, RATE_FPS) - painted).max() < 0.04


@pytest.mark.parametrize("given", [slice(0, 8), slice(8, 16), slice(0, 1), slice(15, 16)])
def test_a_clip_that_goes_on_by_itself_is_hardly_changed(given: slice) -> None:
    clip = pan()
    assert off(mend_seams(clip, known((16, 64, 64), given), RATE_FPS), clip).max() < 0.03


@pytest.mark.parametrize("backward", [False, True])
def test_an_offset_after_a_join_is_mended_and_the_mend_fades(backward: bool) -> None:
    true = pan()[::-1] if backward else pan()
    level = known((16, 64, 64), slice(8, 16) if backward else slice(0, 8))
    painted = np.where(level[..., None] == 1, true, true + 0.15).astype(np.float32)
    error = off(mend_seams(painted, level, RATE_FPS), true)[:8][::-1] if backward else None
    error = off(mend_seams(painted, level, RATE_FPS), true)[8:] if error is None else error
    assert error[0] < 0.03
    assert np.all(np.diff(error) > -0.01)
    assert error[-1] == pytest.approx(0.15, abs=0.005)


def test_what_moved_moves_on_where_the_painted_clip_stands_still() -> None:
    true = pan(step=2)
    painted = np.concatenate((true[:8], np.repeat(true[8:9], 8, 0)))
    painted[8:] = 0.5 * painted[8:]
    mended = mend_seams(painted, known((16, 64, 64), slice(0, 8)), RATE_FPS)
    assert off(mended, true)[8] < 0.05
    assert off(mended, true)[9] < 0.5 * off(painted, true)[9]


def test_a_circle_is_mended_across_its_end() -> None:
    true, level = pan(step=0), known((16, 64, 64), slice(0, 4))
    painted = np.where(level[..., None] == 1, true, true + 0.15).astype(np.float32)
    open_ended, closed = (off(mend_seams(painted, level, RATE_FPS, circle=c), true) for c in (False, True))
    assert open_ended[15] == pytest.approx(0.15, abs=0.005)
    assert closed[15] < 0.03
    assert closed[4] < 0.03


def test_a_single_frame_between_two_given_ones_is_both_of_them() -> None:
    true = pan(5, step=0)
    level = known((5, 64, 64), slice(0, 2), slice(3, 5))
    painted = np.where(level[..., None] == 1, true, true + 0.15).astype(np.float32)
    assert off(mend_seams(painted, level, RATE_FPS), true)[2] < 0.02


def test_what_is_known_by_half_is_mended_by_half() -> None:
    true, level = pan(step=0), known((16, 64, 64), slice(0, 8))
    painted = np.where(level[..., None] == 1, true, true + 0.15).astype(np.float32)
    free, half = (
        off(mend_seams(painted, np.maximum(level, least).astype(np.float32), RATE_FPS), painted)[8]
        for least in (0.0, 0.5)
    )
    assert half == pytest.approx(free / 2, rel=0.1)
