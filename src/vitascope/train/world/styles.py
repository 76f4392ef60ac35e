"""The looks: clay, pencil sketch, neon, pixel art, watercolour; each a filter over a finished plain picture.

Sizes are in frame heights, so a look is the same at every size. Does not know scenes.

Axes: B scenes, C = RGB 0..1, T frames, H rows, W columns.
"""

from __future__ import annotations

import functools
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.train.world.camera import Window


def stylise(image: Tensor, style_B: Tensor) -> Tensor:
    """Pictures [B, 3, T, H, W], each in its own style (an index into STYLES)."""
    for style, look in enumerate(_LOOKS):
        rows = (style_B == style).nonzero()[:, 0]
        if len(rows) and look is not None:
            image = image.clone()
            image[rows] = look(image[rows]).clamp(0, 1)
    return image


def _clay(image: Tensor) -> Tensor:
    """Soft, matt and lit from the upper left, with thumb marks."""
    soft = _blur(image, 0.014)
    grey = _grey(soft)
    relief = _slope(grey, 0.016, across=True) + _slope(grey, 0.016, across=False)
    marks = _grain(image, 22) * 0.07 + _grain(image, 9) * 0.04
    levels = torch.round(soft * 6) / 6
    matt = torch.lerp(soft, levels, 0.55)
    warm = image.new_tensor((1.06, 0.99, 0.90))[None, :, None, None, None]
    colourful = matt + 0.25 * (matt - _grey(matt))
    return (0.12 + 0.82 * colourful) * warm * (1 + 1.5 * relief.clamp(-0.25, 0.25) + marks)


def _pencil(image: Tensor) -> Tensor:
    """Graphite on paper: outlines where brightness changes, hatching where it is dark."""
    grey = _grey(image)
    lines = (_edges(image, 0.016) * 3.2).clamp(0, 1)
    height, width = image.shape[3:]
    y, x = _coordinates(image)
    wave = 0.5 + 0.5 * torch.cos(2 * math.pi * (x + y) / 0.055)
    hatch = wave[None, None, None] * ((0.62 - grey) * 1.6).clamp(0, 0.7)
    paper = 0.96 + 0.04 * _grain(image, 40)
    ink = (lines * 0.9 + hatch + 0.22 * (1 - grey)).clamp(0, 0.92)
    graphite = image.new_tensor((0.16, 0.16, 0.19))[None, :, None, None, None]
    cream = image.new_tensor((1.0, 0.985, 0.95))[None, :, None, None, None]
    return torch.lerp(cream * paper, graphite.expand(*image.shape[:2], 1, height, width), ink)


def _neon(image: Tensor) -> Tensor:
    """Glowing outlines in their own colours on a dark wall."""
    lines = (_edges(image, 0.016) * 2.6).clamp(0, 1)
    top = image.amax(1, keepdim=True).clamp(min=0.05)
    low = image.amin(1, keepdim=True)
    vivid = (image - 0.8 * low) / (top - 0.8 * low + 0.02)
    light = vivid * lines
    glow = _blur(light, 0.05)
    wall = image.new_tensor((0.05, 0.02, 0.11))[None, :, None, None, None]
    return wall + 0.13 * image * image + light + 1.3 * glow


def _pixel_art(image: Tensor) -> Tensor:
    """Square pixels, 32 along the shorter side, in few colours."""
    B, _, T, H, W = image.shape
    rows, columns = round(32 * H / min(H, W)), round(32 * W / min(H, W))
    small = F.interpolate(image.transpose(1, 2).flatten(0, 1), size=(rows, columns), mode="area")
    bright = 0.5 + (small - 0.5) * 1.25
    few = torch.round(bright.clamp(0, 1) * 4) / 4
    return F.interpolate(few, size=(H, W), mode="nearest").view(B, T, 3, H, W).transpose(1, 2)


def _watercolour(image: Tensor) -> Tensor:
    """Pale washes that darken towards their edges, on grained paper with a white rim."""
    wash = _blur(image, 0.008)
    edge = (_edges(wash, 0.016) * 1.6).clamp(0, 0.5)
    pigment = (1 - wash) * (0.86 + 0.20 * _grain(image, 5) + 0.10 * _grain(image, 30))
    colour = 1 - pigment * (0.68 + edge) - 0.04 * edge
    y, x = _coordinates(image)
    right, low = Window(*image.shape[3:]).reach
    to_rim = torch.minimum(low - y.abs(), right - x.abs())
    rim = ((to_rim - 0.045 - 0.03 * _grain(image, 10)[0, 0, 0]) * 22).clamp(0, 1)
    return torch.lerp(torch.full_like(colour, 0.985), colour, rim)


def _grey(image: Tensor) -> Tensor:
    weights = image.new_tensor((0.299, 0.587, 0.114))[None, :, None, None, None]
    return (image * weights).sum(1, keepdim=True)


def _coordinates(image: Tensor) -> tuple[Tensor, Tensor]:
    """y [H, 1] and x [1, W] in frame heights from the middle."""
    window = Window(*image.shape[3:])
    return window.rows(image.device)[:, None], window.columns(image.device)[None]


def _blur(image: Tensor, radius: float) -> Tensor:
    """Two box blurs of this half width, in frame heights."""
    r = max(1, round(radius * min(image.shape[3:])))
    flat = image.flatten(0, 2)[:, None]
    for size, pad in (((2 * r + 1, 1), (r, 0)), ((1, 2 * r + 1), (0, r))) * 2:
        flat = F.avg_pool2d(flat, size, stride=1, padding=pad, count_include_pad=False)
    return flat.view_as(image)


def _slope(image: Tensor, span: float, across: bool) -> Tensor:
    """What is right (or below) minus what is left (above), so far apart."""
    n = image.shape[4 if across else 3]
    r = max(1, round(span * min(image.shape[3:]) / 2))
    i = torch.arange(n, device=image.device)
    ahead, behind = (i + r).clamp(max=n - 1), (i - r).clamp(min=0)
    axis = 4 if across else 3
    return image.index_select(axis, ahead) - image.index_select(axis, behind)


def _edges(image: Tensor, span: float) -> Tensor:
    """How much the strongest colour changes over a span [B, 1, T, H, W]."""
    soft = _blur(image, span / 2) if span * min(image.shape[3:]) >= 3 else image
    change = _slope(soft, span, True).abs() + _slope(soft, span, False).abs()
    return change.amax(1, keepdim=True)


def _grain(image: Tensor, cells: int) -> Tensor:
    """Smooth fixed noise about -1..1 with so many cells along the shorter side [1, 1, 1, H, W]."""
    height, width = image.shape[3:]
    return _grain_at(cells, height, width, str(image.device))


@functools.lru_cache(maxsize=64)
def _grain_at(cells: int, height: int, width: int, device: str) -> Tensor:
    generator = torch.Generator().manual_seed(cells)
    down, across = (math.ceil(cells * side / min(height, width)) for side in (height, width))
    cell = torch.randn(1, 1, down, across, generator=generator).clamp(-2, 2) * 0.6
    smooth = F.interpolate(cell, size=(height, width), mode="bicubic", align_corners=False)
    return smooth.clamp(-1, 1)[None].to(device)


_LOOKS = (None, _clay, _pencil, _neon, _pixel_art, _watercolour)  # as STYLES has them
