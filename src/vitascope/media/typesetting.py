"""Text and its style -> a picture with alpha, and where in the frame it lies. Knows nothing of timelines.

Every script that a font is there for: shaping by HarfBuzz through Pillow, direction by UAX #9, lines by
UAX #14. A text that is too long for its frame is set smaller, down to letters of LEAST_PX.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from vitascope.media.limits import MediaError
from vitascope.media.marked_text import Piece
from vitascope.media.paragraphs import Paragraph, Run, line_width_px, lines, paragraphs
from vitascope.media.text_styles import TextStyle, rgba
from vitascope.media.typefaces import Wish, opened_face

LEAST_PX = 5
_SHRINK = 0.93
_ASCENT, _DESCENT = 0.8, 0.22  # of the letters' size: what a line takes at least, so that lines don't jump
_AIR = 0.06  # of the letters' size, between what two lines have inked
_UNDERLINE = 0.06, 0.1  # how thick, and how far below the baseline


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A picture uint8 [H, W, 4], alpha not multiplied in, and where its left and top lie in the frame."""

    rgba: NDArray[np.uint8]
    left_px: int
    top_px: int


@dataclass(frozen=True)
class _Line:
    runs: tuple[Run, ...]
    base: int
    width_px: float
    ascent_px: float
    descent_px: float


@dataclass(frozen=True)
class _Pads:
    """What ornaments add on each side of the letters."""

    outline_px: float
    shadow_px: float
    box_px: float

    @property
    def side_px(self) -> int:
        return ceil(max(self.outline_px + self.shadow_px * 2, self.box_px)) + 1


