"""A filled canvas becomes a file, with its sound, at its rate."""

from fractions import Fraction

import numpy as np
import pytest

from vitascope.canvas import Canvas, Sound
from vitascope.media import MediaError, probe, read_clip, read_sound, read_video, save


def test_a_canvas_is_saved_with_its_sound_and_rate(tmp_path, moving):
    canvas = Canvas.blank(8, 48, 64, Fraction(24000, 1001)).with_clip(np.stack(moving(8)), at="first")
    canvas = canvas.with_sound(Sound(np.full((16_000, 1), 0.5, np.float32), 48_000))
    save(canvas, tmp_path / "a.mov", metadata={"prompt": "a fox"})
    info = probe(tmp_path / "a.mov")
    assert (info.rate_fps, info.frames, info.has_sound) == (canvas.rate_fps, 8, True)
    assert info.metadata["prompt"] == "a fox"
    assert np.abs(read_clip(tmp_path / "a.mov").astype(int) - canvas.pixels).max() <= 2
    assert np.abs(read_video(tmp_path / "a.mov").sound().samples - 0.5).max() < 1e-3


def test_a_canvas_of_one_frame_is_a_picture(tmp_path, chart):
    save(Canvas.blank(1, 96, 128, 8).with_picture(chart, at="first"), tmp_path / "a.png")
    assert np.array_equal(read_clip(tmp_path / "a.png")[0], chart)


def test_a_sound_file_gets_the_sound_alone(tmp_path):
    sound = Sound(np.linspace(-1, 1, 800)[:, None], 800)
    canvas = Canvas.blank(8, 16, 16, 8).with_sound(sound)
    save(canvas, tmp_path / "a.wav")
    assert read_sound(tmp_path / "a.wav") == sound
    with pytest.raises(MediaError, match="has no sound"):
        save(canvas.with_sound(None), tmp_path / "b.wav")
