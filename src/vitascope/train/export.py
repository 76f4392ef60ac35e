"""A training checkpoint -> the weight file that ships: the moving average, in bfloat16, with its history.

python -m vitascope.train.export FOLDER [--to src/vitascope/model/weights/base.safetensors]
"""

import argparse
import json
from pathlib import Path

import torch

from vitascope.model.checkpoint import WEIGHTS, save_network
from vitascope.model.network import NetworkConfig
from vitascope.model.vocabulary import Vocabulary
from vitascope.model.words import WordEncoder
from vitascope.train.scripts import write_shard
from vitascope.train.world.scene import Mix

__all__ = ["export"]

SHARDS = 8  # of captions, as runs/train_built_in.sh makes them


def export(folder: Path, to: Path, words: Path | None = None) -> None:
    """Writes the average of `folder`'s checkpoint to `to`, and the words it learnt beside it."""
    state = torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    notes = {
        "licence": "Apache-2.0",
        "data": "the toy world of vitascope.train.world, which renders itself; nothing else",
        "seen": str(state["seen"]),
        "steps": str(state["steps"]),
        "recipe": json.dumps(state["recipe"]),
    }
    save_network(to, state["average"], NetworkConfig(**state["config"]), notes)
    said = [caption for shard in range(SHARDS) for caption in write_shard(shard, Mix())[1]]
    Vocabulary.of(said, WordEncoder.load(words)).save(to.with_name("words.safetensors"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", type=Path, default=WEIGHTS / "base.safetensors")
    parser.add_argument(
        "--words", type=Path, help="folder of the word encoder, if not the installed package's"
    )
    options = parser.parse_args()
    export(options.folder, options.to, options.words)
    print(f"{options.to}: {options.to.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
