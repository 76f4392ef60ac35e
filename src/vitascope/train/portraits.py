"""Portraits of the world's things: what a cast's pictures are like. Knows the atlas; not who is in which
scene.

Axes: B scenes, K things, H, W pixels, C colours.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.train.world.sprites import Atlas

__all__ = ["portraits"]

SIDE_PX = 32


def portraits(atlas: Atlas, things_BK: Tensor, generator: torch.Generator) -> Tensor:
    """Things on plain grounds, in -1..1 [B, K, 32, 32, 3], on the CPU: each a little larger, smaller or
    turned, half of them mirrored, on white, on grey or on any colour.
    """
    B, K = things_BK.shape
    sprites = atlas.levels[SIDE_PX][things_BK.flatten().to(atlas.aspect_N.device)].cpu().float() / 255
    count = len(sprites)

    def chance(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=generator)

    size, turn = 1.02 + 0.4 * chance(), (chance() - 0.5) * 0.4
    side = torch.where(chance() < 0.5, -1.0, 1.0)
    cos, sin, none = size * turn.cos(), size * turn.sin(), torch.zeros(count)
    frame = torch.stack((cos * side, -sin, none, sin * side, cos, none), -1).view(-1, 2, 3)
    seen = F.grid_sample(sprites, F.affine_grid(frame, list(sprites.shape), False), align_corners=False)
    plain = torch.where(chance(1) < 0.4, 1.0, chance(1)).expand(-1, 3)
    ground = torch.where(chance(1) < 0.3, chance(3), plain)[:, :, None, None]
    picture = seen[:, :3] + (1 - seen[:, 3:]) * ground
    return (picture * 2 - 1).permute(0, 2, 3, 1).reshape(B, K, SIDE_PX, SIDE_PX, 3)
