"""Pictures between two frames: where things are on their way, and where there is no way."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.engine import EngineError
from vitascope.engine.inbetween import Pair, inbetween

SHARES = (0.25, 0.5, 0.75)
RED = np.array((230, 60, 40))


def ground(height: int = 200, width: int = 240, shift: int = 0) -> np.ndarray:
    """Soft green and blue hills."""
    y, x = np.mgrid[0:height, 0:width]
    hills = np.sin((x - shift) / 17) + np.cos(y / 13) + np.sin((x - shift + y) / 29)
    return np.stack([60 + 0 * hills, 120 + 20 * hills, 130 - 15 * hills], -1).astype(np.uint8)


def square(x: int, y: int, side: int = 40) -> np.ndarray:
    """A red cushion on the hills, its corner at x, y."""
    picture = ground()
    rows, columns = np.mgrid[0:side, 0:side]
    light = 0.9 + 0.1 * np.sin(columns / 5) * np.cos(rows / 7)
    picture[y : y + side, x : x + side] = RED * light[..., None]
    return picture


def place(picture: np.ndarray) -> tuple[float, float]:
    """The (x, y) of the cushion's corner, told by its body: a rim of 6 px doesn't count."""
    alike = cv2.matchTemplate(picture, square(90, 70)[76:104, 96:124], cv2.TM_SQDIFF)
    _, _, (x, y), _ = cv2.minMaxLoc(alike)
    return x - 6, y - 6


def red(picture: np.ndarray) -> np.ndarray:
    return picture[..., 0] > 140


@pytest.mark.parametrize(("across", "down"), [(12, 0), (24, 0), (24, 12), (-18, 15), (20, 20)])
def test_a_square_is_on_its_way(across: int, down: int) -> None:
    pair = Pair(square(90, 70), square(90 + across, 70 + down))
    for share in SHARES:
        between = pair.at(share)
        assert place(between) == pytest.approx((90 + share * across, 70 + share * down), abs=1)
        assert red(between).sum() == pytest.approx(40 * 40, rel=0.1)  # one, not two half ones


def test_a_small_thing_that_leaps_further_than_its_size_lands_too() -> None:
    y, x = np.nonzero(red(Pair(square(60, 70, 20), square(84, 70, 20)).at(0.5)))
    assert x.mean() - 9.5 == pytest.approx(72, abs=1)
    assert y.mean() - 9.5 == pytest.approx(70, abs=1)


def test_what_is_behind_stays_where_it_is() -> None:
    between = inbetween(square(90, 70), square(102, 70), 0.5).astype(int)
    away = np.ones((200, 240), bool)
    away[66:114, 92:140] = False
    off = np.abs(between - ground())[away]
    assert off.mean() < 0.1
    assert np.mean(off > 20) < 0.001  # what is uncovered, and what is soon to be covered, is ground too


def test_the_whole_picture_may_move() -> None:
    between = inbetween(ground(), ground(shift=12), 0.5).astype(int)
    inner = (slice(16, -16), slice(24, -24))
    assert np.abs(between - ground(shift=6))[inner].mean() < 1


def swung(time: float) -> tuple[int, int]:
    """Where a square that is thrown up is, in even steps of time from -1 to 2."""
    return round(90 + 16 * time), round(90 - 16 * time * (1 - time))


def test_a_thrown_square_is_where_its_curve_is() -> None:
    pairs = [Pair(square(*swung(time)), square(*swung(time + 1))) for time in (-1, 0, 1)]
    x, y = swung(0.5)
    assert place(pairs[1].at(0.5, pairs[0], pairs[2])) == pytest.approx((x, y), abs=1)
    assert place(pairs[1].at(0.5, pairs[0])) == pytest.approx((x, y), abs=1)
    assert place(pairs[1].at(0.5, None, pairs[2])) == pytest.approx((x, y), abs=1)
    assert place(pairs[1].at(0.5))[1] - y > 2  # without them the way is straight


def test_what_comes_before_a_cut_bends_no_way() -> None:
    rng = np.random.default_rng(3)
    other = np.kron(rng.integers(0, 256, (25, 30, 3), np.uint8), np.ones((8, 8, 1), np.uint8))
    pair, cut = Pair(square(90, 70), square(102, 70)), Pair(other, square(90, 70))
    held = Pair(square(90, 70), square(90, 70))
    assert cut.cut
    assert np.array_equal(pair.at(0.3, earlier=cut), pair.at(0.3))
    assert np.array_equal(pair.at(0.3, earlier=held), pair.at(0.3))  # held, not stopped


def cloudy(height: int, width: int, seed: int) -> np.ndarray:
    """Noise with as much of every scale as photographs have, float32 [H, W, 3] in 0..255."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    waves = np.hypot(*np.meshgrid(np.fft.fftfreq(width), np.fft.fftfreq(height)))
    waves[0, 0] = 1
    picture = np.fft.ifft2(np.fft.fft2(noise, axes=(0, 1)) / waves[..., None], axes=(0, 1)).real
    return np.clip(128 + 50 * picture / picture.std(), 0, 255).astype(np.float32)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (90, 121), (128, 200)])
