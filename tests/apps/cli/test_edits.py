"""expand, replace, erase, background, restyle: what isn't painted anew comes back to the bit."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import Ellipse, Rectangle, Sound
from vitascope.media import probe, read_clip, read_picture, write_picture, write_video

Command = Callable[..., Any]
TOY = ("--filler", "toy")
CLIP = np.random.default_rng(0).integers(0, 256, (6, 32, 48, 3), np.uint8)
SPOT = "ellipse:0.5,0.5,0.2,0.3"
SPOT_TOUCHES = Ellipse(0.5, 0.5, 0.2, 0.3).coverage(32, 48) > 0


@pytest.fixture(autouse=True)
def footage(vitascope: Command) -> None:
    """The clip as pictures, for what must come back to the bit, and as a film of 12 fps with a tone."""
    write_video("clip", CLIP, 24)
    tone = np.sin(np.arange(24_000) / 9).astype(np.float32)[:, None] / 2
    write_video("clip.mp4", CLIP, 12, sound=Sound(tone, 48_000))
    write_picture("photo.png", CLIP[0])


def squares(frames: int = 6) -> np.ndarray:
    """A white square on black that goes to the right, [T, H, W]."""
    inside = np.zeros((frames, 32, 48), bool)
    for frame in range(frames):
        inside[frame, 8:24, 4 * frame : 4 * frame + 16] = True
    return inside


def as_pictures(inside: np.ndarray) -> np.ndarray:
    return np.repeat((inside * np.uint8(255))[..., None], 3, axis=-1)


def test_expand_leaves_the_inside_as_it_is(vitascope: Command) -> None:
    ran = vitascope("expand", "clip", "snow", "--size", "3:1", "--at", "left", "-o", "wide", *TOY)
    assert ran.err.startswith("Filling 96x32, 0.25 s at 24 fps, with toy")
    assert np.array_equal(read_clip("wide")[:, :, :48], CLIP)


def test_expand_keeps_rate_and_sound(vitascope: Command) -> None:
    ran = vitascope("expand", "clip.mp4", "snow", "--size", "64x40", *TOY)
    assert ran.out == "clip-expanded-snow.mp4  seed 0\n"
    info = probe("clip-expanded-snow.mp4")
    assert (info.width_px, info.height_px, info.rate_fps, info.frames) == (64, 40, Fraction(12), 6)
    assert info.has_sound


def test_expand_takes_pictures(vitascope: Command) -> None:
    assert vitascope("expand", "photo.png", "--at", "0,1", *TOY).out == "photo-expanded.png  seed 0\n"
    assert np.array_equal(read_picture("photo-expanded.png")[:, :48], CLIP[0])  # 16:9 of 48x32 is 58x32
    assert read_picture("photo-expanded.png").shape == (32, 58, 3)
    how = ("--size", "64x32", "--seconds", "0.5", "--rate", "16", "-o", "begun")
    assert vitascope("expand", "photo.png", *how, *TOY).status == 0
    begun = read_clip("begun")
    assert begun.shape == (8, 32, 64, 3)
    assert np.array_equal(begun[0, :, 8:56], CLIP[0])
    assert not np.array_equal(begun[1, :, 8:56], CLIP[0])


def test_expand_never_scales_what_is_large(vitascope: Command) -> None:
    wide = np.random.default_rng(1).integers(0, 256, (20, 2000, 3), np.uint8)
    write_picture("wide.png", wide)
    assert (
        vitascope("expand", "wide.png", "--size", "2000x40", "--at", "top", "-o", "out.png", *TOY).status == 0
    )
    assert np.array_equal(read_picture("out.png")[:20], wide)


def test_replace_leaves_the_outside_as_it_is(vitascope: Command) -> None:
    corner = ("--region", "rect:0,0,25%,25%")
    ran = vitascope("replace", "clip", "a pumpkin", "--region", SPOT, *corner, "-o", "new", *TOY)
    assert ran.status == 0
    new = read_clip("new")
    anew = SPOT_TOUCHES | (Rectangle(0, 0, 0.25, 0.25).coverage(32, 48) > 0)
    assert np.array_equal(new[:, ~anew], CLIP[:, ~anew])
    assert (new[:, anew] != CLIP[:, anew]).any(axis=2).mean() > 0.99


def test_replace_for_a_while(vitascope: Command) -> None:
    when = ("--from", "2f", "--to", str(4 / 24))
    assert vitascope("replace", "clip", "a fox", "--region", SPOT, *when, "-o", "new", *TOY).status == 0
    same = (read_clip("new") == CLIP).all(axis=(1, 2, 3))
    assert same.tolist() == [True, True, False, False, True, True]


def test_replace_keeps_rate_and_sound(vitascope: Command) -> None:
    ran = vitascope("replace", "clip.mp4", "a fox", "--region", SPOT, *TOY)
    assert ran.out == "clip-replaced-a-fox.mp4  seed 0\n"
    info = probe("clip-replaced-a-fox.mp4")
    assert (info.rate_fps, info.frames, info.has_sound) == (Fraction(12), 6, True)


@pytest.mark.parametrize("turned", ["", "not:"])
def test_erase_what_a_mask_video_shows(vitascope: Command, turned: str) -> None:
    write_video("square.mp4", as_pictures(squares()), 24)
    ran = vitascope("erase", "clip", "--region", f"{turned}mask:square.mp4", "-o", "new", *TOY)
    assert ran.status == 0
    same = (read_clip("new") == CLIP).all(axis=3)
    away = squares() if turned else ~squares()
    core = np.ones_like(away)  # at its edges a film's square is soft
    for axis in (1, 2):
        for step in range(-2, 3):
            core &= np.roll(away, step, axis)
    assert same[core].all()
    assert same[~away].mean() < 0.1


def test_erase_what_a_mask_picture_shows(vitascope: Command) -> None:
    write_picture("square.png", as_pictures(squares()[0]))
    assert vitascope("erase", "photo.png", "--region", "mask:square.png", *TOY).status == 0
    same = (read_picture("photo-erased.png") == CLIP[0]).all(axis=2)
    assert np.array_equal(same | squares()[0], np.ones((32, 48)))
    assert same[squares()[0]].mean() < 0.01


def test_a_mask_of_another_size_is_scaled(vitascope: Command) -> None:
    write_picture("large.png", as_pictures(np.arange(96) < 48)[None].repeat(64, axis=0))
    assert vitascope("erase", "photo.png", "--region", "mask:large.png", *TOY).status == 0
    assert np.array_equal(read_picture("photo-erased.png")[:, 26:], CLIP[0][:, 26:])
    assert not np.array_equal(read_picture("photo-erased.png")[:, :22], CLIP[0][:, :22])


def test_background_keeps_the_subject(vitascope: Command) -> None:
    ran = vitascope("background", "clip", "on the moon", "--subject", SPOT, "-o", "moon", *TOY)
    assert ran.status == 0
    whole = Ellipse(0.5, 0.5, 0.2, 0.3).coverage(32, 48) == 1
    assert np.array_equal(read_clip("moon")[:, whole], CLIP[:, whole])
    assert (read_clip("moon") == CLIP).all(axis=3)[:, ~whole].mean() < 0.01


WALL, BALL = (40, 60, 120), (220, 140, 40)


def scene() -> tuple[np.ndarray, np.ndarray]:
    """A ball that rolls by, uint8 [T, 64, 96, 3], and how deep in it each pixel is."""
    noise = np.random.default_rng(1).integers(-4, 5, (6, 64, 96, 3))
    down, across = np.mgrid[:64, :96]
    depth = np.stack([16 - np.hypot(across - 30 - 4 * frame, down - 32) for frame in range(6)])
    return (np.where(depth[..., None] > 0, BALL, WALL) + noise).astype(np.uint8), depth


@pytest.mark.parametrize(
    "how",
    [
        (),
        ("--subject", "anything"),
        ("--subject", "0.3125,0.5", "--at", "0f"),
        ("--subject", "0.5,0.5", "--at", "4f"),
    ],
)
def test_background_finds_the_subject(vitascope: Command, how: tuple[str, ...]) -> None:
    """What moves is followed; its core stays to the bit, and of what is far from it nothing does."""
    pictures, depth = scene()
    write_video("scene", pictures, 24)
    assert vitascope("background", "scene", "on the moon", *how, "-o", "moon", *TOY).status == 0
    same = (read_clip("moon") == pictures).all(axis=3)
    assert same[depth > 4].all()
    assert same[depth < -4].mean() < 0.02


def test_background_reads_the_alpha_of_films(vitascope: Command) -> None:
    pictures, depth = scene()
    alpha = ((depth > 0) * np.uint8(255))[..., None]
    write_video("cut.mov", np.concatenate([pictures, alpha], axis=3), 24)
    assert vitascope("background", "cut.mov", "on the moon", "-o", "moon", *TOY).status == 0
    off = np.abs(read_clip("moon").astype(int) - pictures).max(axis=3)
    assert off[depth > 2].max() <= 4  # ProRes, in 10 bits
    assert (off[depth < -2] <= 4).mean() < 0.02


def test_background_by_what_is_see_through(vitascope: Command) -> None:
    inside = squares()
    alpha = (inside * np.uint8(255))[..., None]
    write_video("cut", np.concatenate([CLIP, alpha], axis=3), 24)
    write_picture("cut.png", np.concatenate([CLIP[0], alpha[0]], axis=2))
    assert vitascope("background", "cut", "on the moon", "-o", "moon", *TOY).status == 0
    assert np.array_equal(read_clip("moon")[inside], CLIP[inside])
    assert vitascope("background", "cut.png", "on the moon", *TOY).out == "cut-on-the-moon.png  seed 0\n"
    assert np.array_equal(read_picture("cut-on-the-moon.png")[inside[0]], CLIP[0][inside[0]])
    by_mask = ("--subject", "mask:cut.png", "-o", "other.png")
    assert vitascope("background", "photo.png", "on the moon", *by_mask, *TOY).status == 0
    assert np.array_equal(read_picture("other.png"), read_picture("cut-on-the-moon.png"))


def test_restyle_goes_from_the_clip_to_something_else(vitascope: Command) -> None:
    for strength, name in (("0", "same"), ("0.5", "half"), ("1", "new")):
        how = ("--strength", strength, "-o", name)
        assert vitascope("restyle", "clip", "as clay", *how, *TOY).status == 0
    assert np.array_equal(read_clip("same"), CLIP)
    far = [np.abs(read_clip(name) - CLIP.astype(int)).mean() for name in ("half", "new")]
    assert 0 < far[0] < far[1]


def test_a_large_clip_is_scaled_once_and_said(vitascope: Command) -> None:
    write_picture("large.png", np.zeros((20, 2000, 3), np.uint8))
    ran = vitascope("erase", "large.png", "--region", SPOT, *TOY)
    assert ran.err.startswith("Scaling large.png from 2000x20 to 1920x20; --size takes another size.\n")


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("expand", "clip.mp4", "--size", "32x32"), 2, "--size: 32x32 can't hold 48x32 px; the smallest"),
        (("expand", "clip.mp4", "--size", "3:2"), 2, "--size: it is 48x32 px already; name a larger size"),
        (("expand", "clip.mp4", "--size", "wide"), 2, '--size: "wide" is not a size'),
        (("expand", "photo.png", "--size", "99:1", "--at", "2,0"), 2, "--at: 2,0 is not in 0..1"),
        (("expand", "clip.mp4", "--at", "upside"), 2, '--at: "upside" is no place; write "left"'),
        (("expand", "clip.mp4", "--seconds", "2"), 2, "--seconds: a clip keeps its own length; extend adds"),
        (("expand", "gone.mp4"), 1, "gone.mp4: no such file"),
        (("replace", "clip.mp4", "a fox"), 2, "Missing option '--region'"),
        (("replace", "clip.mp4", " ", "--region", SPOT), 2, "say what to see"),
        (("replace", "clip.mp4", "a fox", "--region", "here"), 2, '--region: "here" is no region; write'),
        (("erase", "clip.mp4", "--region", "rect:1.2,0,1.5,1"), 1, "region: it holds no pixel of the clip"),
        (("erase", "clip.mp4", "--region", SPOT, "--from", "soon"), 2, '--from: "soon" is not a time'),
        (("erase", "clip.mp4", "--region", SPOT, "--from", "9"), 1, "start 9 s is not before the end"),
        (("erase", "clip.mp4", "--region", "mask:gone.png"), 1, "gone.png: no such file"),
        (("erase", "clip.mp4", "--region", "mask:tall.png"), 2, "--region: tall.png is 4x9 px and what it"),
        (("erase", "clip.mp4", "--region", "mask:short.mp4"), 2, "--region: short.mp4 has 3 frames"),
        (("erase", "clip.mp4", "--region", SPOT, "-o", "out.png"), 2, "--output: out.png would hold"),
        (("background", "clip.mp4", "the moon", "--subject", "0.5"), 2, '--subject: "0.5" is no region'),
        (("background", "clip.mp4", "the moon", "--subject", "rect:0,0,1,1"), 1, "subject: it holds every"),
        (("restyle", "clip.mp4"), 2, "Missing argument 'text'"),
        (("restyle", "clip.mp4", ""), 2, "say what to see"),
        (("restyle", "clip.mp4", "as clay", "--strength", "2"), 2, "--strength"),
    ],
)  # fmt: skip
def test_what_was_wrong_and_what_would_be_right(
    vitascope: Command, arguments: tuple[str, ...], status: int, line: str
) -> None:
    write_picture("tall.png", np.zeros((9, 4, 3), np.uint8))
    write_video("short.mp4", as_pictures(squares(3)), 12)
    before = sorted(Path().rglob("*"))
    ran = vitascope(*arguments, *TOY)
    assert ran.status == status
    assert line in ran.err
    assert ran.err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before
