"""Regions and paths as people write them: "ellipse:0.5,0.4,0.2,0.3", "0.5,0.6 0.8,0.3@1.5s", "right 0.3".

Places and sizes are fractions of the picture from the top left, or percent ("50%"). Knows no files, and no
video that the regions and paths are meant for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from .errors import CanvasError, quoted
from .regions import Ellipse, Polygon, Rectangle, Region, Stroke, checked_point, everything_but
from .time import Moment, parse_time

Waypoint: TypeAlias = tuple[Moment | None, float, float]
"""(when, x, y); None: in even time between its neighbours, from the first frame to the last."""


@dataclass(frozen=True)
class Heading:
    """Straight on, `right` and `down` in widths of the picture: over the whole time, or in each second."""

    right: float
    down: float
    per_second: bool = False


_LONGEST = 20_000  # characters: room for a line drawn by hand
_NUMBER = r"[+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})%?"
_FORMS = {
    "rect": ("left,top,right,bottom", "rect:0.1,0.2,0.5,0.6"),
    "ellipse": ("x,y,radius_x,radius_y", "ellipse:0.5,0.5,0.2,0.3"),
    "polygon": ("three points x,y or more", "polygon:0.1,0.1 0.9,0.1 0.5,0.9"),
    "stroke": ("points x,y and, behind a semicolon, the radius", "stroke:0.2,0.5 0.8,0.5;0.05"),
}
_OTHER_NAMES = {"rectangle": "rect", "oval": "ellipse", "brush": "stroke"}
_RADIUS = 0.025
_HEADINGS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}
_DISTANCE = 0.25  # of the width, where a heading names none
_PATHS = 'write points ("0.5,0.6 0.8,0.3", with times "0.8,0.3@1.5s") or a way ("right 0.3", "up 0.2/s")'


def parse_region(text: str) -> Region:
    """Read "rect:0.1,0.2,0.5,0.6", "ellipse:...", "polygon:...", "stroke:x,y x,y;radius", "not:rect:..."."""
    shape = text[:_LONGEST].strip()
    turned = False
    while match := re.match(r"not\s*:\s*", shape, re.IGNORECASE):
        shape, turned = shape[match.end() :], not turned
    name, _, rest = shape.partition(":")
    name = name.strip().lower()
    name = _OTHER_NAMES.get(name, name)
    if name not in _FORMS:
        raise CanvasError(_no_region(text, name))
    try:
        region = _READERS[name](rest)
    except CanvasError as error:
        what, example = _FORMS[name]
        raise CanvasError(f'{quoted(text)}: {error}; {name} is {what}: "{example}"') from None
    return everything_but(region) if turned else region


def parse_path(text: str) -> tuple[Waypoint, ...] | Heading:
    """Read points in order, "0.5,0.6 0.8,0.3@1.5s", or a way: "right 0.3", "up 0.2 left 0.1", "down 0.1/s".

    A point may lie outside the picture (-1..2). A distance is a fraction of the picture's width (up and down
    too), over the whole time or, with "/s", in each second.
    """
    plain = text[:_LONGEST].strip().lower()
    try:
        return _heading(plain) if plain[:1].isalpha() else _waypoints(plain)
    except CanvasError as error:
        raise CanvasError(f"{quoted(text)}: {error}; {_PATHS}") from None


def _no_region(text: str, name: str) -> str:
    if name == "mask":
        return f"{quoted(text)}: a mask is a file, and none is read here; MaskPicture(array) is one in Python"
    near = get_close_matches(name, [*_FORMS, *_OTHER_NAMES], n=1)
    examples = [f'"{example}"' for _, example in _FORMS.values()]
    if near:
        return f'{quoted(text)} is no region; write "{_FORMS[_OTHER_NAMES.get(near[0], near[0])][1]}"'
    return f'{quoted(text)} is no region; write {", ".join(examples)}, or "not:" before one of these'


def _rectangle(rest: str) -> Region:
    left, top, right, bottom = _numbers(rest, 4)
    return Rectangle(left, top, right, bottom)


def _ellipse(rest: str) -> Region:
    x, y, radius_x, radius_y = _numbers(rest, 4)
    return Ellipse(x, y, radius_x, radius_y)


def _polygon(rest: str) -> Region:
    return Polygon(_points(rest))


def _stroke(rest: str) -> Region:
    line, semicolon, radius = rest.partition(";")
    return Stroke(_points(line), 2 * _numbers(radius, 1)[0] if semicolon else 2 * _RADIUS)


_READERS: dict[str, Callable[[str], Region]] = {
    "rect": _rectangle,
    "ellipse": _ellipse,
    "polygon": _polygon,
    "stroke": _stroke,
}


def _points(text: str) -> tuple[tuple[float, float], ...]:
    places = [_numbers(place, 2) for place in _joined(text).split()]
    return tuple((x, y) for x, y in places)


def _numbers(text: str, count: int) -> list[float]:
    """So many numbers with commas or spaces between them."""
    parts = re.split(r"\s*,\s*|\s+", text.strip())
    numbers = [_number(part) for part in parts if part]
    if len(numbers) != count:
        raise CanvasError(f"{count} number{'s' * (count > 1)} wanted, not {len(numbers)}")
    return numbers


def _number(text: str) -> float:
    if not re.fullmatch(_NUMBER, text, re.ASCII):
        raise CanvasError(f"{quoted(text)} is not a number")
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def _joined(text: str) -> str:
    """Points without spaces inside them: "0.1, 0.2 @ 1s" is "0.1,0.2@1s"."""
    return re.sub(r"\s*([,@])\s*", r"\1", text)


def _waypoints(text: str) -> tuple[Waypoint, ...]:
    points: list[Waypoint] = []
    for place in _joined(text).split():
        where, at, when = place.partition("@")
        x, y = _numbers(where, 2)
        points.append((parse_time(when) if at else None, *checked_point(x, y)))
    if not points:
        raise CanvasError("a path needs a point")
    return tuple(points)


def _heading(text: str) -> Heading:
    right = down = 0.0
    rates: set[bool] = set()
    for way, distance in re.findall(r"([a-z]+)\s*([^a-z\s]\S*)?", re.sub(r",|\band\b", " ", text)):
        if way not in _HEADINGS:
            raise CanvasError(f"{quoted(way)} is no way to go")
        size, per_second = _distance(distance) if distance else (_DISTANCE, False)
        across, along = _HEADINGS[way]
        right, down = right + across * size, down + along * size
        rates.add(per_second)
    if len(rates) > 1:
        raise CanvasError('"/s" goes with every distance or with none')
    return Heading(right, down, rates == {True})


def _distance(text: str) -> tuple[float, bool]:
    """A fraction of the width, and whether it is gone in each second."""
    plain = re.sub(r"/s(?:ec)?$", "", text)
    size = _number(plain)
    if not 0 < size <= 3:
        raise CanvasError(f"a distance is above 0 and at most 3 widths of the picture, not {size:g}")
    return size, plain != text
