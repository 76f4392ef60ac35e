"""extend, loop, smooth: clips read with their own rate, size and sound; with the toy."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vitascope.canvas import Sound, fit_picture
from vitascope.media import (
    DEFAULT_LIMITS,
    probe,
    read_clip,
    read_picture,
    read_sound,
    write_picture,
    write_video,
)

Command = Callable[..., Any]
TOY = ("--filler", "toy")

LOOPY = """
from fractions import Fraction

from vitascope.engine import Capabilities, ToyFiller


class Loopy(ToyFiller):
    capabilities = Capabilities(
        name="loopy", summary="", loop=True, frames_multiple=4, rates_fps=(Fraction(8),), rank=9
    )
"""


@pytest.fixture
def frames(vitascope: Command) -> np.ndarray:
    """Five frames of noise: without loss in the folder "shots" (24 fps), with sound in "talk.mp4" (29.97)."""
    frames = np.random.default_rng(0).integers(0, 256, (5, 34, 50, 3), np.uint8)
    write_video("shots", frames, 24)
    wave = np.sin(np.arange(48000) / 20)[:, None].astype(np.float32) * 0.5
    write_video("talk.mp4", frames, "30000/1001", sound=Sound(wave, 48000))
    return frames


@pytest.mark.parametrize(("direction", "before"), [("forward", 0), ("backward", 12), ("both", 12)])
def test_extend_keeps_the_clip_to_the_bit(
    vitascope: Command, frames: np.ndarray, direction: str, before: int
) -> None:
    ran = vitascope(
        *("extend", "shots", "it rains", "-o", "out", "--seconds", "0.5", "--direction", direction, *TOY)
    )
    assert ran.status == 0
    assert ran.err.startswith("Filling 50x34, ")
    result = read_clip("out")
    assert len(result) == 5 + (24 if direction == "both" else 12)
    assert np.array_equal(result[before : before + 5], frames)


def test_extend_keeps_rate_and_size_and_places_the_sound(vitascope: Command, frames: np.ndarray) -> None:
    assert vitascope("extend", "talk.mp4", "--seconds", "30f", "--direction", "backward", *TOY).status == 0
    info = probe("talk-extended.mp4")
    assert (info.width_px, info.height_px, info.rate_fps, info.frames) == (50, 34, Fraction(30000, 1001), 35)
    loud = np.abs(read_sound("talk-extended.mp4").samples[:, 0]) > 0.25
    first = int(np.flatnonzero(loud)[0]) / 48000
    assert first == pytest.approx(1.001, abs=0.03)
    assert vitascope("extend", "talk.mp4", "-o", "on.mp4", "--seconds", "1", *TOY).status == 0
    loud = np.abs(read_sound("on.mp4").samples[:, 0]) > 0.25
    assert int(np.flatnonzero(loud)[-1]) / 48000 == pytest.approx(5 * 1001 / 30000, abs=0.03)


def test_a_large_clip_is_scaled_and_said_so(vitascope: Command) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 20, 2000, 3), np.uint8)
    write_video("wide", frames, 8)
    ran = vitascope("extend", "wide", "-o", "out", "--seconds", "1f", *TOY)
    assert ran.err.splitlines()[0] == "Scaling wide from 2000x20 to 1920x20; --size takes another size."
    assert np.array_equal(read_clip("out")[1], fit_picture(frames[1], 1920, 20))
    ran = vitascope("extend", "wide", "-o", "small", "--seconds", "1f", "--size", "40x20", *TOY)
    assert "Scaling" not in ran.err
    assert np.array_equal(read_clip("small")[0], fit_picture(frames[0], 40, 20))


def test_a_loop_of_words(vitascope: Command) -> None:
    assert (
        vitascope("loop", "a fox runs", "--size", "32", "--seconds", "1", *TOY).out
        == "a-fox-runs.mp4  seed 0\n"
    )
    assert probe("a-fox-runs.mp4").frames == 8


@pytest.mark.parametrize("ending", ["gif", "webp"])
def test_moving_pictures_of_loops_repeat_for_ever(vitascope: Command, ending: str) -> None:
    assert vitascope("loop", "a fox", "-o", f"fox.{ending}", "--size", "32", *TOY).status == 0
    with Image.open(f"fox.{ending}") as picture:
        assert picture.info["loop"] == 0


def test_a_loop_of_a_picture_begins_with_it(vitascope: Command) -> None:
    photo = np.random.default_rng(1).integers(0, 256, (31, 40, 3), np.uint8)
    write_picture("photo.png", photo)
    ran = vitascope("loop", "photo.png", "it blinks", "-o", "out", "--rate", "12", "--seconds", "1", *TOY)
    assert ran.err.startswith("Filling 40x31, 1 s at 12 fps")
    assert len(read_clip("out")) == 12
    assert np.array_equal(read_picture("out/frame_00000.png"), photo)


def test_a_loop_of_a_clip_is_the_clip_and_a_bridge(vitascope: Command, frames: np.ndarray) -> None:
    assert vitascope("loop", "shots/frame_%05d.png", "-o", "out", "--seconds", "7f", *TOY).status == 0
    result = read_clip("out")
    assert len(result) == 12
    assert np.array_equal(result[:5], frames)
    assert (
        vitascope("loop", "talk.mp4", "a fox", "--seconds", "1", *TOY).out == "talk-loop-a-fox.mp4  seed 0\n"
    )
    assert probe("talk-loop-a-fox.mp4").has_sound


def test_a_clips_bridge_closes_its_loop_unless_it_is_told_how_long(
    vitascope: Command, frames: np.ndarray, install_plug_in: Callable[[str, str, str], None]
) -> None:
    install_plug_in("loopy = loopy_filler:Loopy", "loopy_filler", LOOPY)
    as_one = ("loop", "shots/frame_%05d.png", "--filler", "loopy")
    ran = vitascope(*as_one, "-o", "out")
    assert ran.status == 0
    assert len(read_clip("out")) == 48  # 2 s: the nearest to 5 + 48 that is a multiple of 12
    ran = vitascope(*as_one, "-o", "no", "--seconds", "1")
    assert ran.status == 1
    assert "closes loops of whole multiples of 0.5 s only: make it 1.5 s" in ran.err
    assert '(0.2083 s of it are the clip: --seconds "19f" would do)' in ran.err
    assert "Filling" not in ran.err
    assert vitascope(*as_one, "-o", "yes", "--seconds", "19f").status == 0
    ran = vitascope("loop", "talk.mp4", "--filler", "loopy")
    assert ran.status == 1
    assert "at its 29.97 fps no length does, at --rate 30 some do" in ran.err
    assert vitascope("loop", "talk.mp4", "--filler", "loopy", "--rate", "30").status == 0
    ran = vitascope("loop", "a fox", "--seconds", "0.7", "--filler", "loopy")
    assert (ran.status, "make it 1 s" in ran.err, "Filling" in ran.err) == (1, True, False)


def test_smooth_keeps_every_frame_at_its_time(vitascope: Command, frames: np.ndarray) -> None:
    assert vitascope("smooth", "shots", "-o", "out", "--rate", "72", *TOY).status == 0
    result = read_clip("out")
    assert len(result) == 15
    assert np.array_equal(result[::3], frames)
    ran = vitascope("smooth", "talk.mp4", "--rate", "59.94", *TOY)
    assert ran.out == "talk-smooth-59-94.mp4  seed 0\n"
    info = probe("talk-smooth-59-94.mp4")
    assert (info.rate_fps, info.frames, info.has_sound) == (Fraction(60000, 1001), 10, True)


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("extend", "gone.mp4"), 1, "gone.mp4: no such file"),
        (("extend", "shots", "--direction", "up"), 2, "'forward', 'backward', 'both'"),
        (("extend", "shots", "--seconds", "0"), 2, "--seconds: must be above 0"),
        (("extend", "shots", "-o", "on.png"), 2, "--output: on.png would hold one picture"),
        (("extend", "photo.png"), 2, "photo.png is a single picture; `vitascope animate` makes it move"),
        (("smooth", "shots"), 2, "--rate: a model that paints needs the rate to come to"),
        (
            ("smooth", "shots", "--rate", "48", "--slow", "2"),
            2,
            "--slow: a model that paints takes a",
        ),
        (
            ("smooth", "shots", "--rate", "60"),
            2,
            "--rate: must be a whole multiple of the clip's 24 fps: 48 or 72",
        ),
        (("smooth", "photo.png", "--rate", "48"), 2, "photo.png is a single picture"),
        (("loop", "gone.mp4"), 2, "gone.mp4: no such file"),
        (("loop", "Gone.JPG", "it blinks"), 2, "Gone.JPG: no such file"),
        (("loop", "a fox", "it blinks"), 2, 'there is no file "a fox"; words are given once'),
        (("loop", " "), 2, "say what to see"),
        (("loop", "talk.mp4", "--seconds", "last"), 2, '--seconds: "last" is no duration'),
        (("loop", "talk.mp4", "-o", "nowhere/loop.mp4"), 2, "the folder nowhere doesn't exist"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_read(
    vitascope: Command,
    frames: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    status: int,
    line: str,
) -> None:
    from vitascope.apps.cli.inputs import Clip

    def read(self: Clip) -> None:
        raise AssertionError

    monkeypatch.setattr(Clip, "pictures", read)
    write_picture("photo.png", frames[0])
    before = sorted(Path().rglob("*"))
    ran = vitascope(*arguments, *TOY)
    assert (ran.status, ran.out, ran.err.count("\n")) == (status, "", 1)
    assert line in ran.err
    assert sorted(Path().rglob("*")) == before


def test_a_clip_too_large_for_memory_is_refused(
    vitascope: Command, frames: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "vitascope.media.DEFAULT_LIMITS", type(DEFAULT_LIMITS)(max_clip_bytes=34 * 50 * 3 * 4)
    )
    ran = vitascope("extend", "shots", *TOY)
    assert ran.status == 1
    assert "shots: at most 4 frames of 50x34 px are held at once, and this takes 5 or more; cut it" in ran.err
    assert vitascope("extend", "shots", "-o", "out.mp4", "--size", "20", *TOY).status == 0


def test_who_must_appear_is_asked_for(vitascope: Command, frames: np.ndarray) -> None:
    write_picture("fox.png", frames[0])
    for arguments in (("extend", "shots"), ("loop", "a fox"), ("keyframes", "0:fox.png", "1:fox.png")):
        ran = vitascope(*arguments, "--cast", "fox.png", *TOY)
        assert ran.status == 1
        assert 'the filler "toy" takes no cast' in ran.err
        ran = vitascope(*arguments, "--variations", "2", "--keep", "3", *TOY)
        assert "--keep: 3 of 2 can't be kept" in ran.err
