"""Clips of pictures that the toy world never paints, so that a stranger's photo is moved, not repainted.

The scene's camera moves over a picture of fallen leaves (leaves.py); its things may act in front of that.
Colours are shuffled, so that what a fox looks like comes from the given frame and not from memory.

Axes: B clips, T frames, H, W pixels, C colours.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.train.leaves import leaves
from vitascope.train.world.camera import turned
from vitascope.train.world.render import Render

__all__ = ["Strangers"]

STOCK, SIDE_PX = 256, 128
VIEW = 0.5  # the part of the picture's side that a camera at rest sees


class Strangers:
    """A stock of pictures, and clips made with them."""

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator
        self.stock = torch.cat([leaves(32, SIDE_PX, generator) for _ in range(STOCK // 32)])

    def clips(self, drawn: Render, bare_B: Tensor) -> Tensor:
        """The drawn clips with strange places (and, where `bare_B`, without their things), in strange
        colours.

        Returns uint8 [B, T, H, W, C]. The clips must be drawn with truth=True.
        """
        assert drawn.masks_BTHW is not None
        pixels_BTHWC, camera_BT3 = drawn.pixels_BTHWC, drawn.camera_BT3
        B, T, H, W, _ = pixels_BTHWC.shape
        device = pixels_BTHWC.device
        chosen = self.stock[torch.randint(len(self.stock), (B,), generator=self.generator)].to(device)
        picture_B3HW = chosen.permute(0, 3, 1, 2).float()
        reach = VIEW * torch.exp(-camera_BT3[..., 2])[..., None, None]
        across = ((torch.arange(W, device=device) + 0.5) / W * 2 - 1) * (W / max(H, W))
        down = ((torch.arange(H, device=device) + 0.5) / H * 2 - 1) * (H / max(H, W))
        x, y = turned(across * reach, down[:, None] * reach, drawn.roll_BT[..., None, None])
        x = x + camera_BT3[..., 0, None, None] * 2 * VIEW
        y = y + camera_BT3[..., 1, None, None] * 2 * VIEW
        grid = torch.stack((x.expand(B, T, H, W), y.expand(B, T, H, W)), -1).flatten(1, 2)
        place = F.grid_sample(picture_B3HW, grid, padding_mode="reflection", align_corners=False)
        place_BTHWC = place.view(B, 3, T, H, W).permute(0, 2, 3, 4, 1)
        kept = ((drawn.masks_BTHW >= 0) & ~bare_B.to(device)[:, None, None, None])[..., None]
        clips = torch.where(kept, pixels_BTHWC.float(), place_BTHWC)
        return self._shuffled(clips).round().clamp(0, 255).to(torch.uint8)

    def _shuffled(self, clips_BTHWC: Tensor) -> Tensor:
        """Channels in another order, and some of them upside down."""
        B = len(clips_BTHWC)
        order = torch.rand(B, 3, generator=self.generator).argsort(1).to(clips_BTHWC.device)
        flip = (torch.rand(B, 1, 1, 1, 3, generator=self.generator) < 0.25).to(clips_BTHWC.device)
        mixed = clips_BTHWC.gather(-1, order[:, None, None, None].expand_as(clips_BTHWC))
        return torch.where(flip, 255 - mixed, mixed)
