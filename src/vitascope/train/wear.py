"""Wear and tear: clips made slightly worse, in the ways in which a model paints slightly wrong.

A reader trained on spotless renders alone would fail at pictures that any person reads easily. Knows pixels,
not what they show.

Axes: B clips, T frames, H, W pixels, C colours.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["wear"]

_BLOCK_PX, _TUBELET = 8, 4  # the sizes in which a patch model errs


def wear(pixels_BTHWC: Tensor, generator: torch.Generator) -> Tensor:
    """uint8 clips -> floats in about -1..1: each clip stays as it is or suffers a few faults, mildly."""
    x = pixels_BTHWC.float() / 127.5 - 1
    for chance, fault in ((0.4, _tint), (0.4, _blur), (0.2, _ghost), (0.35, _blocks), (0.3, _grain)):
        rows = (torch.rand(len(x), generator=generator) < chance).nonzero()[:, 0]
        if len(rows):
            x[rows] = fault(x[rows], generator)
    return x


def _strength(x_BTHWC: Tensor, generator: torch.Generator, most: float) -> Tensor:
    return most * torch.rand(len(x_BTHWC), 1, 1, 1, 1, generator=generator)


def _tint(x_BTHWC: Tensor, generator: torch.Generator) -> Tensor:
    """Contrast and brightness off a little, in each colour."""
    gain, offset = torch.rand(2, len(x_BTHWC), 1, 1, 1, 3, generator=generator) - 0.5
    return x_BTHWC * (1 + 0.3 * gain) + 0.24 * offset


def _blur(x_BTHWC: Tensor, generator: torch.Generator) -> Tensor:
    """Softer in space: mixed with a 5 x 5 binomial blur."""
    once = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    kernel = (once[:, None] * once).expand(3, 1, 5, 5)
    x_NCHW = x_BTHWC.flatten(0, 1).permute(0, 3, 1, 2)
    soft = F.conv2d(F.pad(x_NCHW, (2, 2, 2, 2), mode="replicate"), kernel, groups=3)
    return x_BTHWC.lerp(
        soft.permute(0, 2, 3, 1).unflatten(0, x_BTHWC.shape[:2]), _strength(x_BTHWC, generator, 1)
    )


def _ghost(x_BTHWC: Tensor, generator: torch.Generator) -> Tensor:
    """Every frame a little like the one before."""
    before = torch.cat((x_BTHWC[:, :1], x_BTHWC[:, :-1]), dim=1)
    return x_BTHWC.lerp(before, _strength(x_BTHWC, generator, 0.5))


def _blocks(x_BTHWC: Tensor, generator: torch.Generator) -> Tensor:
    """Patches that are off in colour, and differ from one tubelet to the next."""
    B, T, H, W, C = x_BTHWC.shape
    grid = (B, -(-T // _TUBELET), -(-H // _BLOCK_PX), -(-W // _BLOCK_PX), C)
    off = torch.randn(grid, generator=generator) * _strength(x_BTHWC, generator, 0.15)
    for axis, size in ((1, _TUBELET), (2, _BLOCK_PX), (3, _BLOCK_PX)):
        off = off.repeat_interleave(size, dim=axis)
    return x_BTHWC + off[:, :T, :H, :W]


def _grain(x_BTHWC: Tensor, generator: torch.Generator) -> Tensor:
    """White noise; one field for all clips, turned by chance, since drawing noise is slow."""
    field = torch.randn(x_BTHWC.shape[1:], generator=generator).flatten()
    turns = torch.randint(len(field), (len(x_BTHWC),), generator=generator).tolist()
    noise = torch.stack([field.roll(turn).view(x_BTHWC.shape[1:]) for turn in turns])
    return x_BTHWC + noise * _strength(x_BTHWC, generator, 0.12)
