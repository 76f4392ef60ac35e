"""Where pixels of a picture come to lie at another moment, by poses of things and the camera.

Axes: N pictures, K things, H, W, C at the base size.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from vitascope.model.bodies import Plane, covers, filmed, seen_on, told, unfilmed

__all__ = ["filled", "from_place", "on_any", "places", "pose_of", "taken", "wider"]

AROUND = 1.15  # of a body's half sides: its box is found to a pixel or two
FILL_PX = 3  # how far around a bared spot its filling is looked for


def places(height_px: int, width_px: int) -> Plane:
    """Rows and columns of all pixels, in frame heights from the middle."""
    unit = min(height_px, width_px)
    row, column = (torch.arange(side) + 0.5 - side / 2 for side in (height_px, width_px))
    down, right = torch.meshgrid(row / unit, column / unit, indexing="ij")
    return down, right


def from_place(place: Plane, then_T4: Tensor, now_4: Tensor) -> Plane:
    """Where on the screen what is seen of the place now was at other times: rows and columns [T, H, W]. then,
    now: what the cameras were.
    """
    row, column = place
    flat = torch.stack((column, row, *(torch.zeros_like(row) for _ in range(3))), -1).view(1, 1, -1, 5)
    in_world = unfilmed(flat, now_4.view(1, 1, 4)).expand(1, len(then_T4), -1, 5)
    was = filmed(in_world, then_T4[None])[0].view(len(then_T4), *row.shape, 5)
    return was[..., 1], was[..., 0]


def on_any(place: Plane, poses_K5: Tensor, share: float = AROUND) -> Tensor:
    """Which places lie on one of the bodies, each `share` times as large: by default, or beside its edge."""
    on = torch.zeros_like(place[0], dtype=torch.bool)
    for pose in poses_K5:
        if told(pose):
            down, right = seen_on(place, pose_of(pose))
            on |= covers((down / share, right / share))
    return on


def pose_of(pose_5: Tensor) -> Tensor:
    """A pose as `seen_on` takes it: row and column of the middle, angle, half the height, half the width."""
    x, y, angle, width, height = pose_5.unbind(-1)
    return torch.stack((y, x, angle, height.exp(), width.exp()))


def taken(planes_HWC: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """A plane's values [H, W, C], or those of several [N, H, W, C], at places [H, W] or [N, H, W] each, in
    frame heights from its middle; beyond its sides those of the side.
    """
    H, W = planes_HWC.shape[-3:-1]
    unit = min(H, W)
    grid = torch.stack((column * (2 * unit / W), row * (2 * unit / H)), -1)
    planes = planes_HWC.reshape(-1, *planes_HWC.shape[-3:]).permute(0, 3, 1, 2)
    values = F.grid_sample(
        planes, grid.reshape(-1, *grid.shape[-3:]), padding_mode="border", align_corners=False
    )
    return values.permute(0, 2, 3, 1).reshape(*row.shape, planes_HWC.shape[-1])


def wider(things_NHW: Tensor, by_px: int) -> Tensor:
    """Things, and so many pixels around them."""
    return F.max_pool2d(things_NHW.float(), 2 * by_px + 1, 1, by_px) > 0.5


def filled(picture_HWC: Tensor, sure_HW: Tensor) -> Tensor:
    """The picture with what isn't sure filled from around it."""
    if sure_HW.all() or not sure_HW.any():
        return picture_HWC
    levels: NDArray[np.uint8] = ((picture_HWC.clamp(-1, 1) + 1) * 127.5).round().byte().numpy()
    filled = cv2.inpaint(levels, (~sure_HW).byte().numpy(), FILL_PX, cv2.INPAINT_TELEA)
    colours = torch.as_tensor(filled).float() / 127.5 - 1
    return torch.where(sure_HW[..., None], picture_HWC, colours)
