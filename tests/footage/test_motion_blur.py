"""motion-blur: near to what a shutter that stays open would have seen; what stands still is left alone."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from vitascope.footage import Footage, unheard
from vitascope.footage.motion_blur import MotionBlur

cv2 = pytest.importorskip("cv2")
SIZE = 160, 90


def _texture(seed: int, size: tuple[int, int], sigma: float) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(size[1], size[0], 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), sigma)
    return 128 + soft / soft.std() * 45


@pytest.fixture(scope="module")
def scene() -> Callable[[float], np.ndarray]:
    """scene(t): a disc that goes 5 px a frame over a background that pans 1 px, at any moment."""
    ground, disc = _texture(1, SIZE, 1.5), _texture(2, (50, 50), 1.5)
    y, x = np.mgrid[:50, :50]
    shape = np.clip(24 - np.hypot(x - 24.5, y - 24.5), 0, 1).astype(np.float32)

    def at(time: float) -> np.ndarray:
        move = np.array([[1, 0, 10 + 5 * time], [0, 1, 20]], np.float32)
        alpha = cv2.warpAffine(shape, move, SIZE)[..., None]
        above = cv2.warpAffine(disc, move, SIZE, borderMode=cv2.BORDER_REPLICATE)
        pan = np.array([[1, 0, -time], [0, 1, 0]], np.float32)
        below = cv2.warpAffine(ground, pan, SIZE, borderMode=cv2.BORDER_REFLECT)
        return above * alpha + below * (1 - alpha)

    return at


def _bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def _made(frames: list[np.ndarray], **asked: float) -> list[np.ndarray]:
    footage = Footage(frames=frames, width_px=SIZE[0], height_px=SIZE[1], rate_fps=Fraction(24))
    return list(MotionBlur(**asked).make(footage, unheard, {}).frames)


def _psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


@pytest.mark.parametrize("shutter", [180.0, 360.0])
def test_it_is_near_to_the_mean_of_many_moments(scene: Callable[[float], np.ndarray], shutter: float) -> None:
    frames = [_bytes(scene(number)) for number in range(6)]
    made = _made(frames, shutter=shutter)
    assert len(made) == 6
    for number in range(1, 5):
        moments = number + ((np.arange(32) + 0.5) / 32 - 0.5) * shutter / 360
        truth = _bytes(np.mean([scene(float(time)) for time in moments], axis=0))
        assert _psnr(made[number], truth) > _psnr(frames[number], truth) + 6


def test_what_stands_still_stays_to_the_bit(scene: Callable[[float], np.ndarray]) -> None:
    frames = [_bytes(scene(0))] * 4
    assert all(np.array_equal(frame, frames[0]) for frame in _made(frames, shutter=360.0))


def test_nothing_is_drawn_across_a_cut() -> None:
    other = 255 - _bytes(_texture(9, SIZE, 1.5))
    frames = [_bytes(_texture(1, SIZE, 1.5))] * 2 + [other] * 2
    for frame, made in zip(frames, _made(frames, shutter=360.0), strict=True):
        assert np.array_equal(frame, made)


def test_a_single_frame_is_given_back() -> None:
    frame = _bytes(_texture(3, SIZE, 2))
    (made,) = _made([frame])
    assert np.array_equal(made, frame)
