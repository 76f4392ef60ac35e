"""The reader: a small network that reads from a clip what it shows, one attribute at a time.

It sees a clip as tubelets of four frames, so that its first layer meets motion as well as colour. Maps of
each tubelet are mixed in space and in time; then every attribute looks with a query of its own at all of
them. It knows attributes only as names with so many values: not what they mean, nor any file.

Axes: B clips, T frames, H, W pixels, C colours; N tubelets, M = B N maps, h, w places in a map, D width of a
place, A attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitascope.model.patches import fourier

__all__ = ["Read", "Reader", "ReaderConfig"]


@dataclass(frozen=True)
class ReaderConfig:
    """The sizes of a `Reader`, and its attributes: their names, each with the number of its values."""

    attributes: Mapping[str, int]
    widths: tuple[int, int, int] = (48, 96, 160)  # at a half, a quarter and an eighth of the picture's side
    near_blocks: int = 3
    far_blocks: int = 3
    tubelet_frames: int = 4


@dataclass(frozen=True)
class Read:
    """What was read: the logits [B, values] of every attribute, and the clips' features [B, D]."""

    logits: dict[str, Tensor]
    features_BD: Tensor


class Convolution(nn.Module):
    """A 3 x 3 convolution whose weight is one matrix [D_out, 9 * D_in], as matrix optimisers like it."""

    def __init__(self, width_in: int, width_out: int, stride: int = 1) -> None:
        super().__init__()
        self.width_in, self.stride = width_in, stride
        self.weight = nn.Parameter(torch.randn(width_out, 9 * width_in) * (9 * width_in) ** -0.5)
        self.bias = nn.Parameter(torch.zeros(width_out))

    def forward(self, x_MDhw: Tensor) -> Tensor:
        weight = self.weight.view(-1, 3, 3, self.width_in).permute(0, 3, 1, 2)
        return F.conv2d(x_MDhw, weight.to(x_MDhw.dtype), self.bias.to(x_MDhw.dtype), self.stride, padding=1)


def _norm(x_MDhw: Tensor) -> Tensor:
    """Each place with mean 0 and variance 1 over the width. On a CPU rms_norm takes five times as long."""
    x_MhwD = x_MDhw.permute(0, 2, 3, 1)
    return F.layer_norm(x_MhwD, x_MhwD.shape[-1:]).permute(0, 3, 1, 2)


class Block(nn.Module):
    """x + what its neighbourhood adds."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.near = Convolution(width, width)

    def forward(self, x_MDhw: Tensor) -> Tensor:
        return x_MDhw + self.near(F.relu(_norm(x_MDhw)))


class InTime(nn.Module):
    """x + what the tubelets before and after add, place by place; beyond the ends there is nothing."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mix = nn.Linear(3 * width, width)

    def forward(self, x_MDhw: Tensor, clips: int) -> Tensor:
        x_BNhwD = x_MDhw.permute(0, 2, 3, 1).unflatten(0, (clips, -1))
        h = F.pad(F.relu(F.layer_norm(x_BNhwD, x_BNhwD.shape[-1:])), (0, 0, 0, 0, 0, 0, 1, 1))
        mixed = self.mix(torch.cat((h[:, :-2], h[:, 1:-1], h[:, 2:]), dim=-1))
        return x_MDhw + mixed.flatten(0, 1).permute(0, 3, 1, 2)


class Reader(nn.Module):
    """Clips in, a `Read` out."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        half, near, far = config.widths
        self.stem = Convolution(3 * config.tubelet_frames, half, stride=2)
        self.shrink = Convolution(half, near, stride=2)
        self.near = nn.ModuleList(Block(near) for _ in range(config.near_blocks))
        self.shrink_again = Convolution(near, far, stride=2)
        self.place = nn.Linear(2 * 2 * 4, far)
        self.far = nn.ModuleList(Block(far) for _ in range(config.far_blocks))
        self.in_time = nn.ModuleList(InTime(far) for _ in range(config.far_blocks - 1))
        self.query = nn.Linear(far, len(config.attributes))
        self.think = nn.Linear(2 * far, far)
        self.say = nn.ModuleDict({name: nn.Linear(far, values) for name, values in config.attributes.items()})

    def forward(self, pixels_BTHWC: Tensor) -> Read:
        """Reads clips of uint8 pixels, or floats in -1..1; H and W are whole multiples of 8, T is any."""
        B = len(pixels_BTHWC)
        x = F.relu(_norm(self.stem(self._tubelets(pixels_BTHWC))))
        x = self.shrink(x)
        for block in self.near:
            x = block(x)
        x = self.shrink_again(F.relu(_norm(x)))
        x = x + self.place(_coordinates(x).to(x.dtype)).permute(2, 0, 1)
        for i, block in enumerate(self.far):
            x = block(x)
            if i < len(self.in_time):
                x = self.in_time[i](x, B)
        return self._answers(_norm(x).permute(0, 2, 3, 1).reshape(B, -1, x.shape[1]))

    def _tubelets(self, pixels_BTHWC: Tensor) -> Tensor:
        """[M, frames * C, H, W] of about -1..1; the last frame stays on until a tubelet is full."""
        B, T, H, W, C = pixels_BTHWC.shape
        frames, like = self.config.tubelet_frames, self.query.weight
        x = pixels_BTHWC.to(like.dtype)
        if pixels_BTHWC.dtype == torch.uint8:
            x = x / 127.5 - 1
        if T % frames:
            x = torch.cat((x, x[:, -1:].expand(B, frames - T % frames, H, W, C)), dim=1)
        x = x.reshape(-1, frames, H, W, C).permute(0, 2, 3, 1, 4).flatten(3)
        return x.permute(0, 3, 1, 2)

    def _answers(self, x_BSD: Tensor) -> Read:
        """Each attribute gathers from all places (S = N h w) what its query likes, beside the mean of all."""
        share_BSA = self.query(x_BSD).float().softmax(dim=1).to(x_BSD.dtype)
        seen_BAD = share_BSA.transpose(1, 2) @ x_BSD
        mean_BD = x_BSD.mean(dim=1)
        both = torch.cat((seen_BAD, mean_BD.unsqueeze(1).expand_as(seen_BAD)), dim=-1)
        thought_BAD = F.relu(self.think(both))
        logits = {name: say(thought_BAD[:, a]).float() for a, (name, say) in enumerate(self.say.items())}
        return Read(logits, mean_BD.float())


def _coordinates(x_MDhw: Tensor) -> Tensor:
    """Where each place of a map is, as waves: [h, w, 16]."""
    h, w = x_MDhw.shape[-2:]
    rows = torch.linspace(-1, 1, h, device=x_MDhw.device)
    columns = torch.linspace(-1, 1, w, device=x_MDhw.device)
    return fourier(torch.stack(torch.meshgrid(rows, columns, indexing="ij"), dim=-1), 4, 4)
