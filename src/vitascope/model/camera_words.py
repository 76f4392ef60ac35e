"""Reads off a text's word vectors what the camera does in it: one small network, trained apart.

A clip is painted in the world that its camera sees (`camera.View`), so the camera must be known before the
first step. Words are read here where no sliders are given. Knows nothing of canvases or of pixels.

Axes: B texts, L words, W numbers in a word's vector.
"""

from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.camera import NAMED
from vitascope.model.checkpoint import WEIGHTS
from vitascope.model.word_reader import WordReader

__all__ = ["MOVES", "CameraReader"]

MOVES = ("pan right", "pan left", "tilt up", "tilt down", "zoom in", "zoom out")  # each axis: +, then -
CERTAIN = 0.35  # of a move, and more than of its opposite


class CameraReader(WordReader):
    """A reader of MOVES, and what sliders they stand for."""

    def __init__(self) -> None:
        super().__init__(len(MOVES))

    @classmethod
    @cache
    def load(cls, path: Path | None = None) -> "CameraReader":
        """The packaged reader. FileNotFoundError says how to make absent weights."""
        from safetensors.torch import load_file

        path = path or WEIGHTS / "camera_words.safetensors"
        if not path.exists():
            raise FileNotFoundError(
                f"no weights at {path}; python -m vitascope.train.camera_words makes them"
            )
        reader = cls()
        reader.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
        return reader.eval().requires_grad_(False)

    @torch.no_grad()
    def sliders(self, words_BLW: Tensor) -> Tensor:
        """What the words ask for [B, 4]: pan, tilt and zoom NAMED either way or 0, and no roll."""
        sure = self(words_BLW).sigmoid().unflatten(-1, (3, 2))
        more, less = sure.unbind(-1)
        way = torch.where(more > less, 1.0, -1.0)
        return F.pad(way * (sure.amax(-1) > CERTAIN) * NAMED, (0, 1))
