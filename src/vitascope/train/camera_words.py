"""Trains the reader of camera words on the captions of scripts; a minute on one core.

    python -m vitascope.train.camera_words SCRIPTS

Scripts from `vitascope.train.scripts`. The last shard isn't trained on: what is read right of it is printed.
"""

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.camera_words import MOVES, CameraReader
from vitascope.model.checkpoint import WEIGHTS
from vitascope.train.mishearing import misheard
from vitascope.train.scripts import SHARD, Scripts
from vitascope.train.world.scene import CAMERA

__all__ = ["train"]

BATCH, LEARNING_RATE = 256, 2e-3


def asked(camera_B: Tensor) -> Tensor:
    """Cameras of scripts -> which of MOVES each makes [B, 6]; a camera that stands still or follows makes
    none.
    """
    return torch.stack([camera_B == CAMERA[move] for move in MOVES], -1).float()


def train(scripts: Scripts, steps: int = 3000, seed: int = 0) -> CameraReader:
    """A reader of these captions; scripts beside the last shard are what it learns from."""
    torch.manual_seed(seed)
    reader = CameraReader()
    optimiser = torch.optim.AdamW(reader.parameters(), LEARNING_RATE, weight_decay=0.1)
    falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.02, steps)
    for _ in range(steps):
        rows = torch.randint(len(scripts) - SHARD, (BATCH,))
        words = misheard(scripts.words_BLW[rows])
        loss = F.binary_cross_entropy_with_logits(reader(words), asked(scripts.scenes.camera_B[rows]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        falling.step()
    return reader.eval()


def right(reader: CameraReader, scripts: Scripts) -> tuple[float, float]:
    """Shares of the last shard read wholly right: of scenes with a move, and of those without."""
    words, camera = scripts.words_BLW[-SHARD:], asked(scripts.scenes.camera_B[-SHARD:])
    with torch.no_grad():
        same = ((reader(words.float()) > 0) == (camera > 0)).all(-1)
    moved = camera.any(-1)
    return float(same[moved].float().mean()), float(same[~moved].float().mean())


def main() -> None:
    from safetensors.torch import save_file

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("--output", type=Path, default=WEIGHTS / "camera_words.safetensors")
    parser.add_argument("--steps", type=int, default=3000)
    options = parser.parse_args()
    scripts = Scripts.load(options.scripts)
    reader = train(scripts, options.steps)
    moved, still = right(reader, scripts)
    print(f"read right: {moved:.1%} of {SHARD} captions' camera moves, {still:.1%} of those without one")
    small = {name: tensor.to(torch.bfloat16) for name, tensor in reader.state_dict().items()}
    save_file(
        small, options.output, metadata={"licence": "Apache-2.0", "read right": f"{moved:.4f}, {still:.4f}"}
    )


if __name__ == "__main__":
    main()
