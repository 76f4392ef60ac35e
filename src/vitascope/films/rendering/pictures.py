"""What an item on a picture track looks like at a time: clips, stills, fills, titles and colours as sheets.

Stills and texts are drawn once and kept, up to a bound; of a clip the sheet that was shown last. Knows items
and their media; nothing of tracks, or of what lies above or below.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

import cv2
import numpy as np
from av import VideoFrame

from vitascope.films.rendering.developing import Developer, Fitted, fitted
from vitascope.films.rendering.planes import Box, Grid, Planes, Sheet, rounded, sheet_of, trimmed
from vitascope.films.rendering.reels import Reels
from vitascope.films.rendering.reels import Still as Frame
from vitascope.films.rendering.sources import Film, Sources
from vitascope.media.pictures import read_picture_rgba
from vitascope.media.text_styles import TextStyle, rgba
from vitascope.media.timelines import Clip, Colour, Cue, Fill, Gap, Item, Look, Seen, Still, Title
from vitascope.media.titles import Drawn, caption_picture, title_frame

_KEPT_BYTES = 192 << 20


class Pictures:
    """The looks of a timeline's items; one for each thread that paints."""

    def __init__(self, grid: Grid, sources: Sources, reels: Reels) -> None:
        self._grid = grid
        self._sources = sources
        self._reels = reels
        self._developers: dict[object, Developer] = {}
        self._shown: dict[object, tuple[Frame, Sheet, VideoFrame | None]] = {}
        self._kept = _Kept(_KEPT_BYTES)

    def sheet(self, owner: object, seen: Seen) -> tuple[Sheet | None, VideoFrame | None]:
        """The item at its time, and the same as a frame where it is nothing but that; None: it isn't seen.

        `owner` is whoever shows it: two that show one film at once each have a reel of their own.
        """
        item = seen.item
        if isinstance(item, Gap):
            return None, None
        weight = weight_at(item.look, item.duration_s, seen.time_s)
        if weight <= 0:
            return None, None
        if isinstance(item, Clip | Fill):
            sheet, frame = self._of_film(owner, item, seen.time_s)
            return sheet.faint(weight), frame if weight == 1 else None
        if isinstance(item, Title):
            sheet = self._of_title(item, seen.time_s)
            return None if sheet is None else sheet.faint(weight), None
        return self._of_picture(item).faint(weight), None

    def captions(self, cues: tuple[Cue, ...], style: TextStyle, language: str) -> list[Sheet]:
        """The captions of a track at one time."""
        grid = self._grid
        drawn = caption_picture(cues, style, grid.width_px, grid.height_px, language)
        return [self._drawn(each, grid.whole, 0) for each in drawn]

    def covers(self, item: Item) -> bool:
        """Whether nothing can be seen below the item, outside of its transitions."""
        if isinstance(item, Gap | Title) or not item.look.whole_frame:
            return False
        if isinstance(item, Clip | Fill):
            film = self._sources.film(item)
            return not film.info.alpha and self._place(film, item.look).seen == self._grid.whole
        return self._of_picture(item).covers(self._grid)

    def next_frame(self) -> None:
        """Let go of what the frame before showed and this one didn't."""
        for owner in self._reels.next_frame():
            self._shown.pop(owner, None)
            self._developers.pop(owner, None)

    def _of_film(self, owner: object, item: Clip | Fill, time_s: Fraction) -> tuple[Sheet, VideoFrame | None]:
        film = self._sources.film(item)
        reel = self._reels.reel(owner, film.path, film.info)
        slot, backwards = slot_at(item, time_s, film)
        still = reel.frame_backwards(slot) if backwards else reel.frame(slot)
        before = self._shown.get(owner)
        if before is not None and before[0].frame is still.frame:
            return before[1], before[2]
        if owner not in self._developers:
            self._developers[owner] = Developer(self._grid, film.info.turn)
        place = self._place(film, item.look)
        sheet, frame = self._developers[owner].developed(still, place)
        sheet = self._rounded(sheet, item.look)
        frame = frame if sheet.covers(self._grid) else None
        self._shown[owner] = still, sheet, frame
        return sheet, frame

    def _place(self, film: Film, look: Look) -> Fitted:
        return fitted((film.info.width_px, film.info.height_px), look.fit, box_of(look, self._grid))

    def _of_picture(self, item: Still | Colour) -> Sheet:
        look = replace(item.look, opacity=1.0, fade_in_s=Fraction(0), fade_out_s=Fraction(0))
        what = item.source if isinstance(item, Still) else item.colour
        return self._kept.found((type(item), what, look), lambda: self._draw_picture(item))

    def _draw_picture(self, item: Still | Colour) -> Sheet:
        box = box_of(item.look, self._grid)
        if isinstance(item, Colour):
            one: Any = np.array(rgba(item.colour), np.uint8)
            picture = np.broadcast_to(one, (box.height_px, box.width_px, 4))
            return self._rounded(sheet_of(picture, box.left_px, box.top_px, self._grid), item.look)
        picture = read_picture_rgba(self._sources.still(item))
        place = fitted((picture.shape[1], picture.shape[0]), item.look.fit, box)
        picture = _scaled(picture, place)
        sheet = sheet_of(picture, place.seen.left_px, place.seen.top_px, self._grid)
        return self._rounded(sheet, item.look)

    def _of_title(self, item: Title, time_s: Fraction) -> Sheet | None:
        box = box_of(item.look, self._grid)
        drawn = title_frame(item, time_s, box.width_px, box.height_px)
        if drawn is None:
            return None
        return self._drawn(drawn, box, item.look.corner_radius)

    def _drawn(self, drawn: Drawn, box: Box, corner_radius: float) -> Sheet:
        def make() -> Sheet:
            return sheet_of(drawn.rgba, box.left_px + drawn.left_px, box.top_px + drawn.top_px, self._grid)

        # The drawing is kept beside the sheet, so its identity stays its own.
        return self._kept.found((id(drawn.rgba), drawn.left_px, drawn.top_px, box), make, drawn)

    def _rounded(self, sheet: Sheet, look: Look) -> Sheet:
        if not look.corner_radius:
            return sheet
        box = box_of(look, self._grid)
        radius_px = look.corner_radius * min(box.width_px, box.height_px)
        key = "corners", sheet.box, radius_px
        cover = self._kept.found(key, lambda: _cover(sheet.box, radius_px, self._grid))
        return trimmed(sheet, cover.planes, self._grid)


