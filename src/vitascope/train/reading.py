"""Trains the reader: rendered scenes in, what they show out.

Short clips of one tubelet first, which teach what things look like at a quarter of the price; then whole
clips, which teach actions and cameras. Held-out combinations are read like any other: the reader is a
measuring rod, and it must not fail where the models that it measures are tested. Stop it at any moment; it
resumes.

    python -m vitascope.train.reading FOLDER

Axes: B clips, T frames, H, W pixels, C colours.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitascope.evaluate.reading import packaged_weights, save_reader
from vitascope.model.reader import Reader, ReaderConfig
from vitascope.train.wear import wear
from vitascope.train.world import vocab
from vitascope.train.world.render import render
from vitascope.train.world.scene import ACTION, Mix, Scenes, sample
from vitascope.train.world.sprites import Atlas
from vitascope.train.world.things import THINGS

__all__ = ["LABELS", "Recipe", "accuracy", "answers", "train"]

N_THINGS = 64
# The usual mix holds too few of what is hard to read: things that are painted over, drawn in another style,
# small or one of many. Measured after 70,000 clips of it: plain things 96 % right, re-tinted ones 16 %.
LEARNT = Mix(
    n_things=N_THINGS, p_style=0.25, p_colour=0.25, p_count=0.15, p_pair=0.15, p_bump=0.1, p_size=0.25
)
ASKED = Mix(n_things=N_THINGS)
DIRECTIONS = ("left", "right")
TRAVELS = ("walks", "runs", "jumps", "bounces", "rolls", "slides", "bumps into")
LABELS: dict[str, tuple[str, ...]] = {
    "thing": tuple(thing.name for thing in THINGS[:N_THINGS]),
    "action": vocab.ACTIONS,
    "place": vocab.PLACES,
    "camera": vocab.CAMERAS,
    "count": ("1", "2", "3", "4", "5"),
    "relation": vocab.RELATIONS,
    "direction": DIRECTIONS,
    "colour": vocab.COLOURS,
    "size": vocab.SIZES,
    "style": vocab.STYLES,
    "daytime": vocab.DAYTIMES,
    "weather": vocab.WEATHERS,
}
UNASKED = -100  # the answer where there is none, as cross_entropy skips it

Answers = dict[str, Tensor]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the reader's weights, beside the seed."""

    short: int = 90_000
    whole: int = 50_000
    short_batch: int = 128
    whole_batch: int = 32
    uses: int = 2  # of every rendered clip, each time worn differently, or mirrored
    muon_lr: float = 0.02
    adam_lr: float = 2e-3
    decay_share: float = 0.5  # of all clips, at the end, while the rates fall linearly to 1 %
    average: float = 0.998


def answers(scenes: Scenes) -> Answers:
    """What a reader should say of each scene: indices into LABELS; UNASKED where there is nothing to read."""
    travels = torch.isin(scenes.action_B, torch.tensor([ACTION[name] for name in TRAVELS]))
    return {
        "thing": scenes.things_BK[:, 0],
        "action": scenes.action_B,
        "place": scenes.place_B,
        "camera": scenes.camera_B,
        "count": scenes.count_B - 1,
        "relation": scenes.relation_B,
        "direction": torch.where(travels, (scenes.direction_B > 0).long(), UNASKED),
        "colour": scenes.colour_B,
        "size": scenes.size_B,
        "style": scenes.style_B,
        "daytime": scenes.daytime_B,
        "weather": scenes.weather_B,
    }


def mirror(pixels_BTHWC: Tensor, said: Answers, rows_B: Tensor) -> tuple[Tensor, Answers]:
    """The same with these rows seen in a mirror: left is right."""
    pixels = torch.where(rows_B[:, None, None, None, None], pixels_BTHWC.flip(3), pixels_BTHWC)
    swaps = {name: _swapped(LABELS[name]) for name in ("camera", "relation", "direction")}
    mirrored = {
        name: torch.where(rows_B & (said[name] >= 0), swap[said[name].clamp(min=0)], said[name])
        for name, swap in swaps.items()
    }
    return pixels, said | mirrored


