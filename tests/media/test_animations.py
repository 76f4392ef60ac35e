"""GIF and animated WebP: good colours, the right time, no end."""

import numpy as np
import pytest
from PIL import Image

from vitascope.media import read_clip, write_video


def delays_ms(path) -> list[int]:
    with Image.open(path) as picture:
        assert picture.info["loop"] == 0  # for ever
        found = []
        for index in range(picture.n_frames):
            picture.seek(index)
            picture.load()
            found.append(picture.info["duration"])
    return found


@pytest.mark.parametrize("rate", [8, 12, 24, 30, 29.97])
@pytest.mark.parametrize("name", ["a.gif", "a.webp"])
def test_delays_add_up_to_the_clock(tmp_path, moving, name, rate):
    write_video(tmp_path / name, moving(20), rate)
    found = delays_ms(tmp_path / name)
    tick_ms = 10 if name == "a.gif" else 1
    assert len(found) == 20
    assert abs(sum(found) - 20_000 / rate) <= tick_ms
    assert max(found) - min(found) <= tick_ms


def test_a_gif_faster_than_browsers_show_is_thinned(tmp_path, moving):
    write_video(tmp_path / "a.gif", moving(60), 60)
    found = delays_ms(tmp_path / "a.gif")
    assert len(found) == 50
    assert min(found) >= 20


def test_a_gif_has_the_best_colours_of_the_whole_clip(tmp_path):
    """Two scenes of 120 colours each: all of them fit, so all come back."""
    rng = np.random.default_rng(0)
    scenes = [np.resize(rng.integers(0, 256, (120, 3)), (48, 60, 3)).astype(np.uint8) for _ in range(2)]
    write_video(tmp_path / "a.gif", scenes, 10)
    assert np.abs(read_clip(tmp_path / "a.gif").astype(int) - np.stack(scenes)).max() <= 8


def test_what_stands_still_does_not_shimmer(tmp_path):
    ramp = np.linspace(0, 255, 128).astype(np.uint8)
    still = np.stack(np.broadcast_arrays(ramp[None, :], ramp[:, None], np.uint8(90)), -1)
    frames = np.stack([still] * 6)
    for index in range(6):
        frames[index, :20, 10 * index : 10 * index + 20] = (255, 0, 0)
    write_video(tmp_path / "a.gif", frames, 10)
    clip = read_clip(tmp_path / "a.gif").astype(int)
    assert np.abs(np.diff(clip[:, 30:], axis=0)).max() == 0
    smooth = (clip[0, 30:, :-1] + clip[0, 30:, 1:]) / 2  # as the eye does with a dither
    assert np.abs(smooth - frames[0, 30:, :-1]).mean() < 8


def test_a_webp_of_quality_100_loses_nothing(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), np.uint8)
    write_video(tmp_path / "a.webp", frames, 10, quality=100)
    assert np.array_equal(read_clip(tmp_path / "a.webp"), frames)


def test_gaps_in_a_webp_are_filled(tmp_path, moving):
    dark, bright = moving(2)
    write_video(tmp_path / "a.webp", [dark, bright, bright, bright, dark, bright], 10)
    # The encoder makes one long picture of three equal ones; reading gives three again.
    assert [round(frame.mean() / 220) for frame in read_clip(tmp_path / "a.webp")] == [0, 1, 1, 1, 0, 1]
