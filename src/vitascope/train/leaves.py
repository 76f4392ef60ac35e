"""Fallen leaves: overlapping shaded shapes of every size and colour, a stand-in for photographs.

The upscaler must not take the toy world for all there is. Pictures of shapes that hide one another have the
edges and statistics of photographs ("dead leaves": Lee, Mumford and Huang, 2001) and cost nothing to own.

Axes: B pictures, H, W; 3 colours.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["leaves"]


def leaves(count: int, side_px: int, generator: torch.Generator, shapes: int = 70) -> Tensor:
    """Pictures uint8 [count, side_px, side_px, 3], large shapes behind and small ones in front."""

    def uniform(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=generator)

    along = (torch.arange(side_px) + 0.5) / side_px
    y, x = along[None, :, None], along[None, None, :]
    palette = uniform(5, 3)
    picture = _clouds(count, side_px, generator) * 0.5 + uniform(3)[:, :, None, None] * 0.5
    for i in range(shapes):
        # Sizes fall off as a power, large ones first, or the small would all be buried.
        size = 0.45 * (1 - i / shapes) ** 1.5 * (0.4 + uniform(1, 1)) + 0.008
        turn = uniform(1, 1) * math.pi
        dx, dy = x - 1.2 * uniform(1, 1) + 0.1, y - 1.2 * uniform(1, 1) + 0.1
        u = dx * turn.cos() + dy * turn.sin()
        v = (dy * turn.cos() - dx * turn.sin()) * (1 + 2.5 * uniform(1, 1) ** 2)
        round_one = torch.hypot(u, v)
        square = torch.maximum(u.abs(), v.abs())
        far = torch.where(uniform(1, 1) < 0.55, round_one, square)
        cover = ((size - far) * side_px + 0.5).clamp(0, 1)[:, None]
        which = (uniform() * palette.shape[1]).long()
        colour = palette[torch.arange(count), which] * 0.8 + 0.2 * uniform(3)
        shade = (
            1 + (0.5 * (uniform(1, 1) - 0.5) * u + 0.5 * (uniform(1, 1) - 0.5) * v)[:, None] / size[:, None]
        )
        stripes = torch.sin(u / (0.01 + 0.08 * uniform(1, 1)) * 2)[:, None] * 0.25
        stripes = stripes * (uniform(1, 1)[:, None] < 0.2)
        picture = torch.lerp(picture, colour[:, :, None, None] * (shade + stripes), cover)
    return (picture.clamp(0, 1) * 255 + 0.5).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def _clouds(count: int, side_px: int, generator: torch.Generator) -> Tensor:
    """Smooth colour noise of several sizes [count, 3, side, side] in about 0..1."""
    total = torch.full((count, 3, side_px, side_px), 0.5)
    for cells in (3, 8, 24):
        noise = torch.randn(count, 3, cells, cells, generator=generator)
        total += (
            F.interpolate(noise, size=(side_px, side_px), mode="bicubic", align_corners=False)
            * 0.3
            / cells**0.5
        )
    return total
