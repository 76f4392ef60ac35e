"""Tubelets with the motion taken out of them that is known beforehand: the camera's, and that of things.

Before the network reads a tubelet, each of its frames is moved to where everything is in the tubelet's
middle; what it writes is moved back. A pan, or a thing that runs, is then a still picture inside each
tubelet, and its frames move from the first picture on. Learnt as changes like any other, motion within
tubelets came last: after 190,000 clips pans still went by in four jumps.

What the network reads is taken from the nearest pixels, so that noise stays noise; what it writes is put
between pixels, so that a thing needn't tremble by half a pixel to stand still. What a thing has just bared,
and what it hides in the other view, is filled with what lies beside it, mirrored.

Axes: B canvases, N tokens of tubelets, P numbers in a tubelet's patch; M tubelets, F frames of each, T = M F;
H, W pixels, S = H W; K things.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.bodies import Bodies, Plane, covers, placed, seen_on
from vitascope.model.camera import View
from vitascope.model.patches import patchify, unpatchify

__all__ = ["middles", "nearest", "put", "side_of", "taken", "ways"]

MIRROR = 2.1  # halves of a body: its edge, twice, and a little more


def taken(patches_BNP: Tensor, way_BTS: Tensor, grid: tuple[int, int], frames: int) -> Tensor:
    """Tubelets' patches [B, N, P] with every pixel taken from where `ways` has it."""
    side = side_of(patches_BNP, frames)
    clips = unpatchify(patches_BNP, frames, side, *grid)
    pixels = clips.flatten(2, 3)
    seen = pixels.gather(2, way_BTS.long().unsqueeze(-1).expand(pixels.shape))
    return patchify(seen.view(clips.shape), frames, side)


def put(patches_BNP: Tensor, way_BTS2: Tensor, grid: tuple[int, int], frames: int) -> Tensor:
    """Tubelets' patches [B, N, P] with every pixel blended from the four around where `ways` has it."""
    side = side_of(patches_BNP, frames)
    clips = unpatchify(patches_BNP, frames, side, *grid)
    B, T, H, W, _ = clips.shape
    flat = clips.reshape(B * T, H, W, 3).permute(0, 3, 1, 2)
    at = way_BTS2.reshape(B * T, H, W, 2)
    seen = F.grid_sample(flat, at, mode="bilinear", padding_mode="border", align_corners=False)
    return patchify(seen.permute(0, 2, 3, 1).reshape(clips.shape), frames, side)


def nearest(way_BTS2: Tensor, grid: tuple[int, int], side: int) -> Tensor:
    """The pixels' numbers, int32 [B, T, S], that `taken` takes where `put` would blend."""
    (rows, columns), (x, y) = grid, way_BTS2.unbind(-1)
    row = ((y + 1) / 2 * rows * side).floor().clamp(0, rows * side - 1)
    column = ((x + 1) / 2 * columns * side).floor().clamp(0, columns * side - 1)
    return (row * (columns * side) + column).to(torch.int32)


