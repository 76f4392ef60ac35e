"""The camera: places in the world behind a screen, and paths that come back."""

import torch

from vitascope.model.camera import View, camera_path

T, PATCHES = 16, 8


def test_a_still_camera_changes_nothing() -> None:
    places = torch.randn(2, 5, 3)
    assert torch.allclose(View(torch.zeros(2, T, 4), 0.5, PATCHES).in_world(places), places)


def test_what_has_no_time_or_is_one_frame_has_a_place_too() -> None:
    places = torch.tensor([[torch.nan, 1.0, 2.0]])
    seen = View(torch.randn(1, 1, 4), 1.0, PATCHES).in_world(places)
    assert torch.allclose(seen[..., 1:], places[None, :, 1:])


def test_in_a_lap_the_camera_comes_back() -> None:
    sliders = torch.tensor([0.5, -0.3, 0.4, 0.2]).expand(1, 2 * T, 4)
    path = camera_path(sliders, 8, T)
    assert torch.allclose(path[:, 0], path[:, T], atol=1e-5)
    assert (path[:, 0] - path[:, T // 2]).abs().max() < (path[:, 0] - path[:, T // 4]).abs().max()
