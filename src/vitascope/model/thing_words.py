"""Reads off a text's word vectors which of the things that the network knows it speaks of.

Who calls a cat "kitty" gets one: the painter learnt what things look like together with their usual names,
so a thing that is heard is said to it by that name, too. Knows nothing of pictures.

Axes: B texts, L words, W numbers in a word's vector.
"""

import json
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from vitascope.model.checkpoint import WEIGHTS
from vitascope.model.word_reader import WordReader

__all__ = ["ThingReader"]

CERTAIN = 0.5  # of a thing before it counts as said


class ThingReader(WordReader):
    """A reader of things by name; the last of what it tells apart is a text that speaks of none."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(len(names) + 1)
        self.names = names

    @classmethod
    @cache
    def load(cls, path: Path | None = None) -> "ThingReader":
        """The packaged reader. FileNotFoundError says how to make absent weights."""
        from safetensors import safe_open

        path = path or WEIGHTS / "thing_words.safetensors"
        if not path.exists():
            raise FileNotFoundError(f"no weights at {path}; python -m vitascope.train.thing_words makes them")
        with safe_open(path, "pt") as file:  # pyright: ignore[reportUnknownVariableType, reportCallIssue]
            reader = cls(tuple(json.loads(file.metadata()["names"])))
            reader.load_state_dict({name: file.get_tensor(name).float() for name in file.keys()})  # noqa: SIM118
        return reader.eval().requires_grad_(False)

    @torch.no_grad()
    def heard(self, words_BLW: Tensor) -> list[str]:
        """The usual name of what each text speaks of, or "" where that is none of them or isn't sure."""
        sure, thing = self(words_BLW).softmax(-1).max(-1)
        silent = ~(words_BLW != 0).flatten(1).any(1)
        said = (sure > CERTAIN) & (thing < len(self.names)) & ~silent
        return [self.names[int(k)] if yes else "" for k, yes in zip(thing, said, strict=True)]
