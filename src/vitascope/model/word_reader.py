"""Reads off a text's word vectors which of some things it speaks of: one small network, for any such list.

Words that no training ever held are still read by their neighbours: the encoder puts "dwindle" near "shrink"
(words.py). What the list is, and what follows from it, others know: the camera's moves (camera_words.py), the
actions of what is planned (planner.py).

Axes: B texts, L words, W numbers in a word's vector, N things that may be spoken of.
"""

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["WordReader"]

SILENCE = -20.0  # of a text without words


class WordReader(nn.Module):
    """Word vectors [B, L, W], zeros where there is no word -> how surely each of N things is spoken of [B,
    N].
    """

    def __init__(self, count: int, words_width: int = 384, width: int = 64) -> None:
        super().__init__()
        self.inward = nn.Linear(words_width, width)
        self.outward = nn.Linear(width, 2 * count)

    def forward(self, words_BLW: Tensor) -> Tensor:
        """Logits [B, N]; each thing is heard where words attend to it most."""
        present = (words_BLW != 0).any(-1, keepdim=True)
        said, heard = self.outward(F.silu(self.inward(words_BLW.float()))).chunk(2, dim=-1)
        share = heard.float().masked_fill(~present, -1e4).softmax(1)
        return (said * share * present).sum(1).where(present.any(1), SILENCE)