@dataclass(frozen=True)
class Typeset:
    """A text broken into lines at a size that fits its frame, ready to be drawn in full or in part."""

    _lines: tuple[_Line, ...]
    _baselines_px: tuple[float, ...]
    size_px: int
    clusters: int
    """How many letters, as a reader counts them."""
    _style: TextStyle
    _pads: _Pads
    _frame_px: tuple[int, int]
    _centre: tuple[float | None, float | None]

    def drawn(self, shown: int | None = None) -> Drawn:
        """The picture of it, or of its first `shown` letters in their places."""
        pad = self._pads.side_px
        block_px = max((line.width_px for line in self._lines), default=0.0)
        width_px = max(1, min(self._frame_px[0], ceil(block_px) + 2 * pad))
        height_px = max(
            1, min(self._frame_px[1], ceil(self._baselines_px[-1] + self._lines[-1].descent_px) + 2 * pad)
        )
        ink, edge = (Image.new("L", (width_px, height_px)) for _ in range(2))
        colours = Image.new("RGBA", (width_px, height_px))
        for line, baseline_px in zip(self._lines, self._baselines_px, strict=True):
            x = pad + self._indent(line) * (block_px - line.width_px)
            for run in line.runs:
                self._draw_run(run, (x, pad + baseline_px), shown, (ink, edge, colours))
                x += run.width_px(self.size_px)
        picture = self._composed(ink, edge, colours)
        left, top = self._place(width_px, height_px)
        return Drawn(rgba=np.asarray(picture), left_px=left, top_px=top)

    def _indent(self, line: _Line) -> float:
        """Which share of the free room lies left of a line."""
        align = self._style.align
        if align in ("start", "end"):
            return float((align == "start") == bool(line.base))
        return {"left": 0.0, "centre": 0.5, "right": 1.0}[align]

    def _draw_run(
        self, run: Run, at: tuple[float, float], shown: int | None, planes: tuple[Image.Image, ...]
    ) -> None:
        text = run.text(shown)
        if not text:
            return
        ink, edge, colours = planes
        x, y = at
        font, scale = opened_face(run.face, self.size_px)
        how: dict[str, Any] = {
            "font": font,
            "anchor": "ls",
            "direction": run.direction,
            "language": run.language or None,
        }
        if run.level % 2 and shown is not None:
            x += run.width_px(self.size_px) - run.width_px(self.size_px, shown)
        if run.face.colour:
            _draw_emoji(text, how, scale, (x, y), colours)
        else:
            ImageDraw.Draw(ink).text((x, y), text, fill=255, **how)
            if self._pads.outline_px:
                ImageDraw.Draw(edge).text((x, y), text, fill=255, stroke_width=self._pads.outline_px, **how)
        if run.clusters[0].underlined:
            thick, below = (share * self.size_px for share in _UNDERLINE)
            bar = (x, y + below, x + run.width_px(self.size_px, shown), y + below + max(1, thick))
            ImageDraw.Draw(ink).rectangle(bar, fill=255)
            grown = self._pads.outline_px
            if grown:
                grown_bar = (bar[0] - grown, bar[1] - grown, bar[2] + grown, bar[3] + grown)
                ImageDraw.Draw(edge).rectangle(grown_bar, fill=255)

    def _composed(self, ink: Image.Image, edge: Image.Image, colours: Image.Image) -> Image.Image:
        """Box, shadow, outline, letters and emoji, one over the other."""
        style = self._style
        picture = Image.new("RGBA", ink.size)
        whole = ImageChops.lighter(ImageChops.lighter(ink, edge), colours.getchannel("A"))
        if style.box_colour:
            box = Image.new("L", (ink.width * 2, ink.height * 2))
            radius = min(self.size_px * 0.5, ink.height)
            ImageDraw.Draw(box).rounded_rectangle((0, 0, box.width - 1, box.height - 1), radius, fill=255)
            picture = _over(picture, style.box_colour, box.resize(ink.size, Image.Resampling.BOX))
        if self._pads.shadow_px:
            moved = Image.new("L", ink.size)
            moved.paste(whole, (round(self._pads.shadow_px), round(self._pads.shadow_px)))
            soft = moved.filter(ImageFilter.GaussianBlur(self._pads.shadow_px / 2))
            picture = _over(picture, style.shadow_colour, soft)
        if self._pads.outline_px:
            picture = _over(picture, style.outline_colour, edge)
        return Image.alpha_composite(_over(picture, style.colour, ink), colours)

    def _place(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Left and top of the block, wholly inside of the frame."""
        found: list[int] = []
        words = self._style.across, self._style.down
        for size_px, room_px, word, centre in zip(
            (width_px, height_px), self._frame_px, words, self._centre, strict=True
        ):
            free_px = room_px - size_px
            if centre is not None:
                start = centre * room_px - size_px / 2
            elif word in ("left", "top"):
                start = self._style.margin * room_px
            elif word in ("right", "bottom"):
                start = free_px - self._style.margin * room_px
            else:
                start = free_px / 2
            found.append(min(max(0, round(start)), free_px))
        return found[0], found[1]


def typeset(
    text: Sequence[Piece],
    style: TextStyle,
    frame_px: tuple[int, int],
    *,
    language: str = "",
    centre: tuple[float | None, float | None] = (None, None),
) -> Typeset:
    """Break a text into lines for a frame of (width, height) px; `centre` (0..1) goes before the style's.

    Raises MediaError for a letter that no font has, and for a text that doesn't fit even at LEAST_PX.
    """
    wish = Wish(family=style.font, bold=style.bold, italic=style.italic, language=style.language or language)
    parts = paragraphs(text, wish, style.direction)
    size_px = max(LEAST_PX, round(style.size * frame_px[1]))
    while True:
        found = _at_size(parts, style, frame_px, size_px, centre)
        if found is not None:
            return found
        if size_px <= LEAST_PX:
            said = " ".join("".join(piece.text for piece in text).split())
            raise MediaError(
                f"the text {said[:40]!r} doesn't fit {frame_px[0]}x{frame_px[1]} px, even in letters"
                f" of {LEAST_PX} px; shorten it, or split it"
            )
        size_px = max(LEAST_PX, min(size_px - 1, int(size_px * _SHRINK)))


def _at_size(
    parts: tuple[Paragraph, ...],
    style: TextStyle,
    frame_px: tuple[int, int],
    size_px: int,
    centre: tuple[float | None, float | None],
) -> Typeset | None:
    """The text at a size, None if it doesn't fit."""
    box_px = style.box_padding * size_px if style.box_colour else 0.0
    pads = _Pads(style.outline * size_px, style.shadow * size_px, box_px)
    widest_px = min(style.width, 1 - 2 * style.margin) * frame_px[0] - 2 * pads.side_px
    tallest_px = (1 - 2 * style.margin) * frame_px[1] - 2 * pads.side_px
    made: list[_Line] = []
    first = 0
    for part in parts:
        for runs in lines(part, size_px, widest_px, first):
            line = _measured(runs, part.base, size_px)
            if line.width_px > widest_px + 0.5:  # one letter is wider than the frame has room
                return None
            made.append(line)
        first += len(part.clusters)
    baselines = [made[0].ascent_px]
    for before, line in pairwise(made):
        pitch_px = max(size_px * style.line_spacing, before.descent_px + line.ascent_px + _AIR * size_px)
        baselines.append(baselines[-1] + pitch_px)
    too_many = style.max_lines and len(made) > style.max_lines
    if too_many or baselines[-1] + made[-1].descent_px > tallest_px:
        return None
    return Typeset(tuple(made), tuple(baselines), size_px, first, style, pads, frame_px, centre)


def _measured(runs: tuple[Run, ...], base: int, size_px: int) -> _Line:
    ascent_px, descent_px = _ASCENT * size_px, _DESCENT * size_px
    for run in runs:
        font, scale = opened_face(run.face, size_px)
        _, top, _, bottom = font.getbbox(
            run.text(), anchor="ls", direction=run.direction, language=run.language or None
        )
        ascent_px, descent_px = max(ascent_px, -top * scale), max(descent_px, bottom * scale)
    return _Line(runs, base, line_width_px(runs, size_px), ascent_px, descent_px)


def _draw_emoji(
    text: str, how: dict[str, Any], scale: float, at: tuple[float, float], colours: Image.Image
) -> None:
    """Pictures of emoji have one size: drawn there and made as large as the letters."""
    font = how["font"]
    left, top, right, bottom = font.getbbox(text, anchor="ls", direction=how["direction"])
    size = max(1, ceil(right - left)), max(1, ceil(bottom - top))
    drawn = Image.new("RGBA", size)
    ImageDraw.Draw(drawn).text((-left, -top), text, embedded_color=True, **how)
    fitted = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    drawn = drawn.resize(fitted, Image.Resampling.LANCZOS)
    place = round(at[0] + left * scale), round(at[1] + top * scale)
    layer = Image.new("RGBA", colours.size)
    layer.paste(drawn, place)
    colours.alpha_composite(layer)


def _over(picture: Image.Image, colour: str, mask: Image.Image) -> Image.Image:
    red, green, blue, opacity = rgba(colour)
    layer = Image.new("RGBA", picture.size, (red, green, blue, 0))
    layer.putalpha(mask.point([round(value * opacity / 255) for value in range(256)]))
    return Image.alpha_composite(picture, layer)
