"""The one error of this room, and how it learns where in a canvas it happened. Knows nothing of any plane."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager


class CanvasError(ValueError):
    """A canvas that can't be: where (a path such as `words[2].span`), what is wrong, what would be right."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where


def quoted(text: str) -> str:
    """The beginning of a text that came from someone, in quotes, fit for one line of a terminal."""
    return json.dumps(text[:40], ensure_ascii=False).replace("\x7f", "")


@contextmanager
def inside(place: str) -> Generator[None]:
    """Put `place` in front of the path of any CanvasError raised within."""
    try:
        yield
    except CanvasError as error:
        joint = "." if error.where and not error.where.startswith("[") else ""
        raise CanvasError(error.message, f"{place}{joint}{error.where}") from error.__cause__
