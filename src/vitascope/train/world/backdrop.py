"""The place behind a scene as the camera sees it: layers that go by the slower, the farther they are.

Knows layers and cameras; does not know what a layer shows (places.py) nor what stands in front (players.py).

Axes: B scenes, T frames, H rows, W columns, colours 0..1. Lengths in frame heights.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.train.world import places, vocab
from vitascope.train.world.camera import CLIP_S, Window, centres, turned
from vitascope.train.world.paper import Paper
from vitascope.train.world.scene import Scenes

STRIP = 1.6  # a moving camera's layer is painted so much larger than the picture
ENOUGH = 2.3  # for what sees this many pictures' widths; one that sees more gets a strip as wide as that
LARGEST = 3.2


def backdrop(
    scenes: Scenes, t_BT: Tensor, camera_BT3: Tensor, roll_BT: Tensor | None, window: Window
) -> Tensor:
    """The places as the camera sees them [B, 3, T, H, W]; after a cut, the second place.

    roll_BT is how far it is turned clockwise, in radians; None for an upright one.
    """
    image = _shot(scenes.place_B, scenes, camera_BT3, roll_BT, window)
    cut = (scenes.second_place_B >= 0).nonzero()[:, 0]
    if len(cut):
        roll = None if roll_BT is None else roll_BT[cut]
        other = _shot(scenes.second_place_B[cut], scenes[cut], camera_BT3[cut], roll, window)
        middle = (
            t_BT[:, :1] + (t_BT[:, -1:] - t_BT[:, :1]) / 2 if t_BT.shape[1] > 1 else t_BT * 0 + CLIP_S / 2
        )
        after = (t_BT > middle)[cut][:, None, :, None, None]
        image = image.clone()
        image[cut] = torch.where(after, other, image[cut])
    return image


def _shot(
    place_B: Tensor, scenes: Scenes, camera_BT3: Tensor, roll_BT: Tensor | None, window: Window
) -> Tensor:
    frames = camera_BT3.shape[1]
    still = roll_BT is None and bool(((camera_BT3 - camera_BT3[:, :1]).abs() <= 1e-6).all())
    image = camera_BT3.new_zeros(len(scenes), 3, 1, window.height_px, window.width_px)
    out = image if still else image.expand(-1, -1, frames, -1, -1).contiguous()
    for place, name in enumerate(vocab.PLACES):
        rows = (place_B == place).nonzero()[:, 0]
        if len(rows) and still:
            out[rows] = _paint_still(name, scenes[rows], camera_BT3[rows], window)
        elif len(rows):
            roll = None if roll_BT is None else roll_BT[rows]
            out[rows] = _paint_moving(name, scenes[rows], camera_BT3[rows], roll, window)
    return out.expand(-1, -1, frames, -1, -1)


def _paint_still(place: str, scenes: Scenes, camera_BT3: Tensor, window: Window) -> Tensor:
    """One picture of every scene [B, 3, 1, H, W], painted right at its pixels."""
    image = camera_BT3.new_zeros(len(scenes), 3, window.height_px, window.width_px)
    x, y = window.columns(image.device), window.rows(image.device)
    for layer, parallax in enumerate(places.PARALLAX):
        centre = camera_BT3[:, 0, :2] * parallax
        zoom = torch.exp(camera_BT3[:, 0, 2:3] * parallax)
        paper = Paper(
            image, centre[:, :1] + x / zoom, centre[:, 1:2] + y / zoom, scenes.noise_BP, scenes.daytime_B
        )
        image = places.paint(place, layer, paper)
    return image[:, :, None]


def _paint_moving(
    place: str, scenes: Scenes, camera_BT3: Tensor, roll_BT: Tensor | None, window: Window
) -> Tensor:
    """Clips [B, 3, T, H, W]: every layer painted once, on a strip that holds all that the camera will see."""
    half = camera_BT3.new_tensor(window.reach)
    out = None
    for layer, parallax in enumerate(places.PARALLAX):
        centre = camera_BT3[..., :2] * parallax
        reach = half / torch.exp(camera_BT3[..., 2:3] * parallax)
        around = reach if roll_BT is None else _box_around(reach, roll_BT)
        low, high = (centre - around).amin(1), (centre + around).amax(1)
        needed = ((high - low) / (2 * reach.amin(1))).amax(0).tolist()
        larger = [STRIP if times <= ENOUGH else min(times, LARGEST) for times in needed]
        strip_w, strip_h = round(window.width_px * larger[0]), round(window.height_px * larger[1])
        channels = 3 if layer == 0 else 4
        paper = Paper(
            camera_BT3.new_zeros(len(scenes), channels, strip_h, strip_w),
            low[:, :1] + (centres(strip_w, half.device) * 0.5 + 0.5) * (high - low)[:, :1],
            low[:, 1:] + (centres(strip_h, half.device) * 0.5 + 0.5) * (high - low)[:, 1:],
            scenes.noise_BP,
            scenes.daytime_B,
        )
        strip = places.paint(place, layer, paper)
        size = (high - low)[:, None]
        if roll_BT is None:
            grid = _view_grid((centre - low[:, None]) / size, reach / size, window)
        else:
            grid = _turned_grid(centre - low[:, None], reach, roll_BT, size, window)
        seen = F.grid_sample(strip, grid, padding_mode="border", align_corners=False)
        seen = seen.view(*seen.shape[:2], camera_BT3.shape[1], window.height_px, window.width_px)
        out = seen if out is None else torch.addcmul(seen[:, :3], out, 1 - seen[:, 3:])
    assert out is not None
    return out


def _box_around(reach_BT2: Tensor, roll_BT: Tensor) -> Tensor:
    """Half the size of the upright box around a turned picture [B, T, 2]."""
    cos, sin = torch.cos(roll_BT).abs()[..., None], torch.sin(roll_BT).abs()[..., None]
    return cos * reach_BT2 + sin * reach_BT2.flip(-1)


def _view_grid(centre_BT2: Tensor, reach_BT2: Tensor, window: Window) -> Tensor:
    """Where on a strip (centre and half size in 0..1 of it) each pixel looks: [B, T*H, W, 2] in -1..1."""
    grid = centre_BT2.new_empty(*centre_BT2.shape[:2], window.height_px, window.width_px, 2)
    x, y = centres(window.width_px, grid.device), centres(window.height_px, grid.device)
    grid[..., 0] = ((centre_BT2[..., :1] + reach_BT2[..., :1] * x) * 2 - 1)[:, :, None, :]
    grid[..., 1] = ((centre_BT2[..., 1:] + reach_BT2[..., 1:] * y) * 2 - 1)[:, :, :, None]
    return grid.flatten(1, 2)


def _turned_grid(
    centre_BT2: Tensor, reach_BT2: Tensor, roll_BT: Tensor, size_B12: Tensor, window: Window
) -> Tensor:
    """The same for a camera turned clockwise; centre, half size and the strip's size in frame heights."""
    x = (reach_BT2[..., :1] * centres(window.width_px, roll_BT.device))[:, :, None, :]
    y = (reach_BT2[..., 1:] * centres(window.height_px, roll_BT.device))[..., None]
    at = torch.stack(turned(x, y, roll_BT[..., None, None]), -1) + centre_BT2[:, :, None, None]
    return (at / size_B12[:, :, None, None] * 2 - 1).flatten(1, 2)
