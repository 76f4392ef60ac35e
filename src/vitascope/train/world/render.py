"""Draws scenes: the places behind, the things in front, light, weather and style, with exact truth beside it.

The same scene gives the same picture at any size: the shorter side is the unit, a longer other side sees more
of the world. Does not know why a scene is the way it is (scene.py) nor its words (captions.py).

Axes: B scenes, T frames, H rows, W columns, C colours, K things. Positions of things in 0..1 of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from vitascope.train.world import vocab, weather
from vitascope.train.world.backdrop import backdrop
from vitascope.train.world.camera import Window, camera_path
from vitascope.train.world.mechanics import move
from vitascope.train.world.players import Players, put_in_front
from vitascope.train.world.scene import K, Scenes
from vitascope.train.world.sprites import Atlas
from vitascope.train.world.styles import stylise

CHUNK_PX = 128 * 64 * 64  # pixels composed at a time: what fits the processor's cache is fastest


@dataclass
class Render:
    """Pictures and what is true of them; masks, and what is read off them, need truth=True."""

    pixels_BTHWC: Tensor  # uint8
    tracks_BTK2: Tensor  # centre (x, y) in 0..1 of width and height, also outside the picture
    angle_BTK: Tensor  # radians, clockwise
    scale_BTK: Tensor  # side of the thing's square over the picture's shorter side
    camera_BT3: Tensor  # x, y in frame heights, log zoom
    masks_BTHW: Tensor | None = None  # int8, the nearest thing's k or -1

    @cached_property
    def boxes_BTK4(self) -> Tensor:
        """x0, y0, x1, y1 in 0..1 around what is seen of each thing; zeros where nothing is."""
        if self.masks_BTHW is None:
            raise ValueError("boxes are read off the masks: render(..., truth=True)")
        (x0, x1), (y0, y1) = (_extent(self.masks_BTHW, over) for over in (2, 3))
        return torch.stack((x0, y0, x1, y1), -1)

    @property
    def visible_BTK(self) -> Tensor:
        """Whether any pixel of a thing is seen."""
        return self.boxes_BTK4[..., 2] > 0


def _extent(masks_BTHW: Tensor, over: int) -> tuple[Tensor, Tensor]:
    """Where each thing begins and ends along the axis that is not `over`: two of [B, T, K] in 0..1."""
    seen = torch.stack([(masks_BTHW == k).any(over) for k in range(K)], 2)
    n = seen.shape[-1]
    i = torch.arange(n, device=seen.device)
    high = torch.where(seen, i + 1, 0).amax(-1)
    low = torch.minimum(torch.where(seen, i, n).amin(-1), high)
    return low / n, high / n


def render(
    scenes: Scenes,
    atlas: Atlas,
    *,
    frames: int = 16,
    height_px: int = 64,
    width_px: int = 64,
    rate_fps: float = 8,
    start_s: float | Tensor = 0.0,
    style: int | None = None,
    truth: bool = False,
) -> Render:
    """Draws every scene from start_s (one time, or one for each scene [B]); style overrides the scenes' own.

    One frame gives stills. The scenes and the atlas must be on the same device.
    """
    device = scenes.noise_BP.device
    start_B = torch.as_tensor(start_s, dtype=torch.float32, device=device).expand(len(scenes))
    t_BT = start_B[:, None] + torch.arange(frames, device=device) / rate_fps
    aspect_BK = atlas.aspect_N[scenes.things_BK.clamp(min=0)]
    motion = move(scenes, t_BT, aspect_BK)
    camera_BT3 = camera_path(scenes, t_BT, torch.stack((motion.x[:, :, 0], motion.y[:, :, 0]), -1))
    window = Window(height_px, width_px)
    players = Players(scenes, atlas, motion, camera_BT3, window.unit_px)
    style_B = scenes.style_B if style is None else torch.full_like(scenes.style_B, style)

    shape = (len(scenes), frames, height_px, width_px)
    pixels = torch.empty(*shape, 3, dtype=torch.uint8, device=device)
    masks = torch.full(shape, -1, dtype=torch.int8, device=device) if truth else None
    for rows in _chunks(scenes, camera_BT3, window):
        some, t_bT = scenes[rows], t_BT[rows]
        image = backdrop(some, t_bT, camera_BT3[rows], window)
        image = weather.hide_far(image, some, window)
        image = put_in_front(image, players, rows, window, masks)
        image = weather.fall(image, some, t_bT, window)
        image = stylise(image.clamp(0, 1), style_B[rows])
        pixels[rows] = (image * 255 + 0.5).to(torch.uint8).permute(0, 2, 3, 4, 1)

    unit = camera_BT3.new_tensor((window.unit_px / width_px, window.unit_px / height_px))
    tracks = torch.stack((players.x, players.y), -1) * unit + 0.5
    return Render(pixels, tracks, motion.angle, players.size, camera_BT3, masks)


def _chunks(scenes: Scenes, camera_BT3: Tensor, window: Window) -> list[Tensor]:
    """Rows of scenes to compose together: still cameras and moving ones apart, the same places in a row."""
    moves = ((camera_BT3 - camera_BT3[:, :1]).abs() > 1e-6).flatten(1).any(1)
    by_place = torch.argsort(scenes.place_B + moves * len(vocab.PLACES), stable=True)
    most = max(1, CHUNK_PX // (camera_BT3.shape[1] * window.height_px * window.width_px))
    still = len(moves) - int(moves.sum())
    starts = [*range(0, still, most), *range(still, len(moves), most)]
    return [by_place[a:b] for a, b in zip(starts, [*starts[1:], len(moves)], strict=True)]