def _swapped(names: tuple[str, ...]) -> Tensor:
    other = {"left": "right", "right": "left"}
    return torch.tensor(
        [names.index(" ".join(other.get(word, word) for word in name.split())) for name in names]
    )


class Clips:
    """Draws batches without end: worn clips as floats [B, T, H, W, C] in about -1..1, and their answers."""

    def __init__(self, recipe: Recipe, atlas: Atlas, seed: int) -> None:
        self.recipe, self.atlas = recipe, atlas
        self.generator = torch.Generator().manual_seed(seed)

    def draw(self, count: int, frames: int) -> Iterator[tuple[Tensor, Answers]]:
        """Batches of `count` clips of so many frames, from scenes of any combination."""
        while True:
            scenes = sample(4 * count, self.generator, LEARNT, "any")
            start_s = torch.rand(len(scenes), generator=self.generator) * (16 - frames) / 8
            pixels = render(scenes, self.atlas, frames=frames, start_s=start_s).pixels_BTHWC
            said = answers(scenes)
            mirrored = torch.rand(len(scenes), generator=self.generator) < 0.5
            for use in range(self.recipe.uses):
                seen, told = mirror(pixels, said, mirrored if use % 2 == 0 else ~mirrored)
                for rows in torch.randperm(len(scenes), generator=self.generator).split(count):
                    yield (
                        wear(seen[rows], self.generator),
                        {name: column[rows] for name, column in told.items()},
                    )


