"""matte: a subject is cut out of a clip or a picture, and what can't be is refused before a frame is read."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.footage.cutouts import clip, overlap

from vitascope.canvas import Sound
from vitascope.media import probe, read_clip, read_picture_rgba, read_video, write_picture, write_video

Command = Callable[..., Any]
CLIP = list(clip(8))
BOX = "rect:0.12,0.18,0.48,0.82"


@pytest.fixture(autouse=True)
def footage(vitascope: Command) -> None:
    tone = np.sin(np.arange(24_000) / 9).astype(np.float32)[:, None] / 2
    write_video("clip.mp4", [frame for frame, _ in CLIP], 24, sound=Sound(tone, 48_000))
    write_picture("photo.png", CLIP[0][0])


def alpha_in(path: str) -> np.ndarray:
    return np.stack([frame[..., 3] for frame in read_video(path, alpha=True)]) / np.float32(255)


@pytest.mark.parametrize("name", ["cut.mov", "cut.webm", "cut.webp", "cut"])
def test_it_is_see_through(vitascope: Command, name: str) -> None:
    ran = vitascope("matte", "clip.mp4", "-o", name, "--subject", BOX)
    assert (ran.status, ran.out) == (0, f"{name}\n")
    found = alpha_in(name)
    assert min(overlap(one, alpha) for one, (_, alpha) in zip(found, CLIP, strict=True)) > 0.88
    assert probe(name).has_sound == (name in ("cut.mov", "cut.webm"))


def test_it_is_named_after_the_clip(vitascope: Command) -> None:
    assert vitascope("matte", "clip.mp4", "--subject", BOX).out == "clip-cut-out.mov\n"
    assert vitascope("matte", "photo.png", "--subject", BOX).out == "photo-cut-out.png\n"
    assert overlap(read_picture_rgba("photo-cut-out.png")[..., 3] / np.float32(255), CLIP[0][1]) > 0.9


def test_over_something_else(vitascope: Command) -> None:
    write_picture("back.png", np.full((50, 50, 3), (10, 200, 30), np.uint8))
    for over in ("#0ac81e", "back.png"):
        ran = vitascope("matte", "clip.mp4", "-o", "over.mp4", "--subject", BOX, "--over", over)
        assert ran.status == 0
        above = read_clip("over.mp4")[:, :12].astype(int)  # next to the subject an encoder mixes colours
        assert np.abs(above - (10, 200, 30)).max() <= 4
    info = probe("over.mp4")
    assert (info.rate_fps, info.frames, info.has_sound) == (Fraction(24), 8, True)
    assert vitascope("matte", "clip.mp4", "-o", "blur.mp4", "--subject", BOX, "--over", "blur").status == 0


def test_the_matte_and_how_sure_it_is(vitascope: Command) -> None:
    how = ("--subject", "0.47,0.5", "--at", "3f", "--grey", "--json", "sure.json")
    assert vitascope("matte", "clip.mp4", "-o", "matte.mp4", *how).status == 0
    grey = read_clip("matte.mp4")[..., 1] / np.float32(255)
    assert min(overlap(one, alpha) for one, (_, alpha) in zip(grey, CLIP, strict=True)) > 0.85
    sure = json.loads(Path("sure.json").read_text())
    assert (len(sure["confidence"]), sure["rate_fps"], sure["lost_s"]) == (8, "24", [])


def test_a_subject_that_leaves_is_said(vitascope: Command) -> None:
    write_video("leaves.mp4", [frame for frame, _ in clip(46, "out and back")], 24)
    ran = vitascope("matte", "leaves.mp4", "-o", "cut.webm", "--subject", "rect:0.32,0.18,0.68,0.82")
    assert ran.status == 0
    assert "The subject isn't seen from 0." in ran.err
    assert alpha_in("cut.webm")[23].max() < 0.02


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (
            ("clip.mp4", "-o", "a.mp4"),
            2,
            "--output: mp4 files can't hold alpha; write .mov (ProRes 4444), .webm",
        ),
        (("photo.png", "-o", "a.jpg"), 2, "--output: .jpg files can't hold alpha"),
        (("clip.mp4", "-o", "a.webm", "--codec", "av1"), 2, "vp9 when alpha is kept"),
        (("clip.mp4", "-o", "gone/a.mov"), 2, "the folder gone doesn't exist"),
        (("clip.mp4", "--subject", "banana"), 2, '--subject: "banana" is no region'),
        (("clip.mp4", "--subject", "rect:1,1,0,0"), 2, "--subject"),
        (("clip.mp4", "--subject", BOX, "--at", "9"), 1, "9 s is after the last frame"),
        (("clip.mp4", "--subject", BOX, "--at", "noon"), 2, '--at: "noon" is not a time'),
        (("clip.mp4", "--over", "gone.png", "-o", "a.mp4"), 2, "--over: gone.png: no such file"),
        (("clip.mp4", "--over", "#12345", "-o", "a.mp4"), 2, "or a colour such as"),
        (("clip.mp4", "--over", "blur", "--grey", "-o", "a.mp4"), 2, "--grey: the matte itself has nothing"),
        (("clip.mp4", "--subject", BOX, "--soft", "-2"), 2, "--soft: Input should be greater"),
        (("clip.mp4", "--subject", BOX, "--steady", "2"), 2, "--steady: Input should be less"),
        (("gone.mp4",), 1, "gone.mp4: no such file"),
    ],
)
def test_what_was_wrong_and_what_would_be_right(
    vitascope: Command, arguments: tuple[str, ...], status: int, line: str
) -> None:
    before = sorted(Path().iterdir())
    ran = vitascope("matte", *arguments)
    assert ran.status == status
    assert line in ran.err
    assert sorted(Path().iterdir()) == before
