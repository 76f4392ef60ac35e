"""Who or what must appear. Knows pictures as arrays, not how a likeness is kept."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import CanvasError, inside
from .planes import Bytes, alike, as_colours, kept
from .words import check_text


@dataclass(frozen=True, eq=False)
class Cast:
    """A subject with a name and pictures of it, each uint8 HWC, RGB or RGBA (alpha = where it is)."""

    name: str
    pictures: tuple[Bytes, ...]

    def __post_init__(self) -> None:
        check_text(self.name, "the name")
        if not self.pictures:
            raise CanvasError("a cast needs at least one picture", "pictures")
        checked: list[Bytes] = []
        for number, picture in enumerate(self.pictures):
            with inside(f"pictures[{number}]"):
                checked.append(kept(as_colours(picture, "HWC", (3, 4))))
        object.__setattr__(self, "pictures", tuple(checked))

    def __eq__(self, other: object) -> bool:
        return alike(self, other)

    __hash__ = None  # type: ignore[assignment]  # arrays inside