def side_of(patches_BNP: Tensor, frames: int) -> int:
    """The side of a tubelet's patch in pixels."""
    return int((patches_BNP.shape[-1] // frames // 3) ** 0.5)


def ways(
    view: View, bodies: Bodies, places_N3: Tensor, grid: tuple[int, int], frames: int, side: int
) -> tuple[Tensor, Tensor]:
    """For every pixel of the tubelets at these places, where it comes from in each direction.

    The first takes frames to where all is in the middle of their tubelet: int32 [B, T, S], pixels' numbers.
    The second puts them back: [B, T, S, 2], x and y in -1..1 of the picture. side: of a patch in pixels.
    """
    (rows, columns), B, N = grid, len(view.camera_BT4), len(places_N3)
    M, size = N // (rows * columns), (rows * side, columns * side)
    if not M:
        nothing = torch.zeros(B, 0, size[0] * size[1], 2, device=places_N3.device)
        return nearest(nothing, grid, side), nothing
    passing = _spread(view.passing(places_N3).view(B * M, rows, columns, 2), side)
    since = (torch.arange(frames) - (frames - 1) / 2).to(places_N3)
    times = places_N3[:: rows * columns, 0]
    middle = bodies.at(times)
    each = bodies.at((times[:, None] + since * bodies.frame_step).flatten()).unflatten(1, (M, frames))
    at = middles(rows, side, since).view(-1, 1), middles(columns, side, since).view(1, -1)
    # What the camera passes by goes the other way.
    drift = (passing.view(B, M, 1, *size, 2) * -since.view(-1, 1, 1, 1)).unbind(-1)
    there: list[Tensor] = []
    back: list[Tensor] = []
    for clip in range(B):  # one after the other stays in the processor's cache
        gone = drift[0][clip], drift[1][clip]
        passed = (at[0] + gone[0], at[1] + gone[1]), (at[0] - gone[0], at[1] - gone[1])
        ways = passed
        for k in reversed(range(middle.shape[2])):
            if bodies.told_BK[clip, k]:
                poses = (body[clip, ..., k, :][..., None, None, :] for body in (middle[:, :, None], each))
                ways = _moved(at, passed, (next(poses), next(poses)), ways)
        there.append(_as_picture(ways[0], grid))
        back.append(_as_picture(ways[1], grid))
    return nearest(torch.stack(there), grid, side), torch.stack(back)


def _moved(
    at: Plane, passed: tuple[Plane, Plane], body: tuple[Tensor, Tensor], ways: tuple[Plane, Plane]
) -> tuple[Plane, Plane]:
    """Where pixels come from, there and back, with a thing's motion in it.

    body: its poses in the middle and at each frame; passed: where the camera alone would have them from.
    """
    middle, now = body
    there = _either(covers(hidden := seen_on(passed[0], now)), placed(_beside(hidden), now), ways[0])
    back = _either(covers(bare := seen_on(passed[1], middle)), placed(_beside(bare), middle), ways[1])
    on_middle, on_now = seen_on(at, middle), seen_on(at, now)
    there = _either(covers(on_middle), placed(on_middle, now), there)
    return there, _either(covers(on_now), placed(on_now, middle), back)


def _beside(there: Plane) -> Plane:
    """The place as far outside a body as this one is inside, the same way from its middle."""
    far = (there[0].square().square() + there[1].square().square()).clamp(min=1e-4).sqrt().sqrt()
    return there[0] * (MIRROR / far - 1), there[1] * (MIRROR / far - 1)


def _either(where: Tensor, one: Plane, other: Plane) -> Plane:
    return torch.where(where, one[0], other[0]), torch.where(where, one[1], other[1])


def _as_picture(at: Plane, grid: tuple[int, int]) -> Tensor:
    """Rows and columns [M, F, H, W] in patches from the centre -> [T, H W, 2], x and y in -1..1."""
    return torch.stack((at[1] * (2 / grid[1]), at[0] * (2 / grid[0])), -1).flatten(2, 3).flatten(0, 1)


def middles(patches: int, side: int, like: Tensor) -> Tensor:
    """Where the pixels of so many patches are, in patches from the centre."""
    return (torch.arange(patches * side, device=like.device).to(like) + 0.5) / side - patches / 2


def _spread(passing_Mrc2: Tensor, side: int) -> Tensor:
    """From patches to their pixels, [M, H, W, 2]: what is affine in the place is so between patches too."""
    r, c = passing_Mrc2.shape[1:3]
    middle = passing_Mrc2.mean((1, 2), keepdim=True)
    by_row = (passing_Mrc2[:, -1:] - passing_Mrc2[:, :1]).mean(2, keepdim=True) / max(1, r - 1)
    by_column = (passing_Mrc2[:, :, -1:] - passing_Mrc2[:, :, :1]).mean(1, keepdim=True) / max(1, c - 1)
    row, column = (middles(n, side, middle) for n in (r, c))
    return middle + by_row * row.view(-1, 1, 1) + by_column * column.view(-1, 1)
