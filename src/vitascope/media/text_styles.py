"""How a title or a caption looks: plain data, in shares of the frame. Knows no font and draws nothing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

from vitascope.media.limits import MediaError

Align = Literal["start", "left", "centre", "right", "end"]
Down = Literal["top", "middle", "bottom"]
Across = Literal["left", "centre", "right"]
Direction = Literal["auto", "ltr", "rtl"]

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LONGEST_FAMILY = 100
_RANGES: dict[str, tuple[float, float]] = {
    "size": (0.005, 1.0),
    "outline": (0.0, 0.5),
    "shadow": (0.0, 0.5),
    "box_padding": (0.0, 2.0),
    "width": (0.05, 1.0),
    "margin": (0.0, 0.4),
    "line_spacing": (0.5, 4.0),
}


@dataclass(frozen=True, kw_only=True)
class TextStyle:
    """The look of a text. Sizes are shares: `size` of the frame's height, ornaments of the letters' size.

    `across` and `down` say in which corner, edge or middle of the frame the block of lines lies, `margin` how
    much of each side it keeps free (0.05: the safe area for graphics of EBU R 95). `align` is how lines of
    different length lie within the block; "start" is left, or right where the text runs from right to left.
    Raises MediaError for what makes no sense, naming the field.
    """

    size: float = 0.08
    colour: str = "#ffffff"
    font: str = ""
    """A family's name, "Noto Serif"; empty: a plain one. Letters that it lacks come from others."""
    bold: bool = False
    italic: bool = False
    outline: float = 0.0
    outline_colour: str = "#000000"
    shadow: float = 0.0
    """How far the shadow falls to the lower right."""
    shadow_colour: str = "#000000b0"
    box_colour: str = ""
    """The ground behind the block, "#000000a0"; empty: none."""
    box_padding: float = 0.3
    align: Align = "centre"
    across: Across = "centre"
    down: Down = "middle"
    margin: float = 0.05
    width: float = 0.9
    """Longest line, as a share of the frame's width; longer ones are broken."""
    max_lines: int = 0
    """0: as many as it takes. Text that needs more lines is set smaller until it fits."""
    line_spacing: float = 1.2
    direction: Direction = "auto"
    language: str = ""
    """"ja", "zh-Hans", "sr" ...: which shapes letters take that languages share. Empty: by the letters."""

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise MediaError(f"{name}: {str(value)[:40]!r} is not a number")
            if not least <= value <= most:
                raise MediaError(f"{name}: goes from {least:g} to {most:g}, not {value:g}")
            object.__setattr__(self, name, float(value))
        for name in ("colour", "outline_colour", "shadow_colour", "box_colour"):
            value = getattr(self, name)
            if name != "box_colour" or value != "":
                try:
                    object.__setattr__(self, name, checked_colour(value))
                except MediaError as error:
                    raise MediaError(f"{name}: {error}") from None
        for name, words in (("align", Align), ("across", Across), ("down", Down), ("direction", Direction)):
            if getattr(self, name) not in get_args(words):
                said = str(getattr(self, name))[:40]
                raise MediaError(f"{name}: one of {', '.join(get_args(words))}, not {said!r}")
        _check_others(self)


def _check_others(style: TextStyle) -> None:
    for name, kind in (
        ("bold", bool),
        ("italic", bool),
        ("max_lines", int),
        ("font", str),
        ("language", str),
    ):
        if type(getattr(style, name)) is not kind:
            raise MediaError(f"{name}: must be {kind.__name__}, not {str(getattr(style, name))[:40]!r}")
    if not 0 <= style.max_lines <= 100:
        raise MediaError(f"max_lines: goes from 0 (as many as it takes) to 100, not {style.max_lines}")
    if len(style.font) > _LONGEST_FAMILY or not style.font.isprintable() or "/" in style.font:
        raise MediaError('font: the name of a family, such as "Noto Serif", not a file')
    if style.language and not (len(style.language) <= 35 and _LANGUAGE.fullmatch(style.language)):
        raise MediaError('language: a tag such as "ja" or "zh-Hans"')


def checked_colour(value: object) -> str:
    """A colour as "#rrggbb", or "#rrggbbaa" with how opaque it is; MediaError for anything else."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        said = str(value)[:40]
        raise MediaError(f'write "#ff8800", or "#ff880080" for half see-through, not {said!r}')
    short = value.lower()
    return "#" + "".join(2 * digit for digit in short[1:]) if len(short) == 4 else short


def rgba(colour: str) -> tuple[int, int, int, int]:
    """A checked colour as red, green, blue and opacity in 0..255."""
    digits = colour[1:] + "ff" * (len(colour) == 7)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16), int(digits[6:8], 16)


CAPTION_STYLE = TextStyle(
    size=0.052,
    bold=True,
    outline=0.09,
    shadow=0.05,
    down="bottom",
    width=0.86,
    max_lines=4,
    line_spacing=1.15,
)
"""White with a dark outline and shadow: reads on snow and on night, without hiding the picture."""

TITLE_STYLE = TextStyle(size=0.1, bold=True, shadow=0.04)
