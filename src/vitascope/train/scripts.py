"""A store of scene scripts with their captions' word vectors, made once and read by every training run.

Encoding words costs more than painting pictures, so captions are encoded ahead, in shards; each use of
a script draws fresh noise, hence other positions, speeds and hills. Knows nothing of the network.

    python -m vitascope.train.scripts FOLDER --shards 8 --strange-shards 2

Axes: B scripts, L words, W word vector.
"""

import argparse
import dataclasses
import os
import random
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vitascope.model.words import WordEncoder
from vitascope.train.world.captions import caption
from vitascope.train.world.scene import Mix, Scenes, sample
from vitascope.train.world.things import THINGS

__all__ = ["Scripts", "make_shard", "write_shard"]

SHARD = 8192


@dataclass
class Scripts:
    """Scenes, and what is said of them as word vectors [B, L, W] bfloat16."""

    scenes: Scenes
    words_BLW: Tensor

    def __len__(self) -> int:
        return len(self.words_BLW)

    @classmethod
    def load(cls, folder: Path) -> "Scripts":
        """All finished shards in `folder`; FileNotFoundError if there is none."""
        paths = sorted(folder.glob("shard-*.pt"))
        if not paths:
            raise FileNotFoundError(f"no shards in {folder}: run python -m vitascope.train.scripts {folder}")
        shards = [torch.load(path, mmap=True, weights_only=True) for path in paths]
        names = [field.name for field in dataclasses.fields(Scenes)]
        scenes = Scenes(**{name: torch.cat([shard[name] for shard in shards]) for name in names})
        return cls(scenes, torch.cat([shard["words"] for shard in shards]))


def write_shard(number: int, mix: Mix) -> tuple[Scenes, list[str]]:
    """Draws scenes and says them in words; the same number always gives the same."""
    generator, rng = torch.Generator().manual_seed(number), random.Random(number)
    scenes = sample(SHARD, generator, mix, "train")
    return scenes, [caption(scenes, i, rng, "train") for i in range(SHARD)]


def make_shard(number: int, mix: Mix, encoder: WordEncoder) -> tuple[Scripts, list[str]]:
    """One shard of scenes, captions and word vectors."""
    scenes, said = write_shard(number, mix)
    order = sorted(range(SHARD), key=lambda i: len(said[i]))
    words = torch.empty(SHARD, 32, 384, dtype=torch.bfloat16)
    for start in range(0, SHARD, 64):
        rows = order[start : start + 64]
        words[rows] = encoder.encode([said[i] for i in rows]).bfloat16().cpu()
    return Scripts(scenes, words), said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shards", type=int, default=6)
    parser.add_argument(
        "--strange-shards", type=int, default=2, help="more of them, with all the things of the world"
    )
    parser.add_argument(
        "--things", type=int, default=64, help="train on the first so many things of the world"
    )
    parser.add_argument(
        "--words", type=Path, help="folder of the word encoder, if not the installed package's"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    encoder = WordEncoder.load(options.words).to(options.device)
    for number in range(options.shards + options.strange_shards):
        path = options.folder / f"shard-{number:03d}.pt"
        if path.exists():
            continue
        # Whom training doesn't know by name, it is shown in a picture: see batches.
        things = options.things if number < options.shards else len(THINGS)
        scripts, said = make_shard(number, Mix(n_things=things), encoder)
        scratch = path.with_suffix(".part")
        torch.save(vars(scripts.scenes) | {"words": scripts.words_BLW}, scratch)
        os.replace(scratch, path)
        print(f"{path}: {len(said)} scripts, such as {said[0]!r}", flush=True)


if __name__ == "__main__":
    main()
