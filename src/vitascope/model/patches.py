"""Pixels <-> patches <-> tokens. Pure reshapes, and the two small layers that meet patches.

Axes: B, T frames, H and W pixels, C colours; h, w patches down and across; N tokens, P numbers in a patch.
"""

import math

import torch
from torch import Tensor, nn

__all__ = ["PatchIn", "fourier", "patchify", "unpatchify"]


def patchify(pixels_BTHWC: Tensor, frames: int, patch_px: int) -> Tensor:
    """[B, T, H, W, C] -> [B, T/frames * H/p * W/p, frames * p * p * C]; sizes must divide."""
    B, T, H, W, C = pixels_BTHWC.shape
    p = patch_px
    x = pixels_BTHWC.reshape(B, T // frames, frames, H // p, p, W // p, p, C)
    return x.permute(0, 1, 3, 5, 2, 4, 6, 7).reshape(B, -1, frames * p * p * C)


def unpatchify(patches_BNP: Tensor, frames: int, patch_px: int, rows: int, columns: int) -> Tensor:
    """The inverse of `patchify` for a picture of `rows` x `columns` patches."""
    B, p = patches_BNP.shape[0], patch_px
    x = patches_BNP.reshape(B, -1, rows, columns, frames, p, p, patches_BNP.shape[-1] // (frames * p * p))
    return x.permute(0, 1, 4, 2, 5, 3, 6, 7).reshape(B, -1, rows * p, columns * p, x.shape[-1])


def fourier(values: Tensor, count: int, highest: float) -> Tensor:
    """Sines and cosines of each value at `count` rates, pi to pi * highest: [..., A] -> [..., 2 A count]."""
    rates = torch.logspace(0, math.log2(highest), count, base=2.0, device=values.device) * math.pi
    angles = (values.float().unsqueeze(-1) * rates).flatten(-2)
    return torch.cat((angles.sin(), angles.cos()), dim=-1)


class PatchIn(nn.Module):
    """Patch -> token through a narrow waist: the few directions that pictures use (JiT, arXiv 2511.13720)."""

    def __init__(self, patch: int, bottleneck: int, width: int) -> None:
        super().__init__()
        self.narrow = nn.Linear(patch, bottleneck, bias=False)
        self.widen = nn.Linear(bottleneck, width)

    def forward(self, patches_BNP: Tensor) -> Tensor:
        return self.widen(self.narrow(patches_BNP))
