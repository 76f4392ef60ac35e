"""match: the clip's frames in the reference's colours."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from vitascope.media import read_clip, write_video

Command = Callable[..., Any]


def test_a_clip_takes_on_a_pictures_colours(vitascope: Command) -> None:
    frames = np.random.default_rng(0).integers(60, 120, (4, 40, 60, 3), np.uint8)
    write_video("clip", frames, 24)
    Image.fromarray(np.random.default_rng(1).integers(120, 220, (30, 30, 3), np.uint8)).save("look.png")
    ran = vitascope("match", "clip", "look.png", "-o", "out")
    assert ran.status == 0, ran.err
    made = read_clip("out")
    assert made.shape == frames.shape
    assert abs(made.mean() - 170) < 4
    assert vitascope("match", "clip", "look.png", "-o", "same", "--strength", "0").status == 0
    assert np.array_equal(read_clip("same"), frames)


def test_a_reference_that_is_not_there_is_said(vitascope: Command) -> None:
    write_video("clip", np.zeros((2, 40, 60, 3), np.uint8), 24)
    ran = vitascope("match", "clip", "nowhere.png", "-o", "out")
    assert ran.status == 1
    assert "nowhere.png" in ran.err
