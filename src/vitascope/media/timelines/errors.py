"""The one error of timelines, and how it learns where in a timeline it happened."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from vitascope.canvas import CanvasError
from vitascope.media.limits import MediaError


class TimelineError(MediaError):
    """A timeline that can't be: where (`tracks[1].items[3].start_s`), what is wrong, what would be right."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where


@contextmanager
def inside(place: str) -> Generator[None]:
    """Put `place` in front of the path of what goes wrong within; the canvas's and media's errors join in."""
    try:
        yield
    except TimelineError as error:
        joint = "." if error.where and not error.where.startswith("[") else ""
        raise TimelineError(error.message, f"{place}{joint}{error.where}") from error.__cause__
    except CanvasError as error:
        raise TimelineError(error.message, place) from error
    except MediaError as error:
        raise TimelineError(str(error), place) from error
