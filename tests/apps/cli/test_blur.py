"""blur and motion-blur: a clip in, a clip of the same length out, with its sound."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vitascope.canvas import Sound
from vitascope.footage.faces import BLAZEFACE
from vitascope.media import probe, read_clip, read_picture, read_sound, write_video

Command = Callable[..., Any]


@pytest.fixture
def frames(vitascope: Command) -> np.ndarray:
    """Eight frames: without loss in the folder "shots" (24 fps), with sound in "talk.mp4"."""
    frames = np.random.default_rng(0).integers(0, 256, (8, 48, 64, 3), np.uint8)
    write_video("shots", frames, 24)
    wave = np.sin(np.arange(48000) / 20)[:, None].astype(np.float32) * 0.5
    write_video("talk.mp4", frames, 24, sound=Sound(wave, 48000))
    return frames


def test_a_region_is_blacked_out_for_a_while(vitascope: Command, frames: np.ndarray) -> None:
    ran = vitascope(
        "blur", "shots", "rect:0,0,0.5,1", "-o", "out", "--style", "solid", "--from", "2f", "--to", "4f"
    )
    assert ran.status == 0, ran.err
    assert ran.out == "out\n"
    made = read_clip("out")
    hidden = [2, 3]
    assert not made[hidden][:, :, :32].any()
    assert np.array_equal(made[:, :, 32:], frames[:, :, 32:])
    rest = [0, 1, 4, 5, 6, 7]
    assert np.array_equal(made[rest], frames[rest])


def test_rate_length_and_sound_stay(vitascope: Command, frames: np.ndarray) -> None:
    assert vitascope("blur", "talk.mp4", "ellipse:0.5,0.5,0.2,0.3").status == 0
    one, other = probe("talk.mp4"), probe("talk-blurred.mp4")
    assert (one.rate_fps, one.frames, one.width_px) == (other.rate_fps, other.frames, other.width_px)
    assert np.abs(read_sound("talk-blurred.mp4").samples).max() > 0.3


def test_a_mask_file_says_where(vitascope: Command, frames: np.ndarray) -> None:
    mask = np.zeros((48, 64), np.uint8)
    mask[:24] = 255
    Image.fromarray(mask).save("mask.png")
    assert vitascope("blur", "shots", "mask:mask.png", "-o", "a", "--style", "solid").status == 0
    assert vitascope("blur", "shots", "not:mask:mask.png", "-o", "b", "--style", "solid").status == 0
    assert not read_clip("a")[:, :24].any()
    assert not read_clip("b")[:, 24:].any()
    assert np.array_equal(read_clip("a")[:, 24:], frames[:, 24:])


def test_the_face_on_a_picture_is_hidden(vitascope: Command) -> None:
    if missing := BLAZEFACE.missing():
        pytest.skip(f"not installed: {missing}")
    astronaut = pytest.importorskip("skimage.data").astronaut()[:300, 60:400]
    Image.fromarray(astronaut).save("her.png")
    assert vitascope("blur", "her.png", "--style", "solid").status == 0
    made = read_picture("her-blurred.png")
    assert not made[90:160, 130:200].any()
    assert np.array_equal(made[215:], astronaut[215:])


def test_motion_blur_keeps_the_number_of_frames(vitascope: Command, frames: np.ndarray) -> None:
    assert vitascope("motion-blur", "talk.mp4", "-o", "out.mp4", "--shutter", "360").status == 0
    assert probe("out.mp4").frames == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("blur", "shots", "circle:1"), "WHAT"),
        (("blur", "shots", "rect:0,0,1,1", "--from", "soon"), "--from"),
        (("blur", "shots", "rect:0,0,1,1", "--strength", "2"), "--strength"),
        (("motion-blur", "shots", "--shutter", "-5"), "--shutter"),
    ],
)
def test_wrong_wishes_name_their_option(
    vitascope: Command, frames: np.ndarray, arguments: tuple[str, ...], message: str
) -> None:
    ran = vitascope(*arguments, "-o", "out")
    assert ran.status == 2
    assert message in ran.err
    assert not Path("out").exists()


def test_a_time_after_the_end_leaves_nothing_behind(vitascope: Command, frames: np.ndarray) -> None:
    ran = vitascope("blur", "talk.mp4", "rect:0,0,1,1", "--from", "9", "-o", "late.mp4")
    assert ran.status == 1
    assert "8 frames" in ran.err
    assert not Path("late.mp4").exists()