class Trainer:
    """The reader, its moving average and two optimisers: Muon for inner matrices, AdamW for the rest."""

    def __init__(self, network: Reader, recipe: Recipe) -> None:
        self.network, self.recipe = network, recipe
        edges = ("stem.", "query.", "say.", "place.")
        named = list(network.named_parameters())
        matrices = [p for name, p in named if p.ndim == 2 and not name.startswith(edges)]
        rest = [p for name, p in named if p.ndim != 2 or name.startswith(edges)]
        self.optimisers = (
            torch.optim.Muon(
                matrices, lr=recipe.muon_lr, momentum=0.95, weight_decay=0.01, adjust_lr_fn="original"
            ),
            torch.optim.AdamW(rest, lr=recipe.adam_lr, betas=(0.9, 0.99), weight_decay=0.0),
        )
        self.rates = (recipe.muon_lr, recipe.adam_lr)
        self.average = {name: p.detach().clone() for name, p in named}
        self.seen = self.steps = 0

    def step(self, pixels_BTHWC: Tensor, said: Answers) -> tuple[float, dict[str, float]]:
        """One update; returns the loss and this batch's accuracy by attribute."""
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.network(pixels_BTHWC).logits
        loss = torch.stack(
            [F.cross_entropy(logits[name], said[name], ignore_index=UNASKED) for name in said]
        ).sum()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        rate = self._rate()
        for optimiser, full in zip(self.optimisers, self.rates, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = full * rate
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        self.seen += len(pixels_BTHWC)
        keep = min(self.recipe.average, (1 + self.steps) / (10 + self.steps))
        for name, parameter in self.network.named_parameters():
            self.average[name].lerp_(parameter.detach(), 1 - keep)
        return float(loss.detach()), accuracy(
            {name: column.argmax(1) for name, column in logits.items()}, said
        )

    def _rate(self) -> float:
        end = self.recipe.short + self.recipe.whole
        left = (end - self.seen) / (self.recipe.decay_share * end)
        return min(1.0, (self.steps + 1) / 50) * max(0.01, min(1.0, left))

    def averaged(self) -> Reader:
        """A reader with the averaged weights."""
        reader = Reader(self.network.config)
        reader.load_state_dict(self.average)
        return reader.eval().requires_grad_(False)

    def save(self, folder: Path) -> None:
        """Writes a checkpoint that appears whole or not at all."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimisers": [o.state_dict() for o in self.optimisers],
            "counts": (self.seen, self.steps),
        }
        torch.save(state, folder / "checkpoint.part")
        os.replace(folder / "checkpoint.part", folder / "checkpoint.pt")

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint of the same network."""
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average = {name: tensor.clone() for name, tensor in state["average"].items()}
        for optimiser, kept in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        self.seen, self.steps = state["counts"]


def accuracy(read: Answers, said: Answers) -> dict[str, float]:
    """The share of right answers by attribute, of those that were asked; nan where none was."""
    return {name: float((read[name] == true)[true != UNASKED].float().mean()) for name, true in said.items()}


def score(reader: Reader, atlas: Atlas, count: int = 1024, seed: int = 987_654_321) -> dict[str, float]:
    """Accuracy on so many spotless clips of scenes that training never drew."""
    scenes = sample(count, torch.Generator().manual_seed(seed), ASKED, "any")
    read: dict[str, list[Tensor]] = {name: [] for name in LABELS}
    for rows in torch.arange(count).split(32):
        for name, logits in reader(render(scenes[rows], atlas).pixels_BTHWC).logits.items():
            read[name].append(logits.argmax(1))
    return accuracy({name: torch.cat(parts) for name, parts in read.items()}, answers(scenes))


def train(folder: Path, recipe: Recipe, *, seed: int = 0, minutes: float = 1e9) -> Trainer:
    """Trains until the recipe is done or `minutes` are over; checkpoints and progress go into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    trainer = Trainer(Reader(ReaderConfig({name: len(values) for name, values in LABELS.items()})), recipe)
    if (folder / "checkpoint.pt").exists():
        trainer.resume(folder / "checkpoint.pt")
    clips = Clips(recipe, Atlas.load(N_THINGS), seed + 1 + trainer.steps)
    short, whole = clips.draw(recipe.short_batch, 4), clips.draw(recipe.whole_batch, 16)
    began = saved = time.monotonic()
    while trainer.seen < recipe.short + recipe.whole and time.monotonic() - began < 60 * minutes:
        pixels, said = next(short if trainer.seen < recipe.short else whole)
        loss, right = trainer.step(pixels, said)
        if trainer.steps % 25 == 0:
            _log(folder, trainer, loss, right, time.monotonic() - began)
        if time.monotonic() - saved > 60:
            trainer.save(folder)
            saved = time.monotonic()
    trainer.save(folder)
    return trainer


def _log(folder: Path, trainer: Trainer, loss: float, right: dict[str, float], seconds: float) -> None:
    line = {
        "seen": trainer.seen,
        "steps": trainer.steps,
        "loss": round(loss, 3),
        "minutes": round(seconds / 60, 2),
    }
    line |= {name: round(share, 2) for name, share in right.items()}
    with (folder / "progress.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    for name in ("short", "whole", "short_batch", "whole_batch", "uses"):
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=getattr(Recipe, name))
    for name in ("muon_lr", "adam_lr", "decay_share", "average"):
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=getattr(Recipe, name))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="stop after so many minutes; resumes later"
    )
    parser.add_argument(
        "--export", type=Path, default=None, help="where the weights go; default: the package"
    )
    o = parser.parse_args()
    recipe = Recipe(**{name: getattr(o, name) for name in Recipe.__dataclass_fields__})
    reader = train(o.folder, recipe, seed=o.seed, minutes=o.minutes).averaged()
    scores = score(reader, Atlas.load(N_THINGS))
    save_reader(o.export or packaged_weights(), reader, LABELS, scores)
    print(
        "accuracy on unseen renders:", json.dumps({name: round(share, 4) for name, share in scores.items()})
    )


if __name__ == "__main__":
    main()
