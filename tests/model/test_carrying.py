"""Tubelets as a camera sees them that stands still while they last: there and back."""

import torch

from vitascope.model.camera import View, camera_path
from vitascope.model.carrying import carried
from vitascope.model.layout import Layout
from vitascope.model.patches import patchify, unpatchify

LAYOUT, FRAMES, EDGE_PX = Layout(8, 8, 4), 4, 6


def passing(*sliders: float) -> torch.Tensor:
    view = View(camera_path(torch.tensor(sliders).expand(1, 16, 4), 8), 1.0, 8)
    return view.passing(LAYOUT.places())


def seen(clip: torch.Tensor, by: torch.Tensor, there: bool) -> torch.Tensor:
    """A clip [16, 64, 64, 3] carried there or back."""
    patches = carried(patchify(clip[None], FRAMES, 8), by, (8, 8), FRAMES, there)
    return unpatchify(patches, FRAMES, 8, 8, 8)[0]


def test_under_a_still_camera_nothing_is_carried() -> None:
    clip = torch.randn(16, 64, 64, 3)
    assert torch.equal(seen(clip, torch.zeros(1, 256, 2), there=True), clip)


def test_there_and_back_nothing_is_lost_but_at_the_edges() -> None:
    clip = torch.randn(16, 64, 64, 3)
    for sliders in ((0.5, 0.0, 0.0, 0.0), (0.0, -0.7, 0.0, 0.0), (-0.3, 0.6, 0.0, 0.0)):
        by = passing(*sliders)
        back = seen(seen(clip, by, there=True), by, there=False)
        inside = slice(EDGE_PX, -EDGE_PX)
        assert torch.equal(back[:, inside, inside], clip[:, inside, inside])


def test_a_pan_to_the_right_moves_what_stands_to_the_left() -> None:
    column = torch.arange(64.0).view(1, 1, 64, 1).expand(16, 64, 64, 3)
    moved = seen(column, passing(0.5, 0, 0, 0), there=False)[:FRAMES, 32, 32, 0] - 32
    a_frame_px = 0.46 * 64 / 16
    assert torch.equal(moved, ((torch.arange(FRAMES) - 1.5) * a_frame_px).round())


def test_a_zoom_keeps_the_point_below_the_middle_and_spreads_the_rest() -> None:
    column = torch.arange(64.0).view(1, 1, 64, 1).expand(16, 64, 64, 3)
    closer = seen(column, passing(0, 0, 0.8, 0), there=False)
    width = [float(frame[32, 60, 0] - frame[32, 4, 0]) for frame in closer[:FRAMES]]
    assert width == sorted(width, reverse=True)
    assert width[0] > width[-1]
    row = column.transpose(1, 2)
    fixed = round(0.1 * 64 + 31.5)
    assert (seen(row, passing(0, 0, 0.8, 0), there=False)[:, fixed, 32, 0] - fixed).abs().max() <= 1
