"""Packs what training needs on a machine without network: the word encoder in half size, the sprites.

    python runs/pack_training.py build/pack          # 19 MiB; take it along with the checkout

There, with torch, safetensors, tokenizers, numpy and pillow installed:

    gunzip -k build/pack/words/model.safetensors.gz
    export PYTHONPATH=src
    python -m vitascope.train.scripts /tmp/scripts --words build/pack/words --shards 24
    python -m vitascope.train.loop /tmp/base --scripts /tmp/scripts --sprites build/pack/sprites.tgz
"""

import argparse
import gzip
import shutil
import tarfile
from io import BytesIO
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from tokenizers import Tokenizer

from vitascope.model.words import packaged_folder
from vitascope.train.scripts import write_shard
from vitascope.train.world.scene import Mix
from vitascope.train.world.sprites import fetch, read_pictures


def used_pieces(count: int, shards: int = 24) -> torch.Tensor:
    """Which of the encoder's word pieces the captions of so many shards use, [count] bool."""
    tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    used = torch.zeros(count, dtype=torch.bool)
    for shard in range(shards):
        for encoded in tokenizer.encode_batch(write_shard(shard, Mix())[1]):
            used[encoded.ids] = True
    return used


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    (folder / "words").mkdir(parents=True, exist_ok=True)
    weights = load_file(packaged_folder() / "model.safetensors")
    small = {name: tensor.bfloat16() for name, tensor in weights.items() if tensor.is_floating_point()}
    table = small["embeddings.word_embeddings.weight"]
    table[~used_pieces(len(table))] = 0  # captions use 1 piece in 30; zeros pack to nothing
    with gzip.open(folder / "words" / "model.safetensors.gz", "wb") as file:
        file.write(save(small))
    shutil.copy(packaged_folder() / "tokenizer.json", folder / "words")
    with tarfile.open(folder / "sprites.tgz", "w:gz") as archive:
        for codepoint, picture in read_pictures(fetch()).items():
            member = tarfile.TarInfo(f"package/assets/{codepoint}.webp")
            member.size = len(picture)
            archive.addfile(member, BytesIO(picture))
    for path in sorted(folder.rglob("*.*")):
        print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
