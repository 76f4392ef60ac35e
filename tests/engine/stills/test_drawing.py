"""Drawing: a picture at rest comes back to the bit, and moves by what was asked, evenly."""

import cv2
import numpy as np
import pytest
from tests.engine.stills.scenes import Picture, ball, still, textured

from vitascope.engine.stills.drawing import Easel
from vitascope.engine.stills.layers import scene_of
from vitascope.engine.stills.paths import View


@pytest.mark.parametrize("picture", [still(), textured(), still(91, 161)], ids=["ball", "noise", "odd"])
def test_a_picture_at_rest_is_itself(picture: Picture) -> None:
    assert np.array_equal(Easel(scene_of(picture)).draw(View()), picture)


def shift(first: Picture, second: Picture) -> float:
    """How far to the right the second shows what the upper half of the first does, in px.

    Phase correlation: the slope of the phases of both spectra against each other, where they are strong.
    OpenCV's takes the middle of a peak, which on pictures this small is wrong by a third of a pixel.
    """
    height, width = first.shape[0] // 2, first.shape[1]
    window = np.outer(np.hanning(height), np.hanning(width))
    planes = [(each[:height].mean(-1) - each[:height].mean()) * window for each in (first, second)]
    spectra = [np.fft.fft2(plane) for plane in planes]
    cross = spectra[0] * spectra[1].conj()
    down, right = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    there = (np.abs(right) < 0.2) & (np.abs(down) < 0.2)
    weight, right = np.abs(cross)[there], right[there]
    return float((weight * right * np.angle(cross)[there]).sum() / (2 * np.pi * (weight * right**2).sum()))


def test_a_pan_of_a_pixel_in_a_second_is_even() -> None:
    easel = Easel(scene_of(textured(), flat=True))
    frames = [easel.draw(View(right_px=number / 60)) for number in range(61)]
    gone = np.array([shift(frames[0], frame) for frame in frames])
    assert gone[-1] == pytest.approx(-0.85, abs=0.05)  # far things move a little less
    assert np.abs(gone - np.linspace(0, gone[-1], 61)).max() < 0.03, "it crawls in steps"
    sharp = [float(cv2.Laplacian(frame, cv2.CV_64F).std()) for frame in frames]
    assert min(sharp) > 0.85 * max(sharp), "it pulses between sharp and soft"


def test_near_things_move_against_far_ones() -> None:
    scene = scene_of(still())
    assert scene.cutout is not None
    moved = Easel(scene).draw(View(orbit_px=12))
    background = ~ball()
    background[:, 40:120] = False
    assert np.array_equal(moved[45:55, 75:85], still()[45:55, 75:85]), "what it's about stays"
    assert np.abs(moved.astype(int) - still())[background].mean() > 2


def test_no_halo_around_a_subject_that_moves() -> None:
    """Just outside of the ball's old edge there is background, and no red or dark rim."""
    easel = Easel(scene_of(still()))
    moved = easel.draw(View(orbit_px=12)).astype(int)
    y, x = np.mgrid[0:90, 0:160]
    away = np.hypot(x - 80, y - 49.5) / 27
    ring = (away > 1.1) & (away < 1.3) & (y < 85)
    assert (moved[ring][:, 0] - moved[ring][:, 2]).max() < 40, "red"
    assert moved[ring].sum(-1).min() > 200, "dark"


def test_a_floating_thing_rises_and_casts_a_shadow() -> None:
    easel = Easel(scene_of(still(320, 180)))
    up = easel.draw(View(lift=1.0)).astype(int)
    top = 0.55 * 180 - 0.3 * 180
    red = np.flatnonzero(up[:, 160, 0] > 150)
    assert red[0] == pytest.approx(top - 0.028 * 180, abs=1.5)
    below = still(320, 180)[156:160, 150:170].mean() - up[156:160, 150:170].mean()
    assert below > 8


def test_light_passes_from_side_to_side() -> None:
    picture = still()
    easel = Easel(scene_of(picture))
    gains = [easel.draw(View(light=place)).astype(int) - picture for place in (0.001, 0.3, 0.5, 0.7, 0.999)]
    assert all(np.abs(gains[end]).max() <= 1 for end in (0, -1))
    assert all(gain.min() >= -1 for gain in gains)
    places = [(gain.sum((0, 2)) * np.arange(160)).sum() / gain.sum() for gain in gains[1:4]]
    assert places[0] < places[1] < places[2]
    assert gains[2][ball()].mean() > 20


def test_a_large_picture_is_kept_at_its_own_size() -> None:
    large = np.broadcast_to(np.uint8(200), (2900, 4200, 3))
    scene = scene_of(large, flat=True)
    assert scene.scale == 1
    assert np.array_equal(Easel(scene).draw(View()), large)
