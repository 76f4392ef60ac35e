"""A decoded frame -> the film's own planes at the size where it lies: scaled, upright, in the film's colours.

What fits already comes back as the very frame that the decoder gave. Knows frames; nothing of items or time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.reformatter import ColorTrc as Curve

from vitascope.canvas import Fit
from vitascope.films.rendering.planes import Box, Grid, Plane, Planes, Sheet, views
from vitascope.films.rendering.reels import Still
from vitascope.media.colour import Colours, has_alpha
from vitascope.media.opening import Turn

_BT709, _UNSPECIFIED, _BT601 = 1, 2, 6
_PLAIN = ("yuv420p", "yuvj420p", "nv12")
_ROUGH = Interpolation.BICUBIC  # what FFmpeg itself scales with
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


class Fitted(NamedTuple):
    """How a picture fills a box: the size it is scaled to, what of that is seen, and where."""

    width_px: int
    height_px: int
    left_px: int
    top_px: int
    seen: Box

    @property
    def uncut(self) -> bool:
        """Whether all of the scaled picture is seen."""
        return (self.width_px, self.height_px) == (self.seen.width_px, self.seen.height_px)


def fitted(own: tuple[int, int], fit: Fit, box: Box) -> Fitted:
    """Lay a picture of (width_px, height_px) into a box; it and what is seen of it lie on even pixels.

    A side within a pixel of the box' own becomes that: 854x480 fills 1280x720.
    """
    ratios = box.width_px / own[0], box.height_px / own[1]
    alike = (max(ratios) if fit == "cover" else min(ratios),) * 2
    ratio = ratios if fit == "stretch" else alike
    width_px, height_px = (_side(a * r, b) for a, r, b in zip(own, ratio, box[2:], strict=True))
    if fit == "cover":
        width_px, height_px = max(width_px, box.width_px), max(height_px, box.height_px)
        left_px, top_px = _even((width_px - box.width_px) / 2), _even((height_px - box.height_px) / 2)
        return Fitted(width_px, height_px, left_px, top_px, box)
    width_px, height_px = min(width_px, box.width_px), min(height_px, box.height_px)
    left_px = box.left_px + _even((box.width_px - width_px) / 2)
    top_px = box.top_px + _even((box.height_px - height_px) / 2)
    return Fitted(width_px, height_px, 0, 0, Box(left_px, top_px, width_px, height_px))


def _side(wanted: float, box: int) -> int:
    return box if abs(wanted - box) < 1 else max(2, 2 * round(wanted / 2))


def _even(value: float) -> int:
    return 2 * round(value / 2)


class Developer:
    """Develops the frames of one film; keep one for each place where it is shown, for it keeps its tables."""

    def __init__(self, grid: Grid, turn: Turn) -> None:
        self._grid = grid
        self._turn = turn
        self._reformatter = VideoReformatter()
        self._colours: Colours | None = None

    def developed(self, still: Still, place: Fitted) -> tuple[Sheet, VideoFrame | None]:
        """The frame as a sheet, and as a frame where the sheet is exactly one."""
        frame = still.frame
        if frame.colorspace == _UNSPECIFIED:  # what players do, as in media/colour.py
            frame.colorspace = _BT709 if frame.height > 576 or frame.width > 1024 else _BT601
        frame.pict_type = 0  # the decoder's I, P and B would tell the encoder what to make of it
        size = self._turn.size(place.width_px, place.height_px)
        planes: Planes
        if self._needs_colours(frame):
            made = self._by_rgb(frame, *size)
            planes, cover = views(made), still.alpha
        else:
            form = self._grid.pixel_format
            seen_through = has_alpha(frame)
            made = self._reformatted(frame, *size, form.replace("yuv4", "yuva4") if seen_through else form)
            planes, cover = views(made), still.alpha
            if seen_through:
                planes, cover = planes[:3], planes[3]
            planes = self._upright(planes)
        cover = None if cover is None else self._cover(cover, place)
        if cover is None and place.uncut and made.format.name == self._grid.pixel_format:
            whole = self._turn == Turn() or self._needs_colours(frame)
            return Sheet(planes, place.seen.left_px, place.seen.top_px), made if whole else None
        return self._sheet(planes, cover, place), None

    def _needs_colours(self, frame: VideoFrame) -> bool:
        """HDR and wide gamut, and turned pictures where colour is halved in one direction only."""
        wide = frame.color_primaries == int(ColorPrimaries.BT2020)
        bright = frame.color_trc in (int(Curve.SMPTE2084), int(Curve.ARIB_STD_B67))
        turned = self._turn.quarters % 2 == 1 and self._grid.halves[0] != self._grid.halves[1]
        return wide or bright or turned

    def _by_rgb(self, frame: VideoFrame, width_px: int, height_px: int) -> VideoFrame:
        self._colours = self._colours or Colours()
        picture = self._turn.upright(self._colours.to_rgb(frame, width_px, height_px))
        return self._colours.from_rgb(picture, self._grid.pixel_format)

    def _reformatted(self, frame: VideoFrame, width_px: int, height_px: int, form: str) -> VideoFrame:
        return self._reformatter.reformat(
            frame,
            width=width_px,
            height=height_px,
            format=form,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=_ROUGH if frame.format.name in _PLAIN else _EXACT,
        )

    def _upright(self, planes: Planes) -> Planes:
        if self._turn == Turn():
            return planes
        return tuple(self._turn.upright(plane) for plane in planes)

    def _cover(self, alpha: Plane, place: Fitted) -> Planes:
        """How opaque each pixel is, in 0..most: for each plane."""
        grid = self._grid
        light = alpha.astype(grid.dtype)
        if alpha.dtype == np.uint8 and grid.depth > 8:
            light = light * (grid.most // 255) + (light >> (16 - grid.depth))
        light = np.ascontiguousarray(self._turn.upright(light) if self._turn != Turn() else light)
        shapes = grid.shapes(place.width_px, place.height_px)
        return tuple(_resized(light, (width, height)) for height, width in shapes)

    def _sheet(self, planes: Planes, cover: Planes | None, place: Fitted) -> Sheet:
        grid = self._grid
        holes: list[Plane] = []
        shown: list[Plane] = []
        for number, plane in enumerate(planes):
            across, down = grid.halves if number else (0, 0)
            top, left = place.top_px >> down, place.left_px >> across
            height, width = grid.shapes(place.seen.width_px, place.seen.height_px)[number]
            picture = plane[top : top + height, left : left + width]
            if cover is not None:
                opaque = cover[number][top : top + height, left : left + width]
                picture = cv2.multiply(picture, opaque, scale=1 / grid.most)
                holes.append((grid.most - opaque).astype(grid.dtype))
            shown.append(picture)
        return Sheet(tuple(shown), place.seen.left_px, place.seen.top_px, tuple(holes) or None)


def _resized(plane: Plane, size: tuple[int, int]) -> Any:
    smaller = size[0] < plane.shape[1] or size[1] < plane.shape[0]
    if plane.shape[::-1] == size:
        return plane
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
