"""Trains the inbetweener: what the world drew between two frames, from what was guessed of it.

First a stock of moments is made (frames, truth and guesses: looking for motion takes thirty times as long as
drawing), then trained on, turned, mirrored, recoloured and run backward. Stop it at any moment: the stock
stays, and training resumes from its checkpoint.

    python -m vitascope.train.inbetweening FOLDER --minutes 20

Axes: N moments in stock, B of them, H, W pixels, C colours.
"""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitascope.engine.inbetween import Pair
from vitascope.model.inbetweener import Inbetweener, seen
from vitascope.train.convolutions import Learner, run
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, sample
from vitascope.train.world.sprites import Atlas

__all__ = ["Moments", "Recipe", "Trainer", "closeness_loss", "make_moments", "train", "turned"]

SHARES = 6  # the way is drawn in so many steps, as 8 frames a second are between 48
PLAIN = Mix(p_style=0.0, p_colour=0.0, p_count=0.0, p_pair=0.0, p_bump=0.0, p_weather=0.0, p_camera=0.0)
MOVES_MSE = 20.0  # of 0..65025, between the frames; of what moves less one in ten is kept


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights, beside the seed."""

    steps: int = 3000
    batch: int = 16
    shards: int = 30  # of the stock; of 17, what was learnt grew worse again after 1400 steps
    shard: int = 128  # moments at least, two of each pair
    side_px: int = 64
    plain_share: float = 0.6  # of the scenes: one thing, a clear sky, a still camera
    muon_lr: float = 0.01
    adam_lr: float = 1e-3
    warm_up: int = 30
    decay_share: float = 0.6  # of the steps, at the end, while the rate falls linearly to 1 %
    average: float = 0.99


class Moments(NamedTuple):
    """What a picture between is made of, and what it should have been."""

    first: Tensor  # [N, 3, H, W] in 0..1 or uint8
    second: Tensor
    true: Tensor
    guesses: Tensor  # [N, 15, H, W], as Pair.guesses() has them
    share: Tensor  # [N]


def make_moments(recipe: Recipe, atlas: Atlas, seed: int) -> Moments:
    """A shard of the stock: uint8 pictures, float16 guesses.

    Of a scene's four frames, 1/8 s apart and sometimes 1/4 or 1/24 s, all three pairs are taken.
    """
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    size = recipe.side_px, recipe.side_px
    pictures, guesses, shares = list[np.ndarray](), list[np.ndarray](), list[float]()
    while len(shares) < recipe.shard:
        for clip in _moving_clips(recipe, atlas, generator, rng):
            pairs = [Pair(one, other) for one, other in pairwise(clip[::SHARES])]
            beside = [None, *pairs, None]
            for start, (earlier, pair, later) in enumerate(zip(beside, pairs, beside[2:], strict=False)):
                for i in (SHARES // 2, int(rng.choice([1, 2, 4, 5]))):
                    pictures.append(np.stack((pair.first, pair.second, clip[start * SHARES + i])))
                    guesses.append(pair.guesses(i / SHARES, size, earlier, later))
                    shares.append(i / SHARES)
            if len(shares) >= recipe.shard:
                break
    drawn = torch.from_numpy(np.stack(pictures)).permute(1, 0, 4, 2, 3)
    guessed = torch.from_numpy(np.stack(guesses)).permute(0, 3, 1, 2).half()
    return Moments(drawn[0], drawn[1], drawn[2], guessed, torch.tensor(shares))


def _moving_clips(
    recipe: Recipe, atlas: Atlas, generator: torch.Generator, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Clips [B, 3 * SHARES + 1, H, W, C] of one kind of scene; few of those in which little moves."""
    mix = PLAIN if rng.random() < recipe.plain_share else Mix(n_things=atlas.count, p_style=0.3)
    gap_s = float(rng.choice([1 / 8, 1 / 4, 1 / 24], p=[0.8, 0.1, 0.1]))
    scenes = sample(16, generator, mix, "train")
    drawn_BTHWC = render(
        scenes,
        atlas,
        frames=3 * SHARES + 1,
        height_px=recipe.side_px,
        width_px=recipe.side_px,
        rate_fps=SHARES / gap_s,
        start_s=torch.rand(len(scenes), generator=generator) * 1.6,
    ).pixels_BTHWC.numpy()
    apart = ((drawn_BTHWC[:, SHARES].astype(np.float32) - drawn_BTHWC[:, 2 * SHARES]) ** 2).mean((1, 2, 3))
    return drawn_BTHWC[(apart > MOVES_MSE) | (rng.random(len(apart)) < 0.1)]


def _stock(folder: Path, recipe: Recipe, atlas: Atlas, seed: int) -> Moments:
    """All shards, kept in files so that they are made once."""
    folder.mkdir(parents=True, exist_ok=True)
    shards = list[Moments]()
    for i in range(recipe.shards):
        path = folder / f"{i:03d}.pt"
        if not path.exists():
            torch.save(tuple(make_moments(recipe, atlas, seed * 10_000 + i)), path.with_suffix(".part"))
            os.replace(path.with_suffix(".part"), path)
            print(f"stock: {i + 1} of {recipe.shards}", flush=True)
        shards.append(Moments(*torch.load(path, weights_only=True)))
    return Moments(*(torch.cat(column) for column in zip(*shards, strict=True)))


