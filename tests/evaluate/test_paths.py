"""Things that go where it was written down."""

import numpy as np
import pytest

from vitascope.evaluate.paths import found_path, moved_outside, path_error, swept

SIZE = 64


def ground() -> np.ndarray:
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    plane = 110 + 30 * np.sin(x / 4) + 25 * np.sin(y / 6 + x / 9)
    return np.repeat(plane[:, :, None], 3, axis=2)


def carried(path: list[tuple[float, float]], turn_deg: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A striped square of 16 px that goes along (x, y) in px, turning; and where it was at first."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    frames, region = list[np.ndarray](), np.zeros((SIZE, SIZE), np.float32)
    for t, (px, py) in enumerate(path):
        angle = np.deg2rad(turn_deg * t)
        u = np.cos(angle) * (x - px) + np.sin(angle) * (y - py)
        v = np.cos(angle) * (y - py) - np.sin(angle) * (x - px)
        inside = (np.abs(u) < 8) & (np.abs(v) < 8)
        frame = ground()
        frame[inside] = np.stack((230 + 0 * u, 128 + 100 * np.sin(u / 2), 40 + 8 * np.abs(v)), -1)[inside]
        frames.append(frame)
        if t == 0:
            region[inside] = 1
    return np.stack(frames).clip(0, 255).astype(np.uint8), region


def as_shares(path: list[tuple[float, float]]) -> np.ndarray:
    return (np.array(path) / SIZE).astype(np.float32)


@pytest.mark.parametrize("turn_deg", [0.0, 8.0])
def test_a_path_is_found(turn_deg: float) -> None:
    path = [(16 + 2.5 * t, 40 - 1.5 * t + 0.1 * t * t) for t in range(12)]
    clip, region = carried(path, turn_deg)
    found = found_path(clip, region)
    assert path_error(found, as_shares(path), SIZE, SIZE) < 0.012


def test_what_stays_is_found_where_it_was() -> None:
    clip, region = carried([(30, 30)] * 6)
    assert np.abs(found_path(clip, region) - 30 / SIZE).max() < 0.01


def test_one_that_leaves_is_followed_to_the_edge() -> None:
    path = [(40 + 2.0 * t, 32) for t in range(11)]  # half of it is out at last
    clip, region = carried(path)
    assert path_error(found_path(clip, region), as_shares(path), SIZE, SIZE) < 0.02


def test_the_error_is_in_widths_and_from_the_start() -> None:
    wanted = np.array([[0.5, 0.5]] * 3, np.float32)
    found = wanted + np.array([[0.2, 0.2], [0.3, 0.2], [0.2, 0.4]], np.float32)
    assert path_error(found, wanted, 100, 200) == pytest.approx((0.1 + 0.1) / 2)
    assert path_error(wanted, wanted, 100, 200) == 0


def test_a_region_that_holds_nothing_is_refused() -> None:
    clip, region = carried([(30, 30)] * 3)
    with pytest.raises(ValueError, match="covers nothing"):
        found_path(clip, np.zeros_like(region))


def test_what_is_swept_is_where_it_was_and_what_lies_between() -> None:
    region = np.zeros((SIZE, SIZE), np.float32)
    region[30:34, 10:14] = 1
    inside = swept(region, as_shares([(12, 32), (50, 32)]))
    assert inside[32, 12:50].all()
    assert not inside[:20].any()
    assert not inside[:, 60:].any()


def test_only_motion_outside_leaks() -> None:
    path = [(16 + 3.0 * t, 32) for t in range(8)]
    clip, region = carried(path)
    inside = swept(region, as_shares(path))
    assert moved_outside(clip, inside) < 0.001
    drifting = np.stack([np.roll(frame, t, axis=0) for t, frame in enumerate(clip)])
    assert moved_outside(drifting, inside) == pytest.approx(4 / SIZE, rel=0.35)  # 1 to 7 px, 4 on average
    assert np.isnan(moved_outside(clip, np.ones((SIZE, SIZE), np.bool_)))
