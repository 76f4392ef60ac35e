"""What happens in a toy-world clip, as a struct of arrays, and how to draw such scripts at random.

A scene says which things do what, where, when and how it is filmed; its noise decides everything continuous.
This file does not know what anything looks like (places.py, render.py) or how it moves (mechanics.py).

Axes: B scenes, K things in a scene, P uniform numbers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from vitascope.train.world import vocab

K = 5  # most things in a scene
P = 64  # uniform numbers of a scene

Split = Literal["train", "held-out", "any"]

ACTION = {name: i for i, name in enumerate(vocab.ACTIONS)}
PLACE = {name: i for i, name in enumerate(vocab.PLACES)}
CAMERA = {name: i for i, name in enumerate(vocab.CAMERAS)}
WEATHER = {name: i for i, name in enumerate(vocab.WEATHERS)}
STYLE = {name: i for i, name in enumerate(vocab.STYLES)}

FOLLOWABLE = ("walks", "runs", "rolls", "slides", "flies up")
NO_WEATHER = ("space", "underwater", "room")
NO_RAIN = ("mars",)
NO_DAYTIME = ("space",)


@dataclass
class Scenes:
    """The scripts of B scenes; all int64 but noise_BP (float32 in 0..1)."""

    things_BK: Tensor  # index into THINGS, -1 = no thing; the first is the subject
    action_B: Tensor
    place_B: Tensor
    daytime_B: Tensor
    weather_B: Tensor
    camera_B: Tensor
    style_B: Tensor
    colour_B: Tensor
    size_B: Tensor
    count_B: Tensor  # 1..K of the subject
    relation_B: Tensor
    direction_B: Tensor  # -1 = left, +1 = right
    second_place_B: Tensor  # -1 = one shot, else the place after a cut at the middle
    noise_BP: Tensor

    def __len__(self) -> int:
        return len(self.action_B)

    def __getitem__(self, rows: slice | Tensor) -> Scenes:
        """The scenes at these rows."""
        return self._map(lambda column: column[rows])

    def to(self, device: torch.device | str) -> Scenes:
        """The same scenes on another device."""
        return self._map(lambda column: column.to(device))

    def second_take(self, generator: torch.Generator) -> Scenes:
        """The same scripts with another noise: other positions, speeds, hills and tints."""
        noise = torch.rand(self.noise_BP.shape, generator=generator, device=generator.device)
        return dataclasses.replace(self, noise_BP=noise.to(self.noise_BP.device))

    def _map(self, change: Callable[[Tensor], Tensor]) -> Scenes:
        return Scenes(*(change(getattr(self, f.name)) for f in dataclasses.fields(self)))


@dataclass(frozen=True)
class Mix:
    """How often a scene departs from one plain thing under a clear sky; every p is a probability in 0..1."""

    n_things: int = 64  # only the first so many of THINGS
    p_style: float = 0.15
    p_colour: float = 0.15
    p_count: float = 0.12
    p_pair: float = 0.1
    p_bump: float = 0.06
    p_weather: float = 0.12
    p_daytime: float = 0.4
    p_camera: float = 0.4
    p_cut: float = 0.0
    p_size: float = 0.2


def held_out(things_B: Tensor, action_B: Tensor, place_B: Tensor) -> Tensor:
    """Which combinations of thing, action and place training never sees: one in ten, by a fixed hash."""
    mixed = things_B * 73_856_093 + action_B * 19_349_663 + place_B * 83_492_791 + 12_345
    mixed = (mixed ^ (mixed >> 13)) * 1_274_126_177 % 2_147_483_647
    return (mixed ^ (mixed >> 7)) % 10 == 0


def _allowed(things_B: Tensor, action_B: Tensor, place_B: Tensor, split: Split) -> Tensor:
    reserved = held_out(things_B, action_B, place_B)
    return torch.ones_like(reserved) if split == "any" else reserved == (split == "held-out")


class _Dice:
    """Throws of one generator for a batch of scenes."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self.count, self.generator = count, generator

    def uniform(self, *shape: int) -> Tensor:
        return torch.rand((self.count, *shape), generator=self.generator, device=self.generator.device)

    def below(self, n: int) -> Tensor:
        return (self.uniform() * n).long().clamp(max=n - 1)

    def sometimes(self, p: float, n: int) -> Tensor:
        """0 most of the time; with probability p one of 1..n-1."""
        return torch.where(self.uniform() < p, 1 + self.below(n - 1), torch.zeros_like(self.below(n)))


