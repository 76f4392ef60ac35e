"""match: a known grade is taken back, the same way in every frame, nearer than by means and deviations."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.footage import Footage, FootageError, unheard
from vitascope.footage.match import LEAST_VARIANCE, Match, colour_map, sample_of, transport

cv2 = pytest.importorskip("cv2")


def _footage(frames: list[np.ndarray]) -> Footage:
    height_px, width_px = frames[0].shape[:2] if frames else (1, 1)
    return Footage(frames=frames, width_px=width_px, height_px=height_px, rate_fps=Fraction(24))


def _made(clip: list[np.ndarray], reference: list[np.ndarray], strength: float = 1.0) -> list[np.ndarray]:
    tool = Match(reference="r.png", strength=strength)
    return list(tool.make(_footage(clip), unheard, {"reference": _footage(reference)}).frames)


@pytest.fixture(scope="module")
def shot() -> list[np.ndarray]:
    """Coloured clouds that drift by."""
    noise = np.random.default_rng(3).normal(size=(90, 240, 3)).astype(np.float32)
    mixed = cv2.GaussianBlur(noise, (0, 0), 8) @ np.array([[3, 1, 0.5], [1, 2, 1], [0.3, 1, 2]], np.float32)
    whole = np.clip(120 + mixed / mixed.std() * 45, 0, 255).astype(np.uint8)
    return [np.ascontiguousarray(whole[:, 8 * number : 8 * number + 160]) for number in range(8)]


def _graded(frame: np.ndarray) -> np.ndarray:
    light = frame / 255 * np.array([1.08, 1.0, 0.85]) + np.array([0.02, 0, 0.04])
    light = np.clip(light, 0, 1) ** np.array([0.8, 0.95, 1.1])
    grey = light @ np.array([0.2126, 0.7152, 0.0722])
    return np.rint((grey[..., None] + 0.75 * (light - grey[..., None])).clip(0, 1) * 255).astype(np.uint8)


def _lab(frames: list[np.ndarray]) -> np.ndarray:
    return np.stack([cv2.cvtColor(frame.astype(np.float32) / 255, cv2.COLOR_RGB2Lab) for frame in frames])


def test_a_known_grade_is_taken_back(shot: list[np.ndarray]) -> None:
    graded = [_graded(frame) for frame in shot]
    truth, before, after = _lab(shot), _lab(graded), _lab(_made(graded, shot))
    plain = (before - before.mean((0, 1, 2))) / before.std((0, 1, 2)) * truth.std((0, 1, 2)) + truth.mean(
        (0, 1, 2)
    )

    def error(other: np.ndarray) -> float:
        return float(np.linalg.norm(other - truth, axis=-1).mean())

    assert error(after) < 0.25 * error(before)
    assert error(after) < 0.7 * error(plain)


def test_another_part_of_the_scene_serves_as_reference(shot: list[np.ndarray]) -> None:
    graded = [_graded(frame) for frame in shot[4:]]
    before, after = _lab(graded) - _lab(shot[4:]), _lab(_made(graded, shot[:4])) - _lab(shot[4:])
    assert np.linalg.norm(after, axis=-1).mean() < 0.5 * np.linalg.norm(before, axis=-1).mean()


def test_one_colour_becomes_one_colour_in_all_frames(shot: list[np.ndarray]) -> None:
    clip = [frame.copy() for frame in shot]
    for frame in clip:
        frame[:4] = (90, 120, 60)
    patches = np.stack([frame[:4] for frame in _made(clip, [_graded(frame) for frame in shot])])
    assert (patches == patches[0, 0, 0]).all()


def test_strength_leads_from_nothing_to_all(shot: list[np.ndarray]) -> None:
    wanted = [_graded(shot[0])]
    assert np.array_equal(_made(shot[:1], wanted, 0.0)[0], shot[0])
    steps = [
        np.abs(_made(shot[:1], wanted, strength)[0].astype(int) - wanted[0]).mean()
        for strength in (0.0, 0.3, 0.7, 1.0)
    ]
    assert steps == sorted(steps, reverse=True)


@given(st.integers(0, 2**32 - 1))
def test_transport_carries_mean_and_covariance(seed: int) -> None:
    chance = np.random.default_rng(seed)
    own, wanted = (chance.normal(0.5, 0.2, (400, 3)) @ chance.normal(size=(3, 3)) for _ in range(2))
    matrix, offset = transport(own, wanted)
    least = LEAST_VARIANCE * np.eye(3)
    assert np.allclose((own @ matrix.T + offset).mean(0), wanted.mean(0))
    assert np.allclose(matrix @ (np.cov(own.T) + least) @ matrix.T, np.cov(wanted.T) + least)
    assert np.allclose(matrix, matrix.T)


def test_flat_pictures_do_not_explode() -> None:
    flat = [np.full((20, 30, 3), 80, np.uint8)]
    (made,) = _made(flat, [np.full((20, 30, 3), (200, 40, 90), np.uint8)])
    assert np.abs(made.astype(int) - (200, 40, 90)).max() <= 2


def test_a_sample_stays_small_and_covers_the_whole_time() -> None:
    frames = [np.full((90, 160, 3), number * 255 // 699, np.uint8) for number in range(700)]
    sample = sample_of(_footage(frames), unheard, "looking")
    assert len(sample) <= 1 << 18
    assert len(np.unique(sample)) > 60
    assert sample.max() > 0.97
    assert np.array_equal(sample, sample_of(_footage(frames), unheard, "looking"))
    with pytest.raises(FootageError, match="no frames"):
        sample_of(_footage([]), unheard, "looking")


def test_the_map_on_frames_is_the_map_on_colours(shot: list[np.ndarray]) -> None:
    own = sample_of(_footage(shot), unheard, "")
    change = colour_map(own, sample_of(_footage([_graded(frame) for frame in shot]), unheard, ""))
    exact = change(shot[0].reshape(-1, 3) / 255).reshape(shot[0].shape).clip(0, 1) * 255
    assert np.abs(change.apply(shot[0]) - exact).max() < 1.6
