"""A filled canvas -> a file. Knows canvases; how files are written is writing.py's."""

from __future__ import annotations

from vitascope.canvas import Canvas
from vitascope.media.limits import Place
from vitascope.media.writing import write_video


def save(
    canvas: Canvas, path: Place, *, quality: int | None = None, metadata: dict[str, str] | None = None
) -> None:
    """Write a canvas' pixels with its sound at its rate; the suffix says as what, as in ``write_video``."""
    write_video(path, canvas.pixels, canvas.rate_fps, sound=canvas.sound, quality=quality, metadata=metadata)
