"""track and stabilise as commands: tracks as JSON and CSV, whole or not at all; films with an overlay."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.footage.filmed import carried, film, shifted

from vitascope.canvas import Sound
from vitascope.footage.track import Tracks
from vitascope.media import probe, read_clip, read_sound, write_video

Command = Callable[..., Any]
WARPS = [shifted(2 * n, n) for n in range(8)]


@pytest.fixture
def clip(vitascope: Command) -> np.ndarray:
    """Eight frames that move by (2, 1) px: without loss in the folder "shots", with sound in "talk.mp4"."""
    frames = np.stack(film(WARPS))
    write_video("shots", frames, 25)
    wave = np.sin(np.arange(48000) / 20)[:, None].astype(np.float32) * 0.5
    write_video("talk.mp4", frames, 25, sound=Sound(wave, 48000))
    return frames


def test_tracks_are_written_as_json(vitascope: Command, clip: np.ndarray) -> None:
    ran = vitascope("track", "shots", "--point", "nose=0.5,0.5", "--box", "50,35,50,44px", "--at", "3f")
    assert ran.status == 0, ran.err
    assert ran.out.splitlines()[0] == "shots-tracks.json"
    assert "8 of 8 frames" in ran.out
    tracks = Tracks.model_validate_json(Path("shots-tracks.json").read_text())
    assert (tracks.width_px, tracks.height_px, tracks.at_frame) == (160, 120, 3)
    assert [each.name for each in tracks.tracks] == ["nose", "box 1"]
    for seen in tracks.tracks[0].frames:
        truth = carried(WARPS[seen.frame] @ np.linalg.inv(WARPS[3]), np.array([[80.0, 60]]))[0]
        assert (seen.x_px, seen.y_px) == pytest.approx(tuple(truth), abs=0.1)
    assert json.loads(Path("shots-tracks.json").read_text())["rate_fps"] == "24"


def test_tracks_are_written_as_csv(vitascope: Command, clip: np.ndarray) -> None:
    ran = vitascope(
        *("track", "shots", "--point", "0.5,0.5", "--plane", "45,30 115,34 110,95 40,88px", "-o", "a.csv")
    )
    assert ran.status == 0, ran.err
    with Path("a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["track"] for row in rows] == ["point 1"] * 8 + ["plane 1"] * 8
    assert [row["frame"] for row in rows] == [str(n) for n in range(8)] * 2
    assert rows[7]["time_s"] == "0.291667"
    assert rows[0]["x1_px"] == ""
    assert (float(rows[15]["x1_px"]), float(rows[15]["y1_px"])) == pytest.approx((45 + 14, 30 + 7), abs=0.3)
    assert {row["visible"] for row in rows} == {"1"}


def test_an_overlay_is_pinned_on_and_the_sound_stays(vitascope: Command, clip: np.ndarray) -> None:
    badge = np.zeros((20, 20, 4), np.uint8)
    badge[..., :2] = 255
    badge[:, 10:, 3] = 255  # its left half is see-through
    Image.fromarray(badge).save("badge.png")
    ran = vitascope(*("track", "talk.mp4", "--point", "80,60px", "--overlay", "badge.png", "--width", "0.25"))
    assert ran.status == 0, ran.err
    frames = read_clip("talk-pinned.mp4")
    assert frames.shape == clip.shape
    for warp, before, after in zip(WARPS, clip, frames, strict=True):
        x, y = np.floor(carried(warp, np.array([[80.0, 60]]))[0]).astype(int)
        assert np.abs(after[y, x + 10].astype(int) - (255, 255, 0)).max() < 25
        assert np.abs(after[y, x - 10].astype(int) - before[y, x - 10]).max() < 60
    assert len(read_sound("talk-pinned.mp4").samples) > 0


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "mark something to follow"),
        (["--point", "3,3"], 'for --point: "3,3": places are shares'),
        (["--point", "0.5,0.5", "--at", "soon"], "for --at"),
        (["--point", "0.5,0.5", "--at", "8f"], "after the end: the clip has 8 frames"),
        (["--point", "0.5,0.5", "-o", "a.mp4"], "a film is made with --overlay"),
        (["--point", "0.5,0.5", "-o", "no/a.csv"], "the folder no doesn't exist"),
        (["--point", "0.5,0.5", "--tracker", "lucas-kanada"], 'did you mean "lucas-kanade"?'),
        (["--point", "0.5,0.5", "--point", "0.2,0.2", "--overlay", "a.png"], "pins onto one thing"),
        (
            ["--point", "0.5,0.5", "--overlay", "a.png", "--shift", "up"],
            'write two shares of the frame, "0.1',
        ),
        (["--point", "0.5,0.5", "--overlay", "missing.png"], "missing.png: no such file"),
    ],
)
def test_wrong_words_are_said_and_nothing_is_written(
    vitascope: Command, clip: np.ndarray, words: list[str], what: str
) -> None:
    before = sorted(Path().iterdir())
    ran = vitascope("track", "shots", *words)
    assert ran.status != 0
    assert what in ran.err
    assert sorted(Path().iterdir()) == before


def test_a_shaken_clip_is_stabilised_with_its_sound(vitascope: Command) -> None:
    random = np.random.default_rng(0)
    frames = np.stack(film([shifted(*random.normal(0, 2, 2)) for _ in range(10)]))
    wave = np.sin(np.arange(48000) / 20)[:, None].astype(np.float32) * 0.5
    write_video("hand.mp4", frames, 25, sound=Sound(wave, 48000))
    ran = vitascope("stabilise", "hand.mp4", "--mode", "locked")
    assert ran.status == 0, ran.err
    info = probe("hand-stabilised.mp4")
    assert (info.width_px, info.height_px, info.frames, info.has_sound) == (160, 120, 10, True)
    made = read_clip("hand-stabilised.mp4").astype(float)
    assert np.abs(np.diff(made, axis=0)).mean() < 0.35 * np.abs(np.diff(frames.astype(float), axis=0)).mean()


def test_blank_borders_are_see_through_or_refused(vitascope: Command, clip: np.ndarray) -> None:
    ran = vitascope("stabilise", "shots", "--mode", "locked", "--border", "blank", "-o", "out")
    assert ran.status == 0, ran.err
    alpha = np.asarray(Image.open("out/frame_00007.png"))[..., 3]
    assert alpha[60, 80] == 255
    assert alpha[0, 159] == 0 or alpha[0, 0] == 0
    ran = vitascope("stabilise", "shots", "--border", "blank", "-o", "out.mp4")
    assert ran.status == 1
    assert "can't hold alpha" in ran.err
    assert "looking for" not in ran.err  # it is said before the clip is looked at


def test_a_point_is_held_where_it_is(vitascope: Command, clip: np.ndarray) -> None:
    ran = vitascope("stabilise", "shots", "--point", "80,60px", "--border", "mirror", "-o", "held")
    assert ran.status == 0, ran.err
    for frame in read_clip("held"):
        assert np.abs(frame[50:70, 70:90].astype(int) - clip[0][50:70, 70:90]).mean() < 3
    ran = vitascope("stabilise", "shots", "--seconds", "0")
    assert ran.status == 2
    assert "--seconds" in ran.err
