"""Paints the places: layers of smooth gradients, silhouettes and blobs, from far to near.

Knows what each place looks like by day, at sunset and by night; does not know the camera, the weather or the
things in front. Coordinates and keys as in paper.py; layer 0 is the farthest.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vitascope.train.world import vocab
from vitascope.train.world.paper import Paper

PARALLAX = (0.12, 0.5, 1.0)  # how fast the far, middle and near layer go by
HORIZON = 0.1

_SKY = {  # top, horizon by day, sunset, night
    "earth": (
        ((0.27, 0.60, 0.97), (0.82, 0.94, 1.0)),
        ((0.42, 0.32, 0.66), (1.0, 0.66, 0.40)),
        ((0.03, 0.04, 0.17), (0.17, 0.22, 0.48)),
    ),
    "mars": (
        ((0.72, 0.42, 0.30), (0.99, 0.80, 0.60)),
        ((0.40, 0.20, 0.28), (0.95, 0.50, 0.30)),
        ((0.10, 0.04, 0.08), (0.36, 0.16, 0.16)),
    ),
    "space": (((0.05, 0.03, 0.14), (0.16, 0.07, 0.30)),) * 3,
    "underwater": (
        ((0.10, 0.62, 0.85), (0.02, 0.25, 0.55)),
        ((0.55, 0.45, 0.75), (0.10, 0.16, 0.45)),
        ((0.04, 0.14, 0.36), (0.01, 0.04, 0.16)),
    ),
}


def _sky(p: Paper, kind: str = "earth", low_y: float = HORIZON) -> None:
    table = p.image.new_tensor(_SKY[kind])[p.daytime]
    colour = p.fade(-0.55, low_y, table[:, 0], table[:, 1])
    if p.image.shape[1] == 4:
        colour = torch.cat((colour, torch.ones_like(colour[:, :1])), 1)
    p.image = colour.expand(-1, -1, -1, p.x.shape[1]).contiguous()


def _stars(p: Paper, how_bright: Tensor, n: int = 60) -> None:
    u = p.random(n, 24)
    x, y = (p.random(n, 25) - 0.5) * 3.2, (p.random(n, 26) - 0.5) * 1.6
    r = 0.004 + 0.006 * u**3
    r = torch.maximum(r, 0.45 * p.px_x)
    light = (how_bright[..., None] * p.blobs(x, y, r, r, 0.4 + 0.6 * u)).clamp(max=1)
    p.paint(light, p.image.new_tensor((1.0, 0.98, 0.9))[None].expand(len(p.x), 3))


def _night_stars(p: Paper) -> None:
    rows = p.night[:, 0].nonzero()[:, 0]
    if len(rows):
        at_night = Paper(p.image[rows], p.x[rows], p.y[rows], p.noise[rows], p.daytime[rows])
        _stars(at_night, at_night.night)
        p.image[rows] = at_night.image


def _sun(p: Paper) -> None:
    """The sun by day, a low big one at sunset, the moon and stars at night."""
    x = (p.noise[:, 27:28] - 0.5) * 0.9
    y = -0.36 + 0.1 * p.noise[:, 28:29] + p.sunset * 0.3
    glow = p.blobs(x, y, p.same(0.2), p.same(0.2)) * (0.5 - 0.25 * p.night)[..., None]
    p.paint(glow, p.by_daytime((1.0, 0.93, 0.7), (1.0, 0.93, 0.7), (0.5, 0.6, 0.95)))
    _night_stars(p)
    r = 0.075 + 0.03 * p.sunset
    crescent = 1 - p.disc(x + 0.035, y - 0.02, r) * p.night[..., None]
    face = p.by_daytime((1.0, 0.95, 0.62), (1.0, 0.83, 0.45), (0.97, 0.96, 0.86))
    p.paint(p.disc(x, y, r) * crescent, face)


def _clouds(p: Paper) -> None:
    n = 4
    spot = p.count(n) + 0.7 * p.random(n, 29)
    x0, y0 = (spot / n - 0.5) * 2.6, -0.42 + 0.3 * p.random(n, 30)
    size = 0.5 + 0.6 * p.random(n, 31)
    puffs = ((-0.11, 0.01, 0.055, 0.036), (0.0, -0.02, 0.075, 0.055), (0.11, 0.008, 0.06, 0.04))
    cx = torch.cat([x0 + size * a for a, _, _, _ in puffs], 1)
    cy = torch.cat([y0 + size * b for _, b, _, _ in puffs], 1)
    rx = torch.cat([size * c for _, _, c, _ in puffs], 1)
    ry = torch.cat([size * d for _, _, _, d in puffs], 1)
    cover = ((p.blobs(cx, cy, rx, ry) - 0.42) * 3.0).clamp(0, 1)
    lit = p.by_daytime((1.0, 1.0, 1.0), (1.0, 0.74, 0.68), (0.25, 0.29, 0.5))
    p.paint(cover * (0.9 - 0.4 * p.night)[..., None], lit)


def _spots(p: Paper, colour: Tensor, key: int, n: int = 26, r: float = 0.02, flat: float = 0.4) -> None:
    """Flat spots on the ground: tufts, stones, ripples; nearer ones are bigger."""
    depth = p.random(n, key)
    x = (p.count(n) / n + p.random(n, key + 1) / n - 0.5) * 3.0
    y = 0.18 + 0.42 * depth
    size = r * (0.5 + 1.2 * depth)
    p.paint(((p.blobs(x, y, size, size * flat) - 0.4) * 3).clamp(0, 1), colour)


def _ground(p: Paper, h: Tensor, far: Tensor, near: Tensor) -> None:
    p.paint(p.below(h), p.fade(HORIZON, 0.5, far, near))


def _trees(p: Paper, base: float, height: float, period: float, key: int, dark: Tensor) -> None:
    u, a, _ = p.cells(period, key)
    p.paint(p.below(base - height * (0.55 + 0.45 * a) * (1 - 2.1 * u.abs()).clamp(min=-0.1)), dark)


def _meadow(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p)
        _sun(p)
        _clouds(p)
    elif layer == 1:
        p.paint(
            p.below(p.hills(0.1, 0.2, 1.3, 32)),
            p.fade(-0.1, 0.2, p.rgb(0.48, 0.76, 0.50), p.rgb(0.62, 0.85, 0.50)),
        )
        p.paint(
            p.below(p.hills(0.14, 0.1, 0.8, 35)),
            p.fade(0.0, 0.2, p.rgb(0.36, 0.68, 0.32), p.rgb(0.50, 0.80, 0.36)),
        )
    else:
        _ground(p, p.hills(0.17, 0.03, 1.7, 38), p.rgb(0.47, 0.80, 0.28), p.rgb(0.22, 0.58, 0.17))
        _spots(p, p.rgb(1.0, 0.98, 0.85), 40, 14, 0.013, 0.9)
        _spots(p, p.rgb(1.0, 0.80, 0.15), 42, 10, 0.013, 0.9)


def _beach(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p, low_y=0.0)
        _sun(p)
        _clouds(p)
    elif layer == 1:
        p.paint(
            p.below(torch.zeros_like(p.x)), p.fade(0.0, 0.2, p.rgb(0.06, 0.42, 0.78), p.rgb(0.20, 0.76, 0.86))
        )
        n = 16
        x, y = (p.random(n, 32) - 0.5) * 2.6, 0.015 + 0.15 * p.random(n, 33)
        shine = p.blobs(x, y, 0.05 + 0.5 * y, 0.003 + 0.02 * y).clamp(max=1) * 0.6
        p.paint(shine, p.rgb(0.95, 1.0, 1.0, glow=0.3))
    else:
        shore = p.hills(0.19, 0.035, 1.6, 36)
        p.paint(p.below(shore - 0.028), p.rgb(0.97, 1.0, 1.0))
        p.paint(p.below(shore), p.fade(0.14, 0.5, p.rgb(0.93, 0.80, 0.56), p.rgb(0.99, 0.88, 0.62)))
        _spots(p, p.rgb(0.86, 0.70, 0.46), 40, 18, 0.02, 0.3)
        _spots(p, p.rgb(1.0, 0.55, 0.50), 42, 5, 0.016, 0.8)


def _desert(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p)
        _sun(p)
    elif layer == 1:
        u, a, b = p.cells(0.55, 32)
        mesa = 0.12 - (0.08 + 0.2 * a) * ((0.36 - u.abs()) * 9).clamp(0, 1) * (b > 0.35)
        p.paint(p.below(mesa), p.fade(-0.1, 0.15, p.rgb(0.86, 0.50, 0.34), p.rgb(0.93, 0.66, 0.44)))
        p.paint(
            p.below(p.hills(0.14, 0.1, 0.9, 34)),
            p.fade(0.03, 0.2, p.rgb(0.96, 0.76, 0.42), p.rgb(0.90, 0.62, 0.30)),
        )
    else:
        _ground(p, p.hills(0.2, 0.06, 1.3, 37), p.rgb(0.98, 0.82, 0.46), p.rgb(0.88, 0.58, 0.24))
        x, s = (p.random(3, 40) - 0.5) * 2.4, 0.7 + 0.5 * p.random(3, 41)
        green, foot = p.rgb(0.24, 0.56, 0.30), 0.2
        stem = p.boxes(x - 0.018 * s, x + 0.018 * s, foot - 0.17 * s, p.same(foot, foot, foot))
        arms = p.boxes(x - 0.06 * s, x + 0.06 * s, foot - 0.1 * s, foot - 0.07 * s)
        tips = p.boxes(x - 0.06 * s, x - 0.035 * s, foot - 0.14 * s, foot - 0.07 * s)
        p.paint(torch.maximum(torch.maximum(stem, arms), tips), green)
        _spots(p, p.rgb(0.80, 0.50, 0.22), 42, 14, 0.03, 0.2)


def _snow(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p)
        _sun(p)
        u, a, _ = p.cells(0.5, 32)
        peak = 0.1 - (0.22 + 0.2 * a) * (1 - 2 * u.abs())
        p.paint(p.below(peak), p.fade(-0.2, 0.1, p.rgb(0.80, 0.87, 0.97), p.rgb(0.52, 0.63, 0.83)))
    elif layer == 1:
        _trees(p, 0.15, 0.2, 0.13, 34, p.rgb(0.22, 0.42, 0.42))
    else:
        _ground(p, p.hills(0.17, 0.05, 1.4, 37), p.rgb(0.98, 0.99, 1.0), p.rgb(0.80, 0.88, 0.98))
        _spots(p, p.rgb(0.72, 0.82, 0.95), 40, 14, 0.035, 0.25)


def _mars(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p, "mars")
        _stars(p, p.night + 0.25)
        p.paint(
            p.disc((p.noise[:, 27:28] - 0.5) * 0.9, -0.34 + 0.1 * p.noise[:, 28:29], 0.05),
            p.rgb(1.0, 0.94, 0.85, glow=1),
        )
    elif layer == 1:
        u, a, _ = p.cells(0.34, 32)
        p.paint(
            p.below(0.13 - (0.06 + 0.2 * a) * (1 - 2 * u.abs())),
            p.fade(-0.1, 0.15, p.rgb(0.62, 0.26, 0.18), p.rgb(0.76, 0.36, 0.22)),
        )
    else:
        _ground(p, p.hills(0.17, 0.05, 0.9, 35), p.rgb(0.84, 0.40, 0.22), p.rgb(0.56, 0.20, 0.12))
        _spots(p, p.rgb(0.92, 0.50, 0.30), 40, 10, 0.062, 0.32)
        _spots(p, p.rgb(0.46, 0.16, 0.10), 40, 10, 0.05, 0.28)
        _spots(p, p.rgb(0.40, 0.15, 0.11), 42, 12, 0.02, 0.7)


def _city(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p)
        _sun(p)
        u, a, _ = p.cells(0.11, 32)
        p.paint(
            p.below(-0.25 * a),
            p.fade(-0.3, 0.15, p.rgb(0.62, 0.72, 0.86), p.rgb(0.78, 0.84, 0.92)),
        )
    elif layer == 1:
        u, a, b = p.cells(0.24, 34)
        top = 0.17 - (0.2 + 0.3 * a) * (u.abs() < 0.46)
        cover = p.below(top)
        hue = torch.stack((0.55 + 0.4 * b, 0.5 + 0.2 * a, 0.85 - 0.5 * b), 1)
        p.paint(cover, (hue * p.tint[..., None])[:, :, None])
        row = (p.y / 0.058) % 1.0
        column = (u * 4.35 + 0.5) % 1.0
        rows = ((0.27 - (row - 0.5).abs()) * 12).clamp(0, 1)
        columns = ((0.27 - (column - 0.5).abs()) * 8).clamp(0, 1) * (u.abs() < 0.36)
        window = rows[:, :, None] * columns[:, None] * p.below(top + 0.04)
        p.paint(window * 0.85, p.by_daytime((0.80, 0.93, 1.0), (1.0, 0.85, 0.5), (1.0, 0.85, 0.5)))
    else:
        edge = torch.full_like(p.x, 0.15)
        p.paint(p.below(edge), p.rgb(0.80, 0.79, 0.77))
        p.paint(p.below(edge + 0.07), p.fade(0.22, 0.55, p.rgb(0.40, 0.42, 0.47), p.rgb(0.30, 0.31, 0.36)))
        n = 12
        x = (p.count(n) - n / 2 + p.noise[:, 40:41]) * 0.3
        p.paint(p.boxes(x, x + 0.15, 0 * x + 0.40, 0 * x + 0.425), p.rgb(0.98, 0.95, 0.80))


def _forest(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p)
        _sun(p)
        _trees(p, 0.2, 0.52, 0.17, 32, p.rgb(0.48, 0.70, 0.58))
    elif layer == 1:
        _trees(p, 0.25, 0.62, 0.26, 34, p.rgb(0.17, 0.48, 0.34))
        p.paint(p.below(p.hills(0.16, 0.05, 0.4, 36)), p.rgb(0.14, 0.40, 0.24))
    else:
        n = 5
        x = (p.count(n) + 0.25 + 0.5 * p.random(n, 39) - n / 2) * 0.62
        wide = 0.03 + 0.02 * p.random(n, 40)
        p.paint(p.boxes(x - wide, x + wide, 0 * x - 2, 0 * x + 0.22), p.rgb(0.40, 0.26, 0.17))
        _ground(p, p.hills(0.19, 0.04, 1.0, 41), p.rgb(0.30, 0.52, 0.20), p.rgb(0.16, 0.34, 0.14))
        _spots(p, p.rgb(0.48, 0.66, 0.26), 44, 18, 0.022, 0.5)
        _spots(p, p.rgb(0.85, 0.22, 0.18), 46, 5, 0.016, 0.7)


def _space(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p, "space", 0.5)
        x, y = (p.random(5, 32) - 0.5) * 1.6, (p.random(5, 33) - 0.5) * 0.9
        haze = p.blobs(x, y, 0.15 + 0.2 * p.random(5, 34), 0.1 + 0.12 * p.random(5, 35))
        hue = torch.stack(
            (0.45 + 0.4 * p.noise[:, 36], 0.15 + 0.3 * p.noise[:, 37], 0.75 + 0 * p.noise[:, 36]), 1
        )
        p.paint((haze * 0.5).clamp(0, 0.6), hue)
        _stars(p, p.night * 0 + 1, 90)
    elif layer == 1:
        x = 0.32 - 0.64 * (p.noise[:, 38:39] > 0.5).float() + 0.1 * p.noise[:, 39:40]
        y = -0.3 + 0.16 * p.noise[:, 40:41]
        r = 0.12 + 0.06 * p.noise[:, 41:42]
        ball = p.disc(x, y, r)
        hue = 0.55 + 0.45 * torch.cos(6.283 * (p.noise[:, 42:43] + p.same(0.0, 0.33, 0.67)))
        p.paint(ball, hue)
        p.paint(ball * (1 - p.disc(x - 0.35 * r, y - 0.3 * r, 1.05 * r)) * 0.55, hue * 0.2)
        x2, y2 = -x + 0.1, 0.32 + 0.1 * p.noise[:, 43:44]
        p.paint(p.disc(x2, y2, 0.06), p.same(0.80, 0.78, 0.74))
        p.paint(p.disc(x2 + 0.02, y2 - 0.01, 0.016), p.same(0.6, 0.58, 0.56))
    else:
        n = 14
        x, y = (p.random(n, 46) - 0.5) * 2.4, (p.random(n, 47) - 0.5) * 1.3
        r = torch.maximum(0.007 + 0 * x, 0.6 * p.px_x)
        p.paint(p.blobs(x, y, r, r).clamp(max=1), p.same(1.0, 1.0, 1.0))


def _underwater(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p, "underwater", 0.4)
        n = 5
        x = (p.count(n) + p.random(n, 32) - n / 2) * 0.34
        rays = p.blobs(x, 0 * x - 0.6, 0.03 + 0.05 * p.random(n, 33), 0 * x + 0.42)
        p.paint((rays * 0.45).clamp(0, 0.6), p.rgb(0.75, 1.0, 1.0))
    elif layer == 1:
        p.paint(
            p.below(p.hills(0.2, 0.2, 0.7, 34)),
            p.fade(-0.05, 0.25, p.rgb(0.08, 0.40, 0.66), p.rgb(0.12, 0.50, 0.68)),
        )
        u, a, b = p.cells(0.16, 37)
        blade = (0.12 + 0.05 * torch.sin(9 * a) - (u + 0.2 * (b - 0.5)).abs()) * 14
        weed = (0.12 + 0.3 * a) * blade.clamp(0, 1) * (b > 0.3)
        p.paint(p.below(0.24 - weed), p.fade(-0.15, 0.25, p.rgb(0.20, 0.74, 0.48), p.rgb(0.05, 0.42, 0.36)))
    else:
        _ground(p, p.hills(0.21, 0.05, 1.0, 39), p.rgb(0.83, 0.80, 0.60), p.rgb(0.55, 0.62, 0.55))
        _spots(p, p.rgb(0.98, 0.45, 0.50), 42, 6, 0.034, 0.9)
        _spots(p, p.rgb(0.62, 0.62, 0.50), 44, 14, 0.022, 0.4)
        n = 16
        x, y = (p.random(n, 46) - 0.5) * 2.6, (p.random(n, 47) - 0.62) * 1.0
        r = 0.008 + 0.012 * p.random(n, 48)
        p.paint(p.blobs(x, y, r, r).clamp(max=1) * 0.55, p.rgb(0.85, 1.0, 1.0))


def _room(p: Paper, layer: int) -> None:
    if layer == 0:
        _sky(p, low_y=0.0)
        _sun(p)
        _clouds(p)
    elif layer == 1:
        _wall(p)
    else:
        _floor(p)


def _wall(p: Paper) -> None:
    """Striped wallpaper with a window that the sky is seen through, and a picture beside it."""
    x = (p.noise[:, 32:33] - 0.5) * 0.3 + 0.2 * torch.where(p.noise[:, 32:33] > 0.5, 1, -1)
    pane = p.boxes(x - 0.24, x + 0.24, 0 * x - 0.40, 0 * x - 0.04)
    hue = p.noise[:, 33:34] + p.same(0.0, 0.4, 0.75)
    wall = (0.82 + 0.13 * torch.cos(6.283 * hue)) * (0.45 + 0.55 * p.tint)
    p.paint(1 - pane, wall)
    stripe = ((p.x / 0.12) % 1.0 < 0.5).float()[:, None] * (1 - pane) * 0.16
    p.paint(stripe, wall * 0.86)
    white = p.rgb(0.99, 0.97, 0.93, glow=0.3)
    frame = p.boxes(x - 0.27, x + 0.27, 0 * x - 0.43, 0 * x - 0.01) * (1 - pane)
    bars = p.boxes(x - 0.012, x + 0.012, 0 * x - 0.40, 0 * x - 0.04)
    p.paint(torch.maximum(frame, bars), white)
    px = -torch.sign(x) * 0.34
    p.paint(p.boxes(px - 0.11, px + 0.11, 0 * x - 0.32, 0 * x - 0.1), p.rgb(0.45, 0.30, 0.22))
    p.paint(p.boxes(px - 0.09, px + 0.09, 0 * x - 0.30, 0 * x - 0.12), p.rgb(0.55, 0.80, 0.78))
    p.paint(p.disc(px, -0.2 + 0 * px, 0.05), p.rgb(0.98, 0.62, 0.45))


def _floor(p: Paper) -> None:
    """Boards, a skirting and a rug."""
    edge = torch.full_like(p.x, 0.15)
    p.paint(p.below(edge - 0.03), p.rgb(0.99, 0.97, 0.93))
    p.paint(p.below(edge), p.fade(0.15, 0.5, p.rgb(0.70, 0.45, 0.28), p.rgb(0.84, 0.58, 0.36)))
    board = (((p.y - 0.15) / 0.085) % 1.0 < 0.12).float()[:, :, None] * p.below(edge) * 0.35
    p.paint(board, p.rgb(0.48, 0.28, 0.17))
    cx = (p.noise[:, 41:42] - 0.5) * 0.3
    rug = p.blobs(cx, p.same(0.36), p.same(0.36), p.same(0.08))
    hue = 0.6 + 0.32 * torch.cos(6.283 * (p.noise[:, 42:43] + p.same(0.0, 0.33, 0.67)))
    p.paint(((rug - 0.6) * 14).clamp(0, 1), hue * (0.4 + 0.6 * p.tint))
    p.paint(((rug - 0.72) * 14).clamp(0, 1), (0.35 + 0.65 * hue) * (0.4 + 0.6 * p.tint))


_PAINTERS: dict[str, Callable[[Paper, int], None]] = dict(
    zip(
        vocab.PLACES,
        (_meadow, _beach, _desert, _snow, _mars, _city, _forest, _space, _underwater, _room),
        strict=True,
    )
)


def paint(place: str, layer: int, paper: Paper) -> Tensor:
    """Paints one layer of a place over the paper's picture; returns the picture [B, C, H, W]."""
    _PAINTERS[place](paper, layer)
    return paper.image
