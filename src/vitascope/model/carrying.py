"""Tubelets as a camera sees them that stands still for as long as a tubelet lasts.

Where the camera is known, what it passes by is taken out of a tubelet before the network reads it, and put
back into what it writes: a pan is then a still picture inside each tubelet, and its frames move from the
first picture on. Learnt as changes like any other, motion within tubelets came last: after 190,000 clips pans
still went by in four jumps.

Pixels are taken from the nearest place, so that noise stays noise and nothing is lost on the way there and
back but what leaves the picture; there its edge is repeated. What is left of a motion, less than a pixel, is
the network's.

Axes: B canvases, N tokens of tubelets, P numbers in a tubelet's patch, F frames, M tubelets of all canvases.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.patches import patchify, unpatchify

__all__ = ["carried"]


def carried(
    patches_BNP: Tensor, passing_BN2: Tensor, grid: tuple[int, int], frames: int, there: bool
) -> Tensor:
    """Tubelets' patches [B, N, P] as seen by a standing camera (`there`), or back again.

    passing_BN2: how many patches down and right the camera passes by from frame to frame, affine in the place
    (as `camera.View` has it).
    """
    B, N, P = patches_BNP.shape
    rows, columns = grid
    side = int((P // frames // 3) ** 0.5)
    clips = unpatchify(patches_BNP, frames, side, rows, columns)
    T, H, W = clips.shape[1:4]
    passing = _spread(passing_BN2.expand(B, N, 2).reshape(B * T // frames, rows, columns, 2), side)
    since = torch.arange(frames, device=clips.device) - (frames - 1) / 2
    since = -since if there else since
    y, x = torch.meshgrid(_middles(H, clips), _middles(W, clips), indexing="ij")
    # From patches to halves of the picture, as grid_sample counts, and down before right to x before y.
    moved = passing.unsqueeze(1) * since.view(-1, 1, 1, 1) * passing.new_tensor((2 / rows, 2 / columns))
    at = torch.stack((x, y), -1) + moved.flip(-1)
    flat = clips.reshape(B * T, H, W, 3).permute(0, 3, 1, 2)
    seen = F.grid_sample(
        flat, at.reshape(B * T, H, W, 2), mode="nearest", padding_mode="border", align_corners=False
    )
    return patchify(seen.permute(0, 2, 3, 1).reshape(B, T, H, W, 3), frames, side)


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
