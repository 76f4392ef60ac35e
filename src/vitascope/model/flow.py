"""Flow matching with a clock for every token: from noise at 0 to the clean picture at 1.

A token whose pixels are known to degree k starts at clock k: its path runs x(c) = c x + (1 - c) noise
for c from k to 1. All tokens share one time s in 0..1, so c = k + (1 - k) s; a given token (k = 1)
has arrived before the first step. The network predicts the clean x (JiT, arXiv 2511.13720; a level
per frame: diffusion forcing, 2407.01392); the velocity follows from it. Pure functions of tensors.
"""

import math

import torch
from torch import Tensor

__all__ = ["clock_at", "loss", "mix", "random_time", "velocity"]

NEAREST = 0.2  # 1 - clock below which a token's weight stops growing


def clock_at(time: Tensor | float, known: Tensor) -> Tensor:
    """Each token's clock at the canvas' time: known + (1 - known) * time."""
    return known + (1 - known) * time


def mix(clean: Tensor, noise: Tensor, clock: Tensor) -> Tensor:
    """The picture as it stands at `clock`: clock * clean + (1 - clock) * noise."""
    return clock * clean + (1 - clock) * noise


def velocity(now: Tensor, clean: Tensor, clock: Tensor) -> Tensor:
    """d x / d clock on the straight path through `now` to the predicted `clean`."""
    return (clean - now) / (1 - clock).clamp(min=1e-3)


def random_time(shape: tuple[int, ...], generator: torch.Generator, moments: int = 1) -> Tensor:
    """Training times in 0..1, logit-normal and mostly near the noise: there it is decided what is where.

    Of a thing that spans many pixels a tenth of signal shows nearly all, and what the network can't do on its
    own before that, it never makes up for. Every moment of a clip shows the thing once more, so less signal
    will do: as the resolution shift of SD3 (arXiv 2403.03206, eq. 23) by the square root of `moments`.
    """
    middle = -0.9 - 0.5 * math.log(max(1, moments))
    return torch.sigmoid(1.2 * torch.randn(shape, generator=generator, device=generator.device) + middle)


def loss(predicted: Tensor, clean: Tensor, clock_BN: Tensor, weight_BN: Tensor) -> Tensor:
    """Squared error of the velocity: mean over numbers, weighted over tokens not given (clock < 1)."""
    error_BN = (predicted.float() - clean.float()).square().mean(-1)
    weight = weight_BN * (clock_BN < 1) / (1 - clock_BN).clamp(min=NEAREST).square()
    return (error_BN * weight).mean()
