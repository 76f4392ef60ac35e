"""Pictures as the encoder takes them: planes of lightness and colour, and how one is laid over another.

A film is put together in its encoder's own pixel format, BT.709 in limited range, never in RGB: at 1080p a
cut to another size then costs 2 ms a frame and a see-through title 1 ms, where the way through RGB and back
takes 30. Colour is stored at half the width (and, in 4:2:0, half the height), so pictures lie on even pixels.

Knows OpenCV's arithmetic and FFmpeg's frames; no timeline and no file.

Axes: a plane is [h, w], uint8 or, for formats of more than 8 bits, uint16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange
from av.video.reformatter import ColorTrc as Curve
from numpy.typing import NDArray

Plane = NDArray[Any]
Planes = tuple[Plane, ...]
Floats = NDArray[np.floating[Any]]

_BT709 = 1
_KR, _KG, _KB = 0.2126, 0.7152, 0.0722  # ITU-R BT.709-6, item 3.2


class Box(NamedTuple):
    """A place in the frame, in pixels; all four are multiples of the grid's step."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int


@dataclass(frozen=True)
class Grid:
    """The film's frame: its size, and how a pixel format lays it out in memory."""

    width_px: int
    height_px: int
    pixel_format: str = "yuv420p"

    @property
    def halves(self) -> tuple[int, int]:
        """By how much the colour planes are smaller: (across, down), as powers of two."""
        return 1, 0 if "422" in self.pixel_format else 1

    @property
    def depth(self) -> int:
        """Bits of a sample."""
        return 10 if "10" in self.pixel_format else 8

    @property
    def most(self) -> int:
        """The greatest sample: how an opaque pixel's cover is written."""
        return 2**self.depth - 1

    @property
    def dtype(self) -> Any:
        """NumPy's type of a sample."""
        return np.uint8 if self.depth == 8 else np.uint16

    @property
    def whole(self) -> Box:
        """All of the frame."""
        return Box(0, 0, self.width_px, self.height_px)

    def snapped(self, value: float) -> int:
        """The nearest place where a picture can begin or end."""
        return 2 * round(value / 2)

    def shapes(self, width_px: int, height_px: int) -> tuple[tuple[int, int], ...]:
        """The [h, w] of the three planes of a picture."""
        across, down = self.halves
        small = -(-height_px >> down), -(-width_px >> across)
        return (height_px, width_px), small, small

    def blank(self) -> VideoFrame:
        """A frame of our own, tagged; what it shows is left to chance."""
        return self.tagged(VideoFrame(self.width_px, self.height_px, self.pixel_format))

    def tagged(self, frame: VideoFrame) -> VideoFrame:
        """The frame, saying of itself what its samples mean."""
        frame.colorspace, frame.color_range = _BT709, int(ColorRange.MPEG)
        frame.color_primaries, frame.color_trc = int(ColorPrimaries.BT709), int(Curve.BT709)
        return frame

    def coloured(self, red: int, green: int, blue: int) -> tuple[int, int, int]:
        """A colour's three samples; red, green and blue in 0..255."""
        lightness, blueness, redness = _yuv(np.array([red, green, blue], np.float32) / 255)
        unit = 2 ** (self.depth - 8)
        return round(unit * float(lightness)), round(unit * float(blueness)), round(unit * float(redness))


