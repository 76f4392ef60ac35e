"""Pictures and their truth, held against each other."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vitascope.train.world import vocab
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, Scenes, sample
from vitascope.train.world.sprites import Atlas

Script = Callable[..., Scenes]

RICH = Mix(
    n_things=3, p_style=0.3, p_count=0.3, p_pair=0.2, p_bump=0.1, p_weather=0.4, p_cut=0.3, p_camera=0.7
)


def drawn(seed: int, count: int = 6) -> Scenes:
    return sample(count, torch.Generator().manual_seed(seed), RICH, "any")


def far_apart(a: Tensor, b: Tensor) -> float:
    """Mean difference of two pictures in grey levels."""
    return float((a.float() - b.float()).abs().mean())


@pytest.mark.parametrize(("frames", "height_px", "width_px"), [(1, 64, 64), (5, 40, 72), (3, 72, 40)])
def test_shapes_are_as_asked(atlas: Atlas, frames: int, height_px: int, width_px: int) -> None:
    scenes = drawn(1)
    made = render(scenes, atlas, frames=frames, height_px=height_px, width_px=width_px, truth=True)
    assert made.pixels_BTHWC.shape == (6, frames, height_px, width_px, 3)
    assert made.pixels_BTHWC.dtype == torch.uint8
    assert made.masks_BTHW is not None
    assert made.masks_BTHW.shape == (6, frames, height_px, width_px)
    assert made.tracks_BTK2.shape == (6, frames, 5, 2)
    assert made.boxes_BTK4.shape == (6, frames, 5, 4)
    assert made.angle_BTK.shape == made.scale_BTK.shape == made.visible_BTK.shape == (6, frames, 5)
    assert made.camera_BT3.shape == (6, frames, 3)


@given(st.integers(0, 10**6))
@settings(max_examples=8)
def test_a_scene_looks_the_same_alone_and_in_company(atlas: Atlas, seed: int) -> None:
    scenes = drawn(seed)
    together, alone = render(scenes, atlas), render(scenes[4:5], atlas)
    assert (together.pixels_BTHWC[4:5].int() - alone.pixels_BTHWC.int()).abs().max() <= 2


@given(st.integers(0, 10**6))
@settings(max_examples=8)
def test_small_and_large_are_one_picture(atlas: Atlas, seed: int) -> None:
    scenes = drawn(seed)
    small = render(scenes, atlas, frames=4, style=0)
    large = render(scenes, atlas, frames=4, style=0, height_px=192, width_px=192)
    shrunk = F.interpolate(
        large.pixels_BTHWC.flatten(0, 1).permute(0, 3, 1, 2).float(), size=64, mode="area"
    ).permute(0, 2, 3, 1)
    assert far_apart(small.pixels_BTHWC.flatten(0, 1), shrunk) < 4
    torch.testing.assert_close(small.tracks_BTK2, large.tracks_BTK2)


def test_a_wider_picture_sees_more_of_the_same(atlas: Atlas) -> None:
    scenes = drawn(2)
    square = render(scenes, atlas, frames=1, start_s=0.5, style=0)
    for height_px, width_px in ((64, 128), (128, 64)):
        more = render(scenes, atlas, frames=1, start_s=0.5, style=0, height_px=height_px, width_px=width_px)
        top, left = (height_px - 64) // 2, (width_px - 64) // 2
        middle = more.pixels_BTHWC[:, :, top : top + 64, left : left + 64]
        dry = scenes.weather_B == 0  # drops take as long as the picture is tall
        assert far_apart(middle[dry], square.pixels_BTHWC[dry]) < 1.5


def test_a_still_is_a_frame_of_the_clip(atlas: Atlas, script: Script) -> None:
    for camera in ("static", "pan right", "zoom in"):
        scenes = script((1,), "jumps", "city", scenes=3, camera=camera)
        clip = render(scenes, atlas).pixels_BTHWC
        still = render(scenes, atlas, frames=1, start_s=torch.tensor([0.0, 0.5, 1.875])).pixels_BTHWC
        wanted = torch.stack([clip[i, frame] for i, frame in enumerate((0, 4, 15))])[:, None]
        assert far_apart(still, wanted) < (0.1 if camera == "static" else 5)


def test_masks_lie_on_their_things_and_boxes_around_them(atlas: Atlas, script: Script) -> None:
    made = render(script((0,), "stands still", "snow", scenes=5), atlas, frames=2, truth=True)
    masks = made.masks_BTHW
    assert masks is not None
    red = made.pixels_BTHWC[..., 0].int() - made.pixels_BTHWC[..., 1].int() > 100
    assert ((masks == 0) == red).float().mean() > 0.985
    boxes, tracks = made.boxes_BTK4[:, :, 0], made.tracks_BTK2[:, :, 0]
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2
    torch.testing.assert_close(centre, tracks, atol=1.5 / 64, rtol=0)
    side = (boxes[..., 2:] - boxes[..., :2]).mean(-1)
    torch.testing.assert_close(side, made.scale_BTK[..., 0], atol=2 / 64, rtol=0)
    assert made.visible_BTK.tolist() == [[[True, False, False, False, False]] * 2] * 5


def test_the_nearest_thing_hides_the_others(atlas: Atlas, script: Script) -> None:
    scenes = script((0, 1), "bumps into", "snow", scenes=20)
    made = render(scenes, atlas, truth=True)
    boxes = made.boxes_BTK4
    assert made.masks_BTHW is not None
    both = torch.minimum(boxes[:, :, 0, 2:], boxes[:, :, 1, 2:]) > torch.maximum(
        boxes[:, :, 0, :2], boxes[:, :, 1, :2]
    )
    at = both.all(-1).nonzero()
    assert len(at) > 0
    disc = made.masks_BTHW == 0
    for b, t in at.tolist():
        shown = made.pixels_BTHWC[b, t][disc[b, t]].float().mean(0)
        assert shown[0] > 180
        assert shown[2] < 100


def test_boxes_need_the_truth(atlas: Atlas, script: Script) -> None:
    with pytest.raises(ValueError, match="truth=True"):
        _ = render(script(), atlas, frames=1).boxes_BTK4


def test_things_look_where_they_go(atlas: Atlas, script: Script) -> None:
    for direction in (-1, 1):
        made = render(script((1,), "walks", "space", direction=direction), atlas, frames=8, start_s=0.5)
        pixels = made.pixels_BTHWC[0].float()
        yellow = (pixels[..., 0] > 180) & (pixels[..., 1] > 180) & (pixels[..., 2] < 100)
        columns = torch.arange(64).expand(8, 64, -1)
        nose = columns[yellow].float().mean() / 64
        middle = made.tracks_BTK2[0, :, 0, 0].mean()
        assert (nose - middle) * direction > 0.05


def test_a_style_can_be_chosen_for_the_same_scene(atlas: Atlas, script: Script) -> None:
    scenes = script((0,), "runs", style="neon")
    own, plain, same = (render(scenes, atlas, style=style, truth=True) for style in (None, 0, 3))
    assert torch.equal(own.pixels_BTHWC, same.pixels_BTHWC)
    assert far_apart(own.pixels_BTHWC, plain.pixels_BTHWC) > 20
    assert torch.equal(own.tracks_BTK2, plain.tracks_BTK2)
    assert own.masks_BTHW is not None
    assert plain.masks_BTHW is not None
    assert torch.equal(own.masks_BTHW, plain.masks_BTHW)


def test_a_cut_goes_to_the_second_place_in_the_middle(atlas: Atlas, script: Script) -> None:
    cut, before, after = (
        render(script((0,), "floats", place, second_place=second), atlas).pixels_BTHWC
        for place, second in (("desert", "city"), ("desert", "none"), ("city", "none"))
    )
    assert torch.equal(cut[:, :8], before[:, :8])
    assert torch.equal(cut[:, 8:], after[:, 8:])


@pytest.mark.parametrize("colour", vocab.COLOURS[1:])
def test_paint_covers_things_of_any_colour(atlas: Atlas, script: Script, colour: str) -> None:
    wanted = {
        "red": (0.93, 0.13, 0.13),
        "orange": (1.0, 0.52, 0.05),
        "yellow": (1.0, 0.86, 0.10),
        "green": (0.15, 0.72, 0.22),
        "blue": (0.12, 0.40, 0.95),
        "purple": (0.58, 0.20, 0.85),
        "pink": (1.0, 0.48, 0.72),
        "white": (1.0, 1.0, 1.0),
        "black": (0.13, 0.13, 0.16),
    }[colour]
    for thing in range(3):
        made = render(script((thing,), colour=colour), atlas, frames=1, truth=True)
        assert made.masks_BTHW is not None
        shown = made.pixels_BTHWC[made.masks_BTHW == 0].float().mean(0) / 255
        torch.testing.assert_close(shown, torch.tensor(wanted), atol=0.2, rtol=0)


def test_tracks_say_where_the_camera_sees_things(atlas: Atlas, script: Script) -> None:
    for camera, axis, sign in (
        ("pan right", 0, -1),
        ("pan left", 0, 1),
        ("tilt up", 1, 1),
        ("tilt down", 1, -1),
    ):
        tracks = render(script(camera=camera), atlas).tracks_BTK2[0, :, 0, axis]
        assert ((tracks.diff() * sign) > 0).all()
    near = render(script(camera="zoom in"), atlas).scale_BTK[0, :, 0]
    assert near[-1] > 1.4 * near[0]


def test_a_followed_thing_stays_while_the_world_goes_by(atlas: Atlas, script: Script) -> None:
    made = render(script((1,), "runs", "city", camera="follow"), atlas)
    x = made.tracks_BTK2[0, :, 0, 0]
    assert (x - 0.5).abs().max() < 1e-4
    first, last = made.pixels_BTHWC[0, 0], made.pixels_BTHWC[0, -1]
    assert far_apart(first[:20], last[:20]) > 5


@pytest.mark.parametrize("action", vocab.ACTIONS)
def test_the_subject_is_large_and_in_view_most_of_the_time(atlas: Atlas, script: Script, action: str) -> None:
    things = (0, 1) if action == "bumps into" else (0,)
    made = render(script(things, action, scenes=12), atlas, truth=True)
    boxes = made.boxes_BTK4[:, :, 0]
    assert made.visible_BTK[:, :, 0].float().mean() > 0.85
    assert (boxes[..., 3] - boxes[..., 1]).amax(1).min() > 0.3
    inside = (made.tracks_BTK2[:, :, 0] > 0) & (made.tracks_BTK2[:, :, 0] < 1)
    assert inside.all(-1).float().mean() > 0.7
