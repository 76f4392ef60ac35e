"""GIFs, WebPs and sequences of strangers."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from vitascope.media import Limits, MediaError, probe, read_clip, read_video, write_picture


def animated(path, levels, delays_ms, **options):
    first, *rest = [Image.new("RGB", (12, 8), (level, level, level)) for level in levels]
    first.save(path, save_all=True, append_images=rest, duration=delays_ms, **options)
    return path


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_uneven_delays_keep_their_time(tmp_path, name):
    path = animated(
        tmp_path / name,
        [0, 90, 170, 250],
        [100, 100, 400, 100],
        **({"lossless": True} if "webp" in name else {}),
    )
    info = probe(path)
    assert (info.frames, info.rate_fps, info.variable_rate) == (4, 10, True)
    assert info.duration_s == Fraction(7, 10)
    levels = read_clip(path)[:, 0, 0, 0].astype(int)
    assert np.abs(levels - [0, 90, 170, 170, 170, 170, 250]).max() <= 1


def test_a_delay_of_zero_is_what_browsers_make_of_it(tmp_path):
    path = animated(tmp_path / "a.gif", [0, 128, 255], 0)
    assert probe(path).duration_s == Fraction(3, 10)
    assert len(read_clip(path)) == 3


def test_frames_that_draw_only_a_part_are_whole(tmp_path):
    base = Image.new("RGB", (20, 20), (10, 20, 30))
    spot = base.copy()
    spot.paste((200, 100, 0), (5, 5, 8, 8))
    base.save(tmp_path / "a.gif", save_all=True, append_images=[spot], duration=100)
    clip = read_clip(tmp_path / "a.gif")
    assert clip[1, 0, 0].tolist() == [10, 20, 30]
    assert clip[1, 6, 6].tolist() == [200, 100, 0]


def test_see_through_parts_are_white(tmp_path):
    frames = [Image.new("RGBA", (8, 8), (255, 0, 0, alpha)) for alpha in (255, 0)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    clip = read_clip(tmp_path / "a.webp")
    assert clip[0, 0, 0].tolist() == [255, 0, 0]
    assert clip[1, 0, 0].tolist() == [255, 255, 255]


def test_numbers_are_read_as_numbers(tmp_path):
    for number in (1, 2, 10, 9):
        write_picture(tmp_path / f"shot{number}.png", np.full((4, 4, 3), number, np.uint8))
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / ".hidden.png").write_text("not a picture")
    for path in (tmp_path, tmp_path / "shot%d.png"):
        assert read_clip(path)[:, 0, 0, 0].tolist() == [1, 2, 9, 10]


def test_a_sequence_has_one_size(tmp_path):
    for number, side_px in enumerate((4, 4, 5)):
        write_picture(tmp_path / f"{number}.png", np.zeros((side_px, 4, 3), np.uint8))
    with pytest.raises(MediaError, match=r"2\.png: is 4x5 px"):
        read_clip(tmp_path)


def test_many_frames_of_nothing_are_given_up(tmp_path, monkeypatch):
    path = animated(tmp_path / "a.gif", range(0, 200, 2), 100)
    with pytest.raises(MediaError, match="max_frames"):
        probe(path, Limits(max_frames=50))
    clock = iter(range(10_000))
    monkeypatch.setattr("vitascope.media.moving_pictures.monotonic", lambda: float(next(clock)))
    with pytest.raises(MediaError, match="took over 20 s"):
        probe(path, Limits(timeout_s=20))


def test_a_gif_s_long_pauses_are_limited(tmp_path):
    path = animated(tmp_path / "a.gif", [0, 128, 255], [100, 60_000, 100])
    with pytest.raises(MediaError, match="max_duration_s"):
        list(read_video(path, limits=Limits(max_duration_s=30)))