def views(frame: VideoFrame) -> Planes:
    """A frame's planes as arrays that show, and change, its own memory."""
    dtype = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
    size = np.dtype(dtype).itemsize
    planes: Any = frame.planes  # PyAV's stubs don't say that they are buffers
    return tuple(
        np.frombuffer(plane, dtype).reshape(-1, plane.line_size // size)[: plane.height, : plane.width]
        for plane in planes
    )


@dataclass(frozen=True, eq=False)
class Sheet:
    """A picture to be laid over others: its planes, where its left upper corner lies, how opaque it is.

    `holes` are planes like the picture's own that say how much of what is below shows through, the grid's
    `most` where all does; the picture's planes are then multiplied by the rest already. None: it is opaque
    all over. `weight` 0..1 makes the whole of it fainter.
    """

    planes: Planes
    left_px: int
    top_px: int
    holes: Planes | None = None
    weight: float = 1.0

    @property
    def box(self) -> Box:
        """Where it lies."""
        height_px, width_px = self.planes[0].shape
        return Box(self.left_px, self.top_px, width_px, height_px)

    def faint(self, weight: float) -> Sheet:
        """The same, `weight` times as opaque."""
        return self if weight == 1 else replace(self, weight=self.weight * weight)

    def moved(self, right_px: int, down_px: int) -> Sheet:
        """The same somewhere else."""
        return replace(self, left_px=self.left_px + right_px, top_px=self.top_px + down_px)

    def covers(self, grid: Grid) -> bool:
        """Whether nothing below it can be seen."""
        return self.holes is None and self.weight >= 1 and self.box == grid.whole


def lay(below: Planes, sheet: Sheet, grid: Grid) -> None:
    """Lay a sheet over planes of the grid's size, in place; what reaches out of the frame is left out."""
    if sheet.weight <= 0:
        return
    for number, (under, over) in enumerate(zip(below, sheet.planes, strict=True)):
        across, down = grid.halves if number else (0, 0)
        cut = _common(under.shape, over.shape, sheet.top_px >> down, sheet.left_px >> across)
        if cut is None:
            continue
        rows, columns, own_rows, own_columns = cut
        place, picture = under[rows, columns], over[own_rows, own_columns]
        if sheet.holes is not None:
            _pierced(place, picture, sheet.holes[number][own_rows, own_columns], sheet.weight, grid.most)
        elif sheet.weight < 1:
            cv2.addWeighted(picture, sheet.weight, place, 1 - sheet.weight, 0, dst=place)
        else:
            np.copyto(place, picture)


def _pierced(place: Plane, picture: Plane, holes: Plane, weight: float, most: int) -> None:
    if weight < 1:
        picture = cv2.addWeighted(picture, weight, picture, 0, 0)
        holes = cv2.addWeighted(holes, weight, holes, 0, most * (1 - weight))
    cv2.multiply(place, holes, dst=place, scale=1 / most)
    cv2.add(place, picture, dst=place)


def _common(
    under: Sequence[int], over: Sequence[int], top: int, left: int
) -> tuple[slice, slice, slice, slice] | None:
    """The rows and columns that two planes share, of the one below and of the one above."""
    upper, lower = max(0, top), min(under[0], top + over[0])
    first, last = max(0, left), min(under[1], left + over[1])
    if upper >= lower or first >= last:
        return None
    return (
        slice(upper, lower),
        slice(first, last),
        slice(upper - top, lower - top),
        slice(first - left, last - left),
    )


def copied(planes: Planes) -> Planes:
    """Planes of our own that look the same."""
    return tuple(plane.copy() for plane in planes)


def mix(first: Planes, second: Planes, share: float, into: Planes) -> None:
    """Write (1 - share) first + share second; `into` may be one of the two."""
    for one, other, place in zip(first, second, into, strict=True):
        cv2.addWeighted(one, 1 - share, other, share, 0, dst=place)


def fill(planes: Planes, samples: tuple[int, int, int]) -> None:
    """One colour all over."""
    for plane, sample in zip(planes, samples, strict=True):
        plane.fill(sample)


def tint(planes: Planes, samples: tuple[int, int, int], share: float) -> None:
    """Turn planes that much towards one colour, in place."""
    for plane, sample in zip(planes, samples, strict=True):
        cv2.addWeighted(plane, 1 - share, plane, 0, sample * share, dst=plane)


def tinted(sheet: Sheet, samples: tuple[int, int, int], share: float, grid: Grid) -> Sheet:
    """The sheet with its pixels that much on the way to one colour, as opaque as it was."""
    planes: list[Plane] = []
    for number, (plane, sample) in enumerate(zip(sheet.planes, samples, strict=True)):
        if sheet.holes is None:
            planes.append(cv2.addWeighted(plane, 1 - share, plane, 0, sample * share))
        else:  # the planes are multiplied by their cover, so the colour must be
            cover = sample * share / grid.most
            holes = sheet.holes[number]
            planes.append(cv2.addWeighted(plane, 1 - share, holes, -cover, sample * share))
    return replace(sheet, planes=tuple(planes))


def sheet_of(rgba: NDArray[np.uint8], left_px: int, top_px: int, grid: Grid) -> Sheet:
    """A picture uint8 [H, W, 4] whose alpha isn't multiplied in, as a sheet at any pixel, odd ones too.

    An edge that falls between two samples of colour is filled up with see-through pixels.
    """
    pad = (top_px % 2, (top_px + rgba.shape[0]) % 2), (left_px % 2, (left_px + rgba.shape[1]) % 2), (0, 0)
    whole = np.pad(rgba, pad) if any(map(any, pad)) else rgba
    cover = whole[..., 3].astype(np.float32) / 255
    opaque = bool((whole[..., 3] == 255).all())
    parts = _yuv(whole[..., :3].astype(np.float32) / 255)
    shapes = grid.shapes(whole.shape[1], whole.shape[0])
    unit = 2 ** (grid.depth - 8)
    planes: list[Plane] = []
    holes: list[Plane] = []
    for part, (height, width) in zip(parts, shapes, strict=True):
        shown = part if opaque else part * cover
        planes.append(_sampled(shown * unit, (width, height), grid))
        if not opaque:
            holes.append(_sampled((1 - cover) * grid.most, (width, height), grid))
    left_px, top_px = left_px - pad[1][0], top_px - pad[0][0]
    return Sheet(tuple(planes), left_px, top_px, None if opaque else tuple(holes))


def _sampled(part: Floats, size: tuple[int, int], grid: Grid) -> Plane:
    smaller = cv2.resize(part, size, interpolation=cv2.INTER_AREA) if part.shape[::-1] != size else part
    return np.rint(smaller).clip(0, grid.most).astype(grid.dtype)


def _yuv(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """RGB in 0..1 [..., 3] as Y, Cb and Cr of 8 bits in limited range (BT.709-6, items 3.3 - 3.5)."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    lightness = _KR * red + _KG * green + _KB * blue
    return (
        16 + 219 * lightness,
        128 + 224 * (blue - lightness) / (2 * (1 - _KB)),
        128 + 224 * (red - lightness) / (2 * (1 - _KR)),
    )


def rounded(box: Box, radius_px: float, grid: Grid) -> Planes:
    """How much a box with round corners covers of each pixel: three planes in 0..`most`."""
    rows = np.arange(box.height_px, dtype=np.float32) + 0.5
    columns = np.arange(box.width_px, dtype=np.float32) + 0.5
    down = np.maximum(radius_px - np.minimum(rows, box.height_px - rows), 0)
    across = np.maximum(radius_px - np.minimum(columns, box.width_px - columns), 0)
    away = np.hypot(down[:, None], across[None, :])
    cover = (radius_px + 0.5 - away).clip(0, 1).astype(np.float32) * grid.most
    shapes = grid.shapes(box.width_px, box.height_px)
    return tuple(_sampled(cover, (width, height), grid) for height, width in shapes)


def trimmed(sheet: Sheet, cover: Planes, grid: Grid) -> Sheet:
    """The sheet with holes where a cover of its size has them."""
    planes = tuple(
        cv2.multiply(plane, kept, scale=1 / grid.most)
        for plane, kept in zip(sheet.planes, cover, strict=True)
    )
    if sheet.holes is None:
        holes = tuple((grid.most - kept).astype(grid.dtype) for kept in cover)
    else:
        holes = tuple(
            cv2.addWeighted(cv2.multiply(hole, kept, scale=1 / grid.most), 1, kept, -1, grid.most)
            for hole, kept in zip(sheet.holes, cover, strict=True)
        )
    return replace(sheet, planes=planes, holes=holes)
