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


def from_place(row: Tensor, column: Tensor, cameras_4: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Where on the screen what is seen of the place was then."""
    then, now = (camera.view(1, 1, 4) for camera in cameras_4)
    places = torch.stack((column, row, *(torch.zeros_like(row) for _ in range(3))), -1).view(1, 1, -1, 5)
    was = filmed(unfilmed(places, now), then)[0, 0]
    return was[:, 1].view(row.shape), was[:, 0].view(row.shape)


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


def taken(plane_HWC: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """The plane's values at places, in frame heights from its middle; beyond its sides that of the side."""
    H, W, _ = plane_HWC.shape
    unit = min(H, W)
    grid = torch.stack((column * (2 * unit / W), row * (2 * unit / H)), -1)
    values = F.grid_sample(
        plane_HWC.permute(2, 0, 1)[None], grid[None], padding_mode="border", align_corners=False
    )
    return values[0].permute(1, 2, 0)


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
