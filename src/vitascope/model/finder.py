"""Finds the things in a picture: which of its pixels belong to something that stands out from the place.

Where a clip begins with a picture, whoever plans how its things go on must know where they are. A small
network of convolutions looks at three sizes of the picture (U-Net, arXiv 1505.04597), trained on the toy
world and on strange pictures. Knows pixels only; who it is that stands there, it can't say.

Axes: B pictures, H, W pixels at the base size, C channels.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitascope.model.checkpoint import WEIGHTS

__all__ = ["Finder"]

FINE = 2  # pixels a side that are looked at together: four times as fast, and as exact as boxes need
WIDTHS = (32, 64, 96)


class Finder(nn.Module):
    """Pictures -1..1 [B, H, W, 3], sides multiples of 8 -> logits [B, H, W] that a pixel belongs to a
    thing.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.inward = _Twice(3 * FINE**2, widths[0])
        self.down = nn.ModuleList(_Twice(4 * a, b) for a, b in pairwise(widths))
        self.up = nn.ModuleList(_Twice(a + b, a) for a, b in pairwise(widths))
        self.outward = nn.Conv2d(widths[0], FINE**2, 1)

    @classmethod
    @cache
    def load(cls, path: Path | None = None) -> "Finder":
        """The packaged finder. FileNotFoundError says how to make absent weights."""
        from safetensors.torch import load_file

        path = path or WEIGHTS / "finder.safetensors"
        if not path.exists():
            raise FileNotFoundError(f"no weights at {path}; python -m vitascope.train.finding makes them")
        finder = cls()
        finder.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
        return finder.eval().requires_grad_(False)

    def forward(self, pictures_BHWC: Tensor) -> Tensor:
        x = F.pixel_unshuffle(pictures_BHWC.permute(0, 3, 1, 2), FINE)
        x = self.inward(x.contiguous(memory_format=torch.channels_last))
        beside = list[Tensor]()
        for down in self.down:
            beside.append(x)
            x = down(F.pixel_unshuffle(x, 2))
        for up, same in zip(reversed(self.up), reversed(beside), strict=True):
            larger = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = up(torch.cat((same, larger), 1))
        return F.pixel_shuffle(self.outward(x), FINE)[:, 0]


class _Twice(nn.Sequential):
    """Two convolutions."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__(
            nn.Conv2d(channels, width, 3, padding=1),
            nn.GroupNorm(4, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(4, width),
            nn.SiLU(),
        )
