"""What a file is, is told without reading all of it."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from vitascope.media import MediaError, probe, read_clip, write_picture, write_video
from vitascope.media.probing import SIZE_MARK, marked_size


def test_a_plain_film(film):
    info = probe(film("a.mp4", "testsrc2=size=64x48:rate=25", rate_fps=25, count=10))
    assert (info.width_px, info.height_px) == (64, 48)
    assert (info.rate_fps, info.frames, info.duration_s) == (25, 10, Fraction(10, 25))
    assert (info.codec, info.pixel_format, info.variable_rate) == ("h264", "yuv420p", False)
    assert (info.has_sound, info.rotation, info.start_s) == (False, 0, 0)


@pytest.mark.parametrize(
    "rate", [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25), Fraction(60), Fraction(8)]
)
@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.mkv", "a.mov"])
def test_rates_survive_the_container(tmp_path, moving, rate, name):
    write_video(tmp_path / name, moving(7), rate)
    info = probe(tmp_path / name)
    assert (info.rate_fps, info.frames, info.variable_rate) == (rate, 7, False)
    assert abs(info.duration_s - 7 / rate) < Fraction(2, 1000)


@pytest.mark.parametrize(("name", "rate"), [("a.gif", 8), ("a.gif", 25), ("a.webp", 8), ("a.webp", 30)])
def test_rates_of_moving_pictures(tmp_path, moving, name, rate):
    write_video(tmp_path / name, moving(12), rate)
    info = probe(tmp_path / name)
    assert (info.rate_fps, info.frames, info.variable_rate) == (rate, 12, False)
    assert info.duration_s == pytest.approx(12 / rate, abs=0.01)


def test_a_phone_s_varying_clock(film):
    times_s = [0, 0.033, 0.067, 0.100, 0.133, 0.167, 0.300, 0.333, 0.367, 0.400]
    info = probe(film("a.mp4", times_s=times_s, rate_fps=30))
    assert info.variable_rate
    assert info.rate_fps == 30
    assert info.frames == 10


def test_a_film_that_names_no_duration(film):
    live = film("a.mkv", count=20, muxer={"live": "1"})
    fragments = film("a.mp4", count=20, muxer={"movflags": "frag_keyframe+empty_moov"})
    for path in (live, fragments):
        info = probe(path)
        assert (info.frames, info.duration_s, info.rate_fps) == (20, 2, 10)


def test_narrow_pixels_are_made_square(film):
    path = film("a.mp4", tags={"sample_aspect_ratio": Fraction(4, 3)})
    assert (probe(path).width_px, probe(path).height_px) == (85, 48)
    assert read_clip(path).shape == (10, 48, 85, 3)
    lie = film("b.mp4", tags={"sample_aspect_ratio": Fraction(255, 1)})
    assert read_clip(lie).shape == (10, 48, 64, 3)


def test_a_single_picture_lying_on_its_side(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((10, 30, 3), np.uint8)).save(tmp_path / "a.jpg", exif=exif)
    info = probe(tmp_path / "a.jpg")
    assert (info.width_px, info.height_px, info.frames, info.codec) == (10, 30, 1, "jpeg")


def test_a_sequence(tmp_path, moving):
    write_video(tmp_path / "shots", moving(5), 24)
    info = probe(tmp_path / "shots")
    assert (info.width_px, info.height_px, info.frames, info.rate_fps) == (64, 48, 5, 24)
    assert probe(tmp_path / "shots" / "frame_%05d.png").frames == 5


def test_the_name_does_not_matter(tmp_path, film):
    film("a.mp4").rename(tmp_path / "a.png")
    assert probe(tmp_path / "a.png").codec == "h264"
    write_picture(tmp_path / "b.png", np.zeros((4, 4, 3), np.uint8))
    (tmp_path / "b.png").rename(tmp_path / "b.mp4")
    assert probe(tmp_path / "b.mp4").codec == "png"


def test_nothing_there_is_said_so(tmp_path):
    for name in ("no.mp4", "no.png", "no_%03d.png", "no/where/a_%d.png"):
        with pytest.raises(MediaError, match=r"no such file|no pictures"):
            probe(tmp_path / name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MediaError, match="no pictures"):
        probe(tmp_path / "empty")


@pytest.mark.parametrize(
    "mark", ["", "x", "63", "63x", "62x48", "64x49", "0x48", "63x48x2", "-1x48", "9999999x48", "٦٣x48x"]
)
def test_a_mark_that_cannot_be_true_is_ignored(mark):
    assert marked_size({SIZE_MARK: mark}, (64, 48)) == (64, 48)


def test_a_mark_that_can_be_true_is_believed():
    assert marked_size({SIZE_MARK: "63x47"}, (64, 48)) == (63, 47)
