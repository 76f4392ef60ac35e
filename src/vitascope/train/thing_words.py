"""Trains the reader of things' names: captions of scripts, and texts that speak of a place and nothing else.

    python -m vitascope.train.thing_words SCRIPTS

Scripts from `vitascope.train.scripts`. The last shard but one isn't trained on: how much of it is read right
is printed.

Axes: B texts, L words, W numbers in a word's vector.
"""

import argparse
import json
import random
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.checkpoint import WEIGHTS
from vitascope.model.thing_words import ThingReader
from vitascope.model.words import WordEncoder
from vitascope.train.mishearing import misheard
from vitascope.train.scripts import SHARD, Scripts
from vitascope.train.world import wordings
from vitascope.train.world.scene import Mix
from vitascope.train.world.things import THINGS

__all__ = ["train"]

BATCH, LEARNING_RATE = 256, 2e-3
EMPTY = 1024  # texts without a thing, of which a batch has one in sixteen


def nothings(count: int, seed: int = 0) -> list[str]:
    """What is said of places where nothing is."""
    rng = random.Random(seed)

    def one() -> str:
        place = rng.choice(list(wordings.SCENE))
        scene = rng.choice(wordings.SCENE[place].train)
        form = rng.choice(("{s}", "{s}{w}", "{w} {s}", "{s}{w}, {c}", "an empty view of {s}{w}", "only {s}"))
        when = rng.choice(wordings.DAYTIME[rng.choice(list(wordings.DAYTIME))].train)
        shot = rng.choice(wordings.SHOT[rng.choice(list(wordings.SHOT))].train)
        return form.format(s=scene, w=f" {when}", c=shot).strip()

    return [one() for _ in range(count)]


def train(scripts: Scripts, nothing_BLW: Tensor, steps: int = 2000, seed: int = 0) -> ThingReader:
    """A reader of the first things of the world, by these captions."""
    torch.manual_seed(seed)
    reader = ThingReader(tuple(thing.name for thing in THINGS[: Mix.n_things]))
    first = scripts.scenes.things_BK[:, 0].long()
    named = (first < Mix.n_things).nonzero()[:, 0]
    named = named[named < len(scripts) - 2 * SHARD]
    optimiser = torch.optim.AdamW(reader.parameters(), LEARNING_RATE, weight_decay=0.1)
    falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.01, steps)
    for _ in range(steps):
        rows = named[torch.randint(len(named), (BATCH,))]
        none = torch.randint(len(nothing_BLW), (BATCH // 16,))
        words = torch.cat((scripts.words_BLW[rows].float(), nothing_BLW[none]))
        said = torch.cat((first[rows], torch.full((len(none),), Mix.n_things)))
        loss = F.cross_entropy(reader(misheard(words)), said)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        falling.step()
    return reader.eval()


def right(reader: ThingReader, scripts: Scripts) -> float:
    """The share of the last shard but one whose thing is read right, of those with a named one."""
    rows = torch.arange(len(scripts) - 2 * SHARD, len(scripts) - SHARD)
    first = scripts.scenes.things_BK[rows, 0]
    rows, first = rows[first < Mix.n_things], first[first < Mix.n_things]
    heard = reader.heard(scripts.words_BLW[rows].float())
    return sum(THINGS[int(k)].name == name for k, name in zip(first, heard, strict=True)) / len(heard)


def main() -> None:
    from safetensors.torch import save_file

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("--output", type=Path, default=WEIGHTS / "thing_words.safetensors")
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args()
    scripts, encoder = Scripts.load(options.scripts), WordEncoder.load()
    said = nothings(EMPTY)
    nothing_BLW = torch.cat([encoder.encode(said[i : i + 64]) for i in range(0, EMPTY, 64)])
    reader = train(scripts, nothing_BLW, options.steps)
    known = right(reader, scripts)
    print(f"read right: {known:.1%}")
    small = {name: tensor.to(torch.bfloat16) for name, tensor in reader.state_dict().items()}
    notes = {"licence": "Apache-2.0", "names": json.dumps(reader.names), "read right": f"{known:.4f}"}
    save_file(small, options.output, metadata=notes)


if __name__ == "__main__":
    main()
