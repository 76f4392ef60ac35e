"""A tubelet as its mean picture and its changes, each brought to about the same size.

The frames of a tubelet are nearly alike: measured on clips of the toy world, their mean has 35 times the
energy of the strongest change and a hundred times that of the others. Under plain noise the changes drown
until the last tenth of the way, and a plain loss hardly counts them, so motion is learnt last (correlated
noise for video: PYoCo, arXiv 2305.10474). Here the frames of a tubelet are turned into a mean and three
cosine waves over time (DCT-II), wave k scaled by 2 + 2k: noise is drawn, errors are counted and the network
reads and writes in that basis, while every tensor that leaves this package stays plain pixels.

Axes: B canvases, N tokens, P numbers in a tubelet's patch, F frames of it.
"""

import math

import torch
from torch import Tensor

__all__ = ["counted", "from_waves", "tubelet_noise", "waves"]

# What an error in the mean, in the slowest change and in each faster one counts for. Counted alike, changes
# took nine tenths of the gradient, much of it for what nobody can foresee, and things lost their shapes.
WORTH = (1.0, 0.35, 0.12)


def _basis(frames: int) -> tuple[Tensor, Tensor]:
    """[F, F] there and back: rows are waves, longest first."""
    wave, time = torch.arange(frames).view(-1, 1), torch.arange(frames) + 0.5
    cosine = torch.cos(math.pi / frames * wave * time) * (2 / frames) ** 0.5
    cosine[0] = frames**-0.5
    scale = torch.where(wave > 0, 2 + 2 * wave, 1)
    return cosine * scale, (cosine / scale).T.contiguous()


def waves(patches: Tensor, frames: int) -> Tensor:
    """[..., F * p] of frames -> [..., F * p] of scaled waves."""
    return _turned(patches, _basis(frames)[0])


def from_waves(patches: Tensor, frames: int) -> Tensor:
    """The inverse of `waves`."""
    return _turned(patches, _basis(frames)[1])


def counted(patches: Tensor, frames: int) -> Tensor:
    """Waves as a loss counts them: the mean over a tubelet of their squares is the sum over waves of what the
    squares of each are worth."""
    scaled = waves(patches, frames).unflatten(-1, (frames, -1))
    worth = scaled.new_tensor([WORTH[min(wave, len(WORTH) - 1)] for wave in range(frames)])
    return (scaled * (frames * worth).sqrt().unsqueeze(-1)).flatten(-2)


def tubelet_noise(white_BNP: Tensor, frames: int) -> Tensor:
    """White numbers -> the noise of tubelets: white in waves, so its frames resemble each other.

    As loud in every frame's mean as a frame token's noise: what a frame token shows at some clock, a tubelet
    shows at the same, not long before.
    """
    return from_waves(white_BNP * frames**0.5, frames)


def _turned(patches: Tensor, matrix: Tensor) -> Tensor:
    # Sums of products rather than a matrix product: these are fused into their neighbours and stay float32.
    apart = patches.unflatten(-1, (1, matrix.shape[0], -1))
    return (apart * matrix.to(patches.device, patches.dtype).unsqueeze(-1)).sum(-2).flatten(-2)
