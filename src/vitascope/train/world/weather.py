"""Rain, snowfall and fog over a picture.

Falls in front of the camera, at any time and size; in a lap, by a whole number of falls. It stays upright
when the camera rolls, all but the fog, which lies on the ground. Does not know what it falls on.

Axes: B scenes, T frames, H rows, W columns, P uniform numbers, n drops. Coordinates in frame heights, x
right, y down. Colours 0..1.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vitascope.train.world.camera import Window, turned
from vitascope.train.world.clock import Clock
from vitascope.train.world.scene import WEATHER, Scenes

_LIGHT = ((1.0, 1.0, 1.0), (1.0, 0.84, 0.74), (0.50, 0.56, 0.80))  # by day, sunset, night
_MARGIN = 0.3  # frame heights above and below the picture where drops begin and end
_WIDE = 2.4  # the shower's width; wider pictures see it again


def hide_far(image: Tensor, scenes: Scenes, window: Window, roll_BT: Tensor | None = None) -> Tensor:
    """Fog (and a little haze in rain and snow) over the places [B, 3, T, H, W], thickest at the horizon.

    roll_BT is how far the camera is turned clockwise, in radians.
    """
    if not bool((scenes.weather_B > 0).any()):
        return image
    strength = image.new_tensor((0.0, 0.34, 0.24, 0.80))[scenes.weather_B]
    grey = image.new_tensor(((1.0, 1.0, 1.0), (0.50, 0.57, 0.66), (0.80, 0.86, 0.93), (0.86, 0.89, 0.91)))
    colour = grey[scenes.weather_B] * image.new_tensor(_LIGHT)[scenes.daytime_B]
    y = window.rows(image.device)[:, None]
    if roll_BT is not None:
        _, y = turned(window.columns(image.device), y, roll_BT[:, None, :, None, None])
    fog = (scenes.weather_B == WEATHER["fog"]).float()[:, None, None, None, None]
    thick = 1 - fog * 0.45 * ((y - 0.08) / 0.4).clamp(0, 1)
    return torch.lerp(image, colour[:, :, None, None, None], strength[:, None, None, None, None] * thick)


def fall(image: Tensor, scenes: Scenes, clock: Clock, window: Window) -> Tensor:
    """The picture [B, 3, T, H, W] with what falls before it."""
    for name, cover in (("rain", _rain), ("snowfall", _snowfall), ("fog", _wisps)):
        rows = (scenes.weather_B == WEATHER[name]).nonzero()[:, 0]
        if len(rows) == 0:
            continue
        light = image.new_tensor(_LIGHT)[scenes.daytime_B[rows]] * 0.6 + 0.4
        white = image.new_tensor((0.86, 0.92, 1.0)) * light
        over = cover(scenes.noise_BP[rows], clock[rows], window)
        image = image.clone()
        image[rows] = torch.lerp(image[rows], white[:, :, None, None, None], over[:, None])
    return image


def _random(noise_BP: Tensor, n: int, key: int) -> Tensor:
    i = torch.arange(n, device=noise_BP.device, dtype=torch.float32)
    return (torch.sin(i * 12.9898 + noise_BP[:, 21:22] * 91.7 + key) * 4375.85) % 1.0


def _wrapped(x: Tensor) -> Tensor:
    return (x + _WIDE / 2) % _WIDE - _WIDE / 2


def _rain(noise_BP: Tensor, clock: Clock, window: Window) -> Tensor:
    n, tall = 110, 2 * window.reach[1] + _MARGIN
    start, column, near = (_random(noise_BP, n, key)[:, None] for key in (1, 2, 3))
    falls = start + clock.turns((1.9 + 0.8 * near) / tall)
    y = (falls % 1.0) * tall - tall / 2
    x = _wrapped(column * _WIDE + _slant(falls, (1.9 + 0.8 * near) / tall, clock))
    thin = max(0.006, 0.5 / window.unit_px)
    gx = torch.exp(-0.5 * ((window.columns(x.device) - x[..., None]) / thin) ** 2)
    along = (window.rows(y.device) - y[..., None]) / (0.05 + 0.04 * near[..., None])
    gy = torch.exp(-(along**4)) * (0.35 + 0.4 * near[..., None]) * (0.006 / thin) ** 0.5
    return torch.einsum("btnh,btnw->bthw", gy, gx).clamp(max=0.8)


def _slant(falls: Tensor, per_s: Tensor, clock: Clock) -> Tensor:
    """How far the wind has blown the drops; in a lap every drop begins above its place again."""
    wind = 0.18
    return wind * (clock.t_BT[..., None] if clock.lap_s is None else falls % 1.0 / per_s)


def _snowfall(noise_BP: Tensor, clock: Clock, window: Window) -> Tensor:
    n, tall = 90, 2 * window.reach[1] + _MARGIN
    start, column, near = (_random(noise_BP, n, key)[:, None] for key in (1, 2, 3))
    y = (start + clock.turns((0.24 + 0.26 * near) / tall)) % 1.0 * tall - tall / 2
    sway = 2 * math.pi * clock.turns(2.5 / (2 * math.pi)) + 40 * start
    x = _wrapped(column * _WIDE + 0.03 * torch.sin(sway))
    r = (0.006 + 0.011 * near**2).clamp(min=0.5 * 1 / window.unit_px)[..., None]
    gx = torch.exp(-0.5 * ((window.columns(x.device) - x[..., None]) / r) ** 2)
    gy = torch.exp(-0.5 * ((window.rows(y.device) - y[..., None]) / r) ** 2) * 1.2
    return torch.einsum("btnh,btnw->bthw", gy, gx).clamp(max=0.95)


def _wisps(noise_BP: Tensor, clock: Clock, window: Window) -> Tensor:
    n = 7
    row, column, wide = (_random(noise_BP, n, key)[:, None] for key in (1, 2, 3))
    x = _wrapped(column * _WIDE + (0.10 + 0.08 * wide) * clock.told_BT[..., None])
    gx = torch.exp(-0.5 * ((window.columns(x.device) - x[..., None]) / (0.25 + 0.2 * wide[..., None])) ** 2)
    gy = torch.exp(-0.5 * ((window.rows(row.device) - (row[..., None] - 0.35) * 0.8) / 0.07) ** 2)
    cover = torch.einsum("bnh,btnw->bthw", gy[:, 0], gx) * 0.4
    return (cover + 0.22).clamp(max=0.6)
