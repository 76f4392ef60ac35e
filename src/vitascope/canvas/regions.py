"""Where: shapes drawn on a picture, turned into how much of every pixel they cover.

Coordinates are fractions of the width and height, (0, 0) at the top left corner; a shape may hang over the
edges of the picture. Its own edges are smooth; a pixel wholly inside is exactly 1, one wholly outside
exactly 0. Knows nothing of time, nor of what a region is for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .errors import CanvasError, inside
from .planes import Floats, alike, as_shares, kept
from .scaling import TRIANGLE, scaled

_LINES = 16  # scan lines in each row of pixels
_STEPS = 256  # steps across each pixel: counted in whole numbers, so that a full pixel is exactly full
_FULL = _LINES * _STEPS
_THINNEST = 1e-6  # of the picture: less than any pixel, and nothing divides by it badly


@runtime_checkable
class Region(Protocol):
    """Anything that covers a part of a picture."""

    @property
    def centre(self) -> tuple[float, float]:
        """The middle (x, y), in fractions of width and height."""
        ...

    def coverage(self, height_px: int, width_px: int) -> Floats:
        """How much of every pixel is covered: float32 [H, W] in 0..1."""
        ...


def checked_point(x: float, y: float) -> tuple[float, float]:
    """A place: both in -1..2, as fractions of width and height."""
    return _checked("x", x, -1, 2), _checked("y", y, -1, 2)


@dataclass(frozen=True)
class Rectangle:
    """From (left, top) to (right, bottom)."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        for name in ("left", "top", "right", "bottom"):
            object.__setattr__(self, name, _checked(name, getattr(self, name), -1, 2))
        if self.left >= self.right or self.top >= self.bottom:
            raise CanvasError(f"left must be less than right and top less than bottom, not {self}")

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def coverage(self, height_px: int, width_px: int) -> Floats:
        across = _overlap(self.left * width_px, self.right * width_px, width_px)
        down = _overlap(self.top * height_px, self.bottom * height_px, height_px)
        return _snapped(np.outer(down, across))


@dataclass(frozen=True)
class Ellipse:
    """Around (x, y), reaching radius_x of the width to each side and radius_y of the height up and down."""

    x: float
    y: float
    radius_x: float
    radius_y: float

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            object.__setattr__(self, name, _checked(name, getattr(self, name), -1, 2))
        for name in ("radius_x", "radius_y"):
            object.__setattr__(self, name, _checked(name, getattr(self, name), _THINNEST, 2))

    @property
    def centre(self) -> tuple[float, float]:
        return self.x, self.y

    def coverage(self, height_px: int, width_px: int) -> Floats:
        offset = (_scan_lines(height_px) / height_px - self.y) / self.radius_y
        lines = np.flatnonzero(np.abs(offset) < 1)
        half = self.radius_x * np.sqrt(1 - offset[lines] ** 2)
        ends = np.concatenate([self.x - half, self.x + half]) * width_px
        signs = np.repeat([1, -1], len(lines))
        return _filled(height_px, width_px, np.tile(lines, 2), ends, signs)


