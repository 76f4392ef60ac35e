"""Noise of which a part is painted on the world and on things: every tubelet sees the same of it, wherever
the camera looks and wherever a thing has gone.

With noise of its own each tubelet strays its own way from what the others show, and things change their looks
from one to the next. What they share can't lead them apart (mixed noise: PYoCo, arXiv 2305.10474); and since
it stays with the world and with things, not with the screen, it moves as they do.

Axes: B canvases, N tubelets' tokens, P numbers in a tubelet's patch, p in a frame's; M tubelets, S pixels of
a frame; T frames.
"""

import torch
from torch import Tensor

from vitascope.model.bodies import Bodies, covers, seen_on
from vitascope.model.camera import View
from vitascope.model.carrying import middles, side_of
from vitascope.model.patches import patchify
from vitascope.model.waves import tubelet_noise

__all__ = ["SHARE", "clip_noise", "spots"]

SHARE = 0.5  # of the variance of a tubelet's mean
SIDE = 2  # of the world's noise, in pictures; beyond it begins anew
APART_PX = 37  # between the noise of one thing and that of the next


def spots(view: View, bodies: Bodies, places_N3: Tensor, grid: tuple[int, int], side: int) -> Tensor:
    """Which spot of the shared noise each pixel sees in the middle of its tubelet: int32 [B, M, S].

    A spot of the world, or on a thing: counted in pixels from its middle, so that growing things don't
    stretch their noise.
    """
    (rows, columns), B = grid, len(view.camera_BT4)
    M, size = len(places_N3) // (rows * columns), (rows * side, columns * side)
    if not M:
        return torch.zeros(B, 0, size[0] * size[1], dtype=torch.int32, device=places_N3.device)
    times = places_N3[:: rows * columns, 0]
    at = (middles(n, side, places_N3) for n in grid)
    row, column = torch.meshgrid(*at, indexing="ij")
    pixels = torch.stack((row, column), -1).view(1, -1, 2).expand(M, -1, -1)
    pixels = torch.cat((times.view(-1, 1, 1).expand(-1, pixels.shape[1], 1), pixels), -1)
    seen = view.in_world(pixels.reshape(-1, 3)).view(B, M, -1, 3)
    spot = _spot(seen[..., 1], seen[..., 2], size, side)
    poses = bodies.at(times)[..., None, :]
    for clip in range(B):
        for k in reversed(range(poses.shape[2])):
            if bodies.told_BK[clip, k]:
                there = seen_on((row.flatten(), column.flatten()), poses[clip, :, k])
                down, right = (part * poses[clip, :, k, :, 3 + i] for i, part in enumerate(there))
                on_thing = _spot(down, right, size, side, APART_PX * k) + SIDE**2 * size[0] * size[1]
                spot[clip] = torch.where(covers(there), on_thing, spot[clip])
    return spot


def _spot(row: Tensor, column: Tensor, size: tuple[int, int], side: int, off_px: int = 0) -> Tensor:
    down, right = (
        ((at * side).floor().to(torch.int32) + SIDE * n // 2 + off_px) % (SIDE * n)
        for at, n in zip((row, column), size, strict=True)
    )
    return down * (SIDE * size[1]) + right


def clip_noise(
    white_BNP: Tensor,
    spots_BMS: Tensor,
    grid: tuple[int, int],
    generator: torch.Generator | None = None,
    tubelet_frames: int = 4,
    share: float = SHARE,
) -> Tensor:
    """White numbers for tubelets that see these `spots` -> their noise [B, N, P], part of it shared.

    As it is where all stands in the middle of its tubelet (`carrying`). generator: what the shared part is
    drawn with.
    """
    B, N, P = white_BNP.shape
    if not N:
        return white_BNP
    p = P // tubelet_frames
    side = side_of(white_BNP, tubelet_frames)
    count = 2 * SIDE**2 * spots_BMS.shape[-1]
    shared = torch.randn(B, count, 3, generator=generator, device=white_BNP.device)
    at = spots_BMS.long().flatten(1).unsqueeze(-1).expand(-1, -1, 3)
    frames = shared.gather(1, at).view(B, -1, grid[0] * side, grid[1] * side, 3)
    mean = white_BNP[..., :p] * (1 - share) ** 0.5 + patchify(frames, 1, side) * share**0.5
    return tubelet_noise(torch.cat((mean, white_BNP[..., p:]), -1), tubelet_frames)
