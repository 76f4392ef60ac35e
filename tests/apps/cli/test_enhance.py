"""upscale, denoise: on clips and on pictures."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import probe, read_clip, read_picture, write_picture, write_video

Command = Callable[..., Any]


@pytest.fixture
def frames(vitascope: Command) -> np.ndarray:
    """A noisy pattern that stands still: in "shots" (12 fps), in "photo.png", with sound in "talk.mp4"."""
    pattern = np.repeat(np.repeat(np.random.default_rng(1).integers(60, 200, (5, 8, 3)), 8, 0), 8, 1)
    noise = np.random.default_rng(2).normal(0, 12, (5, *pattern.shape))
    frames = np.clip(pattern + noise, 0, 255).astype(np.uint8)
    write_video("shots", frames, 12)
    write_picture("photo.png", frames[0])
    write_video("talk.mp4", frames, 12, sound=Sound(np.zeros((48000, 1), np.float32), 48000))
    return frames


def test_upscale_a_clip(vitascope: Command, frames: np.ndarray) -> None:
    ran = vitascope("upscale", "talk.mp4", "--scale", "1.5", "--enlarger", "lanczos")
    assert (ran.status, ran.out) == (0, "talk-upscaled-1-5.mp4\n")
    info = probe("talk-upscaled-1-5.mp4")
    assert (info.width_px, info.height_px, info.rate_fps, info.frames) == (96, 60, Fraction(12), 5)
    assert info.has_sound


def test_upscale_a_picture(vitascope: Command, frames: np.ndarray) -> None:
    ran = vitascope("upscale", "photo.png", "--size", "160x100", "--enlarger", "lanczos")
    assert ran.out == "photo-upscaled-160x100.png\n"
    assert read_picture("photo-upscaled-160x100.png").shape == (100, 160, 3)


def test_denoise(vitascope: Command, frames: np.ndarray) -> None:
    assert vitascope("denoise", "shots", "-o", "calm").status == 0
    clean = frames.mean(0)
    before, after = (np.abs(clip - clean).mean() for clip in (frames.astype(float), read_clip("calm")))
    assert after < 0.6 * before
    assert vitascope("denoise", "shots", "--strength", "0", "-o", "same").status == 0
    assert np.array_equal(read_clip("same"), frames)
    assert vitascope("denoise", "photo.png").out == "photo-denoised.png\n"


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("upscale", "shots", "--scale", "0.5"), 2, "--scale: upscaling makes frames 1 to 8 times as large"),
        (
            ("upscale", "shots", "--scale", "2", "--size", "200"),
            2,
            "say a scale or a size, not both",
        ),
        (("upscale", "shots", "--size", "20"), 1, "20x20 is smaller than the footage's 64x40"),
        (("upscale", "shots", "--enlarger", "spam"), 1, 'did you mean "span"'),
        (("denoise", "shots", "--strength", "200"), 2, "--strength"),
        (("denoise", "gone.mp4"), 1, "gone.mp4: no such file"),
    ],
)
def test_what_is_wrong_is_said(
    vitascope: Command, frames: np.ndarray, arguments: tuple[str, ...], status: int, line: str
) -> None:
    before = sorted(Path().rglob("*"))
    ran = vitascope(*arguments)
    assert (ran.status, ran.out) == (status, "")
    assert line in ran.err
    assert sorted(Path().rglob("*")) == before
