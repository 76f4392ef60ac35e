"""Flow of known shifts."""

import numpy as np
import pytest

from vitascope.evaluate.dis import carried, dis_flow, flow_speed


def pattern(size: int, dx: float = 0.0, dy: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    shot = 128 + 50 * np.sin((x - dx) / 5) + 50 * np.sin((y - dy + 0.4 * (x - dx)) / 6)
    return np.repeat(shot[:, :, None], 3, axis=2).round().astype(np.uint8)


@pytest.mark.parametrize("size", [64, 300])
def test_a_shift_is_found_in_pixels(size: int) -> None:
    flow = dis_flow(pattern(size), pattern(size, 2.0, -1.0))
    assert flow.shape == (size, size, 2)
    assert np.median(flow[..., 0]) == pytest.approx(2, abs=0.1)
    assert np.median(flow[..., 1]) == pytest.approx(-1, abs=0.1)
    assert np.median(flow_speed(flow)) == pytest.approx(5**0.5, abs=0.1)


def test_a_frame_carried_back_is_the_one_before() -> None:
    a, b = pattern(64), pattern(64, 3.0)
    inner = (slice(8, -8), slice(8, -8))
    there = dis_flow(a, b)
    assert np.abs(carried(b, there)[inner] - a[inner]).mean() < 2
    assert np.abs(b[inner].astype(float) - a[inner]).mean() > 10
