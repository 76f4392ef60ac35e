"""Trains the upscaler: the same scene rendered small, then spoilt, and rendered at full size.

Full-size renders are dear and crops of them are not, so a stock of pictures is kept, slowly renewed, and
every step takes other crops, spoilt in another way. Stop it at any moment: it resumes from its checkpoint.

    python -m vitascope.train.upscaling FOLDER --minutes 20

To fit finished weights to a base model's own mistakes (see `by_base_model`), give both, and a new folder:

    python -m vitascope.train.upscaling FOLDER --start upscaler.safetensors --base base.safetensors

Axes: N pictures in stock, V versions, B crops, T frames, h, w small and H, W full size.
"""

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.upscaler import TIMES, Upscaler, UpscalerConfig, load_upscaler, save_upscaler
from vitascope.train.convolutions import Learner, run
from vitascope.train.degradations import PATCH, Degrade, by_base_model, spoil
from vitascope.train.leaves import leaves
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, Scenes, sample
from vitascope.train.world.sprites import Atlas

__all__ = ["Recipe", "Stock", "picture_loss", "train"]

RATE_FPS, CLIP_FRAMES = 8, 16


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights, beside the seed."""

    steps: int = 2400
    batch: int = 16
    crop_px: int = 32
    side_px: int = 64
    muon_lr: float = 0.02
    adam_lr: float = 1e-3
    warm_up: int = 30
    decay_share: float = 0.8  # of the steps, at the end, while the rate falls linearly to 1 %
    average: float = 0.995
    edge_weight: float = 1.0
    stock: int = 640
    fresh: int = 8  # pictures renewed at a time
    renew_every: int = 12  # steps
    leaf_share: float = 0.12
    base_share: float = 0.5  # of the crops, where there is a base model
    clip_share: float = 0.75  # of what the base model paints; the rest are stills


def picture_loss(drawn: Tensor, true: Tensor, edge_weight: float) -> Tensor:
    """Mean absolute error of the pixels, and of the steps between neighbours, which is where sharpness is."""
    error = drawn - true
    down, across = error.diff(dim=-2).abs().mean(), error.diff(dim=-1).abs().mean()
    return error.abs().mean() + edge_weight * (down + across)


class Stock:
    """Pictures at both sizes, perhaps with the base model's version of the small; the oldest are replaced."""

    def __init__(self, atlas: Atlas, recipe: Recipe, seed: int, degrade: Degrade | None = None) -> None:
        self.atlas, self.recipe, self.degrade = atlas, recipe, degrade
        self.generator = torch.Generator().manual_seed(seed)
        self.mix = Mix(n_things=atlas.count, p_style=0.5, p_weather=0.25, p_colour=0.3, p_size=0.4)
        self.small_NVhwC: list[Tensor] = []
        self.full_NHWC: list[Tensor] = []
        self.renewed = 0

    def renew(self) -> None:
        """Adds a few pictures, in place of the oldest once the stock is full."""
        leaf = torch.rand((), generator=self.generator) < self.recipe.leaf_share
        small_BVhwC, full_BHWC = self._leaves() if leaf else self._renders()
        for small, full in zip(small_BVhwC, full_BHWC, strict=True):
            if len(self.full_NHWC) < self.recipe.stock:
                self.small_NVhwC.append(small)
                self.full_NHWC.append(full)
            else:
                self.small_NVhwC[self.renewed % self.recipe.stock] = small
                self.full_NHWC[self.renewed % self.recipe.stock] = full
            self.renewed += 1

    def draw(self) -> tuple[Tensor, Tensor]:
        """Crops in 0..1, some mirrored or recoloured: spoilt [B, 3, h, w] and true [B, 3, 4 h, 4 w]."""
        r, g = self.recipe, self.generator
        pairs = [self._crop() for _ in range(r.batch)]
        small = torch.stack([s for s, _, _ in pairs]).permute(0, 3, 1, 2).float() / 255
        full = torch.stack([f for _, f, _ in pairs]).permute(0, 3, 1, 2).float() / 255
        by_base = torch.tensor([b for _, _, b in pairs])[:, None, None, None]
        return torch.where(by_base, small, spoil(small, g)), full

    def _crop(self) -> tuple[Tensor, Tensor, bool]:
        """A crop on the patch grid [h, w, 3], small and full, and whether the base model spoilt it."""
        r, g = self.recipe, self.generator
        n = int(torch.randint(len(self.full_NHWC), (), generator=g))
        versions = self.small_NVhwC[n]
        by_base = len(versions) > 1 and float(torch.rand((), generator=g)) < r.base_share
        places = (r.side_px - r.crop_px) // PATCH + 1
        top, left = (torch.randint(places, (2,), generator=g) * PATCH).tolist()
        small = versions[int(by_base), top : top + r.crop_px, left : left + r.crop_px]
        top, left, side = TIMES * top, TIMES * left, TIMES * r.crop_px
        full = self.full_NHWC[n][top : top + side, left : left + side]
        mirrored, turned = torch.rand(2, generator=g).tolist()
        if mirrored < 0.5:
            small, full = small.flip(1), full.flip(1)
        if turned < 0.3:
            order = torch.randperm(3, generator=g)
            small, full = small[..., order], full[..., order]
        return small, full, by_base

    def _leaves(self) -> tuple[Tensor, Tensor]:
        full = leaves(self.recipe.fresh, TIMES * self.recipe.side_px, self.generator)
        small = F.avg_pool2d(full.permute(0, 3, 1, 2).float(), TIMES).permute(0, 2, 3, 1)
        return small.round().to(torch.uint8).unsqueeze(1), full

    def _renders(self) -> tuple[Tensor, Tensor]:
        """Stills at both sizes; for a base model stills or moments of clips, which it paints as a whole."""
        g = self.generator
        scenes = sample(self.recipe.fresh, g, self.mix, "train")
        if self.degrade is None or float(torch.rand((), generator=g)) >= self.recipe.clip_share:
            start_s, moment, frames = torch.rand(len(scenes), generator=g) * 2, 0, 1
        else:
            moment = int(torch.randint(CLIP_FRAMES, (), generator=g))
            start_s, frames = torch.zeros(len(scenes)), CLIP_FRAMES
        clips = self._paint(scenes, self.recipe.side_px, start_s, frames)
        full = self._paint(scenes, TIMES * self.recipe.side_px, start_s + moment / RATE_FPS, 1)
        versions = [clips] if self.degrade is None else [clips, self.degrade(clips)]
        return torch.stack([clip[:, moment] for clip in versions], 1), full[:, 0]

    def _paint(self, scenes: Scenes, side_px: int, start_s: Tensor, frames: int) -> Tensor:
        painted = render(
            scenes,
            self.atlas,
            frames=frames,
            height_px=side_px,
            width_px=side_px,
            rate_fps=RATE_FPS,
            start_s=start_s,
        )
        return painted.pixels_BTHWC


