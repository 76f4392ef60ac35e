"""Sound stays in step with the picture: to the sample without loss, else to the millisecond."""

import os
from fractions import Fraction

import av
import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import (
    Limits,
    MediaError,
    SoundStream,
    at_rate,
    probe,
    read_sound,
    read_video,
    write_sound,
    write_video,
)


def click(at_s: float, duration_s: float = 2, rate_hz: int = 48_000, channels: int = 1) -> Sound:
    """Silence but for 20 ms of a tone."""
    samples = np.zeros((round(duration_s * rate_hz), channels), np.float32)
    tone = 0.7 * np.sin(np.arange(rate_hz // 50) * 2 * np.pi * 1000 / rate_hz)
    start = round(at_s * rate_hz)
    samples[start : start + len(tone)] = tone[:, None]
    return Sound(samples, rate_hz)


def clicks_at_s(sound: Sound) -> float:
    """When the tone begins: where the sound's energy, in blocks of 1 ms, first is a tenth of its most."""
    step = sound.rate_hz // 1000
    mono = sound.samples[: len(sound.samples) // step * step].mean(1)
    energy = np.abs(mono).reshape(-1, step).max(1)
    return float(np.argmax(energy > 0.3 * energy.max())) / 1000


@pytest.mark.parametrize(
    ("name", "rate_hz"),
    [
        ("a.mp4", 48_000),
        ("a.mp4", 44_100),
        ("a.mp4", 47_999),
        ("a.webm", 44_100),
        ("a.mov", 48_000),
        ("a.mkv", 22_050),
    ],
)
@pytest.mark.parametrize("at_s", [0.0, 0.5, 1.5])
def test_a_click_stays_with_its_picture(tmp_path, moving, name, rate_hz, at_s):
    write_video(tmp_path / name, moving(20), 10, sound=click(at_s, rate_hz=rate_hz))
    video = read_video(tmp_path / name)
    assert video.info.has_sound
    assert abs(clicks_at_s(video.sound()) - at_s) <= 0.003


def test_without_loss_it_is_the_same_sound(tmp_path, moving):
    noise = np.random.default_rng(0).integers(-32768, 32767, (48_000, 2)) / 32768
    sound = Sound(noise.astype(np.float32), 48_000)
    write_video(tmp_path / "a.mkv", moving(10), 10, sound=sound)
    assert np.abs(read_video(tmp_path / "a.mkv").sound().samples - sound.samples).max() <= 1 / 32768
    write_sound(tmp_path / "a.wav", sound)
    assert read_sound(tmp_path / "a.wav") == sound
    assert os.path.getsize(tmp_path / "a.wav") > 48_000 * 2 * 4


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.mov", "a.mkv"])
def test_every_number_of_channels_is_carried(tmp_path, moving, name, channels):
    sound = click(0.3, 1, channels=channels)
    write_video(tmp_path / name, moving(10), 10, sound=sound)
    got = read_video(tmp_path / name).sound()
    assert got.samples.shape[1] == channels
    assert abs(clicks_at_s(got) - 0.3) <= 0.003


def test_sound_ends_with_the_picture(tmp_path, moving):
    write_video(tmp_path / "a.mov", moving(10), 10, sound=click(0.2, 5))
    assert len(read_video(tmp_path / "a.mov").sound().samples) == 48_000
    write_video(tmp_path / "b.mov", moving(30), 10, sound=click(0.2, 1))
    assert len(read_video(tmp_path / "b.mov").sound().samples) == 48_000


def test_silence_of_no_length_is_no_sound(tmp_path, moving):
    write_video(tmp_path / "a.mp4", moving(3), 10, sound=Sound(np.zeros((0, 1), np.float32), 48_000))
    sound = read_video(tmp_path / "a.mp4").sound()
    assert sound is None or not len(sound.samples)


def test_a_film_can_be_copied_with_its_sound_in_flat_memory(tmp_path, moving):
    write_video(tmp_path / "a.mov", moving(20), 10, sound=click(1.2))
    video = read_video(tmp_path / "a.mov")
    write_video(tmp_path / "b.mp4", video, video.rate_fps, sound=video.sound_stream())
    assert abs(clicks_at_s(read_video(tmp_path / "b.mp4").sound()) - 1.2) <= 0.003
    assert max(len(block) for block in video.sound_stream()) <= 48_000


@pytest.mark.parametrize("starts_s", [0.4, 0.0, -0.25])
def test_sound_that_starts_elsewhere_is_padded_or_cut(film, starts_s):
    sound = click(0.5, 1).samples
    path = film("a.mov", sound=sound, sound_starts_s=starts_s)
    video = read_video(path)
    assert abs(clicks_at_s(video.sound()) - (0.5 + starts_s)) <= 0.002


def test_pictures_that_start_later_take_their_sound_along(film):
    times_s = [0.5 + index / 10 for index in range(10)]
    path = film("a.mkv", times_s=times_s, sound=click(0.8, 1.5).samples)
    assert probe(path).start_s == Fraction(1, 2)
    assert abs(clicks_at_s(read_video(path).sound()) - 0.3) <= 0.002


def test_a_gap_becomes_silence(tmp_path):
    with av.open(str(tmp_path / "a.mkv"), "w") as output:
        stream = output.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for start_s in (0.0, 1.0):
            frame = av.AudioFrame.from_ndarray(
                np.full((1, 4800), 8000, np.int16), format="s16", layout="mono"
            )
            frame.sample_rate, frame.time_base, frame.pts = (
                48_000,
                Fraction(1, 48_000),
                round(start_s * 48_000),
            )
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    samples = read_sound(tmp_path / "a.mkv").samples[:, 0]
    assert len(samples) == 52_800
    assert samples[:4800].min() > 0.2
    assert np.abs(samples[4900:47_900]).max() == 0
    assert samples[48_100:].min() > 0.2


def test_limits_hold_for_sound(tmp_path):
    write_sound(tmp_path / "a.wav", click(0, 10))
    with pytest.raises(MediaError, match="max_clip_bytes"):
        read_sound(tmp_path / "a.wav", Limits(max_clip_bytes=1_000_000))
    with pytest.raises(MediaError, match="max_duration_s"):
        read_sound(tmp_path / "a.wav", Limits(max_duration_s=5))


def test_what_has_no_sound_says_so(film, tmp_path, moving):
    assert read_video(film("a.mp4")).sound() is None
    with pytest.raises(MediaError, match="no sound"):
        SoundStream(film("b.mp4"))
    with pytest.raises(MediaError, match=r"as \.wav"):
        write_sound(tmp_path / "c.ogg", click(0))
    many = Sound(np.zeros((10, 9), np.float32), 48_000)
    with pytest.raises(MediaError, match="9 channels"):
        write_video(tmp_path / "d.mp4", moving(3), 10, sound=many)
    with pytest.raises(MediaError, match="9 channels"):
        write_sound(tmp_path / "d.wav", many)
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "b.mp4"]


@pytest.mark.parametrize(("suffix", "off"), [(".wav", 0), (".flac", 2**-22), (".mp3", None), (".m4a", None)])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_kind_of_sound_file(tmp_path, suffix, off, channels):
    sound = click(0.5, rate_hz=44_100, channels=channels)
    write_sound(tmp_path / f"a{suffix}", sound)
    back = read_sound(tmp_path / f"a{suffix}")
    assert (back.rate_hz, back.samples.shape[1]) == (44_100, channels)
    if off is not None:
        assert len(back.samples) == len(sound.samples)
        assert np.abs(back.samples - sound.samples).max() <= off
    else:
        assert abs(clicks_at_s(back) - 0.5) <= 0.03  # lossy codecs begin with some silence of their own
        assert 0 <= float(back.duration_s - sound.duration_s) < 0.06


def test_odd_rates_and_many_channels_are_written_or_refused(tmp_path):
    write_sound(tmp_path / "a.mp3", click(0.5, rate_hz=47_999))
    assert read_sound(tmp_path / "a.mp3").rate_hz == 48_000
    write_sound(tmp_path / "a.flac", click(0.5, channels=6))
    assert read_sound(tmp_path / "a.flac").samples.shape[1] == 6
    with pytest.raises(MediaError, match="one or two channels"):
        write_sound(tmp_path / "b.mp3", click(0.5, channels=6))
    with pytest.raises(MediaError, match=r"\.wav, \.flac, \.mp3, \.m4a"):
        write_sound(tmp_path / "b.ogg", click(0.5))
    assert not (tmp_path / "b.mp3").exists()


@pytest.mark.parametrize(("before_hz", "after_hz"), [(44_100, 48_000), (48_000, 8_000), (800, 44_100)])
def test_at_another_rate_it_is_the_same_sound(before_hz, after_hz):
    time_s = np.arange(before_hz * 2) / before_hz
    sound = Sound(0.5 * np.sin(2 * np.pi * 100 * time_s)[:, None], before_hz)
    other = at_rate(sound, after_hz)
    assert (other.rate_hz, len(other.samples)) == (after_hz, 2 * after_hz)
    wanted = 0.5 * np.sin(2 * np.pi * 100 * np.arange(2 * after_hz) / after_hz)
    inner = slice(after_hz // 4, -after_hz // 4)
    assert np.abs(other.samples[inner, 0] - wanted[inner]).max() < 0.01
    assert at_rate(sound, before_hz) is sound
