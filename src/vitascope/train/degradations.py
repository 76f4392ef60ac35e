"""What the transformer's pictures suffer from, done on purpose: the upscaler learns to mend it.

Blur, noise, detail lost and colour off patch by patch (so that seams show on the grid of patches). Either by
formula, or by the transformer itself from half-noised renders. Knows nothing of the upscaler or its training.

Axes: B pictures, T frames, H, W, C or 3 colours; N patches; k frequency. Pictures float in 0..1, clips uint8.
"""

import math
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model import flow
from vitascope.model.checkpoint import load_network
from vitascope.model.context import UNTOLD_CAMERA, WORD_SLOTS, Context
from vitascope.model.layout import Layout
from vitascope.model.network import Tokens
from vitascope.model.patches import patchify, unpatchify
from vitascope.model.staging import still

__all__ = ["Degrade", "by_base_model", "spoil"]

PATCH = 8
Degrade = Callable[
    [Tensor], Tensor
]  # clips uint8 [B, T, H, W, 3] -> the same, as the base model would paint them


def spoil(small_B3hw: Tensor, generator: torch.Generator) -> Tensor:
    """Spoils each picture by its own degree, one in eight not at all; sides are multiples of 8.

    The picture's upper left corner must be a corner of the patch grid.
    """

    def dice() -> Tensor:
        return torch.rand(len(small_B3hw), 1, 1, 1, generator=generator)

    degree = dice() * (dice() > 1 / 8)
    x = torch.where(dice() < degree * 0.25, _half_size(small_B3hw), small_B3hw)
    x = _blur(x, 1.1 * (degree * dice()).flatten(), 1.1 * (degree * dice()).flatten())
    x = _patchwise(x, degree * dice(), 0.5 * degree * dice() ** 2, generator)
    x = x + 0.03 * degree * dice() * torch.randn(x.shape, generator=generator)
    return (x.clamp(0, 1) * 255).round() / 255


def _half_size(x_B3hw: Tensor) -> Tensor:
    """Half the detail: averaged over 2 x 2 and stretched again."""
    return F.interpolate(F.avg_pool2d(x_B3hw, 2), scale_factor=2, mode="bilinear", align_corners=False)


def _blur(x_B3hw: Tensor, across_B: Tensor, down_B: Tensor) -> Tensor:
    """Gaussian blur, each picture by its own widths in pixels."""
    B, C, h, w = x_B3hw.shape
    steps = torch.arange(-3, 4)
    bells = [
        (-(steps**2) / (2 * width[:, None].clamp(min=0.05) ** 2)).softmax(1) for width in (down_B, across_B)
    ]
    kernel = (bells[0][:, :, None] * bells[1][:, None]).repeat_interleave(C, 0)[:, None]
    padded = F.pad(x_B3hw, (3, 3, 3, 3), mode="replicate").reshape(1, B * C, h + 6, w + 6)
    return F.conv2d(padded, kernel, groups=B * C).view(B, C, h, w)


def _cosines() -> tuple[Tensor, Tensor]:
    """The orthonormal cosine basis of a patch [64, 64], rows are waves; and each wave's frequency [64]."""
    k, x = torch.arange(PATCH)[:, None], torch.arange(PATCH)[None]
    one = torch.cos(math.pi * k * (x + 0.5) / PATCH) * math.sqrt(2 / PATCH)
    one[0] /= math.sqrt(2)
    return torch.kron(one, one), torch.hypot(k.float(), x.float()).flatten()


_WAVES, _FREQUENCY = _cosines()


def _patchwise(x_B3hw: Tensor, smear_B: Tensor, error_B: Tensor, generator: torch.Generator) -> Tensor:
    """In every patch on its own: loses fine waves, and adds errors that are largest in the coarse ones.

    A transformer's last layer paints patch by patch, so this is where its mistakes are: an error in a patch's
    mean or slope is a seam. smear [B, 1, 1, 1] in 0..1; error [B, 1, 1, 1] in pixel values times 8.
    """
    B, C, h, w = x_B3hw.shape
    rows, columns = h // PATCH, w // PATCH
    waves = (
        F.unfold(x_B3hw, PATCH, stride=PATCH).view(B, C, PATCH**2, -1).transpose(2, 3) @ _WAVES.T
    )  # B C N k
    patches = torch.rand(B, 1, rows * columns, 1, generator=generator)
    cutoff = 2.2 / (smear_B * patches + 0.05)
    grey = torch.randn(B, 1, rows * columns, PATCH**2, generator=generator)
    colour = torch.randn(waves.shape, generator=generator)
    waves = waves * torch.exp(-((_FREQUENCY / cutoff) ** 2))
    waves = waves + error_B * (0.8 * grey + 0.6 * colour) / (1 + _FREQUENCY) ** 1.5
    back = (waves @ _WAVES).transpose(2, 3).reshape(B, C * PATCH**2, -1)
    return F.fold(back, (h, w), PATCH, stride=PATCH)


def by_base_model(weights: Path, seed: int = 0, least: float = 0.5, most: float = 0.97) -> Degrade:
    """Clips -> what the transformer, told nothing, predicts of them in one step, its clock anywhere between.

    `weights` is a file that save_network wrote. One frame goes through frame tokens, more through tubelets.
    """
    network, generator = load_network(weights), torch.Generator().manual_seed(seed)

    @torch.no_grad()
    def degrade(clips_BTHWC: Tensor) -> Tensor:
        B, T, H, W, _ = clips_BTHWC.shape
        rows, columns, frames = H // PATCH, W // PATCH, 1 if T == 1 else network.config.tubelet_frames
        layout = Layout(rows, columns, 0, (0,)) if T == 1 else Layout(rows, columns, T // frames)
        clean = patchify(clips_BTHWC.float() / 127.5 - 1, frames, PATCH)
        time = least + (most - least) * torch.rand(B, 1, 1, generator=generator)
        noise = torch.randn(clean.shape, generator=generator)
        if T > 1:
            noise = still(layout, B).noise(noise, layout.grid, generator)
        noisy = flow.mix(clean, noise, time)
        both = (noisy, noisy.new_zeros(B, 0, network.config.tubelet_patch))
        if T > 1:
            both = (noisy.new_zeros(B, 0, network.config.frame_patch), noisy)
        clock_BN = time[..., 0].expand(B, clean.shape[1])
        untold = Context(
            torch.zeros(B, WORD_SLOTS, network.config.words_width),
            camera_BC5=torch.tensor(UNTOLD_CAMERA).expand(B, 1, 5),
        )
        painted = network(Tokens(*both, clock_BN, layout.places(), layout.grid), untold)[0 if T == 1 else 1]
        pixels = unpatchify(painted.float(), frames, PATCH, rows, columns)
        return ((pixels + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)

    return degrade