def _one_of(values_B: Tensor, names: tuple[str, ...], table: dict[str, int]) -> Tensor:
    return torch.isin(values_B, torch.tensor([table[name] for name in names], device=values_B.device))


def sample(count: int, generator: torch.Generator, mix: Mix | None = None, split: Split = "train") -> Scenes:
    """Draws so many scenes, on the generator's device.

    "train" never holds a combination of thing, action and place that `held_out` reserves; "held-out" holds
    only those; "any" holds both.
    """
    mix = mix or Mix()
    dice = _Dice(count, generator)
    zeros = torch.zeros(count, dtype=torch.int64, device=generator.device)

    bump = ACTION["bumps into"]
    action = torch.where(dice.uniform() < mix.p_bump, zeros + bump, dice.below(bump))
    things_BK, place = _combination(dice, action, mix.n_things, split)

    bumps = action == bump
    alone = (dice.uniform() >= mix.p_pair) & ~bumps
    relation = torch.where(alone | bumps, zeros, 1 + dice.below(len(vocab.RELATIONS) - 1))
    count_B = torch.where(alone & (dice.uniform() < mix.p_count), 2 + dice.below(K - 1), zeros + 1)
    things_BK = _cast(dice, things_BK[:, 0], alone, count_B, mix.n_things)

    weather = dice.sometimes(mix.p_weather, len(vocab.WEATHERS))
    weather = torch.where(_one_of(place, NO_WEATHER, PLACE), zeros, weather)
    weather = torch.where(_one_of(place, NO_RAIN, PLACE) & (weather > 0), zeros + WEATHER["fog"], weather)
    daytime = dice.sometimes(mix.p_daytime, len(vocab.DAYTIMES))
    camera = dice.sometimes(mix.p_camera, len(vocab.CAMERAS))
    can_follow = _one_of(action, FOLLOWABLE, ACTION) & alone
    static = (camera == CAMERA["follow"]) & ~can_follow
    other_place = (place + 1 + dice.below(len(vocab.PLACES) - 1)) % len(vocab.PLACES)
    cut = (dice.uniform() < mix.p_cut) & _allowed(things_BK[:, 0], action, other_place, split)
    weather = torch.where(cut, zeros, weather)  # the second place may be one without
    return Scenes(
        things_BK=things_BK,
        action_B=action,
        place_B=place,
        daytime_B=torch.where(_one_of(place, NO_DAYTIME, PLACE), zeros, daytime),
        weather_B=weather,
        camera_B=torch.where(static, zeros, camera),
        style_B=dice.sometimes(mix.p_style, len(vocab.STYLES)),
        colour_B=dice.sometimes(mix.p_colour, len(vocab.COLOURS)),
        size_B=torch.where(dice.uniform() < mix.p_size, 2 * dice.below(2), zeros + 1),
        count_B=count_B,
        relation_B=relation,
        direction_B=2 * dice.below(2) - 1,
        second_place_B=torch.where(cut, other_place, zeros - 1),
        noise_BP=dice.uniform(P),
    )


def _combination(dice: _Dice, action: Tensor, n_things: int, split: Split) -> tuple[Tensor, Tensor]:
    """Subjects [B, 1] and places [B] that the split allows; redrawn where it does not."""
    things, place = dice.below(n_things), dice.below(len(vocab.PLACES))
    for _ in range(1000):
        wrong = ~_allowed(things, action, place, split)
        if not bool(wrong.any()):
            return things[:, None], place
        things = torch.where(wrong, dice.below(n_things), things)
        place = torch.where(wrong, dice.below(len(vocab.PLACES)), place)
    raise ValueError(f"{n_things} things leave some actions without a {split} combination; use more things")


def _cast(dice: _Dice, subject: Tensor, alone: Tensor, count_B: Tensor, n_things: int) -> Tensor:
    """Things [B, K]: so many of the subject, or the subject and one other thing."""
    other = (subject + 1 + dice.below(max(n_things - 1, 1))) % n_things
    slots = torch.arange(K, device=subject.device)[None]
    same = torch.where(slots < count_B[:, None], subject[:, None], -1)
    pair = torch.where(slots == 1, other[:, None], torch.where(slots == 0, subject[:, None], -1))
    return torch.where(alone[:, None], same, pair)
