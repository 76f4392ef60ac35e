"""What to see, in words, and when. Knows nothing of how words are read."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .errors import CanvasError
from .time import Span

LONGEST_TEXT = 20_000  # characters: ten pages; longer is a mistake or an attack


def check_text(text: object, what: str) -> None:
    """Refuse what is no text, is too long, or holds characters that no one can type."""
    if not isinstance(text, str):
        raise CanvasError(f"{what} must be text, not {type(text).__name__}")
    if len(text) > LONGEST_TEXT:
        raise CanvasError(f"{what} is {len(text)} characters long; at most {LONGEST_TEXT}")
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise CanvasError(f"{what} holds broken characters")


@dataclass(frozen=True)
class Words:
    """A text that holds for a span of time; weight 0..10 says how strongly (1 = plainly, 0 = not at all)."""

    text: str
    span: Span = field(default_factory=Span)
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_text(self.text, "the text")
        if not (math.isfinite(self.weight) and 0 <= self.weight <= 10):
            raise CanvasError(f"weight must be in 0..10, not {self.weight}", "weight")
        object.__setattr__(self, "weight", float(self.weight))
