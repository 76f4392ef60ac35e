"""The watermark: it comes back through what happens to films, and is never seen where there is none."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from vitascope.media import MediaError, read_video, write_video
from vitascope.media.watermark import LOOKED_AT, MIN_SIDE_PX, message_of, read_watermark, watermarked

MESSAGE = 0xC0FFEE42
HEIGHT_PX, WIDTH_PX, FRAMES = 360, 640, 6


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    """Soft shapes of many sizes and colours that a camera passes, with grain: uint8 [6, 360, 640, 3]."""
    random = np.random.default_rng(7)
    picture = np.zeros((HEIGHT_PX + 20, WIDTH_PX + 20, 3), np.float32)
    for size in (4, 12, 40, 120):
        rough = random.standard_normal((picture.shape[0] // size + 2, picture.shape[1] // size + 2, 3))
        rough = rough * 0.3 + rough[..., :1]  # less of colour than of light, as the world has it
        large = cv2.resize(rough.astype(np.float32), picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        picture += large * size**0.5 * 3
    picture = np.clip(picture + 120 + random.standard_normal(picture.shape) * 2, 0, 255).astype(np.uint8)
    return [
        np.ascontiguousarray(picture[at : at + HEIGHT_PX, at : at + WIDTH_PX])
        for at in range(0, 3 * FRAMES, 3)
    ]


@pytest.fixture(scope="module")
def film(clip: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip with the mark, as H.264 at the usual quality of a web service (crf 23)."""
    path = tmp_path_factory.mktemp("film") / "marked.mp4"
    write_video(path, watermarked(clip, MESSAGE), 24, quality=54)
    return path


def test_it_is_too_faint_to_see(clip: list[np.ndarray]) -> None:
    marked = list(watermarked(clip, MESSAGE))
    off = np.stack(marked).astype(float) - np.stack(clip)
    assert 10 * np.log10(255**2 / np.mean(off**2)) > 39
    lightness = off @ np.array([0.2126, 0.7152, 0.0722])
    assert lightness.std() < 0.5  # less than rounding does


@pytest.mark.parametrize("message", [0, 1, MESSAGE, 2**32 - 1])
def test_any_message_comes_back(clip: list[np.ndarray], message: int) -> None:
    found = read_watermark(watermarked(clip[:2], message))
    assert found is not None
    assert found.message == message


def test_it_lives_through_h264(film: Path) -> None:
    found = read_watermark(read_video(film))
    assert found is not None
    assert found.message == MESSAGE


@pytest.mark.parametrize("harm", ["twice", "resized", "cropped", "brighter"])
def test_it_lives_through_h264_and(film: Path, tmp_path: Path, harm: str) -> None:
    harmed = tmp_path / "harmed.mp4"
    write_video(harmed, (_harmed(frame, harm) for frame in read_video(film)), 24, quality=54)
    found = read_watermark(read_video(harmed))
    assert found is not None
    assert found.message == MESSAGE


def _harmed(frame: np.ndarray, harm: str) -> np.ndarray:
    if harm == "resized":
        return np.asarray(cv2.resize(frame, (960, 540), interpolation=cv2.INTER_CUBIC))
    if harm == "cropped":
        return np.ascontiguousarray(frame[21 : 21 + 324, 37 : 37 + 576])
    return np.clip(frame * 1.2 + 15, 0, 255).astype(np.uint8) if harm == "brighter" else frame


def test_what_is_unmarked_is_not_seen_as_marked(clip: list[np.ndarray]) -> None:
    random = np.random.default_rng(1)
    assert read_watermark(clip) is None
    for frame in (
        np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8),
        random.integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), np.uint8),
        np.tile(clip[0][:96, :96], (4, 6, 1)),  # tiles as the mark has them
    ):
        assert read_watermark([frame]) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 8192), (8192, 1), (64, 64), (100, 900)])
def test_frames_that_cannot_hold_it_are_no_trouble(size: tuple[int, int]) -> None:
    assert read_watermark([np.zeros((*size, 3), np.uint8)]) is None
    assert read_watermark([]) is None


def test_what_cannot_be_marked_is_refused(clip: list[np.ndarray]) -> None:
    with pytest.raises(MediaError, match="32 bits"):
        watermarked(clip, 2**32)
    with pytest.raises(MediaError, match=f"{MIN_SIDE_PX} px or more"):
        next(watermarked([np.zeros((64, 64, 3), np.uint8)], 1))


def test_memory_stays_flat_and_the_given_frames_as_they_were() -> None:
    frame, held = np.full((180, 320, 3), 99, np.uint8), 0

    def endless() -> Iterator[np.ndarray]:
        nonlocal held
        while True:
            held += 1
            yield frame

    for number, _ in enumerate(islice(watermarked(endless(), 5), 4), 1):
        assert held == number
    assert (frame == 99).all()
    held = 0
    read_watermark(endless())
    assert held == LOOKED_AT


def test_a_name_has_a_message() -> None:
    assert message_of("job_1") != message_of("job_2")
    assert message_of("abc") == 0xBA7816BF  # as SHA-256 begins
