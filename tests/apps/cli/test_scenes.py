"""scenes: the list as a table and as JSON, and a file for each scene."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import probe, read_clip, read_sound, write_video

Command = Callable[..., Any]
pytest.importorskip("scenedetect")


@pytest.fixture
def film(vitascope: Command) -> np.ndarray:
    """Three plain-patterned shots of 20, 12 and 16 frames; a tone in the second alone."""
    y, x = np.mgrid[:48, :64]
    shots = [(x * 4) % 256, (y * 9) % 256, 255 - ((x + y) * 6) % 256]
    colours = ((1, 0.3, 0.2), (0.2, 1, 0.4), (0.3, 0.5, 1))
    frames = np.concatenate(
        [
            np.repeat((shot[..., None] * colour).astype(np.uint8)[None], count, 0)
            for shot, colour, count in zip(shots, colours, (20, 12, 16), strict=True)
        ]
    )
    samples = np.zeros((96000, 1), np.float32)
    samples[40000:64000, 0] = np.sin(np.arange(24000) / 10) * 0.5
    write_video("film.mkv", frames, 24, sound=Sound(samples, 48000))
    return frames


def test_scenes_are_listed_and_written_as_json(vitascope: Command, film: np.ndarray) -> None:
    ran = vitascope("scenes", "film.mkv", "--json", "scenes.json")
    assert ran.status == 0, ran.err
    assert [line.split()[0] for line in ran.out.splitlines()] == ["scene", "1", "2", "3"]
    found = json.loads(Path("scenes.json").read_text())
    assert [(scene["start_frame"], scene["stop_frame"]) for scene in found["scenes"]] == [
        (0, 20),
        (20, 32),
        (32, 48),
    ]
    assert found["scenes"][1]["start_s"] == "5/6"
    assert {change["kind"] for change in found["changes"]} == {"cut"}


def test_every_scene_gets_its_pictures_and_its_sound(vitascope: Command, film: np.ndarray) -> None:
    assert vitascope("scenes", "film.mkv", "--split", "s%d.mkv").status == 0
    assert [probe(f"s{number}.mkv").frames for number in (1, 2, 3)] == [20, 12, 16]
    assert np.abs(read_clip("s2.mkv")[0].astype(int) - film[20]).mean() < 12
    loud = [np.abs(read_sound(f"s{number}.mkv").samples) > 0.2 for number in (1, 2, 3)]
    assert not loud[0].any()
    assert not loud[2].any()
    assert loud[1].mean() > 0.5


@pytest.mark.parametrize("pattern", ["one.mp4", "s%d", "s%d.txt", "s%q.mp4", "nowhere/s%d.mp4"])
def test_names_that_cannot_be_are_refused(vitascope: Command, film: np.ndarray, pattern: str) -> None:
    ran = vitascope("scenes", "film.mkv", "--split", pattern)
    assert ran.status == 2
    assert "--split" in ran.err
