"""Films become pictures at one constant rate, each at its time."""

import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from vitascope.media import Limits, MediaError, read_clip, read_video, write_video


def levels(frames) -> list[int]:
    """The grey level of each picture, in the steps that ``moving`` makes of ten pictures."""
    return [round((float(np.mean(frame)) - 20) * 9 / 200) for frame in frames]


def stored(pictures):
    return [
        av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p") for picture in pictures
    ]


def test_each_picture_comes_once_in_order(film, moving):
    video = read_video(film("a.mp4", stored(moving(10))))
    assert video.rate_fps == 10
    assert levels(video) == list(range(10))
    assert levels(video) == list(range(10))  # and again
    frame = next(iter(video))
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous


@pytest.mark.parametrize(("rate", "expected"), [(5, [0, 2, 4, 6, 8]), (20, [i // 2 for i in range(1, 21)])])
def test_another_rate_repeats_or_leaves_out(film, moving, rate, expected):
    got = levels(read_video(film("a.mp4", stored(moving(10))), rate_fps=rate))
    assert len(got) == len(expected)
    assert np.abs(np.array(got) - expected).max() <= 1  # which neighbour stands in is a matter of rounding
    assert got == sorted(got)


def test_a_varying_clock_keeps_each_picture_at_its_time(film, moving):
    times_s = [0, 0.1, 0.2, 0.3, 0.4, 1.0, 1.1, 1.2, 1.5, 1.6]
    video = read_video(film("a.mp4", stored(moving(10)), times_s=times_s))
    assert video.info.variable_rate
    assert levels(video) == [0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 5, 6, 7, 7, 7, 8, 9]


@pytest.mark.parametrize("start_s", [-3.0, 0.5, 4000.0])
def test_where_the_file_s_clock_begins_does_not_matter(film, moving, start_s):
    times_s = [start_s + index / 10 for index in range(10)]
    path = film("a.mkv", stored(moving(10)), times_s=times_s, muxer={"avoid_negative_ts": "disabled"})
    assert levels(read_video(path)) == list(range(10))


def test_ten_thousand_frames_a_second(film, moving):
    path = film("a.mp4", stored(moving(10)), rate_fps=10_000)
    video = read_video(path)
    assert video.rate_fps == 10_000
    assert levels(video) == list(range(10))


def test_an_odd_size_comes_back_as_it_was(tmp_path, moving):
    for name, codec in {"a.mp4": None, "b.mp4": "h265", "a.webm": None, "a.mov": None, "a.gif": None}.items():
        write_video(tmp_path / name, moving(3, 67, 81), 10, codec=codec)
        clip = read_clip(tmp_path / name)
        assert clip.shape == (3, 67, 81, 3)
        assert np.ptp(clip[2].reshape(-1, 3).astype(int), axis=0).max() <= 4  # to the last column


@pytest.mark.parametrize("name", ["a.webm", "a.mov", "a.gif", "a.webp", "a.png", "a.mp4"])
def test_one_pixel(tmp_path, name):
    write_video(tmp_path / name, [np.full((1, 1, 3), 200, np.uint8)], 10)
    clip = read_clip(tmp_path / name)
    assert clip.shape == (1, 1, 1, 3)
    assert abs(int(clip.mean()) - 200) <= 4


def test_sixteen_thousand_pixels_wide(film):
    assert read_clip(film("a.mkv", "color=size=16000x16:color=red", count=1, codec="ffv1")).shape == (
        1,
        16,
        16000,
        3,
    )


def test_a_size_that_changes_within_the_film_is_scaled_to_the_first(tmp_path, moving):
    with open(tmp_path / "a.ts", "wb") as joined:  # as transport streams may be: simply put end to end
        for width_px in (64, 96):
            part = tmp_path / f"{width_px}.ts"
            with av.open(str(part), "w", format="mpegts") as output:
                stream = output.add_stream("mpeg2video", rate=25, options={"qscale": "2"})
                stream.width, stream.height, stream.pix_fmt = width_px, 48, "yuv420p"
                for frame in stored(moving(5, width_px=width_px)):
                    output.mux(stream.encode(frame))
                output.mux(stream.encode(None))
            joined.write(part.read_bytes())
    clip = read_clip(tmp_path / "a.ts")
    assert clip.shape[1:] == (48, 64, 3)
    assert clip[-1].mean() > 200


def test_what_is_left_of_a_cut_film_is_read(film, moving):
    path = film("a.mkv", "testsrc2=size=320x240:rate=10", count=30)
    whole = read_clip(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    left = read_clip(path)
    assert 5 < len(left) < 30
    assert np.array_equal(left[:5], whole[:5])
    index_last = film("a.mp4", stored(moving(10)))
    index_last.write_bytes(index_last.read_bytes()[:-200])
    with pytest.raises(MediaError, match=r"a\.mp4: .*cut short"):
        read_clip(index_last)


def test_a_film_without_pictures_is_an_error(film, tmp_path):
    data = film("a.mkv").read_bytes()
    (tmp_path / "header.mkv").write_bytes(data[: data.index(b"\x1f\x43\xb6\x75")])  # up to the first cluster
    with pytest.raises(MediaError):
        read_clip(tmp_path / "header.mkv")


def test_limits_stop_a_film(film):
    path = film("a.mp4", count=30)
    with pytest.raises(MediaError, match="max_frames"):
        list(read_video(path, limits=Limits(max_frames=20)))
    with pytest.raises(MediaError, match="max_duration_s"):
        list(read_video(path, limits=Limits(max_duration_s=2)))
    with pytest.raises(MediaError, match="max_clip_bytes"):
        read_clip(path, limits=Limits(max_clip_bytes=64 * 48 * 3 * 10))
    assert len(read_clip(path, limits=Limits(max_clip_bytes=64 * 48 * 3 * 30))) == 30


def test_the_first_pictures_are_enough(film):
    assert len(read_clip(film("a.mp4", count=30), max_frames=4, limits=Limits(max_frames=5))) == 4


def test_a_decoder_that_stands_still_is_given_up(film, monkeypatch):
    path = film("a.mp4", count=30)
    clock = iter(range(0, 10_000, 20))
    monkeypatch.setattr("vitascope.media.opening.monotonic", lambda: float(next(clock)))
    with pytest.raises(MediaError, match="nothing could be decoded for 5 s"):
        list(read_video(path, limits=Limits(timeout_s=5)))


def test_a_gap_is_filled_with_the_picture_before_it(film, moving):
    times_s = [0, 0.1, 0.2, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6]
    got = levels(read_video(film("a.mp4", stored(moving(10)), times_s=times_s)))
    assert len(got) == 27
    assert got[2:20] == [2] * 18


def test_a_sequence_is_read_at_the_rate_it_is_given(tmp_path, moving):
    write_video(tmp_path / "shots", moving(10), 24)
    video = read_video(tmp_path / "shots", rate_fps=12)
    assert video.rate_fps == 12
    assert levels(video) == list(range(10))


def test_memory_stays_flat(tmp_path):
    """300 frames more, of 250 kB each, take no more memory (the encoder's queue is full by 100)."""
    assert peak_mib(tmp_path, 400) - peak_mib(tmp_path, 100) < 15


def peak_mib(folder, count) -> float:
    """Of a fresh process that writes a film with its sound, copies it, and looks at every picture."""
    program = f"""
import resource, numpy as np
from vitascope.canvas import Sound
from vitascope.media import read_video, write_video
ramp = np.linspace(0, 255, 384).astype(np.uint8)[None, :, None].repeat(216, 0).repeat(3, 2)
frames = (np.roll(ramp, i, 1) for i in range({count}))
hum = Sound(np.zeros((8000 * {count} // 30, 1), np.float32), 8000)
write_video("{folder}/a.mp4", frames, 30, sound=hum)
video = read_video("{folder}/a.mp4")
write_video("{folder}/b.mp4", video, video.rate_fps, sound=video.sound_stream())
write_video("{folder}/c.gif", read_video("{folder}/b.mp4"), 30)
write_video("{folder}/c.webp", read_video("{folder}/b.mp4"), 30)
assert sum(1 for _ in read_video("{folder}/c.gif", rate_fps=30)) == {count}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_rates_of_broadcast_stay_exact(tmp_path, moving):
    write_video(tmp_path / "a.mp4", moving(10), 29.97)
    video = read_video(tmp_path / "a.mp4")
    assert video.rate_fps == Fraction(30000, 1001)
    assert levels(video) == list(range(10))
