"""A tubelet's picture carried along as the camera passes by: its frames differ by that before anything else.

What the network paints as a tubelet's mean is what its middle shows; every frame is that picture, moved by as
much as the camera has moved since, and the other waves are what differs from it. So the frames of a pan move
from the first picture on. Learnt as changes alone, motion within tubelets came last: after 190,000 clips pans
still went by in four jumps.

Axes: B canvases, N tokens of tubelets, P numbers in a tubelet's patch, p in a frame's, F frames, t tubelets.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.patches import patchify, unpatchify
from vitascope.model.waves import from_waves

__all__ = ["carried"]


def carried(waves_BNP: Tensor, passing_BN2: Tensor, grid: tuple[int, int], frames: int) -> Tensor:
    """Scaled waves of tubelets -> their patches [B, N, P], the picture of each moved as its camera passes by.

    passing_BN2: how many patches down and right it passes by from frame to frame, affine in the place (as
    `camera.View` has it). Where the camera comes upon what the middle doesn't show, the picture's edge is
    repeated.
    """
    B, N, P = waves_BNP.shape
    rows, columns = grid
    p, t = P // frames, N // (rows * columns)
    side = int((p // 3) ** 0.5)
    mean, changes = waves_BNP.split((p, P - p), dim=-1)
    pictures = unpatchify(mean * frames**-0.5, 1, side, rows, columns)  # [B, t, H, W, 3]
    H, W = pictures.shape[2:4]
    passing = _spread(passing_BN2.expand(B, N, 2).reshape(B * t, rows, columns, 2), side)
    since = torch.arange(frames, device=mean.device) - (frames - 1) / 2
    y, x = torch.meshgrid(_middles(H, mean), _middles(W, mean), indexing="ij")
    # From patches to halves of the picture, as grid_sample counts, and down before right to x before y.
    moved = passing.unsqueeze(1) * since.view(-1, 1, 1, 1) * passing.new_tensor((2 / rows, 2 / columns))
    at = torch.stack((x, y), -1) + moved.flip(-1)
    flat = pictures.reshape(B * t, H, W, 3).permute(0, 3, 1, 2)
    # A frame's rows one below the other: one sampling for all frames of a tubelet.
    seen = F.grid_sample(
        flat, at.reshape(B * t, frames * H, W, 2), padding_mode="border", align_corners=False
    )
    shown = seen.view(B, t, 3, frames, H, W).permute(0, 1, 3, 4, 5, 2).reshape(B, t * frames, H, W, 3)
    rest = torch.cat((torch.zeros_like(mean), changes), -1)
    return patchify(shown, frames, side) + from_waves(rest, frames)


def _middles(count: int, like: Tensor) -> Tensor:
    return (torch.arange(count, device=like.device, dtype=like.dtype) + 0.5) * (2 / count) - 1


def _spread(passing_Mrc2: Tensor, side: int) -> Tensor:
    """From patches to their pixels, [M, H, W, 2]: what is affine in the place is so between patches too."""
    r, c = passing_Mrc2.shape[1:3]
    middle = passing_Mrc2.mean((1, 2), keepdim=True)
    by_row = (passing_Mrc2[:, -1:] - passing_Mrc2[:, :1]).mean(2, keepdim=True) / max(1, r - 1)
    by_column = (passing_Mrc2[:, :, -1:] - passing_Mrc2[:, :, :1]).mean(1, keepdim=True) / max(1, c - 1)
    row, column = (_middles(n * side, middle) * n / 2 for n in (r, c))
    return middle + by_row * row.view(-1, 1, 1) + by_column * column.view(-1, 1)
