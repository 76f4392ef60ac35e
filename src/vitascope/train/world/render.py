"""Draws scenes: the places behind, the things in front, light, weather and style, with exact truth beside it.

The same scene gives the same picture at any size: the shorter side is the unit, a longer other side sees more
of the world. Does not know why a scene is the way it is (scene.py) nor its words (captions.py).

Axes: B scenes, T frames, H rows, W columns, C colours, K things. Positions of things in 0..1 of the picture.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from vitascope.train.world import vocab, weather
from vitascope.train.world.backdrop import backdrop
from vitascope.train.world.camera import Moves, Window, camera_path, camera_roll
from vitascope.train.world.clock import Clock, frame_times
from vitascope.train.world.mechanics import move
from vitascope.train.world.players import Players, put_in_front
from vitascope.train.world.scene import CAMERA, K, Scenes
from vitascope.train.world.sprites import Atlas
from vitascope.train.world.styles import stylise

CHUNK_PX = 128 * 64 * 64  # pixels composed at a time: what fits the processor's cache is fastest


@dataclass
class Render:
    """Pictures and what is true of them; masks, and what is read off them, need truth=True."""

    pixels_BTHWC: Tensor  # uint8
    tracks_BTK2: Tensor  # centre (x, y) in 0..1 of width and height, also outside the picture
    angle_BTK: Tensor  # radians, clockwise on the picture
    scale_BTK: Tensor  # side of the thing's square over the picture's shorter side
    poses_BTK5: Tensor  # as `model.bodies` has them; things that aren't there are ABSENT
    camera_BT3: Tensor  # x, y in frame heights, log zoom
    roll_BT: Tensor  # radians that the camera is turned clockwise: what it sees is turned the other way
    t_BT: Tensor  # when each frame is shown, in seconds
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
    camera: Tensor | None = None,
    lap_s: float | None = None,
    carry_BT2: Tensor | None = None,
) -> Render:
    """Draws every scene from start_s (one time, or one for each scene [B]); style overrides the scenes' own.

    camera: sliders [B, 4] in -1..1 of pan, tilt, zoom and roll in place of the scenes' own cameras. + is
    right, up, in and clockwise, 0.5 is as fast as the camera with that name; a NaN row keeps the scene's own.
    lap_s: time is a circle of so many seconds, and start_s a point on it: lap_s * rate_fps frames repeat
    without a seam. What has its own beat keeps it, all else goes there and back; there is no cut.
    carry_BT2: how far each scene's first thing is carried off its way, right and down in frame heights.
    One frame gives stills. The scenes and the atlas must be on the same device. Raises ValueError for sliders
    of another shape or range, and for a lap that isn't above 0.
    """
    stage = _stage(
        scenes, atlas, frames, Window(height_px, width_px), rate_fps, start_s, camera, lap_s, carry_BT2
    )
    scenes, clock, players = stage.scenes, stage.clock, stage.players
    camera_BT3, roll_BT, window = stage.camera_BT3, stage.roll_BT, stage.window
    device = camera_BT3.device
    style_B = scenes.style_B if style is None else torch.full_like(scenes.style_B, style)

    shape = (len(scenes), frames, height_px, width_px)
    pixels = torch.empty(*shape, 3, dtype=torch.uint8, device=device)
    masks = torch.full(shape, -1, dtype=torch.int8, device=device) if truth else None
    for rows, rolls in _chunks(scenes, camera_BT3, roll_BT, window):
        some, now, roll = scenes[rows], clock[rows], None if roll_BT is None or not rolls else roll_BT[rows]
        image = backdrop(some, now.t_BT, camera_BT3[rows], roll, window)
        image = weather.hide_far(image, some, window, roll)
        image = put_in_front(image, players, rows, window, masks)
        image = weather.fall(image, some, now, window)
        image = stylise(image.clamp(0, 1), style_B[rows])
        pixels[rows] = (image * 255 + 0.5).to(torch.uint8).permute(0, 2, 3, 4, 1)

    unit = camera_BT3.new_tensor((window.unit_px / width_px, window.unit_px / height_px))
    return Render(
        pixels_BTHWC=pixels,
        tracks_BTK2=torch.stack((players.x, players.y), -1) * unit + 0.5,
        angle_BTK=players.angle,
        scale_BTK=players.size,
        poses_BTK5=players.poses,
        camera_BT3=camera_BT3,
        roll_BT=torch.zeros_like(clock.t_BT) if roll_BT is None else roll_BT,
        t_BT=clock.t_BT,
        masks_BTHW=masks,
    )


def ways(
    scenes: Scenes,
    atlas: Atlas,
    frames: int = 16,
    rate_fps: float = 8,
    lap_s: float | None = None,
    start_s: float | Tensor = 0.0,
) -> Tensor:
    """Where the things of every scene are, as a still camera sees them: `Render.poses_BTK5`, with no picture
    drawn.

    A camera that follows its subject is the scene's own all the same.
    """
    sliders = torch.zeros(len(scenes), 4, device=scenes.noise_BP.device)
    sliders[scenes.camera_B == CAMERA["follow"]] = torch.nan
    stage = _stage(scenes, atlas, frames, Window(64, 64), rate_fps, start_s, sliders, lap_s, None)
    return stage.players.poses


@dataclass
class _Stage:
    """Who stands where, and how it is filmed, before anything is drawn."""

    scenes: Scenes
    clock: Clock
    players: Players
    camera_BT3: Tensor
    roll_BT: Tensor | None
    window: Window


def _stage(
    scenes: Scenes,
    atlas: Atlas,
    frames: int,
    window: Window,
    rate_fps: float,
    start_s: float | Tensor,
    camera: Tensor | None,
    lap_s: float | None,
    carry_BT2: Tensor | None,
) -> _Stage:
    if lap_s is not None:  # a cut can't be taken back
        scenes = dataclasses.replace(scenes, second_place_B=torch.full_like(scenes.second_place_B, -1))
    times = frame_times(len(scenes), frames, rate_fps, start_s, scenes.noise_BP.device)
    clock = Clock.of(scenes, times, lap_s)
    moves = Moves.of(scenes, camera)
    motion = move(scenes, clock, atlas.aspect_N[scenes.things_BK.clamp(min=0)])
    if carry_BT2 is not None:
        motion.x[:, :, 0] += carry_BT2[..., 0]
        motion.y[:, :, 0] += carry_BT2[..., 1]
    camera_BT3 = camera_path(moves, clock, torch.stack((motion.x[:, :, 0], motion.y[:, :, 0]), -1))
    roll_BT = camera_roll(moves, clock)
    players = Players(scenes, atlas, motion, camera_BT3, roll_BT, window.unit_px)
    return _Stage(scenes, clock, players, camera_BT3, roll_BT, window)


def _chunks(
    scenes: Scenes, camera_BT3: Tensor, roll_BT: Tensor | None, window: Window
) -> list[tuple[Tensor, bool]]:
    """Rows of scenes to compose together, and whether they roll: the same places in a row.

    Still cameras, moving ones and rolling ones are kept apart, for each kind is drawn in its own way.
    """
    moves = ((camera_BT3 - camera_BT3[:, :1]).abs() > 1e-6).flatten(1).any(1)
    rolls = torch.zeros_like(moves) if roll_BT is None else (roll_BT != 0).any(1)
    kind = torch.where(rolls, 2, moves.long())
    by_place = torch.argsort(scenes.place_B + kind * len(vocab.PLACES), stable=True)
    most = max(1, CHUNK_PX // (camera_BT3.shape[1] * window.height_px * window.width_px))
    chunks = [part for i in range(3) for part in by_place[kind[by_place] == i].split(most) if len(part)]
    return [(rows, bool(rolls[rows[0]])) for rows in chunks]
