"""Films that are see-through in places: what is written comes back, what can't hold it says so."""

import os

import av
import numpy as np
import pytest
from PIL import Image

from vitascope.media import Limits, MediaError, probe, read_clip, read_video, write_video


def cut_out(count: int = 8, height_px: int = 48, width_px: int = 64) -> np.ndarray:
    """A disc with a soft edge that goes to the right over nothing, uint8 [T, H, W, 4]."""
    down, across = np.mgrid[:height_px, :width_px]
    frames = np.empty((count, height_px, width_px, 4), np.uint8)
    for index in range(count):
        distance = np.hypot(across - 20 - 3 * index, down - height_px / 2)
        frames[index, ..., 3] = np.rint(np.clip((height_px * 0.35 - distance) / 8, 0, 1) * 255)
        frames[index, ..., :3] = np.stack([across * 2, down * 3, 255 - across * 2], axis=2)
    return frames


def with_alpha(path) -> np.ndarray:
    return np.stack([frame.copy() for frame in read_video(path, alpha=True)])


@pytest.mark.parametrize("size", [(48, 64), (49, 65)])
@pytest.mark.parametrize(
    ("name", "codec", "worst"),
    [
        ("a.mov", None, 1),
        ("a.webm", None, 2),
        ("a.mkv", None, 2),
        ("a.mkv", "prores", 1),
        ("a.webp", None, 1),
        ("shots", None, 0),
        ("shot_%03d.png", None, 0),
    ],
)
def test_alpha_comes_back(tmp_path, size, name, codec, worst):
    frames = cut_out(8, *size)
    write_video(tmp_path / name, frames, 24, codec=codec)
    got = with_alpha(tmp_path / name).astype(int)
    assert got.shape == frames.shape
    off = np.abs(got - frames)
    assert np.percentile(off[..., 3], 99.9) <= worst
    assert off[..., 3].max() <= 2 * worst  # a lossy film may miss a handful of pixels by more
    seen = frames[..., 3] > 128
    assert off[..., :3][seen].mean() < 3
    assert probe(tmp_path / name).alpha


def test_players_know_that_there_is_alpha(tmp_path):
    write_video(tmp_path / "a.webm", cut_out(), 24)
    assert b"\x53\xc0\x81\x01" in (tmp_path / "a.webm").read_bytes()  # Matroska's AlphaMode, 1
    write_video(tmp_path / "a.mov", cut_out(), 24)
    assert b"ap4h" in (tmp_path / "a.mov").read_bytes()  # ProRes 4444


def test_every_frame_has_its_own_alpha_when_many_threads_decode(tmp_path):
    """Planes are found by the frames' times: the decoder of the colours gives its frames out later."""
    frames = np.full((90, 32, 32, 4), 128, np.uint8)
    frames[..., 3] = (np.arange(90) * 2 + 40)[:, None, None]
    write_video(tmp_path / "a.webm", frames, 30)
    assert np.abs(with_alpha(tmp_path / "a.webm")[..., 3].mean((1, 2)) - frames[:, 0, 0, 3]).max() <= 1


@pytest.mark.parametrize("name", ["a.mov", "a.webm", "a.webp"])
def test_read_without_alpha_it_lies_on_white(tmp_path, name):
    frames = cut_out()
    write_video(tmp_path / name, frames, 24)
    alpha = frames[..., 3:] / 255
    white = frames[..., :3] * alpha + 255 * (1 - alpha)
    assert np.abs(read_clip(tmp_path / name) - white).mean() < 3


def test_a_gif_is_see_through_or_not(tmp_path):
    frames = cut_out()
    write_video(tmp_path / "a.gif", frames, 10)
    got = with_alpha(tmp_path / "a.gif")
    assert set(np.unique(got[..., 3])) == {0, 255}
    clear = np.abs(frames[..., 3].astype(int) - 128) > 4
    assert np.array_equal(got[..., 3][clear] == 255, frames[..., 3][clear] > 128)


