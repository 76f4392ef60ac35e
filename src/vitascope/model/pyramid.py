"""What is near: convolutions on two finer grids, before and after the transformer, with skips between.

A patch of 8 x 8 pixels is 4 x 4 cells of 2 x 2 pixels, or 2 x 2 cells of 4 x 4. Alone, a transformer of
patches learns late what goes on across their borders: after 100,000 stills it still painted every patch by
itself, a heap of squares. A U of convolutions around it (Simple Diffusion, arXiv 2301.11093) sees the
neighbours from the first step on. A frame and a tubelet (as waves) are each one picture here: time is the
transformer's.

Axes: M pictures (canvases times moments), r, c patches down and across, h, w cells, C channels, W the clock's
features.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Pyramid", "PyramidConfig"]

CELL_PX = 2  # the side of the finer grid's cells


@dataclass(frozen=True)
class PyramidConfig:
    """Channels on the finer and on the coarser grid, and how many blocks each has on the way up."""

    fine: int = 48
    coarse: int = 96
    blocks_up: int = 2


class Near(nn.Module):
    """A residual block: what the eight neighbours show, turned by each patch's clock."""

    def __init__(self, channels: int, clock_width: int) -> None:
        super().__init__()
        self.by_clock = nn.Linear(clock_width, 2 * channels)
        self.across = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.mix = nn.Linear(channels, channels)
        nn.init.zeros_(self.by_clock.weight)
        nn.init.zeros_(self.by_clock.bias)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)

    def forward(self, x_MhwC: Tensor, clock_MrcW: Tensor) -> Tensor:
        M, h, w, C = x_MhwC.shape
        rows, columns = clock_MrcW.shape[1:3]
        turn = self.by_clock(clock_MrcW).view(M, rows, 1, columns, 1, 2 * C)
        scale, shift = turn.chunk(2, dim=-1)
        x = F.rms_norm(x_MhwC, (C,)).view(M, rows, h // rows, columns, w // columns, C)
        x = (x * (1 + scale) + shift).view(M, h, w, C)
        # As memory lies, channels come last, which is what a CPU's convolutions like best.
        x = self.across(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return x_MhwC + self.mix(F.silu(x))


class Pyramid(nn.Module):
    """Patches -> tokens on the way `down`; tokens -> patches on the way `up`, with what was seen below."""

    def __init__(
        self, config: PyramidConfig, patches: tuple[int, int], patch_px: int, width: int, clock_width: int
    ) -> None:
        """patches: numbers in a frame's patch and in a tubelet's. width: the tokens'."""
        super().__init__()
        fine, coarse = config.fine, config.coarse
        self.cells = patch_px // CELL_PX  # of the finer grid, along a patch's side
        per_cell = [numbers // self.cells**2 for numbers in patches]
        self.read = nn.ModuleList(nn.Linear(numbers, fine) for numbers in per_cell)
        self.down_fine = Near(fine, clock_width)
        self.to_coarse = nn.Linear(4 * fine, coarse)
        self.down_coarse = Near(coarse, clock_width)
        self.to_tokens = nn.Linear(coarse * (self.cells // 2) ** 2, width)
        self.from_tokens = nn.Linear(width, coarse * (self.cells // 2) ** 2)
        self.up_coarse = nn.ModuleList(Near(coarse, clock_width) for _ in range(config.blocks_up))
        self.to_fine = nn.Linear(coarse, 4 * fine)
        self.up_fine = nn.ModuleList(Near(fine, clock_width) for _ in range(config.blocks_up))
        self.write = nn.ModuleList(nn.Linear(fine, numbers) for numbers in per_cell)
        for layer in self.write:
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)

    def down(
        self, patches: tuple[Tensor, Tensor], clock_MrcW: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Patches of frames [Mf, r, c, P] and of tubelets [Mt, r, c, P] -> tokens [M, r, c, D], and skips."""
        fine = torch.cat(
            [layer(_cells(p, self.cells)) for layer, p in zip(self.read, patches, strict=True)], dim=0
        )
        fine = self.down_fine(fine, clock_MrcW)
        coarse = self.down_coarse(self.to_coarse(_coarser(fine, 2)), clock_MrcW)
        return self.to_tokens(_coarser(coarse, self.cells // 2)), (fine, coarse)

    def up(
        self, tokens_MrcD: Tensor, skips: tuple[Tensor, Tensor], clock_MrcW: Tensor, frames: int
    ) -> tuple[Tensor, Tensor]:
        """Tokens and skips -> patches; the first `frames` of M are frames, the others tubelets."""
        coarse = _finer(self.from_tokens(tokens_MrcD), self.cells // 2) + skips[1]
        for block in self.up_coarse:
            coarse = block(coarse, clock_MrcW)
        fine = _finer(self.to_fine(coarse), 2) + skips[0]
        for block in self.up_fine:
            fine = block(fine, clock_MrcW)
        fine = F.rms_norm(fine, (fine.shape[-1],))
        parts = (fine[:frames], fine[frames:])
        written = [_patches(layer(p), self.cells) for layer, p in zip(self.write, parts, strict=True)]
        return written[0], written[1]

    @torch.no_grad()
    def tubelets_from_frames(self, size: float) -> None:
        """Let tubelets be read and written as frames are: `size` is that of the mean wave of a still."""
        (frame_in, tubelet_in), (frame_out, tubelet_out) = (
            [layer for layer in layers if isinstance(layer, nn.Linear)] for layers in (self.read, self.write)
        )
        numbers = frame_in.weight.shape[1]
        tubelet_in.weight.zero_()
        tubelet_in.weight[:, :numbers] = frame_in.weight / size
        tubelet_in.bias.copy_(frame_in.bias)
        for parameter, frame in zip(tubelet_out.parameters(), frame_out.parameters(), strict=True):
            parameter.zero_()
            parameter[:numbers] = frame * size


def _cells(patches_MrcP: Tensor, n: int, colours: int = 3) -> Tensor:
    """[M, r, c, (frame, row, column, colour)] -> [M, r n, c n, ...]: every patch becomes n x n cells."""
    M, r, c, P = patches_MrcP.shape
    px = CELL_PX
    x = patches_MrcP.view(M, r, c, P // (colours * (n * px) ** 2), n, px, n, px, colours)
    return x.permute(0, 1, 4, 2, 6, 3, 5, 7, 8).reshape(M, r * n, c * n, P // n**2)


def _patches(cells_MhwP: Tensor, n: int, colours: int = 3) -> Tensor:
    """The inverse of `_cells`."""
    M, h, w, P = cells_MhwP.shape
    px = CELL_PX
    x = cells_MhwP.view(M, h // n, n, w // n, n, P // (colours * px**2), px, px, colours)
    return x.permute(0, 1, 3, 5, 2, 6, 4, 7, 8).reshape(M, h // n, w // n, P * n**2)


def _finer(x_MhwC: Tensor, n: int) -> Tensor:
    """[M, h, w, n n C] -> [M, h n, w n, C]."""
    M, h, w, numbers = x_MhwC.shape
    x = x_MhwC.view(M, h, w, n, n, numbers // n**2)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(M, h * n, w * n, -1)


def _coarser(x_MhwC: Tensor, n: int) -> Tensor:
    """The inverse of `_finer`."""
    M, h, w, C = x_MhwC.shape
    x = x_MhwC.view(M, h // n, n, w // n, n, C)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(M, h // n, w // n, C * n**2)