class Trainer(Learner[Upscaler]):
    """The upscaler and how it learns. Without the norm in the blocks Muon diverged after 300 steps, and AdamW
    (1.5e-3) stood still.
    """

    def __init__(self, network: Upscaler, recipe: Recipe) -> None:
        super().__init__(network, Upscaler(network.config), recipe, ("blocks", "spread"))
        self.edge_weight = recipe.edge_weight

    def step(self, small: Tensor, true: Tensor) -> float:
        """One update; returns the loss."""
        with torch.autocast("cpu", torch.bfloat16):
            drawn = self.network(small.contiguous(memory_format=torch.channels_last))
        return self.learn(picture_loss(drawn, true, self.edge_weight))

    def save(self, folder: Path) -> None:
        """Writes a checkpoint and the averaged weights, each whole or not at all."""
        super().save(folder)
        save_upscaler(self.average, folder / "upscaler.safetensors")


def train(
    folder: Path,
    recipe: Recipe,
    *,
    network: Upscaler | None = None,
    atlas: Atlas | None = None,
    degrade: Degrade | None = None,
    seed: int = 0,
    minutes: float = 1e9,
) -> Path:
    """Trains until the recipe is done or `minutes` are over; returns the path of the averaged weights.

    `degrade` turns clips uint8 [B, T, h, w, 3] into what a base model would paint; plain renders, spoilt by
    formula, stay in the mix. Progress goes to FOLDER/progress.jsonl.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    trainer = Trainer(network or Upscaler(), recipe)
    if (folder / "checkpoint.pt").exists():
        trainer.resume(folder / "checkpoint.pt")
    stock = Stock(atlas or Atlas.load(), recipe, seed + 1 + trainer.steps, degrade)
    while len(stock.full_NHWC) < min(recipe.stock, 8 * recipe.batch):
        stock.renew()

    def step() -> float:
        if trainer.steps % recipe.renew_every == 0:
            stock.renew()
        return trainer.step(*stock.draw())

    run(trainer, step, folder, minutes)
    return folder / "upscaler.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    for name, value in asdict(Recipe()).items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    parser.add_argument("--width", type=int, default=UpscalerConfig.width)
    parser.add_argument("--blocks", type=int, default=UpscalerConfig.blocks)
    parser.add_argument("--start", type=Path, help="go on from these weights (.safetensors)")
    parser.add_argument("--base", type=Path, help="learn to mend what this base model (.safetensors) paints")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="stop after so many minutes; resumes later"
    )
    o = parser.parse_args()
    recipe = Recipe(**{name: getattr(o, name) for name in asdict(Recipe())})
    network = Upscaler(UpscalerConfig(o.width, o.blocks))
    if o.start:
        started = load_upscaler(o.start)
        network = Upscaler(started.config)
        network.load_state_dict({name: value.float() for name, value in started.state_dict().items()})
    degrade = by_base_model(o.base, o.seed) if o.base else None
    train(o.folder, recipe, network=network, degrade=degrade, seed=o.seed, minutes=o.minutes)


if __name__ == "__main__":
    main()