def test_what_the_network_never_saw_it_does_not_spoil(
    height: int, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pan over what no world draws: the same by rule, and by the network."""
    wide = cloudy(4 * height, 4 * width, seed=7)

    def at(time: float) -> np.ndarray:
        pan = np.array([[4, 0, width + 24 * time], [0, 4, height - 12 * time]], np.float32)
        area = cv2.warpAffine(
            cv2.blur(wide, (4, 4)), pan, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        return area.astype(np.uint8)

    def error(made: np.ndarray) -> float:
        return float(np.square(made[8:-8, 8:-8].astype(float) - at(0.5)[8:-8, 8:-8]).mean())

    learnt = error(inbetween(at(0), at(1), 0.5))
    monkeypatch.setattr("vitascope.engine.inbetween.LEARNT_PX", 0)
    by_rule = error(inbetween(at(0), at(1), 0.5))
    assert learnt < 1.2 * by_rule + 1  # 10 log10(1.2) = 0.8 dB


def test_a_cut_does_not_ghost() -> None:
    rng = np.random.default_rng(3)
    first, second = (
        np.kron(rng.integers(0, 256, (25, 30, 3), np.uint8), np.ones((8, 8, 1), np.uint8)) for _ in range(2)
    )
    pair = Pair(first, second)
    assert pair.cut
    for share in (0.1, 0.4, 0.49):
        assert np.array_equal(pair.at(share), first)
    for share in (0.51, 0.6, 0.9):
        assert np.array_equal(pair.at(share), second)


def test_a_change_of_light_is_no_cut() -> None:
    dim = square(90, 70)
    bright = (dim * 1.2).astype(np.uint8)
    pair = Pair(dim, bright)
    assert not pair.cut
    assert float(pair.at(0.5).mean()) == pytest.approx((dim.mean() + bright.mean()) / 2, abs=2)


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_every_size_has_something_between(height: int, width: int, chance: int, share: float) -> None:
    rng = np.random.default_rng(chance)
    first, second = rng.integers(0, 256, (2, height, width, 3), np.uint8)
    assert np.array_equal(inbetween(first, second, 0), first)
    assert np.array_equal(inbetween(first, second, 1), second)
    assert np.array_equal(inbetween(first, first.copy(), share), first)
    between = inbetween(first, second, share)
    assert between.shape == first.shape
    assert between.dtype == np.uint8
    assert between.max() <= max(first.max(), second.max())
    assert int(between.min()) + 1 >= min(first.min(), second.min())


def test_plain_colours_are_mixed_or_one_of_them() -> None:
    for one, other in ((0, 1), (10, 30), (0, 255), (200, 90)):
        pair = Pair(np.full((20, 30, 3), one, np.uint8), np.full((20, 30, 3), other, np.uint8))
        for share in (1e-300, 0.3, 0.5, 1 - 1e-9):
            between = pair.at(share).astype(int)
            assert min(one, other) <= between.min() <= between.max() <= max(one, other)
            assert between.max() - between.min() <= 1


def test_what_has_nothing_between_is_refused() -> None:
    with pytest.raises(EngineError, match="only frames of one size have something between them: 240x200 and"):
        Pair(ground(), ground(100, 100))
    with pytest.raises(EngineError, match=r"a share of the way in 0\.\.1, not 1\.5"):
        inbetween(ground(), ground(), 1.5)
