"""A film gets another sound, and its pictures are what they were."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import MediaError, dub, laid_over, played_s, probe, read_clip, read_video, write_video

Film = Callable[..., Path]
Pictures = Callable[..., list[np.ndarray]]


def tone(duration_s: Fraction, hz: float = 440, rate_hz: int = 48_000, channels: int = 2) -> Sound:
    """A tone at half of full scale."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    return Sound(np.repeat(0.5 * np.sin(2 * np.pi * hz * time_s)[:, None], channels, axis=1), rate_hz)


def packets(path: Path) -> list[bytes]:
    """The encoded pictures, as they are."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


# H.264, H.264, ProRes and VP9, and the files that take them as they are.
COPIED = {".mp4": (".mp4", ".mkv", ".mov"), ".mkv": (".mp4", ".mkv", ".mov")}
COPIED |= {".mov": (".mkv", ".mov"), ".webm": (".mkv", ".webm")}


@pytest.mark.parametrize("of", COPIED)
@pytest.mark.parametrize("to", COPIED)
def test_pictures_are_copied_where_the_file_takes_them(
    tmp_path: Path, moving: Pictures, of: str, to: str
) -> None:
    before, after = tmp_path / f"a{of}", tmp_path / f"b{to}"
    rate_fps = Fraction(30000, 1001)
    write_video(before, moving(30, 51, 65), rate_fps)
    length_s = played_s(before)
    assert length_s == 30 / rate_fps
    copied = dub(before, after, tone(length_s))
    assert copied == (to in COPIED[of])
    was, now = probe(before), probe(after)
    assert (now.width_px, now.height_px, now.rate_fps) == (65, 51, rate_fps)
    assert played_s(after) == length_s
    assert now.has_sound
    if copied:
        assert now.codec == was.codec
        assert packets(after) == packets(before)
        assert np.array_equal(read_clip(after), read_clip(before))
    heard = read_video(after).sound()
    assert heard is not None
    assert abs(float(heard.duration_s - length_s)) < 0.03  # lossy codecs fill their last frame
    assert abs(heard.samples[4800:19200].std() - 0.3536) < 0.01


def test_pictures_out_of_order_turned_and_late_stay_in_time(tmp_path: Path, film: Film) -> None:
    before = film("a.mp4", count=40, turn=(90.0, False, False), bf="3")
    after = tmp_path / "b.mp4"
    assert dub(before, after, tone(played_s(before)))
    assert probe(after).turn == probe(before).turn
    assert np.array_equal(read_clip(after), read_clip(before))
    late = film("late.mkv", count=20, times_s=[2 + i / 10 for i in range(20)])
    assert dub(late, tmp_path / "c.mkv", tone(played_s(late)))
    again = read_video(tmp_path / "c.mkv")
    assert len(list(again)) == 20
    sound = again.sound()
    assert sound is not None
    assert abs(sound.samples[:4800].std() - 0.3536) < 0.01, "it begins with the first picture"


def test_its_own_sound_is_gone(tmp_path: Path, moving: Pictures) -> None:
    write_video(tmp_path / "a.mkv", moving(10), 10, sound=tone(Fraction(1), 100))
    dub(tmp_path / "a.mkv", tmp_path / "b.mkv", tone(Fraction(1), 1000))
    sound = read_video(tmp_path / "b.mkv").sound()
    assert sound is not None
    assert np.abs(np.fft.rfft(sound.samples[:, 0])).argmax() == 1000


def test_what_has_no_packets_of_a_film_is_encoded(tmp_path: Path, moving: Pictures) -> None:
    write_video(tmp_path / "a.gif", moving(10), 10)
    assert played_s(tmp_path / "a.gif") == 1
    assert not dub(tmp_path / "a.gif", tmp_path / "b.mp4", tone(Fraction(1)))
    assert probe(tmp_path / "b.mp4").has_sound


def test_alpha_stays(tmp_path: Path) -> None:
    frames = np.zeros((4, 32, 32, 4), np.uint8)
    frames[:, 8:24, 8:24] = 255
    write_video(tmp_path / "a.webm", frames, 8)
    for name in ("b.webm", "b.mov"):
        dub(tmp_path / "a.webm", tmp_path / name, tone(Fraction(1, 2)))
        first = next(iter(read_video(tmp_path / name, alpha=True)))
        assert first[16, 16, 3] > 250
        assert first[2, 2, 3] < 5


def test_nothing_is_left_of_what_fails(tmp_path: Path, moving: Pictures) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film")
    with pytest.raises(MediaError):
        dub(tmp_path / "a.mp4", tmp_path / "b.mp4", tone(Fraction(1)))
    write_video(tmp_path / "a.mp4", moving(4), 8)
    with pytest.raises(MediaError, match="channels"):
        dub(tmp_path / "a.mp4", tmp_path / "b.mp4", tone(Fraction(1, 2), channels=9))
    with pytest.raises(MediaError, match="don't know how to write"):
        dub(tmp_path / "a.mp4", tmp_path / "b.gif", tone(Fraction(1, 2)))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.mp4"]


def test_laid_over_is_the_sum_and_never_clips() -> None:
    own, new = tone(Fraction(2), 100, 24_000, 1), tone(Fraction(1), 1000)
    both = laid_over(own, new)
    assert (both.rate_hz, both.samples.shape) == (48_000, (48_000, 2))
    spectrum = np.abs(np.fft.rfft(both.samples[:, 1]))
    assert set(np.argsort(spectrum)[-2:].tolist()) == {100, 1000}
    loud = Sound(np.full((9, 1), 0.75), 8000)
    assert np.allclose(laid_over(loud, loud).samples, 1)
    assert np.array_equal(laid_over(Sound(np.zeros((0, 1)), 8000), loud).samples, loud.samples)
