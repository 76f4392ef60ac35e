"""Clips -> what they show, by the trained reader: its file, its names for things, sizes it isn't used to.

Knows the network and its weights' file. Does not know how the reader was trained, or who made the clips.

Axes: B clips, T frames, H, W pixels, C colours, D width of the features.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from vitascope.model.checkpoint import WEIGHTS
from vitascope.model.reader import Reader, ReaderConfig

__all__ = ["Labels", "Reading", "ReadingError", "TrainedReader", "save_reader"]

SIDE_PX = 64  # the shorter side of the clips that the reader learnt from
_AT_ONCE = 16

Labels = Mapping[str, Sequence[str]]
"""The attributes, each with the names of its values in the order of the reader's logits."""


class ReadingError(RuntimeError):
    """The reader's weights are missing or are none."""


@dataclass(frozen=True)
class Reading:
    """What B clips show: the index of every attribute's likeliest value, and features float32 [B, D]."""

    values: dict[str, NDArray[np.int64]]
    features_BD: NDArray[np.float32]


@dataclass(frozen=True)
class TrainedReader:
    """A reader that knows its attributes' names; `scores` is its accuracy on unseen renders, when trained."""

    network: Reader
    labels: Labels
    scores: Mapping[str, float]

    @classmethod
    def load(cls, path: Path | None = None) -> "TrainedReader":
        """The reader in this file, or the one that comes with the package. Raises ReadingError."""
        path = path or packaged_weights()
        if not path.exists():
            raise ReadingError(f"{path} is missing: python -m vitascope.train.reading trains a reader")
        try:
            with safe_open(path, "pt") as file:
                told = {key: json.loads(text) for key, text in file.metadata().items()}
                weights = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
            network = Reader(ReaderConfig(**told["config"]))
            network.load_state_dict(weights)
            return cls(network.eval().requires_grad_(False), told["labels"], told["scores"])
        except (
            SafetensorError,
            OSError,
            ValueError,
            AttributeError,
            KeyError,
            TypeError,
            RuntimeError,
        ) as error:
            raise ReadingError(f"{path} is no reader: {error}") from error

    def read(
        self, clips_BTHWC: NDArray[np.uint8] | Tensor, after: Callable[[int], None] = lambda done: None
    ) -> Reading:
        """Reads uint8 clips of any size, the shorter side scaled to 64; calls after(n) when n are read."""
        values: dict[str, list[Tensor]] = {name: [] for name in self.labels}
        features: list[Tensor] = []
        for start in range(0, len(clips_BTHWC), _AT_ONCE):
            some = torch.as_tensor(clips_BTHWC[start : start + _AT_ONCE])
            read = self.network(at_readers_size(some))
            for name, logits in read.logits.items():
                values[name].append(logits.argmax(dim=1))
            features.append(read.features_BD)
            after(start + len(some))
        return Reading(
            {name: torch.cat(v).numpy() for name, v in values.items()}, torch.cat(features).numpy()
        )


def packaged_weights() -> Path:
    """Where the package keeps the reader's weights."""
    return WEIGHTS / "reader.safetensors"


def at_readers_size(clips_BTHWC: Tensor) -> Tensor:
    """uint8 clips -> floats in -1..1, the shorter side 64 pixels, the longer the nearest multiple of 8."""
    x = clips_BTHWC.float() / 127.5 - 1
    B, _, H, W, _ = x.shape
    height_px, width_px = (max(SIDE_PX, 8 * round(side * SIDE_PX / min(H, W) / 8)) for side in (H, W))
    if (height_px, width_px) == (H, W):
        return x
    frames = x.flatten(0, 1).permute(0, 3, 1, 2)
    frames = F.interpolate(
        frames, (height_px, width_px), mode="bilinear", antialias=True, align_corners=False
    )
    return frames.permute(0, 2, 3, 1).unflatten(0, (B, -1))


def save_reader(path: Path, network: Reader, labels: Labels, scores: Mapping[str, float]) -> None:
    """Writes a reader as bfloat16 safetensors, with its config, names and scores in the metadata."""
    config = vars(network.config) | {"attributes": dict(network.config.attributes)}
    told = {
        "config": config,
        "labels": {name: list(values) for name, values in labels.items()},
        "scores": dict(scores),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    weights = {name: tensor.to(torch.bfloat16).contiguous() for name, tensor in network.state_dict().items()}
    save_file(weights, scratch, {key: json.dumps(value) for key, value in told.items()})
    scratch.replace(path)
