"""The picture between two frames, mixed better than by rule: a small network over what is already guessed.

Whoever asks has looked for how things move (engine/inbetween.py) and offers, for a moment, three flows and
how far they are to be believed. The frames are carried by each of them, and left where they are; the network
says what of these eight pictures is seen where, shifts the two of the believed flow a little, and adds a
little colour: what it makes is made of the frames' own pixels. Untrained it mixes as the guesses say. Knows
pictures as tensors; not how motion is sought.

Axes: B pictures, C channels, H rows, W columns; h and w are the same, made smaller by the network. Flows,
bends and shifts are (x, y) in pixels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitascope.model.checkpoint import WEIGHTS

__all__ = ["GUESSES", "Inbetweener", "InbetweenerConfig", "Mixing", "seen"]

GUESSES = (
    15  # planes: three flows (x, y), the first frame's weight, how far either disagrees, three bends (x, y)
)
TOLD = 9  # of them the network is told: how ways are bent it needn't know, for it sees where that leads
PICTURES = 8  # both frames by each of three flows, and both where they are
RARE = 4.0  # how much less likely than the believed pictures the others are before anything is learnt
MULTIPLE_PX = 8  # of the sides at which it thinks: it looks at every second, fourth and eighth pixel


@dataclass(frozen=True)
class InbetweenerConfig:
    """Channels at a half, a quarter and an eighth of the size, and blocks at each; saved with the weights."""

    widths: tuple[int, int, int] = (32, 64, 96)
    blocks: tuple[int, int, int] = (1, 2, 3)


class Mixing(NamedTuple):
    """What the network says of a moment."""

    odds_B8HW: Tensor  # of the pictures, as logits
    shifts_B4HW: Tensor  # of where the first and the second are read beside the believed flow, (x, y) each
    colour_B3HW: Tensor  # to be added, of a range of 0..1

    def picture(
        self,
        views: Sequence[Tensor],
        first_B3HW: Tensor,
        second_B3HW: Tensor,
        guesses_B15HW: Tensor,
        share_B: Tensor,
    ) -> Tensor:
        """[B, 3, H, W] in 0..1: the frames shifted, mixed with what else is seen, and coloured."""
        shifted = _carried(first_B3HW, second_B3HW, guesses_B15HW[:, _way(0)], share_B, self.shifts_B4HW)
        weights = self.odds_B8HW.softmax(1)
        mixed = self.colour_B3HW
        for i, view in enumerate((*shifted, *views[2:])):
            mixed = mixed + weights[:, i : i + 1] * view
        # Nothing is brighter or darker than the frames are anywhere.
        both = torch.cat((first_B3HW, second_B3HW), -1)
        return mixed.clamp(both.amin((-3, -2, -1), keepdim=True), both.amax((-3, -2, -1), keepdim=True))


class Block(nn.Module):
    """Two convolutions whose result is added to what came in; begins by adding nothing."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.kaiming_normal_(self.first.weight, nonlinearity="relu")
        nn.init.zeros_(self.second.weight)

    def forward(self, x_BChw: Tensor) -> Tensor:
        return x_BChw + self.second(F.silu(self.first(_normed(x_BChw))))


