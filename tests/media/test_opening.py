"""Strangers' films are opened safely, and stand upright."""

import os

import av
import numpy as np
import pytest

from vitascope.media import Limits, MediaError, probe, read_clip


@pytest.fixture
def corners():
    """Red, green / blue, white, each 24 x 32 px: tells every turn from every other."""
    picture = np.full((48, 64, 3), 255, np.uint8)
    picture[:24, :32], picture[:24, 32:], picture[24:, :32] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    return picture


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize(("left_right", "up_down"), [(False, False), (True, False), (False, True)])
def test_rotation_flags_are_applied(film, corners, degrees, left_right, up_down):
    stored = [
        av.VideoFrame.from_ndarray(corners, format="rgb24").reformat(format="yuv444p") for _ in range(2)
    ]
    path = film("a.mp4", stored, pixel_format="yuv444p", turn=(degrees, left_right, up_down), crf="4")
    upright = np.rot90(corners, degrees // 90)
    upright = upright[:, ::-1] if left_right else upright
    upright = upright[::-1] if up_down else upright
    frame = read_clip(path)[0]
    info = probe(path)
    assert frame.shape == upright.shape
    assert (info.height_px, info.width_px) == upright.shape[:2]
    off = np.abs(frame.astype(int) - upright)
    height_px, width_px = upright.shape[0] // 2, upright.shape[1] // 2
    for top in (0, height_px):
        for left in (0, width_px):
            assert off[top + 6 : top + height_px - 6, left + 6 : left + width_px - 6].max() <= 6
    if not (left_right or up_down):
        assert info.rotation == degrees


def test_a_playlist_cannot_name_other_files(film, tmp_path):
    secret = film("secret.mp4")
    lists = {
        "a.ffconcat": f"ffconcat version 1.0\nfile '{secret.name}'\n",
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret.name}\n#EXT-X-ENDLIST\n",
        "a.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret.name}\n#EXT-X-ENDLIST\n",
        "a.mpd": f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{secret.name}</BaseURL></MPD>',
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(MediaError, match="can't be read"):
            probe(tmp_path / name)


def test_only_ordinary_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    for place in (
        tmp_path / "pipe.mp4",
        "/dev/zero",
        "http://example.com/a.mp4",
        "pipe:0",
        tmp_path / "no.mp4",
    ):
        with pytest.raises(MediaError, match=r"no such file|not an ordinary file"):
            probe(place)


def test_sound_by_itself_is_no_film(tmp_path):
    with av.open(str(tmp_path / "a.mp3"), "w") as output:
        stream = output.add_stream("mp3", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(MediaError, match="sound only"):
        probe(tmp_path / "a.mp3")


def test_a_film_over_the_limit_is_refused_by_its_header(film):
    path = film("a.mp4", "color=size=4096x16", count=1)
    with pytest.raises(MediaError, match="4096x16 px is above the limit"):
        probe(path, Limits(max_pixels_per_frame=65_535))
    assert probe(path, Limits(max_pixels_per_frame=65_536)).width_px == 4096


def test_a_film_larger_than_its_header_says_is_refused_by_its_decoder(film):
    path = film("a.mp4", "testsrc2=size=640x480:rate=10", count=3)
    data = path.read_bytes()
    # The sample entry (avc1) and the track header lie; the stream itself still says 640x480.
    said = (640).to_bytes(2, "big") + (480).to_bytes(2, "big")
    track = (640 << 16).to_bytes(4, "big") + (480 << 16).to_bytes(4, "big")
    assert said in data
    assert track in data
    lies = data.replace(said, (16).to_bytes(2, "big") * 2).replace(track, (16 << 16).to_bytes(4, "big") * 2)
    path.write_bytes(lies)
    with pytest.raises(MediaError):
        read_clip(path, limits=Limits(max_pixels_per_frame=100 * 100))
    assert read_clip(path).shape == (3, 480, 640, 3)


def test_a_file_over_the_size_limit_is_refused(film):
    path = film("a.mp4")
    with pytest.raises(MediaError, match="above the limit of 1,000"):
        probe(path, Limits(max_file_bytes=1000))
