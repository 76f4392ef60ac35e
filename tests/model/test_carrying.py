"""Tubelets with the camera's and the things' motion taken out: there and back."""

import math

import pytest
import torch

from vitascope.model.bodies import ABSENT, Bodies, seen_on
from vitascope.model.camera import View, camera_path
from vitascope.model.carrying import nearest, put, taken, ways
from vitascope.model.layout import Layout
from vitascope.model.patches import patchify, unpatchify

LAYOUT, FRAMES, EDGE_PX = Layout(8, 8, 4), 4, 6
NOBODY = Bodies(torch.tensor(ABSENT).expand(1, 16, 1, 5), 1.0, 8)
Ways = tuple[torch.Tensor, torch.Tensor]


def by_camera(*sliders: float) -> Ways:
    return staged(View(camera_path(torch.tensor(sliders).expand(1, 16, 4), 8), 1.0, 8), NOBODY)


def staged(view: View, bodies: Bodies) -> Ways:
    return ways(view, bodies, LAYOUT.places(), (8, 8), FRAMES, 8)


def moving(*, right: float = 0.0, down: float = 0.0, turn: float = 0.0, grow: float = 0.0) -> Bodies:
    """A thing of 24 by 24 pixels that starts a third of the picture from its corner, by numbers a frame."""
    pose = torch.tensor((-0.17, -0.17, 0.0, math.log(0.1875), math.log(0.1875))).repeat(16, 1)
    by = torch.tensor((right, down, turn, grow, grow))
    return Bodies((pose + torch.arange(16.0)[:, None] * by)[None, :, None], 1.0, 8)


def there(clip: torch.Tensor, way: Ways) -> torch.Tensor:
    """A clip [16, 64, 64, 3] as it is where all stands in the middle of its tubelet."""
    return unpatchify(taken(patchify(clip[None], FRAMES, 8), way[0], (8, 8), FRAMES), FRAMES, 8, 8, 8)[0]


def back(clip: torch.Tensor, way: Ways) -> torch.Tensor:
    return unpatchify(put(patchify(clip[None], FRAMES, 8), way[1], (8, 8), FRAMES), FRAMES, 8, 8, 8)[0]


def column_numbers() -> torch.Tensor:
    return torch.arange(64.0).view(1, 1, 64, 1).expand(16, 64, 64, 3)


def test_where_nothing_moves_nothing_is_carried() -> None:
    clip = torch.randn(16, 64, 64, 3)
    for way in (by_camera(0, 0, 0, 0), staged(View(torch.zeros(1, 16, 4), 1.0, 8), moving())):
        assert torch.equal(there(clip, way), clip)
        assert torch.allclose(back(clip, way), clip, atol=1e-4)


def test_there_and_back_nothing_is_lost_but_at_the_edges() -> None:
    clip = torch.randn(16, 64, 64, 3)
    inside = slice(EDGE_PX, -EDGE_PX)
    for sliders in ((0.5, 0.0, 0.0, 0.0), (0.0, -0.7, 0.0, 0.0), (-0.3, 0.6, 0.0, 0.0)):
        forth, rest = by_camera(*sliders)
        moved = patchify(there(clip, (forth, rest))[None], FRAMES, 8)
        again = unpatchify(taken(moved, nearest(rest, (8, 8), 8), (8, 8), FRAMES), FRAMES, 8, 8, 8)[0]
        assert torch.equal(again[:, inside, inside], clip[:, inside, inside])


def painted(bodies: Bodies, frames: int = 16) -> torch.Tensor:
    """A smooth spot of the body's shape at every frame, on grey."""
    row, column = torch.meshgrid(*[(torch.arange(64) + 0.5) / 8 - 4] * 2, indexing="ij")
    spots = []
    for pose in bodies.in_patches[0, :, 0]:
        down, right = seen_on((row, column), pose)
        spots.append(torch.exp(-6 * (down**2 + right**2)) * (3 * down - 2 * right))
    return torch.stack(spots)[..., None].expand(-1, -1, -1, 3)


@pytest.mark.parametrize("pan", [0.0, 0.5])
@pytest.mark.parametrize(
    "motion",
    [
        {"right": 2 / 64},
        {"right": 1.3 / 64, "down": 0.7 / 64},
        {"turn": 0.3},
        {"grow": 0.05},
        {"right": 1.3 / 64, "down": 0.7 / 64, "turn": 0.1, "grow": -0.03},
    ],
)
def test_a_thing_stands_still_where_its_motion_is_taken_out(motion: dict[str, float], pan: float) -> None:
    """Whatever the camera does meanwhile; and a still picture of it moves as it did when it is put back."""
    bodies = moving(**motion)
    view = View(camera_path(torch.tensor((pan, 0, 0, 0)).expand(1, 16, 4), 8), 1.0, 8)
    way, clip = staged(view, bodies), painted(bodies)
    tubelets = there(clip, way).view(4, FRAMES, 64, 64, 3)
    change, before = (
        (x - x.mean(1, keepdim=True)).square().mean() for x in (tubelets, clip.view(4, FRAMES, 64, 64, 3))
    )
    assert change < 0.3 * before
    still = tubelets.mean(1, keepdim=True).expand(-1, FRAMES, -1, -1, -1).reshape(16, 64, 64, 3)
    assert (back(still, way) - clip).square().mean() < 0.3 * before


def test_beside_a_thing_nothing_moves() -> None:
    clip = torch.randn(16, 64, 64, 3)
    way = staged(View(torch.zeros(1, 16, 4), 1.0, 8), moving(right=1 / 64))
    assert torch.equal(there(clip, way)[:, 40:], clip[:, 40:])
    assert torch.allclose(back(clip, way)[:, 40:], clip[:, 40:], atol=1e-4)


def test_a_pan_to_the_right_moves_what_stands_to_the_left() -> None:
    moved = back(column_numbers(), by_camera(0.5, 0, 0, 0))[:FRAMES, 32, 32, 0] - 32
    a_frame_px = 0.46 * 64 / 16
    assert torch.allclose(moved, (torch.arange(FRAMES) - 1.5) * a_frame_px, atol=1e-3)


def test_a_zoom_keeps_the_point_below_the_middle_and_spreads_the_rest() -> None:
    way = by_camera(0, 0, 0.8, 0)
    closer = back(column_numbers(), way)
    width = [float(frame[32, 60, 0] - frame[32, 4, 0]) for frame in closer[:FRAMES]]
    assert width == sorted(width, reverse=True)
    assert width[0] > width[-1]
    fixed = round(0.1 * 64 + 31.5)
    assert (back(column_numbers().transpose(1, 2), way)[:, fixed, 32, 0] - fixed).abs().max() <= 1


def test_no_tubelets_no_ways() -> None:
    view = View(torch.zeros(1, 1, 4), 1.0, 8)
    assert not ways(view, NOBODY, torch.zeros(0, 3), (8, 8), FRAMES, 8)[0].numel()
