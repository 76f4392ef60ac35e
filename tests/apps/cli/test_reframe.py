"""reframe: another shape, the same time and sound."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import probe, read_sound, write_video

Command = Callable[..., Any]
pytest.importorskip("scenedetect")


@pytest.fixture
def talk(vitascope: Command) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (8, 90, 160, 3), np.uint8)
    wave = np.sin(np.arange(48000) / 20)[:, None].astype(np.float32) * 0.5
    write_video("talk.mp4", frames, "30000/1001", sound=Sound(wave, 48000))


def test_wide_becomes_high(vitascope: Command, talk: None) -> None:
    ran = vitascope("reframe", "talk.mp4", "--subject", "motion")
    assert ran.status == 0, ran.err
    one, other = probe("talk.mp4"), probe("talk-reframed.mp4")
    assert (other.width_px, other.height_px) == (50, 90)
    assert (one.rate_fps, one.frames) == (other.rate_fps, other.frames)
    assert np.abs(read_sound("talk-reframed.mp4").samples).max() > 0.3


def test_a_size_is_written_as_it_is(vitascope: Command, talk: None) -> None:
    assert (
        vitascope("reframe", "talk.mp4", "-o", "o.mp4", "--size", "72x128", "--subject", "motion").status == 0
    )
    info = probe("o.mp4")
    assert (info.width_px, info.height_px) == (72, 128)


@pytest.mark.parametrize(
    ("option", "value"), [("--size", "tall"), ("--subject", "cat"), ("--speed", "0"), ("--ease", "-1")]
)
def test_wrong_wishes_name_their_option(vitascope: Command, talk: None, option: str, value: str) -> None:
    ran = vitascope("reframe", "talk.mp4", option, value)
    assert ran.status == 2
    assert option in ran.err
