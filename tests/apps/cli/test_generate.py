"""generate, animate, image: from words and pictures to files, with the toy."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.apps.cli.generate import LONGEST_SIDE_PX
from vitascope.canvas import fit_picture, size_within
from vitascope.engine import ToyFiller, fill
from vitascope.media import probe, read_clip, read_picture, write_picture
from vitascope.tasks import image_to_video

Command = Callable[..., Any]
TOY = ("--filler", "toy")


def test_a_sentence_becomes_a_video(vitascope: Command) -> None:
    ran = vitascope(
        "generate", "a fox", "-o", "fox.mp4", "--size", "64x48", "--seconds", "1.5", "--rate", "12", *TOY
    )
    assert ran.status == 0
    assert ran.out == "fox.mp4  seed 0\n"
    assert ran.err.startswith("Filling 64x48, 1.5 s at 12 fps, with toy ...\npainting: 18 steps\n")
    info = probe("fox.mp4")
    assert (info.width_px, info.height_px, info.rate_fps, info.frames) == (64, 48, Fraction(12), 18)


def test_variations_are_numbered_and_differ(vitascope: Command) -> None:
    ran = vitascope(
        "generate", "a fox", "-o", "fox.gif", "--size", "32", "--seed", "5", "--variations", "3", *TOY
    )
    assert ran.out.split("\n")[:3] == ["fox-1.gif  seed 5", "fox-2.gif  seed 6", "fox-3.gif  seed 7"]
    clips = [read_clip(f"fox-{number}.gif") for number in (1, 2, 3)]
    assert not np.array_equal(clips[0], clips[1])
    alone = vitascope("generate", "a fox", "-o", "alone.gif", "--size", "32", "--seed", "6", *TOY)
    assert alone.status == 0
    assert Path("alone.gif").read_bytes() == Path("fox-2.gif").read_bytes()


@pytest.mark.parametrize(
    ("ending", "seconds"), [("webm", "0.5"), ("webp", "4f"), ("mov", "1/2"), ("mkv", "500ms")]
)
def test_the_ending_decides(vitascope: Command, ending: str, seconds: str) -> None:
    assert (
        vitascope(
            "generate", "a fox", "-o", f"fox.{ending}", "--size", "64", "--seconds", seconds, *TOY
        ).status
        == 0
    )
    assert len(read_clip(f"fox.{ending}")) == 4


def test_without_a_name_the_words_name_it(vitascope: Command) -> None:
    ran = vitascope("generate", "A fox: jumps, on the beach!", "--size", "32", "--seconds", "0.25", *TOY)
    assert ran.out == "a-fox-jumps-on-the-beach.mp4  seed 0\n"
    assert vitascope("image", "狐狸 ✨", "--size", "32", *TOY).out == "狐狸.png  seed 0\n"


def test_a_picture_begins_its_video_to_the_bit(vitascope: Command) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (37, 51, 3), np.uint8)
    write_picture("photo.png", photo)
    assert vitascope("animate", "photo.png", "it rains", "-o", "rain_%03d.png", *TOY).status == 0
    assert np.array_equal(read_picture("rain_000.png"), photo)
    assert len(list(Path().glob("rain_*.png"))) == 16
    assert vitascope("animate", "photo.png", "-o", "small.mp4", "--size", "32x16", *TOY).status == 0
    assert probe("small.mp4").width_px == 32


def test_a_large_photo_is_scaled_once_and_begins_its_video_to_the_bit(vitascope: Command) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (37, 2500, 3), np.uint8)
    write_picture("photo.png", photo)
    ran = vitascope("animate", "photo.png", "it rains", "-o", "rain_%d.png", "--seconds", "2f", *TOY)
    assert ran.status == 0
    said = ran.err.splitlines()
    assert said[0] == "Scaling photo.png from 2500x37 to 1920x28; --size takes another size."
    assert said[1].startswith("Filling 1920x28, ")
    assert np.array_equal(read_picture("rain_0.png"), fit_picture(photo, 1920, 28))
    whole = ("--size", "2500x37", "--seconds", "2f")
    asked = vitascope("animate", "photo.png", "-o", "all_%d.png", *whole, *TOY)
    assert "Scaling" not in asked.err
    assert np.array_equal(read_picture("all_0.png"), photo)


def test_a_photo_stays_as_large_as_its_filler_keeps_sharp(vitascope: Command) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (34, 5000, 3), np.uint8)
    write_picture("photo.png", photo)
    stills = ("--filler", "stills", "--seconds", "2f")
    ran = vitascope("animate", "photo.png", "push in", "-o", "in_%d.png", *stills)
    assert ran.status == 0
    assert ran.err.startswith("Scaling photo.png from 5000x34 to 4096x28;")
    assert np.array_equal(read_picture("in_0.png"), fit_picture(photo, 4096, 28))
    assert (
        "doesn't know: 'rains'" in vitascope("animate", "photo.png", "it rains", "-o", "in.mp4", *stills).err
    )


def test_a_scaled_photo_comes_back_from_its_canvas_to_the_bit() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (3000, 40, 3), np.uint8)
    size = size_within(40, 3000, LONGEST_SIDE_PX)
    video = fill(image_to_video(photo, duration_s=0.25, size=size), ToyFiller())
    assert video.size == (26, 1920)
    assert np.array_equal(video.pixels[0], fit_picture(photo, *size))


def test_a_sentence_becomes_a_picture(vitascope: Command) -> None:
    assert vitascope("image", "a castle", "-o", "castle.png", "--size", "4:3", *TOY).status == 0
    assert read_picture("castle.png").shape == (256, 344, 3)


def test_settings_reach_the_filler(vitascope: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from vitascope.engine import FillSettings, ToyFiller

    seen: list[FillSettings] = []
    paint = ToyFiller.fill

    def fill(self: ToyFiller, canvases: Any, settings: FillSettings, report: Any) -> Any:
        seen.append(settings)
        return paint(self, canvases, settings, report)

    monkeypatch.setattr(ToyFiller, "fill", fill)
    vitascope("image", "a fox", "--size", "16", "--steps", "7", "--guidance", "2.5", *TOY)
    assert seen == [FillSettings(steps=7, guidance=2.5)]


def test_unknown_words_are_said(vitascope: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from vitascope.engine import ToyFiller

    def unknown_words(self: ToyFiller, text: str) -> tuple[str, ...]:
        return tuple(word for word in text.split() if word == "dragon")

    monkeypatch.setattr(ToyFiller, "unknown_words", unknown_words, raising=False)
    ran = vitascope("image", "a dragon", "--size", "16", *TOY)
    assert ran.status == 0
    assert "The toy model doesn't know: 'dragon'. It paints the nearest or nothing; " in ran.err
    assert "doesn't know" not in vitascope("image", "a fox", "--size", "16", *TOY).err
