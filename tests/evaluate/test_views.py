"""Camera moves over a known ground."""

import cv2
import numpy as np
import pytest

from vitascope.evaluate.views import camera_move

SIZE = 96


def filmed(pan: float = 0, tilt: float = 0, zoom: float = 0, roll: float = 0, frames: int = 6) -> np.ndarray:
    """A map as a camera sees it that goes right and up (px a frame), in (log) and clockwise (degrees)."""
    big = np.random.default_rng(3).integers(0, 256, (40, 40, 3), np.uint8)
    ground = cv2.resize(big, (400, 400), interpolation=cv2.INTER_CUBIC)
    clip = list[np.ndarray]()
    for t in range(frames):
        # A camera turned clockwise sees the world turned the other way; positive angles of OpenCV are that.
        seen = cv2.getRotationMatrix2D((200 + pan * t, 200 - tilt * t), roll * t, float(np.exp(zoom * t)))
        seen[:, 2] += np.array((SIZE / 2, SIZE / 2)) - (200 + pan * t, 200 - tilt * t)
        clip.append(cv2.warpAffine(ground, seen, (SIZE, SIZE)))
    return np.stack(clip)


@pytest.mark.parametrize("way", [1, -1])
def test_each_move_is_measured_alone(way: int) -> None:
    assert camera_move(filmed(pan=2.0 * way)).pan == pytest.approx(way * 10 / SIZE, rel=0.1)
    assert camera_move(filmed(tilt=2.0 * way)).tilt == pytest.approx(way * 10 / SIZE, rel=0.1)
    assert camera_move(filmed(zoom=0.03 * way)).zoom == pytest.approx(way * 0.15, rel=0.1)
    assert camera_move(filmed(roll=2.0 * way)).roll == pytest.approx(way * 10, rel=0.1)


def test_a_still_camera_moves_nowhere() -> None:
    view = camera_move(filmed())
    assert max(abs(view.pan), abs(view.tilt), abs(view.zoom), abs(view.roll)) < 1e-3


def test_what_moves_of_its_own_is_left_out() -> None:
    clip = filmed(pan=2.0)
    for t, frame in enumerate(clip):
        frame[30:60, 10 + 9 * t : 35 + 9 * t] = (250, 20, 20)
    assert camera_move(clip).pan == pytest.approx(10 / SIZE, rel=0.15)
