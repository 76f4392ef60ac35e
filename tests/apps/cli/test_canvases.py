"""fill, schema: canvases as documents."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vitascope.canvas import canvas_schema
from vitascope.media import probe, read_clip, read_picture, write_picture, write_video

Command = Callable[..., Any]
TOY = ("--filler", "toy")


def test_a_document_is_filled_and_what_it_gives_comes_back(vitascope: Command) -> None:
    photo = np.random.default_rng(1).integers(0, 256, (24, 40, 3), np.uint8)
    write_picture("photo.png", photo)
    document = {
        "frames": 5,
        "clips": [{"uri": "photo.png", "at": "last"}],
        "words": [{"text": "a fox"}],
        "seed": 3,
    }
    Path("scene.json").write_text(json.dumps(document))
    ran = vitascope("fill", "scene.json", "-o", "scene_%02d.png", *TOY)
    assert (ran.status, ran.out) == (0, "scene_%02d.png  seed 3\n")
    assert np.array_equal(read_picture("scene_04.png"), photo)
    assert vitascope("fill", "scene.json", *TOY).status == 0
    assert probe("scene.mp4").frames == 5


def test_media_lies_beside_the_document_wherever_that_is(vitascope: Command) -> None:
    Path("deep").mkdir()
    write_picture("deep/photo.png", np.zeros((8, 8, 3), np.uint8))
    Path("deep/scene.json").write_text('{"frames": 2, "clips": [{"uri": "photo.png"}]}')
    assert vitascope("fill", "deep/scene.json", "-o", "out.gif", *TOY).status == 0
    assert len(read_clip("out.gif")) == 2


def test_a_clip_plays_at_its_own_speed_whatever_the_canvass_rate(vitascope: Command) -> None:
    """A second at 24 fps, 10 brighter with each frame, takes exactly 8 frames at 8 fps."""
    second = np.broadcast_to(np.arange(24, dtype=np.uint8)[:, None, None, None] * 10, (24, 32, 32, 3))
    write_video("clip.mp4", second, 24)
    assert (probe("clip.mp4").frames, probe("clip.mp4").rate_fps) == (24, Fraction(24))
    Path("scene.json").write_text('{"frames": 8, "rate_fps": 8, "clips": [{"uri": "clip.mp4"}]}')
    assert vitascope("fill", "scene.json", "-o", "out_%d.png", *TOY).status == 0
    brightness = np.array([read_picture(f"out_{frame}.png").mean() for frame in range(8)])
    assert np.abs(np.diff(brightness) - 30).max() < 6  # every third of the clip's frames
    assert brightness[7] > 200
    Path("short.json").write_text('{"frames": 7, "rate_fps": 8, "clips": [{"uri": "clip.mp4"}]}')
    assert "it has 8 frames and the canvas 7" in vitascope("fill", "short.json", *TOY).err
    Path("long.json").write_text('{"frames": 9, "rate_fps": 8, "clips": [{"uri": "clip.mp4"}]}')
    assert vitascope("fill", "long.json", "-o", "long_%d.png", *TOY).status == 0
    assert np.array_equal(read_picture("long_7.png"), read_picture("out_7.png"))
    assert not np.array_equal(read_picture("long_8.png"), read_picture("out_7.png"))  # painted: nothing given


def test_a_bad_document_is_refused_with_where(vitascope: Command) -> None:
    Path("bad.json").write_text('{"words": [{"text": "a fox", "span": {"start": "soon"}}]}')
    ran = vitascope("fill", "bad.json", *TOY)
    assert ran.status == 1
    assert "words[0].span.start" in ran.err
    assert ran.err.count("\n") == 1
    Path("binary.json").write_bytes(b"\xff\xfe\x00")
    assert "is not text" in vitascope("fill", "binary.json", *TOY).err


def test_the_schema_is_printed(vitascope: Command) -> None:
    assert json.loads(vitascope("schema").out) == canvas_schema()
