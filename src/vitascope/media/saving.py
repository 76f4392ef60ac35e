"""A filled canvas -> a file. Knows canvases; how files are written is writing.py's and sound.py's."""

from __future__ import annotations

from pathlib import Path

from vitascope.canvas import Canvas
from vitascope.media.limits import MediaError, Place
from vitascope.media.sound import SOUNDS, write_sound
from vitascope.media.writing import write_video


def save(
    canvas: Canvas, path: Place, *, quality: int | None = None, metadata: dict[str, str] | None = None
) -> None:
    """Write a canvas' pixels with its sound at its rate; the suffix says as what, as in ``write_video``.

    A suffix of a sound file (.wav, .flac, .mp3, .m4a) gets its sound alone.
    """
    if Path(path).suffix.lower() in SOUNDS:
        if canvas.sound is None:
            raise MediaError(f"{path}: this canvas has no sound; fill one that asks for it, or write .mp4")
        write_sound(path, canvas.sound)
        return
    write_video(path, canvas.pixels, canvas.rate_fps, sound=canvas.sound, quality=quality, metadata=metadata)