@dataclass(frozen=True)
class Polygon:
    """The inside of a closed line through points (x, y); where it crosses itself, every second part."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _checked_points(self.points, 3, "a polygon"))

    @property
    def centre(self) -> tuple[float, float]:
        return _middle(self.points)

    def coverage(self, height_px: int, width_px: int) -> Floats:
        corners = np.array(self.points) * (width_px, height_px)
        y = _scan_lines(height_px)
        lines: list[NDArray[np.intp]] = []
        crossings: list[NDArray[np.float64]] = []
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            hit = np.flatnonzero((y >= min(y0, y1)) & (y < max(y0, y1)))  # half-open: a corner counts once
            if len(hit):
                lines.append(hit)
                crossings.append(x0 + (y[hit] - y0) * ((x1 - x0) / (y1 - y0)))
        if not lines:
            return np.zeros((height_px, width_px), np.float32)
        line, crossing = np.concatenate(lines), np.concatenate(crossings)
        order = np.lexsort((crossing, line))
        # Along a line the shape begins at the first crossing, ends at the second, and so on.
        signs = np.tile([1, -1], len(order) // 2)
        return _filled(height_px, width_px, line[order], crossing[order], signs)


@dataclass(frozen=True)
class Stroke:
    """A round brush through points (x, y), one for a dot; width is a fraction of the shorter side."""

    points: tuple[tuple[float, float], ...]
    width: float = 0.05

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _checked_points(self.points, 1, "a stroke"))
        object.__setattr__(self, "width", _checked("width", self.width, _THINNEST, 2))

    @property
    def centre(self) -> tuple[float, float]:
        return _middle(self.points)

    def coverage(self, height_px: int, width_px: int) -> Floats:
        path = [(x * width_px, y * height_px) for x, y in self.points]
        radius_px = self.width * min(height_px, width_px) / 2
        result = np.zeros((height_px, width_px), np.float32)
        for start, stop in pairwise(path if len(path) > 1 else path * 2):
            _draw_segment(result, start, stop, radius_px)
        return result


@dataclass(frozen=True, eq=False)
class MaskPicture:
    """A picture of the region: [H, W] of 0..1, booleans, or bytes (255 = inside); any size."""

    picture: Floats

    def __post_init__(self) -> None:
        picture = np.asarray(self.picture)
        if picture.ndim != 2 or 0 in picture.shape:
            raise CanvasError(f"a mask picture has axes H, W, not the shape {picture.shape}", "picture")
        if picture.dtype == np.uint8:
            picture = picture.astype(np.float32) / np.float32(255)
        with inside("picture"):
            object.__setattr__(self, "picture", kept(as_shares(picture)))

    @property
    def centre(self) -> tuple[float, float]:
        height, width = self.picture.shape
        if not self.picture.any():
            return 0.5, 0.5
        x = np.average(_middles(width) / width, weights=self.picture.sum(axis=0))
        y = np.average(_middles(height) / height, weights=self.picture.sum(axis=1))
        return float(x), float(y)

    def coverage(self, height_px: int, width_px: int) -> Floats:
        if self.picture.shape == (height_px, width_px):
            return self.picture
        return _snapped(scaled(self.picture, height_px, width_px, TRIANGLE))

    def __eq__(self, other: object) -> bool:
        return alike(self, other)

    __hash__ = None  # type: ignore[assignment]  # an array inside


@dataclass(frozen=True)
class EverythingBut:
    """All of the picture except a region."""

    region: Region

    @property
    def centre(self) -> tuple[float, float]:
        return 0.5, 0.5

    def coverage(self, height_px: int, width_px: int) -> Floats:
        return np.float32(1) - self.region.coverage(height_px, width_px)


def everything_but(region: Region) -> Region:
    """All of the picture except `region`; twice is the region itself."""
    return region.region if isinstance(region, EverythingBut) else EverythingBut(region)


def _filled(
    height_px: int, width_px: int, lines: NDArray[np.intp], x: NDArray[np.float64], signs: NDArray[np.int_]
) -> Floats:
    """Coverage of what lies right of each x (sign 1) less what lies right of others (sign -1), line by line.

    Each end adds to a pixel and to the next; a running sum along the row, in whole numbers, fills the inside.
    """
    steps = np.rint(np.clip(x, 0, width_px) * _STEPS).astype(np.int64)
    column, rest = np.divmod(steps, _STEPS)
    change = np.zeros((height_px, width_px + 2), np.int64)
    np.add.at(change, (lines // _LINES, column), signs * (_STEPS - rest))
    np.add.at(change, (lines // _LINES, column + 1), signs * rest)
    return (np.cumsum(change, axis=1)[:, :width_px] / _FULL).astype(np.float32)


def _scan_lines(height_px: int) -> NDArray[np.float64]:
    """The middles of the scan lines, in pixels from the top."""
    return _middles(height_px * _LINES) / _LINES


def _middles(count: int) -> NDArray[np.float64]:
    """0.5, 1.5 and so on: the middles of `count` cells."""
    return np.arange(count, dtype=np.float64) + 0.5


def _overlap(start: float, stop: float, count: int) -> NDArray[np.float64]:
    """How much of each of `count` unit cells lies in start..stop."""
    cell = np.arange(count)
    return np.clip(np.minimum(stop, cell + 1) - np.maximum(start, cell), 0, 1)


def _draw_segment(
    result: Floats, start: tuple[float, float], stop: tuple[float, float], radius_px: float
) -> None:
    """Draw one straight piece of a stroke into `result`, looking only at the pixels near it.

    What counts is how deep a pixel's middle lies in the stroke: half a pixel deep is full, half out is empty.
    """
    height_px, width_px = result.shape
    (x0, y0), (x1, y1) = start, stop
    columns = _near(min(x0, x1) - radius_px, max(x0, x1) + radius_px, width_px)
    rows = _near(min(y0, y1) - radius_px, max(y0, y1) + radius_px, height_px)
    x = _middles(width_px)[None, columns] - x0
    y = _middles(height_px)[rows, None] - y0
    run, rise = x1 - x0, y1 - y0
    length = math.hypot(run, rise)
    along = np.clip((x * run + y * rise) / length**2, 0, 1) if length else np.zeros(())
    depth = radius_px - np.hypot(x - along * run, y - along * rise)
    piece = result[rows, columns]
    np.maximum(piece, _snapped(depth + 0.5), out=piece)


def _near(start: float, stop: float, count: int) -> slice:
    return slice(max(0, math.floor(start) - 1), max(0, min(count, math.ceil(stop) + 1)))


def _snapped(values: NDArray[np.floating[Any]]) -> Floats:
    """Values clipped to 0..1 in steps of 1/4096, so that a rounding error never leaves 0.9999999 for 1."""
    return (np.rint(np.clip(values, 0, 1) * _FULL) / _FULL).astype(np.float32)


def _middle(points: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _checked_points(
    points: tuple[tuple[float, float], ...], least: int, what: str
) -> tuple[tuple[float, float], ...]:
    if len(points) < least:
        raise CanvasError(f"{what} needs {least} points or more, not {len(points)}", "points")
    checked: list[tuple[float, float]] = []
    for number, point in enumerate(points):
        with inside(f"points[{number}]"):
            if len(point) != 2:
                raise CanvasError(f"a point is (x, y), not {point!r}")
            checked.append(checked_point(*point))
    return tuple(checked)


def _checked(name: str, value: float, low: float, high: float) -> float:
    if not (math.isfinite(value) and low <= value <= high):
        raise CanvasError(
            f"{value:g} is not in {low:g}..{high:g}: places and sizes are fractions "
            "of the picture (0.5 = half), not pixels",
            name,
        )
    return float(value)