def turned(moments: Moments, *, mirrored: bool, transposed: bool, backward: bool, colours: Tensor) -> Moments:
    """The same moments as another camera, or a clock running backward, would have seen them."""
    first, second, true, guesses, share = moments
    ways, planes = guesses[:, [0, 1, 2, 3, 4, 5, *range(9, 15)]].unflatten(1, (6, 2)), guesses[:, 6:9]
    if mirrored:
        first, second, true, planes, ways = (x.flip(-1) for x in (first, second, true, planes, ways))
        ways = ways * ways.new_tensor((-1, 1)).view(2, 1, 1)
    if transposed:
        first, second, true, planes, ways = (x.transpose(-1, -2) for x in (first, second, true, planes, ways))
        ways = ways.flip(2)
    if backward:  # a flow turns round, a bend stays where it is
        first, second, share = second, first, 1 - share
        ways = torch.cat((-ways[:, [0, 2, 1]], ways[:, [3, 5, 4]]), 1)
        planes = torch.stack((1 - planes[:, 0], planes[:, 2], planes[:, 1]), 1)
    first, second, true = (x[:, colours] for x in (first, second, true))
    return Moments(
        first,
        second,
        true,
        torch.cat((ways[:, :3].flatten(1, 2), planes, ways[:, 3:].flatten(1, 2)), 1),
        share,
    )


def drawn_from(stock: Moments, batch: int, generator: torch.Generator) -> Moments:
    """A few of the stock, each half of them turned in its own way; all float."""
    rows = torch.randint(len(stock.share), (batch,), generator=generator)
    parts = list[Moments]()
    for some in rows.split(max(1, batch // 4)):
        first, second, true = (x[some].float() / 255 for x in stock[:3])
        coins = (torch.rand(3, generator=generator) < 0.5).tolist()
        parts.append(
            turned(
                Moments(first, second, true, stock.guesses[some].float(), stock.share[some]),
                mirrored=coins[0],
                transposed=coins[1],
                backward=coins[2],
                colours=torch.randperm(3, generator=generator),
            )
        )
    return Moments(*(torch.cat(column) for column in zip(*parts, strict=True)))


def closeness_loss(made: Tensor, true: Tensor) -> Tensor:
    """Each picture's root mean square error, since PSNR is the measure, and half its mean absolute error."""
    error = made - true
    return (error.square().flatten(1).mean(1) + 1e-6).sqrt().mean() + 0.5 * error.abs().mean()


class Trainer(Learner[Inbetweener]):
    """The in-betweener and how it learns."""

    def __init__(self, network: Inbetweener, recipe: Recipe) -> None:
        super().__init__(network, Inbetweener(network.config), recipe, ("at_", "then_"))

    def step(self, moments: Moments) -> float:
        """One update; returns the loss."""
        first, second, true, guesses, share = moments
        views = seen(first, second, guesses, share)
        with torch.autocast("cpu", torch.bfloat16):
            mixing = self.network(views, guesses, share)
        return self.learn(closeness_loss(mixing.picture(views, first, second, guesses, share), true))

    def save(self, folder: Path) -> None:
        """Writes a checkpoint and the averaged weights, each whole or not at all."""
        super().save(folder)
        self.average.save(folder / "inbetweener.safetensors")


def train(
    folder: Path,
    recipe: Recipe,
    *,
    network: Inbetweener | None = None,
    atlas: Atlas | None = None,
    seed: int = 0,
    minutes: float = math.inf,
) -> Path:
    """Trains until the recipe is done or `minutes` are over; returns the path of the averaged weights.

    Progress goes to FOLDER/progress.jsonl.
    """
    torch.manual_seed(seed)
    cv2.setNumThreads(1)
    trainer = Trainer(network or Inbetweener(), recipe)
    stock = _stock(folder / "stock", recipe, atlas or Atlas.load(), seed)
    if (folder / "checkpoint.pt").exists():
        trainer.resume(folder / "checkpoint.pt")
    generator = torch.Generator().manual_seed(seed + 1 + trainer.steps)
    run(trainer, lambda: trainer.step(drawn_from(stock, recipe.batch, generator)), folder, minutes)
    return folder / "inbetweener.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    for name, value in asdict(Recipe()).items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    parser.add_argument("--start", type=Path, help="go on from these weights (.safetensors)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so many; resumes later")
    o = parser.parse_args()
    recipe = Recipe(**{name: getattr(o, name) for name in asdict(Recipe())})
    network = Inbetweener()
    if o.start:
        network.load_state_dict(Inbetweener.load(o.start).state_dict())
    train(o.folder, recipe, network=network, seed=o.seed, minutes=o.minutes)


if __name__ == "__main__":
    main()
