"""What a place is painted on, and the strokes: gradients, silhouettes, blobs, boxes, discs.

Paints at any coordinates, so a picture looks the same at every size. Does not know any place.

Axes: B scenes, C colours (RGB, or RGBA premultiplied), H rows, W columns, P uniform numbers, n shapes.
Coordinates in frame heights, x right, y down, (0, 0) the middle of a still camera's view. Colours and covers
0..1. `key` says which of a scene's uniform numbers a stroke may use.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

Colour = tuple[float, float, float]

_TINT = ((1.0, 1.0, 1.0), (1.0, 0.8, 0.7), (0.36, 0.42, 0.68))  # the light by day, at sunset, at night


@dataclass
class Paper:
    """What is painted on: the picture so far and the coordinates of its rows and columns."""

    image: Tensor  # [B, C, H, W]
    x: Tensor  # [B, W]
    y: Tensor  # [B, H]
    noise: Tensor  # [B, P]
    daytime: Tensor  # [B], index into DAYTIMES

    def __post_init__(self) -> None:
        self.px_x = (self.x[:, 1:2] - self.x[:, :1]).clamp(min=1e-6)
        self.px_y = (self.y[:, 1:2] - self.y[:, :1]).clamp(min=1e-6)
        self.tint = self.image.new_tensor(_TINT)[self.daytime]
        self.night = (self.daytime == 2).float()[:, None]
        self.sunset = (self.daytime == 1).float()[:, None]

    def rgb(self, *colour: float, glow: float = 0.0) -> Tensor:
        """A colour in this light [B, 3]; one that glows keeps its own."""
        return self.image.new_tensor(colour)[None] * (self.tint + (1 - self.tint) * glow)

    def by_daytime(self, day: Colour, sunset: Colour, night: Colour) -> Tensor:
        """Each scene's colour of three [B, 3]."""
        return self.image.new_tensor((day, sunset, night))[self.daytime]

    def paint(self, cover: Tensor, colour: Tensor) -> None:
        """Lays colour [B, 3] or [B, 3, H, 1] where cover [B, H, W] is 1."""
        colour = colour[:, :, None, None] if colour.dim() == 2 else colour
        if self.image.shape[1] == 4:
            colour = torch.cat((colour, torch.ones_like(colour[:, :1])), 1)
        self.image = torch.lerp(self.image, colour, cover[:, None])

    def fade(self, top_y: float, low_y: float, top: Tensor, low: Tensor) -> Tensor:
        """A colour that goes from top to low between two heights [B, 3, H, 1]."""
        u = ((self.y - top_y) / (low_y - top_y)).clamp(0, 1)
        u = u * u * (3 - 2 * u)
        return (top[:, :, None] + (low - top)[:, :, None] * u[:, None])[..., None]

    def below(self, h_BW: Tensor) -> Tensor:
        """Cover of everything below a profile, with soft edges however steep."""
        slope = torch.zeros_like(h_BW)
        slope[:, 1:-1] = (h_BW[:, 2:] - h_BW[:, :-2]) / 2
        # A wall's slope has no end; softened by that much it would wear a spike.
        width = torch.sqrt(self.px_y**2 + torch.minimum(slope.abs(), 5 * self.px_y) ** 2)
        return ((self.y[:, :, None] - h_BW[:, None]) / width[:, None] + 0.5).clamp(0, 1)

    def hills(self, base: float, height: float, period: float, key: int) -> Tensor:
        """A rolling profile [B, W]."""
        a, b, c = (self.noise[:, key + i : key + i + 1] * 6.283 for i in range(3))
        k = 6.283 / period
        wave = (
            torch.sin(k * self.x + a)
            + 0.5 * torch.sin(1.9 * k * self.x + b)
            + 0.22 * torch.sin(4.3 * k * self.x + c)
        )
        return base - height * 0.5 * (wave / 1.3 + 1)

    def cells(self, period: float, key: int) -> tuple[Tensor, Tensor, Tensor]:
        """Columns in cells: where in its cell (-0.5..0.5), and two random numbers of it: [B, W] each."""
        where = self.x / period + self.noise[:, key : key + 1] * 7
        cell = where.floor()
        seed = self.noise[:, key + 1 : key + 2] * 50
        first = (torch.sin(cell * 12.9898 + seed) * 4375.85) % 1.0
        second = (torch.sin(cell * 78.233 + seed * 1.7) * 2543.31) % 1.0
        return where - cell - 0.5, first, second

    def count(self, n: int) -> Tensor:
        """0 .. n-1 for every scene [1, n]."""
        return torch.arange(n, device=self.x.device, dtype=torch.float32)[None]

    def random(self, n: int, key: int) -> Tensor:
        """n more uniform numbers [B, n]."""
        i = self.count(n)
        return (torch.sin(i * 12.9898 + self.noise[:, key : key + 1] * 91.7 + key) * 4375.85) % 1.0

    def blobs(self, cx: Tensor, cy: Tensor, rx: Tensor, ry: Tensor, weight: Tensor | None = None) -> Tensor:
        """The sum of Gaussians at [B, n]: a field [B, H, W]."""
        gx = torch.exp(-0.5 * ((self.x[:, None] - cx[..., None]) / rx[..., None]) ** 2)
        gy = torch.exp(-0.5 * ((self.y[:, None] - cy[..., None]) / ry[..., None]) ** 2)
        if weight is not None:
            gy = gy * weight[..., None]
        return torch.einsum("bnh,bnw->bhw", gy, gx)

    def disc(self, cx: Tensor, cy: Tensor, r: Tensor | float) -> Tensor:
        """Cover of a disc with its centre at [B, 1]."""
        d2 = (self.x - cx)[:, None] ** 2 + (self.y - cy)[:, :, None] ** 2
        px = torch.maximum(self.px_x, self.px_y)[:, :, None]
        r = r[:, :, None] if isinstance(r, Tensor) else r
        return ((r - torch.sqrt(d2)) / px + 0.5).clamp(0, 1)

    def boxes(self, x0: Tensor, x1: Tensor, y0: Tensor, y1: Tensor) -> Tensor:
        """Cover of disjoint boxes at [B, n]."""
        bx = self._between(self.x, x0, x1, self.px_x)
        by = self._between(self.y, y0, y1, self.px_y)
        return torch.einsum("bnh,bnw->bhw", by, bx).clamp(max=1)

    @staticmethod
    def _between(v: Tensor, low: Tensor, high: Tensor, px: Tensor) -> Tensor:
        v, px = v[:, None], px[..., None]
        up = ((v - low[..., None]) / px + 0.5).clamp(0, 1)
        return up * ((high[..., None] - v) / px + 0.5).clamp(0, 1)

    def same(self, *values: float) -> Tensor:
        """The same numbers for every scene [B, n]."""
        return self.x.new_tensor(values)[None].expand(len(self.x), -1)
