"""Word vectors as those of sentences that training doesn't hold may be: readers of words learn from them."""

import torch
from torch import Tensor

__all__ = ["misheard"]

OFF, LOST = 0.5, 0.1  # how far words are off (they have a root mean square of 1), and how many are lost


def misheard(words_BLW: Tensor) -> Tensor:
    """Word vectors [B, L, W] that are all off, some of them lost (zeros, as where there is no word)."""
    words = words_BLW.float()
    lost = (words == 0).all(-1, keepdim=True) | (torch.rand(*words.shape[:2], 1) < LOST)
    return (words + OFF * torch.randn_like(words)).masked_fill(lost, 0.0)
