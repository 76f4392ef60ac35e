"""Trains the finder of things: renders of the toy world, and the same things in strange places and colours.

    python -m vitascope.train.finding

Pictures are worn, for it shall find things in what a model painted, too. Some are bare: strange pictures in
which there is nothing to find. What it makes of unseen pictures is printed: the overlap of the found with the
true pixels (intersection over union).

Axes: B pictures, H, W pixels, C colours.
"""

import argparse
import os
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.checkpoint import WEIGHTS
from vitascope.model.finder import Finder
from vitascope.train.strange import Strangers
from vitascope.train.wear import wear
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, sample
from vitascope.train.world.sprites import Atlas
from vitascope.train.world.things import THINGS

__all__ = ["Stock", "overlap", "train"]

BATCH, LEARNING_RATE = 64, 3e-3
PLACED, BARE = 0.6, 0.1  # of the pictures stay in the toy world; have nothing in them
RENEWED = 0.1  # of the stock after as many steps as it has batches
SIDE_PX = 64


class Stock:
    """Pictures with their things' pixels, slowly renewed."""

    def __init__(self, atlas: Atlas, count: int, seed: int = 0) -> None:
        self.atlas, self.count = atlas, count
        self.generator = torch.Generator().manual_seed(seed)
        self.strangers = Strangers(self.generator)
        self.mix = Mix(n_things=atlas.count, p_style=0.4)
        self.pixels, self.things = self.painted(count)

    def painted(self, count: int) -> tuple[Tensor, Tensor]:
        """Pictures uint8 [count, H, W, 3] and where things are in them, bool [count, H, W]."""
        g = self.generator
        scenes = sample(count, g, self.mix, "train")
        start_s = torch.rand(count, generator=g) * 2
        drawn = render(
            scenes, self.atlas, frames=1, height_px=SIDE_PX, width_px=SIDE_PX, start_s=start_s, truth=True
        )
        assert drawn.masks_BTHW is not None
        chance = torch.rand(count, generator=g)
        bare = chance < BARE
        strange = self.strangers.clips(drawn, bare)
        pixels = torch.where((chance < 1 - PLACED)[:, None, None, None, None], strange, drawn.pixels_BTHWC)
        things = (drawn.masks_BTHW >= 0) & ~bare[:, None, None, None]
        return pixels[:, 0], things[:, 0]

    def renew(self) -> None:
        """New pictures in place of some."""
        count = max(1, round(RENEWED * self.count))
        rows = torch.randperm(self.count, generator=self.generator)[:count]
        self.pixels[rows], self.things[rows] = self.painted(count)

    def draw(self, count: int = BATCH) -> tuple[Tensor, Tensor]:
        """Worn pictures -1..1 [B, H, W, 3], some mirrored, and where things are in them [B, H, W]."""
        rows = torch.randint(self.count, (count,), generator=self.generator)
        worn = wear(self.pixels[rows][:, None], self.generator)[:, 0]
        mirrored = (torch.rand(count, generator=self.generator) < 0.5)[:, None, None]
        things = self.things[rows]
        return (
            torch.where(mirrored[..., None], worn.flip(2), worn),
            torch.where(mirrored, things.flip(2), things).float(),
        )


def train(stock: Stock, steps: int) -> Finder:
    """A finder of what is in such pictures."""
    torch.manual_seed(0)
    finder = Finder()
    optimiser = torch.optim.AdamW(finder.parameters(), LEARNING_RATE, weight_decay=0.02)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, steps + 1, pct_start=0.1)
    total = 0.0
    for step in range(steps):
        if step % max(1, stock.count // BATCH) == 0 and step:
            stock.renew()
        pictures, things = stock.draw()
        with torch.autocast("cpu", torch.bfloat16):
            logits = finder(pictures)
        loss = F.binary_cross_entropy_with_logits(logits.float(), things)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
        total += float(loss.detach())
        if step % 100 == 99:
            print(f"{step + 1} of {steps}: {total / 100:.4f}", flush=True)
            total = 0.0
    return finder.eval()


@torch.no_grad()
def overlap(finder: Finder, pictures: Tensor, things: Tensor) -> float:
    """Intersection over union of found and true pixels, of all pictures together."""
    found, true = finder(pictures) > 0, things > 0.5
    return float((found & true).sum() / (found | true).sum().clamp(min=1))


def main() -> None:
    from safetensors.torch import save_file

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, default=WEIGHTS / "finder.safetensors")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--stock", type=int, default=6_000, help="pictures kept at a time")
    options = parser.parse_args()
    atlas = Atlas.load(len(THINGS))
    finder = train(Stock(atlas, options.stock), options.steps)
    unseen = overlap(finder, *Stock(atlas, 512, seed=1).draw(512))
    print(f"overlap with the truth on 512 unseen pictures: {unseen:.3f}")
    small = {name: tensor.to(torch.bfloat16).contiguous() for name, tensor in finder.state_dict().items()}
    scratch = options.output.with_suffix(".part")
    save_file(small, scratch, metadata={"licence": "Apache-2.0", "overlap": f"{unseen:.4f}"})
    os.replace(scratch, options.output)


if __name__ == "__main__":
    main()
