"""Reading --cast: pictures of who or what must appear. Knows the option's text, and no command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vitascope.apps.cli import options as o

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope.canvas import Canvas


def with_cast(canvas: Canvas, members: list[str] | None) -> Canvas:
    """The canvas with everybody that --cast names; several pictures under one name are of one subject."""
    pictures: dict[str, list[NDArray[np.uint8]]] = {}
    for member in members or ():
        name, path = _split(member)
        pictures.setdefault(name, []).append(_read(path))
    for name, seen in pictures.items():
        with o.reading("--cast"):
            canvas = canvas.with_cast(name, *seen)
    return canvas


def _split(member: str) -> tuple[str, Path]:
    """The name and the file of "fox=a.png"; of "a.png" the name is "a", and a file "x=a.png" may be there."""
    name, equals, path = member.partition("=")
    if not equals or Path(member).is_file():
        name, path = Path(member).stem, member
    if not name.strip() or not path.strip():
        raise typer.BadParameter(
            f'"{member}" is no cast; write fox.png, or fox=picture.png', param_hint="--cast"
        )
    return name.strip(), Path(path)


def _read(path: Path) -> NDArray[np.uint8]:
    """uint8 [H, W, 4], or 3 if nothing is see-through: then all of the picture may show the subject."""
    from vitascope.media import read_picture_rgba

    picture = read_picture_rgba(path)
    return picture[..., :3] if (picture[..., 3] == 255).all() else picture
