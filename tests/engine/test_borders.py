"""Borders of given regions: painted pixels go on from the given ones beside them."""

import cv2
import numpy as np
import pytest

from vitascope.engine.borders import meet_borders


def cloth(height: int, width: int) -> np.ndarray:
    """Soft blobs with fine grain, uint8 [H, W, 3]."""
    rng = np.random.default_rng(0)
    soft = cv2.GaussianBlur(rng.uniform(-1, 1, (height, width, 3)).astype(np.float32), (0, 0), 12) * 1500
    fine = rng.normal(0, 4, (height, width, 3))
    return np.clip(128 + soft + fine, 0, 255).astype(np.uint8)


def given(shape: tuple[int, int, int], *where: slice) -> np.ndarray:
    """1 there, in every frame."""
    level = np.zeros(shape, np.float32)
    level[:, *where] = 1
    return level


def enlarged(clip: np.ndarray) -> np.ndarray:
    """What a painter that works four times smaller makes of it."""
    size = clip.shape[2], clip.shape[1]
    small = [cv2.resize(frame, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA) for frame in clip]
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC) for frame in small])


def bend(clip: np.ndarray, column: int) -> float:
    """Second differences across a border before that column."""
    x = clip.astype(np.float32)
    return float(np.abs(np.diff(x, 2, axis=2))[:, :, column - 2 : column].mean())


def test_known_pixels_and_whole_frames_are_left_alone() -> None:
    rng = np.random.default_rng(1)
    painted, picture = rng.integers(0, 256, (2, 4, 48, 64, 3), np.uint8)
    level = given((4, 48, 64), slice(10, 30), slice(20, 50))
    level[0], level[1] = 1, 0
    met = meet_borders(painted.copy(), picture, level)
    assert (met[2:][level[2:] == 1] == picture[2:][level[2:] == 1]).all()
    assert (met[:2] == painted[:2]).all()
    assert (met[2:][level[2:] == 0] != painted[2:][level[2:] == 0]).any()


@pytest.mark.parametrize("offset", [0, 8])
def test_an_enlarged_painting_meets_the_full_size(offset: int) -> None:
    picture = np.stack([cloth(128, 192)] * 2)
    painted = np.clip(enlarged(picture).astype(int) + offset, 0, 255).astype(np.uint8)
    level = given((2, 128, 192), slice(None), slice(0, 90))  # 90 is in the middle of a painter's pixel
    pasted = np.where(level[..., None] == 1, picture, painted)
    met = meet_borders(painted.copy(), picture, level)
    assert bend(met, 90) < 0.8 * bend(pasted, 90)
    away = np.abs(met.astype(int) - painted)[:, :, 90:].mean((0, 1, 3))
    assert away[20:].max() < 0.5  # nothing far from the border changes


def test_a_gap_is_closed_and_fades() -> None:
    painted = np.full((1, 64, 96, 3), 120, np.uint8)
    level = given((1, 64, 96), slice(None), slice(0, 40))
    met = meet_borders(painted.copy(), np.full_like(painted, 100), level)[0, 32, :, 0].astype(int)
    assert abs(met[40] - 100) <= 1
    assert (np.diff(met[40:]) >= 0).all()
    assert met[-1] == 120


def test_an_outline_does_not_glow() -> None:
    """A white thing given before a black ground."""
    painted = np.full((1, 64, 64, 3), 10, np.uint8)
    level = given((1, 64, 64), slice(20, 44), slice(20, 44))
    met = meet_borders(painted.copy(), np.full_like(painted, 245), level)
    assert np.abs(met.astype(int) - painted)[level == 0].max() <= 2
