"""Sound is samples in -1..1 at a whole rate."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from vitascope.canvas import Canvas, CanvasError, Sound, canvas_from_json, canvas_to_json


def test_sound_is_a_value() -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (44101, 2))
    sound = Sound(samples, 44100)
    assert sound.samples.dtype == np.float32
    assert sound.duration_s == Fraction(44101, 44100)
    assert sound == Sound(samples.copy(), 44100)
    samples[:] = 0
    assert sound.samples.any()
    assert sound != Sound(samples, 44100)


@pytest.mark.parametrize(
    ("samples", "rate_hz"),
    [
        (np.zeros(9, np.float32), 8000),
        (np.zeros((9, 1), np.int16), 8000),
        (np.full((9, 1), 1.5), 8000),
        (np.full((9, 1), np.nan), 8000),
        (np.zeros((9, 0)), 8000),
        (np.zeros((9, 1)), 0),
    ],
)
def test_what_is_no_sound_is_refused(samples: np.ndarray, rate_hz: int) -> None:
    with pytest.raises(CanvasError, match=r"samples|rate"):
        Sound(samples, rate_hz)


CANVAS = Canvas.blank(4, 8, 8, 8)


def test_a_sound_that_is_to_be_invented_is_not_there() -> None:
    sound = Sound(np.zeros((9, 1)), 8000)
    asked = CANVAS.with_sound(sound).with_unknown_sound()
    assert (asked.sound, asked.sound_known) == (None, 0)
    assert asked != CANVAS
    assert asked.with_sound(sound).sound_known == 1
    assert asked.with_sound(None) == CANVAS
    with pytest.raises(CanvasError, match="sound"):
        replace(asked, sound=sound)
    with pytest.raises(CanvasError, match="given"):
        replace(CANVAS, sound_known=2)


def test_its_document_says_so() -> None:
    document = canvas_to_json(CANVAS.with_unknown_sound(), lambda name, frames: name)
    assert document["sound"] == {"known": 0}
    back = canvas_from_json(document, lambda uri, rate_fps: CANVAS.pixels)
    assert back == CANVAS.with_unknown_sound()
    for wrong in ({}, {"uri": "a.wav", "known": 0}):
        with pytest.raises(CanvasError, match="give the uri of a sound"):
            canvas_from_json(document | {"sound": wrong}, lambda uri, rate_fps: CANVAS.pixels)
