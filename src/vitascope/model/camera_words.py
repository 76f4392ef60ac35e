"""Reads off a text's word vectors what the camera does in it: one small network, trained apart.

A clip is painted in the world that its camera sees (`camera.View`), so the camera must be known before the
first step. Words are read here where no sliders are given. Knows nothing of canvases or of pixels.

Axes: B texts, L words, W numbers in a word's vector.
"""

from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitascope.model.camera import NAMED
from vitascope.model.checkpoint import WEIGHTS

__all__ = ["MOVES", "CameraReader"]

MOVES = ("pan right", "pan left", "tilt up", "tilt down", "zoom in", "zoom out")  # each axis: +, then -
SILENCE = -20.0  # of a text without words
CERTAIN = 0.35  # of a move, and more than of its opposite


class CameraReader(nn.Module):
    """Word vectors [B, L, W], zeros where there is no word -> sliders [B, 4]: pan, tilt, zoom, roll (always
    0).
    """

    def __init__(self, words_width: int = 384, width: int = 64) -> None:
        super().__init__()
        self.inward = nn.Linear(words_width, width)
        self.outward = nn.Linear(width, 2 * len(MOVES))

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

    def logits(self, words_BLW: Tensor) -> Tensor:
        """How surely each of MOVES is spoken of [B, 6]; each is heard where words attend to it most."""
        present = (words_BLW != 0).any(-1, keepdim=True)
        said, heard = self.outward(F.silu(self.inward(words_BLW.float()))).chunk(2, dim=-1)
        share = heard.masked_fill(~present, -1e4).softmax(1)
        return torch.where(present.any(1), (said * share * present).sum(1), SILENCE)

    @torch.no_grad()
    def forward(self, words_BLW: Tensor) -> Tensor:
        """The sliders that the words ask for: NAMED either way, or 0."""
        sure = self.logits(words_BLW).sigmoid().unflatten(-1, (3, 2))
        more, less = sure.unbind(-1)
        way = torch.where(more > less, 1.0, -1.0)
        return F.pad(way * (sure.amax(-1) > CERTAIN) * NAMED, (0, 1))
