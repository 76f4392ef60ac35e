"""Two processes of one gang without Ray: each fills the same canvases, sharing the work on every one."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import distributed

from vitascope.canvas import Canvas
from vitascope.engine import CannotFill, FillSettings, fill
from vitascope.engine.open_weights.catalogue import Model
from vitascope.engine.open_weights.filler import OpenWeights

RANKS = 2


@dataclass(frozen=True)
class Job:
    """What is to be filled, by which model, of which weights."""

    model: Model
    where: Path
    canvas: Canvas
    settings: FillSettings

    def fill(self, ranks: int) -> np.ndarray | str:
        """The pixels that so many ranks make, or what they refuse it with."""
        settings = replace(self.settings, gpus=ranks)
        try:
            return fill(self.canvas, OpenWeights(self.model, self.where), settings).pixels
        except CannotFill as error:
            return str(error)


def rank(number: int, folder: Path) -> None:
    """Be one of the ranks: fill the jobs that lie in the folder, and leave there what came of them."""
    torch.set_num_threads(1)
    store = distributed.FileStore(str(folder / "store"), RANKS)
    distributed.init_process_group("gloo", store=store, rank=number, world_size=RANKS)
    jobs: dict[str, Job] = pickle.loads((folder / "jobs").read_bytes())
    made = {name: job.fill(RANKS) for name, job in jobs.items()}
    (folder / f"made-{number}").write_bytes(pickle.dumps(made))
