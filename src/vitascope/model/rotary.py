"""Rotary positions in time, rows and columns; time may be a circle.

Each pair of channels turns by an angle that grows with one coordinate, so attention sees how far
apart two tokens are (RoFormer, arXiv 2104.09864, in three axes). On a circle every time frequency
makes a whole number of turns per lap: the last frame is then as near to the first as any neighbour.

Axes: B, H heads, N tokens, K head width, E rotated pairs.
"""

import math

import torch
from torch import Tensor

__all__ = ["rotate", "rotation"]


def _rates(count: int, longest: float) -> Tensor:
    """`count` angular rates, geometric from one radian a step down to one lap in `longest` steps."""
    return torch.logspace(0, math.log10(2 * math.pi / longest), count)


def rotation(places_N3: Tensor, head_width: int, lap_frames: float | None = None) -> tuple[Tensor, Tensor]:
    """Cosines and sines of every token's turns: [..., N, 3] -> two of [..., N, K / 2].

    A fifth of the channels stays unturned (angle 0), for what is the same everywhere. `lap_frames`
    makes time a circle of that many frames; there a place whose time is NaN is at no time at all, and its
    time channels are silent (elsewhere such a place is at time 0).
    """
    pairs = head_width // 2
    time, space = pairs // 5, pairs * 3 // 10
    time_rates = _rates(time, 128.0).to(places_N3.device)
    if lap_frames is not None:
        time_rates = torch.round(time_rates * lap_frames / (2 * math.pi)) * (2 * math.pi / lap_frames)
    space_rates = _rates(space, 64.0).to(places_N3.device)
    timeless = places_N3[..., :1].isnan()
    places = torch.nan_to_num(places_N3.float())
    angles = torch.cat(
        (
            places[..., 0:1] * time_rates,
            places[..., 1:2] * space_rates,
            places[..., 2:3] * space_rates,
            places.new_zeros((*places.shape[:-1], pairs - time - 2 * space)),
        ),
        dim=-1,
    )
    if lap_frames is None:
        return angles.cos(), angles.sin()
    heard = 1 - torch.nn.functional.pad(
        timeless.float().expand(*timeless.shape[:-1], time), (0, pairs - time)
    )
    return angles.cos() * heard, angles.sin() * heard


def rotate(x_BHNK: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each channel pair (i, i + K/2); `cos` and `sin` are [N, K/2] or [B, 1, N, K/2]."""
    left, right = x_BHNK.chunk(2, dim=-1)
    return torch.cat((left * cos - right * sin, right * cos + left * sin), dim=-1)
