"""Noise out, edges in: against the truth, at cuts, and in flat memory."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

import cv2
import numpy as np
import pytest
from pydantic import ValidationError
from tests.footage.filmed import film, footage, shifted
from tests.footage.nearness import psnr

from vitascope.footage import Footage, FootageError, Frame, load_tool, unheard
from vitascope.footage.denoise import REACH, Denoise


def calmed(frames: list[Frame], **asked: object) -> list[Frame]:
    made = Denoise.model_validate(asked).make(footage(frames, count=len(frames)), unheard, {})
    assert made.count == len(frames)
    return [frame.copy() for frame in made.frames]


def moving(count: int = 6, noise: float = 0.0, seed: int = 0) -> list[Frame]:
    return film([shifted(1.7 * i, 0.6 * i) for i in range(count)], seed, noise)


@pytest.mark.parametrize("sigma", [6.0, 15.0, 30.0])
def test_it_is_nearer_to_the_truth_than_non_local_means_at_its_best(sigma: float) -> None:
    truth, noisy = moving(), moving(noise=sigma)
    result = calmed(noisy)
    assert len(result) == 6
    for at in (0, 3, 5):
        best_db = max(
            psnr(np.asarray(cv2.fastNlMeansDenoisingColored(noisy[at], None, h, h), np.uint8), truth[at])
            for h in (sigma * 0.4, sigma * 0.7, sigma)
        )
        assert psnr(result[at], truth[at]) > best_db + 1.5


def test_clean_footage_stays_as_it_is() -> None:
    truth = moving()
    assert min(psnr(one, other) for one, other in zip(calmed(truth), truth, strict=True)) > 38


def test_strength() -> None:
    truth, noisy = moving()[2], moving(noise=12)
    weak, usual, strong = (calmed(noisy, strength=strength)[2] for strength in (10, 50, 100))
    assert all(np.array_equal(a, b) for a, b in zip(calmed(noisy, strength=0), noisy, strict=True))
    assert psnr(noisy[2], truth) < psnr(weak, truth) < psnr(usual, truth)
    rough = [float(cv2.Laplacian(frame, cv2.CV_32F).std()) for frame in (noisy[2], weak, usual, strong)]
    assert rough == sorted(rough, reverse=True)


def test_nothing_of_one_shot_is_seen_in_the_next() -> None:
    first = moving(4, noise=10)
    second = [255 - frame[::-1] // 2 for frame in moving(4, noise=10, seed=8)]
    together = calmed([*first, *second])
    apart = [*calmed(first), *calmed(second)]
    assert all(np.array_equal(a, b) for a, b in zip(together, apart, strict=True))


def test_things_that_move_leave_no_trail() -> None:
    """A bright square jumps by more than its size, over noise: where it was, the ground is as it was."""
    rng = np.random.default_rng(0)
    frames: list[Frame] = []
    for i in range(5):
        frame = np.full((90, 160, 3), 100.0)
        frame[30:50, 10 + 30 * i : 30 + 30 * i] = 230
        frames.append(np.clip(frame + rng.normal(0, 8, frame.shape), 0, 255).astype(np.uint8))
    result = calmed(frames)[2]
    for i in (0, 1, 3, 4):
        assert abs(float(result[32:48, 12 + 30 * i : 28 + 30 * i].mean()) - 100) < 2
    assert abs(float(result[32:48, 72:88].mean()) - 230) < 2


def test_strips_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    noisy = moving(3, noise=10)
    whole = calmed(noisy)
    monkeypatch.setattr("vitascope.footage.denoisers.STRIP_PX", 32)
    assert max(int(np.abs(a.astype(int) - b).max()) for a, b in zip(calmed(noisy), whole, strict=True)) <= 1


def test_a_picture_by_itself() -> None:
    truth, noisy = moving(1), moving(1, noise=15)
    assert psnr(calmed(noisy)[0], truth[0]) > psnr(noisy[0], truth[0]) + 3


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2), (2, 3000)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0)
    given = [noise.integers(100, 140, (*size, 3), np.uint8) for _ in range(3)]
    assert [frame.shape for frame in calmed(given)] == [(*size, 3)] * 3


def test_it_streams() -> None:
    given, drawn = moving(4, noise=5), 0

    class Endless:
        def __iter__(self) -> Iterator[Frame]:
            nonlocal drawn
            while True:
                for frame in given:
                    drawn += 1
                    yield frame

    clip = Footage(frames=Endless(), width_px=160, height_px=120, rate_fps=Fraction(25))
    assert len(list(islice(Denoise().make(clip, unheard, {}).frames, 5))) == 5
    assert drawn == 5 + REACH


def test_every_frame_is_told() -> None:
    told: list[tuple[str, int, int | None]] = []
    clip = footage(moving(4, noise=5), count=4)
    list(Denoise().make(clip, lambda *said: told.append(said), {}).frames)
    assert told == [("denoise", done, 4) for done in (1, 2, 3, 4)]


def test_what_makes_no_sense_is_refused() -> None:
    for strength in (-1, 101):
        with pytest.raises(ValidationError, match="strength"):
            load_tool("denoise")(strength=strength)
    with pytest.raises(FootageError, match='no denoiser is called "flew"; did you mean "flow"'):
        Denoise(denoiser="flew").make(footage(moving(1)), unheard, {})