def test_a_webp_of_quality_100_loses_nothing(tmp_path):
    frames = cut_out()
    write_video(tmp_path / "a.webp", frames, 10, quality=100)
    got = with_alpha(tmp_path / "a.webp")
    seen = frames[..., 3] > 0  # what can't be seen needs no colour
    assert np.array_equal(got[..., 3], frames[..., 3])
    assert np.array_equal(got[seen], frames[seen])


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.webm", "a.gif", "shots"])
def test_what_has_no_alpha_is_opaque(tmp_path, moving, name):
    write_video(tmp_path / name, moving(5), 10)
    got = with_alpha(tmp_path / name)
    assert got.shape == (5, 48, 64, 4)
    assert (got[..., 3] == 255).all()
    assert np.array_equal(got[..., :3], read_clip(tmp_path / name))
    assert not probe(tmp_path / name).alpha


@pytest.mark.parametrize(
    ("name", "codec", "frames", "reason"),
    [
        ("a.mp4", None, 3, r"mp4 files can't hold alpha; write \.mov .* \.webm"),
        ("a.mov", "h264", 3, "prores when alpha is kept"),
        ("a.webm", "av1", 3, "vp9 when alpha is kept"),
        ("a.jpg", None, 1, "JPEG can't hold alpha"),
    ],
)
def test_what_cannot_hold_alpha_says_so_and_leaves_nothing(tmp_path, name, codec, frames, reason):
    with pytest.raises(MediaError, match=reason):
        write_video(tmp_path / name, cut_out(frames), 10, codec=codec)
    assert os.listdir(tmp_path) == []


def test_a_film_that_gains_alpha_half_way_is_refused(tmp_path):
    frames = cut_out(4)
    with pytest.raises(MediaError, match="frame 2 is"):
        write_video(tmp_path / "a.webm", [*frames[:2], *frames[2:, ..., :3]], 10)
    assert os.listdir(tmp_path) == []


def test_a_film_whose_alpha_is_damaged_is_opaque_there(tmp_path):
    write_video(tmp_path / "a.webm", cut_out(), 24)
    with av.open(str(tmp_path / "a.webm")) as film:
        packets = [packet for packet in film.demux(video=0) if packet.size]
    data = (tmp_path / "a.webm").read_bytes()
    for packet in packets[1:4]:
        side = bytes(packet.get_sidedata("matroska_block_additional"))[8:]
        assert side in data
        data = data.replace(side, bytes(len(side)))
    (tmp_path / "b.webm").write_bytes(data)
    got = with_alpha(tmp_path / "b.webm")
    assert len(got) == 8
    assert np.array_equal(got[0], with_alpha(tmp_path / "a.webm")[0])
    assert (got[1:4, ..., 3] == 255).all()


def test_alpha_is_held_to_the_limits(tmp_path):
    """A grey film that is larger than the colours' is refused by its own decoder."""
    write_video(tmp_path / "a.webm", cut_out(3), 24)
    small = Limits(max_pixels_per_frame=48 * 64)
    assert len(list(read_video(tmp_path / "a.webm", alpha=True, limits=small))) == 3
    with pytest.raises(MediaError, match="above the limit"):
        list(read_video(tmp_path / "a.webm", alpha=True, limits=Limits(max_pixels_per_frame=48 * 63)))


def test_a_turned_film_is_turned_with_its_alpha(tmp_path, film):
    frames = [av.VideoFrame.from_ndarray(frame, format="rgba") for frame in cut_out(4)]
    name = film("a.mov", frames, codec="prores_ks", pixel_format="yuva444p10le", turn=(90, False, False))
    info = probe(name)
    assert (info.width_px, info.height_px) == (48, 64)
    got = with_alpha(name)
    turned = np.rot90(cut_out(4), info.rotation // 90, axes=(1, 2))
    assert np.abs(got[..., 3].astype(int) - turned[..., 3]).max() <= 2


def test_a_palette_with_one_clear_colour_has_alpha(tmp_path):
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putpixel((3, 3), 1)
    picture.save(tmp_path / "a.png", transparency=0)
    assert probe(tmp_path / "a.png").alpha
    (frame,) = read_video(tmp_path / "a.png", alpha=True)
    assert (frame[..., 3] == 255).sum() == 1
