"""A tubelet's frames are its picture, moved as the camera passes by, and what else changes."""

import torch

from vitascope.model.camera import View, camera_path
from vitascope.model.carrying import carried
from vitascope.model.layout import Layout
from vitascope.model.patches import patchify, unpatchify
from vitascope.model.waves import from_waves, waves

LAYOUT = Layout(8, 8, 4)


def ramp() -> torch.Tensor:
    """One picture [64, 64, 3] whose numbers say where they are: x, y and their product."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, 64), torch.linspace(-1, 1, 64), indexing="ij")
    return torch.stack((x, y, x * y), -1)


def frames_of(picture: torch.Tensor, sliders: list[float]) -> torch.Tensor:
    """16 frames [16, 64, 64, 3] of tubelets that all show this picture, under a camera."""
    mean = patchify(picture.expand(1, 4, 64, 64, 3), 1, 8) * 2  # the longest wave of four equal frames
    view = View(camera_path(torch.tensor(sliders).expand(1, 16, 4), 8), 1.0, 8)
    shown = torch.cat((mean, torch.zeros(1, 256, 576)), -1)
    return unpatchify(carried(shown, view.passing(LAYOUT.places()), (8, 8), 4), 4, 8, 8, 8)[0]


def test_under_a_still_camera_nothing_is_carried() -> None:
    some = torch.randn(2, 256, 768)
    assert torch.allclose(carried(some, torch.zeros(2, 256, 2), (8, 8), 4), from_waves(some, 4), atol=1e-5)


def test_a_pan_to_the_right_moves_the_picture_to_the_left() -> None:
    frames = frames_of(ramp(), [0.5, 0, 0, 0])
    step = 2 / 63 * 64 * 0.46 / 16  # of the ramp, from frame to frame
    inside = frames[:, 8:56, 8:56, 0]
    assert torch.allclose((inside[1:4] - inside[:3]), torch.tensor(step), atol=1e-4)
    assert torch.allclose(inside[:4].mean(0), ramp()[8:56, 8:56, 0], atol=1e-4)
    assert torch.allclose(frames[..., 1], ramp()[..., 1].expand(16, -1, -1), atol=1e-5)


def test_a_zoom_spreads_from_below_the_middle() -> None:
    frames = frames_of(ramp(), [0, 0, 0.5, 0])
    width = [float(frame[32, 50, 0] - frame[32, 14, 0]) for frame in frames[:4]]
    assert width == sorted(width, reverse=True)  # what is seen between two places of the screen gets less
    fixed = round(0.1 * 64 + 31.5)
    assert (frames[3, fixed, 32] - frames[0, fixed, 32]).abs().max() < 0.01


def test_what_else_changes_is_added() -> None:
    changes = waves(torch.randn(1, 256, 768), 4)
    changes[..., :192] = 0
    assert torch.allclose(
        carried(changes, torch.randn(1, 256, 2), (8, 8), 4), from_waves(changes, 4), atol=1e-5
    )
