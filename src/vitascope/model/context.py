"""What the network is told beside the pixels: words, cast pictures, camera, tracks -> context tokens.

Each becomes a few tokens that the blocks attend to as keys and values; the words' mean also turns
the blocks' modulation, which makes them bite early in training. Knows nothing of canvases or of
which text encoder made the word vectors.

Axes: B canvases, L words, S cast patches, R track points, M context tokens, D width.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vitascope.model.patches import PatchIn, fourier

__all__ = ["UNTOLD_CAMERA", "Context", "ContextEncoder"]

WORD_SLOTS = 32
UNTOLD_CAMERA = (math.nan, -2.0, -2.0, -2.0, -2.0)  # the row of a camera of which nothing is said


@dataclass(frozen=True)
class Context:
    """One batch of conditions; any plane but the words may be None.

    words_BLW: word vectors, L a multiple of 32 (a row of slots for each text), zeros where there is no word.
    cast_BSP: patches of reference pictures; cast_place_BS3: (number of the cast member, row, column in 0..1);
    a row whose number is negative is empty. camera_BC5: (time in frames, NaN for the whole clip; pan, tilt,
    zoom, roll in -1..1 of the slider's end). tracks_BR7: (number of the track, time in frames, row, column,
    row and column at the start, 1), places in patches from the centre; a row whose last number is 0 is empty.
    tracks_world_BR3: their times and places in a world that a moving camera sees; None: the camera is still.
    """

    words_BLW: Tensor
    cast_BSP: Tensor | None = None
    cast_place_BS3: Tensor | None = None
    camera_BC5: Tensor | None = None
    tracks_BR7: Tensor | None = None
    tracks_world_BR3: Tensor | None = None


class ContextEncoder(nn.Module):
    """Turns a `Context` into tokens, their places, and the pooled words."""

    def __init__(self, width: int, words_width: int, frame_patch: int, bottleneck: int) -> None:
        super().__init__()
        self.words = nn.Linear(words_width, width)
        self.word_order = nn.Parameter(torch.zeros(WORD_SLOTS, width))
        self.no_word = nn.Parameter(torch.randn(width) * 0.02)
        self.pool = nn.Sequential(
            nn.Linear(words_width, width), nn.SiLU(), nn.Linear(width, bottleneck), nn.SiLU()
        )
        self.cast = PatchIn(frame_patch, bottleneck, width)
        self.cast_place = nn.Linear(2 * 3 * 4, width, bias=False)
        self.camera = nn.Linear(4, width)
        self.tracks = nn.Linear(2 * 5 * 6, width)
        self.track_number = nn.Embedding(16, width)

    def forward(self, context: Context) -> tuple[Tensor, Tensor, Tensor]:
        """Returns tokens_BMD, places_BM3 (time, row, column; NaN, 0, 0 for what has no place), pooled_BW."""
        words = context.words_BLW
        present = (words != 0).any(-1, keepdim=True).to(words.dtype)
        order = self.word_order.repeat(words.shape[1] // WORD_SLOTS, 1)
        tokens = present * (self.words(words) + order) + (1 - present) * self.no_word
        pooled = self.pool(words.sum(1) / present.sum(1).clamp(min=1))
        nowhere = torch.tensor((math.nan, 0.0, 0.0), device=words.device)
        rows, places = [tokens], [nowhere.expand(*words.shape[:2], 3)]
        if context.cast_BSP is not None and context.cast_place_BS3 is not None:
            where = context.cast_place_BS3
            token = self.cast(context.cast_BSP.to(tokens.dtype))
            token = token + self.cast_place(fourier(where, 4, 8).to(tokens.dtype))
            there = (where[..., :1] >= 0).to(token.dtype)
            rows.append(there * token + (1 - there) * self.no_word)
            places.append(nowhere.expand(where.shape))
        if context.camera_BC5 is not None:
            camera = context.camera_BC5
            rows.append(self.camera(camera[..., 1:].to(tokens.dtype)))
            places.append(torch.nn.functional.pad(camera[..., :1], (0, 2)))
        if context.tracks_BR7 is not None:
            number, point, there = context.tracks_BR7.split((1, 5, 1), dim=-1)
            token = self.tracks(fourier(point / 16, 6, 16).to(tokens.dtype)) + self.track_number(
                number.long()[..., 0]
            )
            there = there.to(token.dtype)
            rows.append(there * token + (1 - there) * self.no_word)
            at = point[..., :3] if context.tracks_world_BR3 is None else context.tracks_world_BR3
            places.append(at * there)
        return torch.cat(rows, 1), torch.cat([p.float() for p in places], 1), pooled
