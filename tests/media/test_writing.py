"""Every kind of output, whole or not at all."""

import os
import signal
import subprocess
import sys

import av
import numpy as np
import pytest

from vitascope.media import MediaError, probe, read_clip, read_picture, write_video

FILMS = ["a.mp4", "a.mov", "a.webm", "a.mkv", "a.gif", "a.webp"]


@pytest.mark.parametrize(
    ("name", "codec", "expected"),
    [
        ("a.mp4", None, "h264"),
        ("a.mp4", "H.264", "h264"),
        ("a.mp4", "h265", "hevc"),
        ("a.mp4", "HEVC", "hevc"),
        ("a.mp4", "av1", "av1"),
        ("a.MP4", None, "h264"),
        ("a.webm", None, "vp9"),
        ("a.webm", "av1", "av1"),
        ("a.mov", None, "prores"),
        ("a.mov", "h264", "h264"),
        ("a.mkv", "vp9", "vp9"),
        ("a.gif", None, "gif"),
        ("a.webp", None, "webp"),
    ],
)
def test_the_suffix_and_the_codec_say_what(tmp_path, moving, name, codec, expected):
    write_video(tmp_path / name, moving(5, 64, 80), 10, codec=codec)
    assert probe(tmp_path / name).codec == expected
    clip = read_clip(tmp_path / name)
    assert clip.shape == (5, 64, 80, 3)
    assert np.abs(clip.mean((1, 2, 3)) - [20, 70, 120, 170, 220]).max() <= 2
    assert os.listdir(tmp_path) == [name]


def test_players_get_what_they_want(tmp_path, moving):
    write_video(tmp_path / "a.mp4", moving(5), 10)
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # a browser can start at once
    assert probe(tmp_path / "a.mp4").pixel_format == "yuv420p"
    write_video(tmp_path / "b.mp4", moving(5, 64, 64), 10, codec="h265")
    assert b"hvc1" in (tmp_path / "b.mp4").read_bytes()
    write_video(tmp_path / "c.mov", moving(5), 10)
    assert probe(tmp_path / "c.mov").pixel_format == "yuv422p10le"


def test_frames_are_taken_one_at_a_time(tmp_path, moving):
    held = []

    def lazily():
        for frame in moving(5):
            held.append(frame)
            yield frame

    write_video(tmp_path / "a.mp4", lazily(), 10)
    assert len(held) == 5


@pytest.mark.parametrize("name", FILMS)
def test_frames_may_be_drawn_into_one_array(tmp_path, moving, name):
    canvas = np.empty((48, 64, 3), np.uint8)

    def redrawn():
        for frame in moving(6):
            canvas[:] = frame
            yield canvas

    write_video(tmp_path / name, redrawn(), 10)
    assert np.abs(read_clip(tmp_path / name).mean((1, 2, 3)) - [20, 60, 100, 140, 180, 220]).max() <= 2


@pytest.mark.parametrize("name", [*FILMS, "a.png", "shots", "shot_%03d.png"])
@pytest.mark.parametrize("broken_by", [ValueError, KeyboardInterrupt])
def test_an_error_on_the_way_leaves_nothing(tmp_path, moving, name, broken_by):
    def breaking():
        yield from moving(1)
        raise broken_by

    with pytest.raises(broken_by):
        write_video(tmp_path / name, breaking(), 10)
    assert os.listdir(tmp_path) == []


