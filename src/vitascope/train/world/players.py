"""The things in front: their pictures, lit and painted, with shadows and ropes, at the right place and angle.

Does not know why they move (mechanics.py) nor what is behind them (backdrop.py).

Axes: B scenes, T frames, H rows, W columns, K things, S side of a sprite in pixels; b some of the scenes.
Lengths in frame heights, seen from the camera: x right, y down, (0, 0) the picture's middle. Colours 0..1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.bodies import ABSENT
from vitascope.train.world.camera import Window, turned
from vitascope.train.world.mechanics import Motion
from vitascope.train.world.scene import PLACE, K, Scenes
from vitascope.train.world.sprites import Atlas

_EDGE = 0.25  # how wide a flat thing still is while it turns round
_SPRITE_TINT = ((1.0, 1.0, 1.0), (1.0, 0.88, 0.78), (0.62, 0.68, 0.92))
_PAINT = (
    (0, 0, 0), (0.93, 0.13, 0.13), (1.0, 0.52, 0.05), (1.0, 0.86, 0.10), (0.15, 0.72, 0.22),
    (0.12, 0.40, 0.95), (0.58, 0.20, 0.85), (1.0, 0.48, 0.72), (1.0, 1.0, 1.0), (0.13, 0.13, 0.16),
)  # fmt: skip


class Players:
    """Every scene's things as lit pictures at a fitting mip level, and where they go on the screen."""

    def __init__(
        self,
        scenes: Scenes,
        atlas: Atlas,
        motion: Motion,
        camera_BT3: Tensor,
        roll_BT: Tensor | None,
        unit_px: int,
    ) -> None:
        zoom = torch.exp(camera_BT3[..., 2:3])
        self.level_x = (motion.x - camera_BT3[..., 0:1]) * zoom  # as an upright camera sees them
        self.level_y = (motion.y - camera_BT3[..., 1:2]) * zoom
        self.size = motion.size * zoom
        root = motion.stretch.clamp(0.6, 1.6) ** 0.5
        faces = atlas.faces_N[scenes.things_BK.clamp(min=0)][:, None]
        looks = torch.where(faces == 0, 1.0, faces * motion.facing)
        flip = torch.where(looks < 0, looks.clamp(max=-_EDGE), looks.clamp(min=_EDGE))
        self.width, self.height = self.size * root * flip, self.size / root
        self.x, self.y, self.angle, self.hung = self.level_x, self.level_y, motion.angle, motion.hung
        self.roll = roll_BT
        if roll_BT is not None:
            self.x, self.y = turned(self.x, self.y, -roll_BT[..., None])
            self.angle = self.angle - roll_BT[..., None]
        self.ground = (motion.feet_y - camera_BT3[..., 1:2]) * zoom
        somewhere = (scenes.place_B != PLACE["space"]) & (scenes.second_place_B != PLACE["space"])
        self.shadow = somewhere[:, None, None].expand_as(self.x)
        self.things = scenes.things_BK
        self._atlas, self._scenes = atlas, scenes
        self._aspect = atlas.aspect_N[scenes.things_BK.clamp(min=0)][:, None]
        self._need_px = self.size.amax(1) * unit_px
        self._tint = self.x.new_tensor(_SPRITE_TINT)
        self._paint = self.x.new_tensor(_PAINT)

    @property
    def poses(self) -> Tensor:
        """Where on the screen they are, how turned and how large: [B, T, K, 5] as `model.bodies` has them."""
        half_width = self.width.abs() * self._aspect.clamp(max=1.0) / 2
        half_height = self.height / self._aspect.clamp(min=1.0) / 2
        poses = torch.stack((self.x, self.y, self.angle, half_width.log(), half_height.log()), -1)
        return torch.where((self.things >= 0)[:, None, :, None], poses, poses.new_tensor(ABSENT))

    def pictures(self, rows: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Premultiplied RGBA 0..1 of the k-th things [b, 4, S, S], and the part of S that each fills [b, 1].

        Every picture has the mip level that fits it on the screen and lies in the upper left corner.
        """
        things, need = self.things[rows, k], self._need_px[rows, k] * 0.8
        sides = sorted(self._atlas.levels)
        level = torch.bucketize(need, need.new_tensor(sides[:-1]))
        biggest = sides[int(level.max())]
        out = self.x.new_zeros(len(rows), 4, biggest, biggest)
        for i, side in enumerate(sides):
            at = (level == i).nonzero()[:, 0]
            if len(at):
                out[at, :, :side, :side] = self._atlas.levels[side][things[at]].float()
        return self._lit(out / 255, rows, k), self.x.new_tensor(sides)[level][:, None] / biggest

    def _lit(self, picture: Tensor, rows: Tensor, k: int) -> Tensor:
        rgb, alpha = picture[:, :3], picture[:, 3:]
        colour = self._scenes.colour_B[rows] * (k == 0 or self._scenes.relation_B[rows] == 0)
        if k:
            colour = colour * (self.things[rows, k] == self.things[rows, 0])
        painted = (colour > 0).nonzero()[:, 0]
        if len(painted):
            rgb = rgb.clone()
            rgb[painted] = _painted(
                rgb[painted], alpha[painted], self._paint[colour[painted]][:, :, None, None]
            )
        tint = self._tint[self._scenes.daytime_B[rows]][:, :, None, None]
        picture[:, :3] = rgb * tint
        return picture


def _painted(rgb: Tensor, alpha: Tensor, paint: Tensor) -> Tensor:
    """A sprite in another colour: its light and shade, evened out so that dark things take paint too."""
    grey = rgb.mean(1, keepdim=True)
    usual = grey.mean((2, 3), keepdim=True) / alpha.mean((2, 3), keepdim=True)
    light = grey / usual.clamp(min=0.1)  # about 1, times alpha
    shade = (0.12 * alpha + 0.72 * light).clamp(max=1.0)
    shine = (light - 1.2 * alpha).clamp(0, 1) * 0.5
    return torch.minimum(paint * shade + shine + 0.03 * alpha, alpha)


def put_in_front(
    image: Tensor, players: Players, rows: Tensor, window: Window, masks: Tensor | None
) -> Tensor:
    """Puts the things in front of the places, the nearest last."""
    x, y = window.columns(image.device), window.rows(image.device)
    image = image.contiguous() if image.stride(2) else image.clone(memory_format=torch.contiguous_format)
    for k in reversed(range(K)):
        here = (players.things[rows, k] >= 0).nonzero()[:, 0]
        if len(here) == 0:
            continue
        who = rows[here]
        behind = image[here] if len(here) < len(rows) else image
        behind = behind * (1 - _shadow(players, who, k, x, y))[:, None]
        if bool(players.hung[who, 0, k].any()):
            behind = _rope(behind, players, who, k, x, y)
        seen = _sprite_clip(players, who, k, x, y)
        alpha = seen[:, 3:]
        drawn = torch.addcmul(seen[:, :3], behind, 1 - alpha)
        if len(here) < len(rows):
            image[here] = drawn
        else:
            image = drawn
        if masks is not None:
            masks[who] = torch.where(alpha[:, 0] > 0.5, k, masks[who])
    return image


def _sprite_clip(players: Players, who: Tensor, k: int, x: Tensor, y: Tensor) -> Tensor:
    """The k-th things on empty ground [b, 4, T, H, W], premultiplied."""
    sx, sy, w, h, angle = (
        v[who, :, k] for v in (players.x, players.y, players.width, players.height, players.angle)
    )
    cos, sin = torch.cos(angle), torch.sin(angle)
    dx, dy = x - sx[..., None], y - sy[..., None]
    grid = torch.empty(*sx.shape, len(y), len(x), 2, device=x.device)
    pictures, part = players.pictures(who, k)
    right, down, corner = (2 * part / w)[..., None], (2 * part / h)[..., None], (part - 1)[..., None]
    a = dx * cos[..., None] * right + corner, dy * sin[..., None] * right
    b = -dx * sin[..., None] * down + corner, dy * cos[..., None] * down
    torch.add(a[0][:, :, None, :], a[1][:, :, :, None], out=grid[..., 0])
    torch.add(b[0][:, :, None, :], b[1][:, :, :, None], out=grid[..., 1])
    seen = F.grid_sample(pictures, grid.flatten(1, 2), align_corners=False)
    return seen.view(len(who), 4, *grid.shape[1:4])


def _shadow(players: Players, who: Tensor, k: int, x: Tensor, y: Tensor) -> Tensor:
    """How dark the ground is below the k-th things [b, T, H, W]: soft, fainter the higher they are."""
    sx, sy, size, ground = (
        v[who, :, k] for v in (players.level_x, players.level_y, players.size, players.ground)
    )
    width = players.width[who, :, k].abs()
    above = (ground - sy - players.height[who, :, k] / 2).clamp(min=0) / size
    wide = width * (0.30 + 0.1 * above)
    dark = 0.5 * torch.exp(-1.5 * above) * players.shadow[who, :, k]
    if players.roll is not None and bool((players.roll[who] != 0).any()):
        at_x, at_y = turned(x, y[:, None], players.roll[who][..., None, None])
        across = ((at_x - sx[..., None, None]) / wide[..., None, None]) ** 2
        along = ((at_y - ground[..., None, None]) / (0.055 * size)[..., None, None]) ** 2
        return torch.exp(-0.5 * (across + along)) * dark[..., None, None]
    gx = torch.exp(-0.5 * ((x - sx[..., None]) / wide[..., None]) ** 2)
    gy = torch.exp(-0.5 * ((y - ground[..., None]) / (0.055 * size)[..., None]) ** 2) * dark[..., None]
    return gy[..., None] * gx[:, :, None]


def _rope(image: Tensor, players: Players, who: Tensor, k: int, x: Tensor, y: Tensor) -> Tensor:
    """A rope from above the frame to what hangs on it."""
    sx, sy, angle = (v[who, :, k] for v in (players.x, players.y, players.angle))
    cos, sin = torch.cos(angle)[..., None, None], torch.sin(angle)[..., None, None]
    dx, dy = (x - sx[..., None])[:, :, None, :], (y - sy[..., None])[..., None]
    px = y[1] - y[0]
    thick = torch.maximum(0.014 * torch.ones_like(sx), 0.8 * px)[..., None, None]
    cover = ((thick - (dx * cos + dy * sin).abs()) / px + 0.5).clamp(0, 1) * ((dy * cos - dx * sin) < 0)
    cover = cover * players.hung[who, 0, k][:, None, None, None]
    return torch.lerp(image, image.new_tensor((0.55, 0.38, 0.22))[None, :, None, None, None], cover[:, None])
