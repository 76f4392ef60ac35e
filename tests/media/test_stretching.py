"""Sound at another speed: as long as said, at its pitch, and everything at its moment."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import MediaError, SoundStream, read_sound, write_sound, write_video
from vitascope.media.stretching import stretched

SCALES = [Fraction(1, 3), Fraction(1), Fraction(5, 4), Fraction(2), Fraction(8, 3), Fraction(6)]


def beeps(path: Path, rate_hz: int = 48000, channels: int = 1) -> SoundStream:
    """A tone of 440 Hz in the first half of each of four seconds."""
    time_s = np.arange(4 * rate_hz) / rate_hz
    tone = np.sin(2 * np.pi * 440 * time_s) * 0.4 * (time_s % 1 < 0.5)
    write_sound(path, Sound(np.repeat(tone[:, None], channels, 1).astype(np.float32), rate_hz))
    return SoundStream(path)


@pytest.mark.parametrize("scale", SCALES, ids=str)
@pytest.mark.parametrize("rate_hz", [48000, 44100, 16000])
def test_it_is_as_long_as_said_and_beeps_at_its_pitch_and_times(
    tmp_path: Path, scale: Fraction, rate_hz: int
) -> None:
    heard = stretched(beeps(tmp_path / "beeps.wav", rate_hz), scale).whole()
    assert len(heard.samples) == round(4 * rate_hz * scale)
    samples = heard.samples[:, 0]
    for second in range(4):
        from_s, to_s = (float((second + share) * scale) for share in (Fraction(1, 10), Fraction(4, 10)))
        tone = samples[int(from_s * rate_hz) : int(to_s * rate_hz)]
        loudest = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 1 << 18)).argmax() * rate_hz / (1 << 18)
        assert loudest == pytest.approx(440, abs=4)
        loud = np.abs(samples[int(max(0, second - 0.4) * float(scale) * rate_hz) :]) > 0.2
        onset_s = int(loud.argmax()) / rate_hz + max(0, second - 0.4) * float(scale)
        assert onset_s == pytest.approx(second * float(scale), abs=0.035 * max(1, float(scale)))


def test_it_can_be_heard_twice_and_has_all_channels(tmp_path: Path) -> None:
    sound = stretched(beeps(tmp_path / "beeps.wav", channels=6), Fraction(2))
    assert sound.channels == 6
    once, again = sound.whole().samples, sound.whole().samples
    assert once.shape == (8 * 48000, 6)
    assert np.array_equal(once, again)


def test_it_comes_in_small_blocks(tmp_path: Path) -> None:
    sizes = [len(block) for block in stretched(beeps(tmp_path / "beeps.wav"), Fraction(6))]
    assert len(sizes) > 20
    assert max(sizes) <= 48000


def test_a_films_sound_is_written_stretched(tmp_path: Path) -> None:
    film = tmp_path / "slow.mp4"
    sound = stretched(beeps(tmp_path / "beeps.wav"), Fraction(2))
    write_video(film, np.zeros((80, 16, 16, 3), np.uint8), 10, sound=sound)
    loud = np.abs(read_sound(film).samples[:, 0]) > 0.2
    assert loud[int(2.1 * 48000) : int(2.9 * 48000)].mean() > 0.5
    assert not loud[int(1.1 * 48000) : int(1.9 * 48000)].any()


@pytest.mark.parametrize("scale", [Fraction(0), Fraction(1, 200), Fraction(1001)])
def test_what_nobody_could_hear_is_refused(tmp_path: Path, scale: Fraction) -> None:
    with pytest.raises(MediaError, match="is stretched"):
        stretched(beeps(tmp_path / "beeps.wav"), scale)
