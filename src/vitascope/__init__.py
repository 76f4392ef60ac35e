"""Vitascope: say it, see it. Fill in the part of a canvas that isn't known yet.

    import vitascope as vs
    clip = vs.fill(vs.text_to_video("a fox jumps on the beach"))
    vs.save(clip, "fox.mp4")

The names below are imported from their rooms when they are first used, so `import vitascope` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitascope.canvas import Camera, Canvas, CanvasError, Span
    from vitascope.engine import FillSettings, ToyFiller, fill, fill_many, fillers, live, stream
    from vitascope.films import Shot, shoot, shots
    from vitascope.media import read_clip, read_picture, save, write_picture, write_video
    from vitascope.tasks import (
        background,
        between,
        expand,
        extend,
        image_to_video,
        keyframes,
        loop,
        move,
        replace,
        restyle,
        smooth,
        sound,
        text_to_image,
        text_to_video,
    )

__version__ = "0.1.0"

__all__ = [
    "Camera",
    "Canvas",
    "CanvasError",
    "FillSettings",
    "Shot",
    "Span",
    "ToyFiller",
    "background",
    "between",
    "expand",
    "extend",
    "fill",
    "fill_many",
    "fillers",
    "image_to_video",
    "keyframes",
    "live",
    "loop",
    "move",
    "read_clip",
    "read_picture",
    "replace",
    "restyle",
    "save",
    "shoot",
    "shots",
    "smooth",
    "sound",
    "stream",
    "text_to_image",
    "text_to_video",
    "write_picture",
    "write_video",
]

_ROOMS = {
    "canvas": ("Camera", "Canvas", "CanvasError", "Span"),
    "engine": ("FillSettings", "ToyFiller", "fill", "fill_many", "fillers", "live", "stream"),
    "films": ("Shot", "shoot", "shots"),
    "media": ("read_clip", "read_picture", "save", "write_picture", "write_video"),
    "tasks": (
        "background",
        "between",
        "expand",
        "extend",
        "image_to_video",
        "keyframes",
        "loop",
        "move",
        "replace",
        "restyle",
        "smooth",
        "sound",
        "text_to_image",
        "text_to_video",
    ),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _ROOM_OF:
        raise AttributeError(f"vitascope has no {name!r}; it has {', '.join(__all__)}")
    value: object = getattr(importlib.import_module(f"vitascope.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