def weight_at(look: Look, duration_s: Fraction, time_s: Fraction) -> float:
    """How opaque a look is at a time since its item's start."""
    weight = look.opacity
    if look.fade_in_s and time_s < look.fade_in_s:
        weight *= float(max(time_s, 0) / look.fade_in_s)
    left_s = duration_s - time_s
    if look.fade_out_s and left_s < look.fade_out_s:
        weight *= float(max(left_s, 0) / look.fade_out_s)
    return weight


def box_of(look: Look, grid: Grid) -> Box:
    """A look's box in pixels."""
    left, top = grid.snapped(look.x * grid.width_px), grid.snapped(look.y * grid.height_px)
    right = min(grid.width_px, grid.snapped((look.x + look.width) * grid.width_px))
    bottom = min(grid.height_px, grid.snapped((look.y + look.height) * grid.height_px))
    left, top = min(left, right - 2), min(top, bottom - 2)
    return Box(max(0, left), max(0, top), right - max(0, left), bottom - max(0, top))


def slot_at(item: Clip | Fill, time_s: Fraction, film: Film) -> tuple[int, bool]:
    """The slot of the film's clock that an item shows at a time, and whether the slots run backwards."""
    if isinstance(item, Fill):
        return floor((item.start_s + time_s) * film.info.rate_fps), False
    place = item.source_s(time_s) * film.info.rate_fps
    return (ceil(place) - 1, True) if item.speed < 0 else (floor(place), False)


def _scaled(picture: np.ndarray, place: Fitted) -> np.ndarray:
    """A picture [H, W, 4] as it is seen; colours of see-through pixels don't bleed over their edges."""
    size = place.width_px, place.height_px
    if picture.shape[1::-1] != size:
        smaller = picture.shape[1] > size[0] or picture.shape[0] > size[1]
        how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
        if bool((picture[..., 3] == 255).all()):
            picture = cv2.resize(picture, size, interpolation=how)
        else:
            alpha = picture[..., 3:].astype(np.float32) / 255
            shown = cv2.resize(picture[..., :3] * alpha, size, interpolation=how)
            alpha = cv2.resize(alpha, size, interpolation=how).clip(0, 1)[..., None]
            colours = shown / np.maximum(alpha, 1 / 255)
            picture = np.rint(np.concatenate((colours, alpha * 255), 2).clip(0, 255)).astype(np.uint8)
    rows = slice(place.top_px, place.top_px + place.seen.height_px)
    return picture[rows, place.left_px : place.left_px + place.seen.width_px]


def _cover(box: Box, radius_px: float, grid: Grid) -> Sheet:
    return Sheet(rounded(box, radius_px, grid), 0, 0)


class _Kept:
    """Sheets that took time to draw, the last used of them, up to so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._sheets: OrderedDict[object, tuple[Sheet, int, object]] = OrderedDict()

    def found(self, key: object, make: Callable[[], Sheet], beside: object = None) -> Sheet:
        """The sheet of that key, drawn if need be; `beside` is kept as long as it is."""
        if key in self._sheets:
            self._sheets.move_to_end(key)
            return self._sheets[key][0]
        sheet = make()
        planes: Planes = (*sheet.planes, *(sheet.holes or ()))
        size = sum(plane.nbytes for plane in planes)
        self._sheets[key] = sheet, size, beside
        self._bytes += size
        while self._bytes > self._most and len(self._sheets) > 1:
            self._bytes -= self._sheets.popitem(last=False)[1][1]
        return sheet
