"""Noise of which a part is painted on the world: every tubelet sees the same of it, wherever the camera
looks.

With noise of its own each tubelet strays its own way from what the others show, and things change their looks
from one to the next. What they share can't lead them apart (mixed noise: PYoCo, arXiv 2305.10474); and since
it stays with the world, not the screen, it moves as the world does when the camera moves.

Axes: B canvases, N tubelets' tokens, P numbers in a tubelet's patch, p in a frame's; T frames, S side of the
world's noise in pixels.
"""

import torch
from torch import Tensor

from vitascope.model.camera import View
from vitascope.model.carrying import carried
from vitascope.model.waves import tubelet_noise

__all__ = ["SHARE", "clip_noise"]

SHARE = 0.5  # of the variance of a tubelet's mean
SIDE = 2  # of the world's noise, in pictures; beyond it begins anew


def clip_noise(
    white_BNP: Tensor,
    places_N3: Tensor,
    view: View,
    grid: tuple[int, int],
    generator: torch.Generator | None = None,
    tubelet_frames: int = 4,
    share: float = SHARE,
) -> Tensor:
    """White numbers for tubelets at these places -> their noise [B, N, P], part of it shared.

    grid: rows and columns of the clip's patches. generator: what the shared part is drawn with.
    """
    B, N, P = white_BNP.shape
    if not N:
        return white_BNP
    p = P // tubelet_frames
    side = int((p // 3) ** 0.5)
    height, width = grid[0] * side * SIDE, grid[1] * side * SIDE
    world = torch.randn(B, height * width, 3, generator=generator, device=white_BNP.device)
    middles = (torch.arange(side, device=white_BNP.device) + 0.5) / side - 0.5
    row, column = torch.meshgrid(middles, middles, indexing="ij")
    inside = torch.stack((torch.zeros_like(row), row, column), -1).view(1, -1, 3)
    pixels = (places_N3.unsqueeze(1) + inside).view(-1, 3)
    at = view.in_world(pixels)
    down, right = ((at[..., i] * side + SIDE * side * grid[i - 1] / 2).floor().long() for i in (1, 2))
    index = down % height * width + right % width
    seen = world.gather(1, index[..., None].expand(-1, -1, 3)).view(B, N, p)
    mean = white_BNP[..., :p] * (1 - share) ** 0.5 + seen * share**0.5
    noise = tubelet_noise(torch.cat((mean, white_BNP[..., p:]), -1), tubelet_frames)
    return carried(noise, view.passing(places_N3), grid, tubelet_frames, there=False)
