"""Mutated real files: each works or says why not. None hangs, crashes or takes the machine's memory."""

import contextlib
import time

import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import Limits, MediaError, probe, read_picture, read_video, write_video

TIGHT = Limits(
    max_pixels_per_frame=1_000_000,
    max_frames=2_000,
    max_duration_s=200,
    max_file_bytes=10 << 20,
    max_clip_bytes=64 << 20,
    timeout_s=3,
)
FORMATS = ["a.mp4", "a.mov", "a.webm", "a.mkv", "a.gif", "a.webp", "a.png", "a.jpg"]


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (64, 64, 3), np.uint8) for _ in range(6)]
    sound = Sound(rng.uniform(-0.5, 0.5, (9600, 2)).astype(np.float32), 16_000)
    for name in FORMATS:
        count = 1 if name in ("a.png", "a.jpg") else 6
        write_video(folder / name, frames[:count], 10, sound=sound, quality=20)
    return {name: (folder / name).read_bytes() for name in FORMATS}


def look(path) -> None:
    """Everything that a curious program might do with a file, within tight limits."""
    began = time.monotonic()
    for curious in (probe, read_picture, lambda *a: sum(1 for _ in read_video(a[0], limits=a[1])), listen):
        with contextlib.suppress(MediaError):  # and no other
            curious(path, TIGHT)
    assert time.monotonic() - began < 20


def listen(path, limits):
    return read_video(path, limits=limits).sound()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.9, 0.99])
def test_cut_short(tmp_path, originals, name, share):
    data = originals[name]
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    look(tmp_path / name)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("seed", range(6))
def test_bytes_changed(tmp_path, originals, name, seed):
    """A few bytes anywhere, then many in the header, where the lies are."""
    rng = np.random.default_rng(seed)
    for reach in (len(originals[name]), 400):
        data = bytearray(originals[name])
        for place in rng.integers(0, min(reach, len(data)), 12):
            data[place] = rng.choice([0, 0xFF, 0x7F, 0x80, int(rng.integers(0, 256))])
        (tmp_path / name).write_bytes(data)
        look(tmp_path / name)


@pytest.mark.parametrize("name", FORMATS)
def test_pieces_swapped_and_repeated(tmp_path, originals, name):
    rng = np.random.default_rng(7)
    data = originals[name]
    for _ in range(4):
        cuts = sorted(rng.integers(0, len(data), 3))
        pieces = [data[: cuts[0]], data[cuts[0] : cuts[1]], data[cuts[1] : cuts[2]], data[cuts[2] :]]
        (tmp_path / name).write_bytes(b"".join(pieces[i] for i in rng.integers(0, 4, 5)))
        look(tmp_path / name)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.png", "a.gif", "a.webp"])
def test_one_format_s_head_on_another_s_body(tmp_path, originals, name):
    for other in FORMATS:
        (tmp_path / name).write_bytes(originals[other][:64] + originals[name][64:])
        look(tmp_path / name)


@pytest.mark.parametrize(
    "data", [b"\0", b"\xff" * 5000, bytes(5000), b"RIFF", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"ftyp" * 99]
)
def test_hardly_a_file_at_all(tmp_path, data):
    for name in ("a.mp4", "a.png"):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(MediaError):
            probe(tmp_path / name)
        with pytest.raises(MediaError):
            read_picture(tmp_path / name)
