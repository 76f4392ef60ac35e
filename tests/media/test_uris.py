"""A canvas document reaches the media in its own folder, and nothing else."""

import base64
import os

import numpy as np
import pytest

from vitascope.canvas import Canvas, Sound, canvas_from_json, canvas_to_json
from vitascope.media import (
    MediaError,
    load_sound_uri,
    load_uri,
    save_frames,
    save_sound,
    write_picture,
    write_video,
)


@pytest.fixture
def folder(tmp_path, moving):
    """A document's folder, with a picture, a film, a sequence; beside it, outside, a secret."""
    inside = tmp_path / "documents"
    inside.mkdir()
    write_picture(inside / "dot.png", np.full((4, 6, 3), 7, np.uint8))
    write_picture(inside / "a-name.png", np.full((4, 6, 3), 7, np.uint8))
    write_picture(inside / "see through.png", np.full((4, 6, 4), 7, np.uint8))
    write_video(inside / "film.mp4", moving(5), 10)
    write_video(inside / "shots", moving(5), 10)
    write_picture(tmp_path / "secret.png", np.zeros((4, 6, 3), np.uint8))
    (tmp_path / "documents-too").mkdir()
    write_picture(tmp_path / "documents-too" / "secret.png", np.zeros((4, 6, 3), np.uint8))
    return inside


@pytest.mark.parametrize(
    ("uri", "shape"),
    [
        ("dot.png", (1, 4, 6, 3)),
        ("./dot.png", (1, 4, 6, 3)),
        ("shots/../dot.png", (1, 4, 6, 3)),
        ("see through.png", (1, 4, 6, 4)),
        ("see%20through.png", (1, 4, 6, 4)),
        ("film.mp4", (5, 48, 64, 3)),
        ("a%2dname.png", (1, 4, 6, 3)),
        ("shots", (5, 48, 64, 3)),
        ("shots/frame_%05d.png", (5, 48, 64, 3)),
    ],
)
def test_media_beside_the_document_are_loaded(folder, uri, shape):
    assert load_uri(uri, folder).shape == shape


def test_a_film_can_be_loaded_at_the_canvas_rate(folder):
    assert len(load_uri("film.mp4", folder, rate_fps=20)) == 10


@pytest.mark.parametrize(
    "uri",
    [
        "../secret.png",
        "..%2Fsecret.png",
        "shots/../../secret.png",
        "../documents-too/secret.png",
        "link.png",
        "way/out/secret.png",
        "/etc/hostname",
        "%2Fetc%2Fhostname",
        "file:///etc/hostname",
        "file://../secret.png",
    ],
)
def test_nothing_outside_its_folder_is_reached(folder, uri):
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "way").mkdir()
    (folder / "way" / "out").symlink_to(folder.parent)
    with pytest.raises(MediaError, match="outside the folder"):
        load_uri(uri, folder)
    with pytest.raises(MediaError, match="outside the folder"):
        load_sound_uri(uri, folder)


def test_a_pattern_cannot_lead_outside(folder, moving):
    write_video(folder.parent / "s_%d.png", moving(3), 10)
    with pytest.raises(MediaError, match="outside the folder"):
        load_uri("../s_%d.png", folder)
    (folder / "t_0.png").symlink_to(folder.parent / "s_0.png")
    with pytest.raises(MediaError, match="outside the folder"):
        load_uri("t_%d.png", folder)
    (folder / "many").mkdir()
    (folder / "many" / "0.png").symlink_to(folder.parent / "s_0.png")
    with pytest.raises(MediaError, match="outside the folder"):
        load_uri("many", folder)


@pytest.mark.parametrize(
    "uri", ["http://example.com/a.png", "https://example.com/a.mp4", "ftp://a/b", "s3://a/b", "pipe:0"]
)
def test_the_network_is_never_asked(folder, uri):
    with pytest.raises(MediaError, match="nothing from the network"):
        load_uri(uri, folder)


def test_whoever_may_can_name_any_file(folder):
    secret = folder.parent / "secret.png"
    assert load_uri(str(secret), folder, allow_absolute=True).shape == (1, 4, 6, 3)
    assert load_uri(f"file://{secret}", folder, allow_absolute=True).shape == (1, 4, 6, 3)
    with pytest.raises(MediaError, match="outside the folder"):
        load_uri("../secret.png", folder, allow_absolute=True)


@pytest.mark.parametrize("uri", ["", "nothing.png", "a\0b.png", "x" * 5000, "loop"])
def test_what_is_not_there_is_a_clear_error(folder, uri):
    (folder / "loop").symlink_to(folder / "loop")
    with pytest.raises(MediaError):
        load_uri(uri, folder)


def test_data_uris_carry_the_media_inside(folder):
    for name in ("dot.png", "film.mp4"):
        text = base64.b64encode((folder / name).read_bytes()).decode()
        for head in ("data:image/png;base64,", "DATA:;base64,", "data:video/mp4;x=y;base64,"):
            assert np.array_equal(load_uri(head + text, folder), load_uri(name, folder))


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("data:image/png;base64", "comma"),
        ("data:image/png;base64,????", "base64"),
        ("data:image/png;base64,", "empty"),
        ("data:text/plain,hello%20there", "can't be read"),
        ("data:image/png;base64," + "A" * (33 << 20), "give a file instead"),
    ],
)
def test_bad_data_uris_are_clear_errors(folder, uri, reason):
    with pytest.raises(MediaError, match=reason):
        load_uri(uri, folder)


def test_a_data_uri_is_not_a_playlist(folder):
    with pytest.raises(MediaError, match="can't be read"):
        load_uri(f"data:text/plain,ffconcat version 1.0%0Afile '{folder}/film.mp4'%0A", folder)


def test_what_is_saved_comes_back_to_the_bit(tmp_path):
    rng = np.random.default_rng(0)
    for count, channels in ((1, 3), (1, 4), (5, 3), (5, 4)):
        frames = rng.integers(0, 256, (count, 6, 8, channels), np.uint8)
        frames[..., 3:] //= 2
        uri = save_frames(f"clip_{count}_{channels}", frames, tmp_path)
        assert np.array_equal(load_uri(uri, tmp_path), frames)
    sound = Sound(rng.uniform(-1, 1, (4000, 2)).astype(np.float32), 8000)
    assert load_sound_uri(save_sound("sound", sound, tmp_path), tmp_path) == sound


def test_a_canvas_goes_through_its_folder_and_back(tmp_path):
    rng = np.random.default_rng(0)
    canvas = (
        Canvas.blank(6, 16, 24, 8)
        .with_picture(rng.integers(0, 256, (16, 24, 3), np.uint8), at="first")
        .with_clip(rng.integers(0, 256, (3, 16, 24, 3), np.uint8), at=3, known=0.4)
        .with_words("a fox")
        .with_sound(Sound(np.zeros((6000, 1), np.float32), 8000))
    )
    document = canvas_to_json(
        canvas,
        lambda name, frames: save_frames(name, frames, tmp_path),
        lambda name, sound: save_sound(name, sound, tmp_path),
    )
    back = canvas_from_json(
        document,
        lambda uri, rate_fps: load_uri(uri, tmp_path, rate_fps=rate_fps),
        lambda uri: load_sound_uri(uri, tmp_path),
    )
    assert np.array_equal(back.known, canvas.known)
    assert np.array_equal(back.pixels[back.known > 0], canvas.pixels[canvas.known > 0])
    assert back.sound == canvas.sound
    assert "sound.wav" in os.listdir(tmp_path)
