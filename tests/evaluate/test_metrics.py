"""Measures against clips and features whose worth is known beforehand."""

import numpy as np
import pytest
import torch
from torch import Tensor

from vitascope.evaluate.metrics import diversity, dynamic, frechet_distance, smoothness, steadiness


def moving(step_px: float, frames: int = 16, size: int = 64) -> Tensor:
    """A soft disc on a ramp that goes right by so many pixels a frame: [1, T, H, W, 3]."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    start = size / 2 - step_px * (frames - 1) / 2
    shots = [
        80 + x / 2 + 120 * torch.sigmoid(10 - ((x - start - step_px * t) ** 2 + (y - size / 2) ** 2).sqrt())
        for t in range(frames)
    ]
    return torch.stack(shots).round().byte()[None, ..., None].expand(-1, -1, -1, -1, 3)


def test_flickering_is_the_mean_difference_of_neighbours() -> None:
    still = torch.full((1, 4, 8, 8, 3), 100, dtype=torch.uint8)
    assert steadiness(still).item() == 1
    flickering = still.clone()
    flickering[:, 1::2] = 151
    assert steadiness(flickering).item() == pytest.approx(1 - 51 / 255)
    assert steadiness(torch.cat((still, flickering))).tolist() == pytest.approx([1, 0.8])


def test_what_moves_evenly_is_smooth_and_what_stutters_is_not() -> None:
    smooth = moving(2.0)
    stuttering = smooth.clone()
    stuttering[:, 1::2] = smooth[:, :-1:2]  # every second frame held
    assert smoothness(smooth).item() > 0.995
    assert smoothness(stuttering).item() < smoothness(smooth).item() - 0.005


def test_dynamic_means_six_pixels_a_frame_at_256() -> None:
    clips = torch.cat([moving(0), moving(0.8), moving(2.5)])
    assert dynamic(clips).tolist() == [False, False, True]


def test_a_faster_clip_is_judged_at_eight_frames_a_second() -> None:
    at_24 = moving(0.9, frames=24)
    assert not dynamic(at_24, rate_fps=8).item()
    assert dynamic(at_24, rate_fps=24).item()


def test_a_quarter_of_the_pairs_must_move() -> None:
    still, going = moving(0), moving(2.5)
    nearly = torch.cat((still[:, :13], going[:, :3]), dim=1)  # three pairs move, counting the jump
    enough = torch.cat((still[:, :11], going[:, :5]), dim=1)
    assert dynamic(torch.cat((nearly, enough))).tolist() == [False, True]


def test_diversity_counts_takes_against_prompts() -> None:
    prompts = np.array([[0.0, 0], [10, 0], [0, 10]], np.float32)
    same = [np.repeat(p[None], 3, 0) for p in prompts]
    assert diversity(same) == 0
    generator = np.random.default_rng(0)
    takes = [group + generator.normal(0, 1, group.shape).astype(np.float32) for group in same]
    assert 0.05 < diversity(takes) < 0.4
    anything = [generator.normal(0, 1, (20, 8)).astype(np.float32) for _ in range(3)]
    assert diversity(anything) == pytest.approx(1, abs=0.1)


def test_frechet_distance_of_gaussians() -> None:
    generator = np.random.default_rng(0)
    a = generator.normal(0, 1, (4000, 6)).astype(np.float32)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(a, a + 2) == pytest.approx(6 * 4, rel=1e-3)  # the means' squared distance
    assert frechet_distance(a, 3 * a) == pytest.approx(
        6 * (3 - 1) ** 2, rel=0.1
    )  # and that of the deviations
    few = a[:5].repeat(2, axis=0)
    assert np.isfinite(frechet_distance(few, a))


def test_frechet_distance_is_symmetric() -> None:
    generator = np.random.default_rng(1)
    a, b = (
        generator.normal(0, 1, (300, 5)),
        generator.normal(0.5, 2, (200, 5)) @ generator.normal(0, 1, (5, 5)),
    )
    a, b = a.astype(np.float32), b.astype(np.float32)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-6)
