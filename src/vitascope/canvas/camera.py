"""How the camera moves. Knows nothing of pixels or of how a move is drawn."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from .errors import CanvasError, quoted
from .time import Span

MOVES = ("pan", "tilt", "zoom", "roll")

_DIRECTIONS: dict[str, dict[str, int]] = {
    "pan": {"right": 1, "left": -1},
    "tilt": {"up": 1, "down": -1},
    "zoom": {"in": 1, "out": -1},
    "roll": {"clockwise": 1, "right": 1, "anticlockwise": -1, "counterclockwise": -1, "left": -1},
}
_PLAIN, _SLOW, _FAST = 50.0, 25.0, 100.0
_MANNERS = {"slow": _SLOW, "slowly": _SLOW, "fast": _FAST, "quick": _FAST, "quickly": _FAST}
_STILL = ("static", "still", "fixed", "none", "locked")


@dataclass(frozen=True)
class Camera:
    """A camera move over a span: each of -100..100, where + is right, up, in, clockwise and 0 is still."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0
    roll: float = 0.0
    span: Span = field(default_factory=Span)

    def __post_init__(self) -> None:
        for name in MOVES:
            value = getattr(self, name)
            if not (math.isfinite(value) and -100 <= value <= 100):
                raise CanvasError(f"{name} must be in -100..100, not {value:g}", name)
            object.__setattr__(self, name, float(value))

    @property
    def moves(self) -> tuple[float, float, float, float]:
        """(pan, tilt, zoom, roll)."""
        return self.pan, self.tilt, self.zoom, self.roll


def parse_camera(text: str, span: Span | None = None) -> Camera:
    """Read "pan left, zoom in 80", "slowly tilt up", "roll -20" or "static"; a plain move is 50 of 100."""
    moves: dict[str, float] = {}
    parts = re.split(r",|;|\band\b|\bthen\b", text[:500].lower())
    for part in filter(None, map(str.strip, parts)):
        if part in _STILL:
            continue
        name, value = _read_move(part)
        if name in moves:
            raise CanvasError(f'"{name}" is there twice; one move over time is a camera for each span')
        moves[name] = value
    return Camera(**moves, span=span or Span())


def _read_move(part: str) -> tuple[str, float]:
    words = re.findall(r"[+-]?\d+(?:\.\d+)?|[a-z]+|[^\sa-z\d%]+", part)
    name = next((word for word in words if word in MOVES), None)
    if name is None:
        near = get_close_matches(words[0] if words else "", MOVES, n=1)
        raise CanvasError(f"{quoted(part)} is no camera move; write {_example(near[0] if near else None)}")
    size, sign, signed = _PLAIN, 1.0, False
    for word in words:
        if word == name:
            continue
        if word in _DIRECTIONS[name]:
            sign = float(_DIRECTIONS[name][word])
        elif word in _MANNERS:
            size = _MANNERS[word]
        elif word.lstrip("+-")[:1].isdigit():
            size, signed = float(word), word[0] in "+-"
        else:
            raise CanvasError(f"{quoted(word)} is no way to {name}; write {_example(name)}")
    if signed and sign < 0:
        raise CanvasError(f"{quoted(part)} has both a sign and a direction; write {_example(name)}")
    return name, sign * size


def _example(name: str | None) -> str:
    if name is None:
        return '"pan left", "tilt up 30", "zoom in", "roll clockwise" or "static"'
    return " or ".join(f'"{name} {way}"' for way in _DIRECTIONS[name]) + f' (with 0..100: "{name} -30")'