class Inbetweener(nn.Module):
    """What is `seen`, guesses [B, 15, H, W] and shares [B] of the way -> a Mixing of that size."""

    def __init__(self, config: InbetweenerConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or InbetweenerConfig()
        half, quarter, eighth = config.widths
        many, more, most = config.blocks
        self.look = nn.Conv2d(3 * PICTURES + TOLD + 1, half, 4, stride=2, padding=1)
        self.at_half = nn.Sequential(*(Block(half) for _ in range(many)))
        self.to_quarter = nn.Conv2d(half, quarter, 2, stride=2)
        self.at_quarter = nn.Sequential(*(Block(quarter) for _ in range(more)))
        self.to_eighth = nn.Conv2d(quarter, eighth, 2, stride=2)
        self.at_eighth = nn.Sequential(*(Block(eighth) for _ in range(most)))
        self.from_eighth = nn.Conv2d(eighth, quarter, 1)
        self.then_quarter = nn.Sequential(*(Block(quarter) for _ in range(more)))
        self.from_quarter = nn.Conv2d(quarter, half, 1)
        self.then_half = nn.Sequential(*(Block(half) for _ in range(many)))
        self.say = nn.Conv2d(half, 4 * (PICTURES + 4 + 3), 3, padding=1)
        nn.init.zeros_(self.say.weight)
        nn.init.zeros_(self.say.bias)  # pyright: ignore[reportArgumentType]

    @classmethod
    @cache
    def load(cls, path: Path | None = None) -> Inbetweener:
        """The packaged network. FileNotFoundError says how to make absent weights."""
        from safetensors import safe_open

        path = path or WEIGHTS / "inbetweener.safetensors"
        if not path.exists():
            raise FileNotFoundError(
                f"no weights at {path}; python -m vitascope.train.inbetweening makes them"
            )
        with safe_open(path, "pt") as file:
            config = {name: tuple(sizes) for name, sizes in json.loads(file.metadata()["config"]).items()}
            network = cls(InbetweenerConfig(**config))
            network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        return network.float().eval().requires_grad_(False)

    def save(self, path: Path) -> None:
        """Writes weights as bfloat16 and the config beside them; the file appears whole or not at all."""
        from safetensors.torch import save_file

        weights = {
            name: value.detach().cpu().bfloat16().contiguous() for name, value in self.state_dict().items()
        }
        scratch = path.with_name(path.name + ".part")
        metadata = {"licence": "Apache-2.0", "config": json.dumps(asdict(self.config))}
        save_file(weights, scratch, metadata=metadata)
        scratch.replace(path)

    def forward(self, views: Sequence[Tensor], guesses_B15HW: Tensor, share_B: Tensor) -> Mixing:
        H, W = guesses_B15HW.shape[-2:]
        when = share_B.view(-1, 1, 1, 1)
        weight = guesses_B15HW[:, 6:7]
        planes = torch.cat(
            (
                *(4 * (view - 0.5) for view in views),
                guesses_B15HW[:, :6] / 8,
                2 * weight - 1,
                guesses_B15HW[:, 7:TOLD] / 8,
                (2 * when - 1).expand(-1, 1, H, W),
            ),
            1,
        )
        padded = F.pad(planes, (0, -W % MULTIPLE_PX, 0, -H % MULTIPLE_PX), mode="replicate")
        said = self._said(padded.contiguous(memory_format=torch.channels_last))[..., :H, :W].float()
        nearness = torch.log(torch.cat((1 - when, when), 1)).expand(-1, -1, H, W)
        trust = torch.log(torch.cat((weight, 1 - weight), 1).clamp(min=1e-3))
        usual = torch.cat((trust, *(nearness - RARE for _ in range(3))), 1)
        return Mixing(said[:, :8] + usual, said[:, 8:12], said[:, 12:] / 4)

    def _said(self, planes_BChw: Tensor) -> Tensor:
        half = self.at_half(self.look(planes_BChw))
        quarter = self.at_quarter(self.to_quarter(half))
        eighth = self.at_eighth(self.to_eighth(quarter))
        quarter = self.then_quarter(quarter + self.from_eighth(_twice(eighth)))
        half = self.then_half(half + self.from_quarter(_twice(quarter)))
        return F.pixel_shuffle(self.say(_normed(half)), 2)


def seen(
    first_B3HW: Tensor, second_B3HW: Tensor, guesses_B15HW: Tensor, share_B: Tensor
) -> tuple[Tensor, ...]:
    """The eight pictures [B, 3, H, W] that there are to choose from: first, second, first, second, ..."""
    by_flows = (_carried(first_B3HW, second_B3HW, guesses_B15HW[:, _way(i)], share_B) for i in range(3))
    return (*(view for both in by_flows for view in both), first_B3HW, second_B3HW)


def _carried(
    first_B3HW: Tensor,
    second_B3HW: Tensor,
    way_B4HW: Tensor,
    share_B: Tensor,
    shifts_B4HW: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Both frames by a flow from the first to the second and its bend, and a little beside it."""
    when, (flow, bend) = share_B.view(-1, 1, 1, 1), way_B4HW.split(2, 1)
    to_first, to_second = -when * flow - bend, (1 - when) * flow - bend
    if shifts_B4HW is not None:
        to_first, to_second = to_first + shifts_B4HW[:, :2], to_second + shifts_B4HW[:, 2:]
    return _read_at(first_B3HW, to_first), _read_at(second_B3HW, to_second)


def _way(i: int) -> list[int]:
    """Which planes hold one of the three flows and its bend."""
    return [2 * i, 2 * i + 1, TOLD + 2 * i, TOLD + 2 * i + 1]


def _read_at(picture_BCHW: Tensor, flow_B2HW: Tensor) -> Tensor:
    """The picture read at each pixel plus its flow, bilinear; beyond the edge the edge goes on."""
    H, W = picture_BCHW.shape[-2:]
    x = torch.arange(W, device=flow_B2HW.device) + flow_B2HW[:, 0]
    y = torch.arange(H, device=flow_B2HW.device)[:, None] + flow_B2HW[:, 1]
    places = torch.stack(((2 * x + 1) / W - 1, (2 * y + 1) / H - 1), -1)
    return F.grid_sample(picture_BCHW, places, padding_mode="border", align_corners=False)


def _normed(x_BChw: Tensor) -> Tensor:
    """Every pixel's channels at root mean square 1, or what the blocks add would grow out of hand."""
    x_BhwC = x_BChw.permute(0, 2, 3, 1)
    return F.rms_norm(x_BhwC, x_BhwC.shape[3:]).permute(0, 3, 1, 2)


def _twice(x_BChw: Tensor) -> Tensor:
    return F.interpolate(x_BChw, scale_factor=2, mode="nearest")
