"""between, keyframes: pictures at their times, to the bit; with the toy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import fit_picture
from vitascope.media import read_clip, write_picture

Command = Callable[..., Any]
TOY = ("--filler", "toy")


@pytest.fixture
def photos(vitascope: Command) -> np.ndarray:
    """a.png, b.png and c.png, 40x30."""
    photos = np.random.default_rng(0).integers(0, 256, (3, 30, 40, 3), np.uint8)
    for name, photo in zip("abc", photos, strict=True):
        write_picture(f"{name}.png", photo)
    return photos


def test_between_begins_and_ends_with_them(vitascope: Command, photos: np.ndarray) -> None:
    ran = vitascope("between", "a.png", "b.png", "it turns", "-o", "out", "--seconds", "1", *TOY)
    assert ran.err.startswith("Filling 40x30, 1 s at 8 fps")
    clip = read_clip("out")
    assert len(clip) == 8
    assert np.array_equal(clip[[0, -1]], photos[:2])
    assert vitascope("between", "a.png", "b.png", "it turns", *TOY).out == "a-b-it-turns.mp4  seed 0\n"


def test_between_scales_the_last_to_the_first(vitascope: Command, photos: np.ndarray) -> None:
    tall = np.random.default_rng(1).integers(0, 256, (50, 20, 3), np.uint8)
    write_picture("tall.png", tall)
    ran = vitascope("between", "a.png", "tall.png", "-o", "out", "--seconds", "4f", *TOY)
    assert ran.err.splitlines()[0] == "Scaling tall.png from 20x50 to 40x30; --size takes another size."
    assert np.array_equal(read_clip("out")[-1], fit_picture(tall, 40, 30))
    ran = vitascope("between", "a.png", "tall.png", "-o", "as", "--size", "20x50", "--seconds", "4f", *TOY)
    assert "Scaling" not in ran.err
    assert np.array_equal(read_clip("as")[-1], tall)


def test_keyframes_are_exact_at_their_times(vitascope: Command, photos: np.ndarray) -> None:
    keys = ("0:a.png", "2.5:b.png", "last:c.png")
    ran = vitascope("keyframes", *keys, "-o", "out", "--seconds", "4", "--text", "it turns", *TOY)
    assert ran.status == 0
    clip = read_clip("out")
    assert len(clip) == 32
    assert np.array_equal(clip[[0, 20, 31]], photos)


def test_keyframes_end_with_the_last(vitascope: Command, photos: np.ndarray) -> None:
    ran = vitascope("keyframes", "first:a.png", "12f:b.png", "3/4:c.png", "-t", "it turns", "-o", "out", *TOY)
    assert ran.status == 0
    clip = read_clip("out")
    assert len(clip) == 13
    assert np.array_equal(clip[[0, 12, 6]], photos)
    assert vitascope("keyframes", "0:a.png", "1:b.png", "-t", "a fox", *TOY).out == "a-b-a-fox.mp4  seed 0\n"


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("between", "a.png"), 2, "Missing argument 'last'"),
        (("between", "a.png", "gone.png"), 1, "gone.png: no such file"),
        (("between", "a.png", "b.png", "--seconds", "0.1"), 2, "--seconds: there is nothing between"),
        (("between", "a.png", "b.png", "-o", "ab.png"), 2, "--output: ab.png would hold one picture"),
        (("keyframes", "a.png"), 2, '"a.png" is no time with a picture; write 0:a.png'),
        (("keyframes", "0:"), 2, '"0:" is no time with a picture'),
        (("keyframes", "soon:a.png"), 2, 'TIME:PICTURE: "soon" is not a time'),
        (
            ("keyframes", "0:a.png", "0.1:b.png"),
            2,
            "TIME:PICTURE: the pictures at 0s and 1/10s fall on the same",
        ),
        (
            ("keyframes", "0:a.png", "last:b.png"),
            2,
            "--seconds: must be given, for there is a picture at last",
        ),
        (
            ("keyframes", "0:a.png", "3:b.png", "--seconds", "2"),
            2,
            "TIME:PICTURE: 3 s is after the last frame",
        ),
        (("keyframes", "0:a.png", "1:gone.png"), 1, "gone.png: no such file"),
    ],
)
def test_what_is_wrong_is_said(
    vitascope: Command, photos: np.ndarray, arguments: tuple[str, ...], status: int, line: str
) -> None:
    ran = vitascope(*arguments, *TOY)
    assert (ran.status, ran.out, ran.err.count("\n")) == (status, "", 1)
    assert line in ran.err
