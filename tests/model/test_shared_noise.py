"""Noise that tubelets share stays with the world and with things, and is as loud as any other."""

import math

import torch

from vitascope.model.bodies import ABSENT, Bodies
from vitascope.model.camera import View, camera_path
from vitascope.model.carrying import taken
from vitascope.model.layout import Layout
from vitascope.model.patches import unpatchify
from vitascope.model.shared_noise import clip_noise
from vitascope.model.staging import Staging, still
from vitascope.model.waves import tubelet_noise, waves

LAYOUT = Layout(8, 8, 4)
NOBODY = Bodies(torch.tensor(ABSENT).expand(1, 16, 1, 5), 1.0, 8)


def means(pan: float, share: float, bodies: Bodies = NOBODY) -> torch.Tensor:
    """The mean picture of each tubelet [4, 64, 64, 3], where all is in its middle."""
    view = View(camera_path(torch.tensor([pan, 0, 0, 0]).expand(1, 16, 4), 8), 1.0, 8)
    staging = Staging.of(view, bodies, LAYOUT.places(), LAYOUT, 8)
    white = torch.randn(1, 256, 768, generator=torch.Generator().manual_seed(0))
    noise = staging.noise(white, (8, 8), torch.Generator().manual_seed(1), share=share)
    seen = taken(noise, staging.taken_BTS, (8, 8), 4)
    return unpatchify(seen, 4, 8, 8, 8)[0].view(4, 4, 64, 64, 3).mean(1)


def test_under_a_still_camera_all_tubelets_share_it() -> None:
    first, *others = means(0.0, 1.0)
    assert all(torch.allclose(first, other, atol=1e-5) for other in others)


def test_under_a_pan_it_moves_as_the_world_does() -> None:
    first, second, *_ = means(0.5, 1.0)
    moved_px = 7  # 0.46 frame heights of 64 px in two seconds, half a second on
    edge_px = 3  # that left the picture within a tubelet
    inside, later = first[:, moved_px + edge_px : -edge_px], second[:, edge_px : -moved_px - edge_px]
    assert torch.allclose(inside, later, atol=1e-5)


def test_on_a_thing_it_moves_as_the_thing_does() -> None:
    pose = torch.zeros(16, 5)
    pose[:, 0] = 2 / 64 * (torch.arange(16) - 7.5)
    pose[:, 3:] = math.log(0.2)
    first, second, *_ = means(0.0, 1.0, Bodies(pose[None, :, None], 1.0, 8))
    on_first, on_second = (slice(32 + middle - 8, 32 + middle + 8) for middle in (-12, -4))
    assert torch.allclose(first[24:40, on_first], second[24:40, on_second], atol=1e-5)
    assert torch.allclose(first[:16], second[:16], atol=1e-5)
    assert not torch.allclose(first[24:40, on_first], second[24:40, on_first], atol=0.1)


def test_it_is_as_loud_as_white_noise_and_half_alike() -> None:
    some = means(0.0, 0.5)
    assert abs(some.std() - tubelet_noise(torch.randn(1, 256, 768), 4).view(-1, 4, 192).mean(1).std()) < 0.02
    assert abs((some[0] * some[1]).mean() / some.var() - 0.5) < 0.03


def test_without_a_share_it_is_tubelet_noise() -> None:
    white = torch.randn(2, 256, 768)
    spots = still(LAYOUT, 2).spots_BMS
    assert torch.allclose(clip_noise(white, spots, (8, 8), share=0.0), tubelet_noise(white, 4))


def test_changes_within_a_tubelet_are_never_shared() -> None:
    white = torch.randn(1, 256, 768)
    shared = waves(clip_noise(white, still(LAYOUT, 1).spots_BMS, (8, 8), share=1.0), 4)
    assert torch.allclose(shared[..., 192:], waves(tubelet_noise(white, 4), 4)[..., 192:], atol=1e-4)


def test_no_tubelets_no_noise() -> None:
    single = Layout(8, 8, 0, (0,))
    assert not still(single, 1).noise(torch.zeros(1, 0, 768), (8, 8)).numel()
