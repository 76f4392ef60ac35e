"""Detail carried from a sharp given frame to soft painted ones."""

import numpy as np

from vitascope.engine.detail import carry_detail


def textured(height: int, width: int, shift: int = 0) -> np.ndarray:
    """A checked cloth that moves `shift` px to the right."""
    y, x = np.mgrid[0:height, 0:width]
    cloth = 128 + 60 * np.sin((x - shift) / 40) + 40 * np.cos(y / 30)
    fine = 30 * np.sign(np.sin((x - shift) * 1.3) * np.sin(y * 1.1))
    return np.repeat(np.clip(cloth + fine, 0, 255)[..., None], 3, -1).astype(np.uint8)


def soft(picture: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.GaussianBlur(picture, (0, 0), 4)


def known(frames: int, height: int, width: int, given: int) -> np.ndarray:
    level = np.zeros((frames, height, width), np.float32)
    level[given] = 1
    return level


def error(a: np.ndarray, b: np.ndarray) -> float:
    inner = (slice(None), slice(32, -32), slice(48, -48))
    return float(np.abs(a[inner].astype(int) - b[inner]).mean())


def test_detail_follows_what_moves() -> None:
    sharp = np.stack([textured(192, 256, 3 * t) for t in range(6)])
    painted = np.stack([soft(frame) for frame in sharp])
    for given in (0, 5):
        better = carry_detail(painted, sharp, known(6, 192, 256, given))
        assert error(better, sharp) < 0.5 * error(painted, sharp)


def test_detail_does_not_follow_into_another_picture() -> None:
    sharp = textured(192, 256)
    other = np.full_like(sharp, 40)
    other[60:120, 80:160] = 220
    painted = np.stack([soft(sharp), soft(other)])
    better = carry_detail(painted, np.stack([sharp, sharp]), known(2, 192, 256, 0))
    assert error(better[1:], painted[1:]) < 2


def test_nothing_given_or_everything_given_changes_nothing() -> None:
    painted = np.stack([textured(64, 64), textured(64, 64, 2)])
    assert np.array_equal(carry_detail(painted, painted, np.zeros((2, 64, 64), np.float32)), painted)
    assert np.array_equal(carry_detail(painted, painted[::-1], np.ones((2, 64, 64), np.float32)), painted)


def test_detail_comes_from_the_whole_picture_where_the_rest_is_given_in_part() -> None:
    """A thing moves before a ground that is given in every frame: the first frame knows how it looks."""
    sharp = np.stack([textured(192, 256, 3 * t) for t in range(4)])
    painted = np.stack([soft(frame) for frame in sharp])
    level = known(4, 192, 256, 0)
    level[:, :32] = 1
    better = carry_detail(painted, sharp, level)
    assert error(better, sharp) < 0.5 * error(painted, sharp)