def test_an_error_leaves_the_old_file(tmp_path, moving):
    write_video(tmp_path / "a.mp4", moving(3), 10)
    before = (tmp_path / "a.mp4").read_bytes()
    with pytest.raises(MediaError, match="frame 2"):
        write_video(tmp_path / "a.mp4", [*moving(2), np.zeros((4, 4, 3), np.uint8)], 10)
    assert (tmp_path / "a.mp4").read_bytes() == before
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_an_interrupted_program_leaves_nothing(tmp_path):
    program = f"""
import numpy as np, sys
from vitascope.media import write_video
def endless():
    while True:
        yield np.zeros((64, 64, 3), np.uint8)
        print("frame", flush=True)
write_video("{tmp_path}/a.mp4", endless(), 10)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        for _ in range(200):  # past what the encoder holds back, so that the file is begun
            assert running.stdout.readline() == b"frame\n"
        assert os.listdir(tmp_path)
        running.send_signal(signal.SIGINT)
        running.stdout.read()
        assert running.wait(10) != 0
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "frames", "options", "reason"),
    [
        ("a.mp4", [], {}, "no frames"),
        ("a.gif", [], {}, "no frames"),
        ("a.webp", [], {}, "no frames"),
        ("shots", [], {}, "no frames"),
        ("a.mp4", [np.zeros((8, 8, 3))], {}, "frame 0 must be uint8"),
        ("a.mp4", [np.zeros((8, 8, 4), np.uint8)], {}, "alpha"),
        ("a.mp4", [np.zeros((8, 8), np.uint8)], {}, "frame 0 must be"),
        ("a.gif", [np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)], {}, "one size"),
        ("a.avi", [np.zeros((8, 8, 3), np.uint8)], {}, r"\.mp4"),
        ("a.png", [np.zeros((8, 8, 3), np.uint8)] * 2, {}, "holds one picture"),
        ("a.mp4", [np.zeros((8, 8, 3), np.uint8)], {"codec": "vp9"}, "h264 or h265 or av1"),
        ("a.mp4", [np.zeros((8, 8, 3), np.uint8)], {"codec": "h265"}, "64 px or more"),
        ("a.mp4", [np.zeros((8, 8, 3), np.uint8)], {"quality": 0}, "from 1 to 100"),
        ("shot_%03d.jpg", [np.zeros((8, 8, 3), np.uint8)], {}, r"as \.png"),
        ("no/a.mp4", [np.zeros((8, 8, 3), np.uint8)], {}, "doesn't exist"),
        ("no/a_%d.png", [np.zeros((8, 8, 3), np.uint8)], {}, "doesn't exist"),
        ("a.webp", [np.zeros((8, 20_000, 3), np.uint8)] * 2, {}, "20000x8"),
    ],
)
def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path, name, frames, options, reason):
    with pytest.raises(MediaError, match=reason):
        write_video(tmp_path / name, frames, 10, **options)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "h264"),
        ("a.mp4", "h265"),
        ("a.mp4", "av1"),
        ("a.webm", "vp9"),
        ("a.mov", "prores"),
        ("a.webp", None),
    ],
)
def test_quality_trades_size(tmp_path, name, codec):
    noise = [np.random.default_rng(seed).integers(0, 256, (64, 96, 3), np.uint8) for seed in range(3)]
    sizes, errors = [], []
    for quality in (10, 60, 99):
        write_video(tmp_path / name, noise, 10, codec=codec, quality=quality)
        sizes.append((tmp_path / name).stat().st_size)
        errors.append(np.abs(read_clip(tmp_path / name).astype(int) - np.stack(noise)).mean())
    assert sizes == sorted(set(sizes))
    assert errors == sorted(errors, reverse=True)


def test_a_sequence_holds_every_frame_to_the_bit(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (12, 7, 9, 3), np.uint8)
    write_video(tmp_path / "shots", frames, 24)
    assert sorted(os.listdir(tmp_path / "shots"))[:2] == ["frame_00000.png", "frame_00001.png"]
    assert np.array_equal(read_clip(tmp_path / "shots"), frames)
    write_video(tmp_path / "50%_s_%02d.png", frames, 24)
    assert np.array_equal(read_clip(tmp_path / "50%_s_%02d.png"), frames)
    assert (tmp_path / "50%_s_11.png").exists()
    with pytest.raises(MediaError, match="two sequences would mix"):
        write_video(tmp_path / "50%_s_%02d.png", frames, 24)


def test_a_sequence_may_have_alpha(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (2, 7, 9, 4), np.uint8)
    write_video(tmp_path / "shots", frames, 24)
    assert sorted(os.listdir(tmp_path / "shots")) == ["frame_00000.png", "frame_00001.png"]


def test_one_frame_is_a_picture(tmp_path, chart):
    for name in ("a.png", "a.jpg", "a.webp"):
        write_video(tmp_path / name, [chart], 10)
        assert np.abs(read_picture(tmp_path / name).astype(int) - chart).mean() < 3


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.webm", "a.mkv"])
def test_words_about_it_are_kept(tmp_path, moving, name):
    words = {"title": "Füchse", "prompt": "a fox jumps over a pumpkin", "comment": "made by Vitascope"}
    write_video(tmp_path / name, moving(3), 10, metadata=words)
    kept = probe(tmp_path / name).metadata
    assert {key: kept[key] for key in words} == words


def test_plain_words_are_where_players_look(tmp_path, moving):
    write_video(tmp_path / "a.mp4", moving(3), 10, metadata={"title": "Foxes"})
    assert b"\xa9nam" in (tmp_path / "a.mp4").read_bytes()


def test_an_odd_film_stays_playable_and_its_last_row_is_repeated(tmp_path):
    frame = np.random.default_rng(0).integers(0, 256, (37, 51, 3), np.uint8)
    write_video(tmp_path / "a.mp4", [frame] * 3, 10, quality=99)
    with av.open(str(tmp_path / "a.mp4")) as container:
        seen = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert seen.shape == (38, 52, 3)
    assert np.abs(seen[-1].astype(int) - seen[-2]).mean() < np.abs(seen[-2].astype(int) - seen[-3]).mean() / 3
