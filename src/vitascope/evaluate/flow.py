"""How pictures move: dense optical flow between two frames, and the frame halfway between them.

Lucas and Kanade's least squares (1981) on a pyramid, written around the middle of the way: a displacement d
is sought at every point x so that a(x - d/2) = b(x + d/2). Both frames count alike, and the frame halfway
comes for free. Small and without weights; RAFT finds more, so a measure that uses this is named for it.

Axes: N pairs of frames, C channels, H, W pixels. Displacements are (x, y) in pixels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["halfway", "midway_flow"]

_SMALLEST_PX = 8  # the shorter side of the pyramid's top
_ROUNDS = 5  # of refinement at each level
_WINDOW_PX = 5
_STIFFNESS = 4.0  # squared grey levels: where the picture has less structure than that, nothing moves it


def midway_flow(a_NHW: Tensor, b_NHW: Tensor) -> Tensor:
    """Displacements [N, 2, H, W] from a to b at the points halfway; a and b are grey, floats in 0..255."""
    pairs = [torch.stack((a_NHW, b_NHW), dim=1).float()]
    while min(pairs[-1].shape[-2:]) >= 2 * _SMALLEST_PX:
        pairs.append(F.avg_pool2d(pairs[-1], 2))
    top = pairs[-1]
    d = top.new_zeros(len(top), 2, *top.shape[-2:])
    for pair in reversed(pairs):
        size = pair.shape[-2:]
        if d.shape[-2:] != size:
            d = 2 * F.interpolate(d, size, mode="bilinear", align_corners=False)
        for _ in range(_ROUNDS):
            d = F.avg_pool2d(F.pad(d + _step(pair, d), (1, 1, 1, 1), mode="replicate"), 3, 1)
    return d


def halfway(a_NCHW: Tensor, b_NCHW: Tensor, d_N2HW: Tensor) -> Tensor:
    """The frame between two: the mean of both, each carried half the way."""
    return (_carried(a_NCHW, -d_N2HW / 2) + _carried(b_NCHW, d_N2HW / 2)) / 2


def _step(pair_N2HW: Tensor, d: Tensor) -> Tensor:
    """What to add to the displacements, at most a pixel: least squares over a window around each point."""
    a, b = _carried(pair_N2HW[:, :1], -d / 2), _carried(pair_N2HW[:, 1:], d / 2)
    gx, gy = _slopes((a + b) / 2)
    gt = b - a
    products = _window(torch.cat((gx * gx, gx * gy, gy * gy, gx * gt, gy * gt), dim=1))
    xx, xy, yy, xt, yt = products.unbind(dim=1)
    xx, yy = xx + _STIFFNESS, yy + _STIFFNESS
    step = torch.stack((xy * yt - yy * xt, xy * xt - xx * yt), dim=1) / (xx * yy - xy * xy).unsqueeze(1)
    return step.clamp(-1, 1)


def _slopes(x_N1HW: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences to the right and down."""
    padded = F.pad(x_N1HW, (1, 1, 1, 1), mode="replicate")
    right = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    return right, down


def _window(x_NCHW: Tensor) -> Tensor:
    """Means over a window, without the ring of padding around the picture."""
    return F.avg_pool2d(x_NCHW, _WINDOW_PX, 1, _WINDOW_PX // 2, count_include_pad=False)


def _carried(x_NCHW: Tensor, d_N2HW: Tensor) -> Tensor:
    """x read at each point plus its displacement; beyond the edge the edge goes on."""
    h, w = x_NCHW.shape[-2:]
    rows = torch.arange(h, device=x_NCHW.device).view(1, h, 1) + d_N2HW[:, 1]
    columns = torch.arange(w, device=x_NCHW.device).view(1, 1, w) + d_N2HW[:, 0]
    grid = torch.stack(((2 * columns + 1) / w - 1, (2 * rows + 1) / h - 1), dim=-1)
    return F.grid_sample(x_NCHW, grid, mode="bilinear", padding_mode="border", align_corners=False)
