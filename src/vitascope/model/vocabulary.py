"""Which words the built-in model learnt, so that people hear of those it didn't.

A word counts as known if training captions used it, or if the word encoder holds it for nearly the same as
one that they used ("kitty" for "cat"). Knows words and vectors; no canvas, no network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model.words import WordEncoder

__all__ = ["Vocabulary"]

NEAR = 0.55  # cosine of two single words: kitty-cat 0.77, shore-beach 0.60, dragon-turtle 0.40

_SMALL = """
a about above across after again against all along also am an and another any are around as at away back be
because been before behind being below beneath beside between beyond big both but by can clip could did do
does doing done down during each ever every few film footage for from front get gets getting give gives go
goes going had has have having he her here hers him his how i if in inside into is it its it's just keep
keeps let like little made make makes making many me more most much my near new next no nor not now of off
old on once one only onto or other our out outside over own past picture please put same scene see seen shot
show shows she so some such take takes than that the their them then there these they thing things this
those through to together too toward towards two under until up upon us very video was way we were what when
where which while who whole whose will with within without would you your
"""
_SMALL_WORDS = frozenset(_SMALL.split())


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower())))


@dataclass(frozen=True)
class Vocabulary:
    """Words that training captions used, and a unit vector of each [V, 384]."""

    words: tuple[str, ...]
    vectors_VW: Tensor

    @classmethod
    def of(cls, captions: list[str], encoder: WordEncoder) -> Vocabulary:
        """The words of these captions."""
        seen = sorted({word for caption in captions for word in _words(caption)} - _SMALL_WORDS)
        rows = [_vectors(encoder, seen[i : i + 64]) for i in range(0, len(seen), 64)]
        return cls(tuple(seen), torch.cat(rows))

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Reads what `save` wrote."""
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            return cls(tuple(file.metadata()["words"].split()), file.get_tensor("vectors").float())

    def save(self, path: Path) -> None:
        """Writes words and vectors (bfloat16) as safetensors."""
        from safetensors.torch import save_file

        save_file({"vectors": self.vectors_VW.bfloat16()}, path, metadata={"words": " ".join(self.words)})

    def unknown(self, text: str, encoder: WordEncoder) -> tuple[str, ...]:
        """The words of `text` that are neither here nor near one that is; small words never count."""
        strange = [word for word in _words(text) if word not in _SMALL_WORDS and word not in set(self.words)]
        if not strange:
            return ()
        nearest = (_vectors(encoder, strange) @ self.vectors_VW.T).amax(-1)
        return tuple(word for word, near in zip(strange, nearest.tolist(), strict=True) if near < NEAR)


def _vectors(encoder: WordEncoder, words: list[str]) -> Tensor:
    return F.normalize(encoder.encode(words).sum(1), dim=-1)
