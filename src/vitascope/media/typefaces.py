"""Which font has which letters: the machine's fonts, in the order in which a text would like them.

Fontconfig's `fc-list` is asked where it is installed, else the usual folders are looked through. Knows
nothing of lines or pictures. A letter that no font has is an error that says what to install, never a box.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Any

from PIL import ImageFont

from vitascope.media.limits import MediaError

_REGULAR, _BOLD = 80, 200  # fontconfig's weights
_WIDTHS = (50, 63, 75, 87, 100, 113, 125, 150, 200)  # what OS/2's width classes 1..9 are in per cent
_FORMAT = (
    "%{file}\t%{index}\t%{family[0]}\t%{weight}\t%{slant}\t%{width}\t%{variable}\t%{color}\t%{charset}\n"
)
_FOLDERS = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"),
    *("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    *("C:/Windows/Fonts", "~/AppData/Local/Microsoft/Windows/Fonts"),
)
_MOST_FILES = 10_000
_FC_LIST_S = 30  # its first run on a machine may build its cache
_PLAIN = (
    "noto sans",
    "noto sans arabic",
    "noto sans hebrew",
    "dejavu sans",
    "liberation sans",
    "arial",
    "helvetica",
)
# A family that says one of these in its name is made for something else than plain text.
_SPECIAL = (
    "mono",
    "serif",
    "condensed",
    "narrow",
    "display",
    "symbols",
    "math",
    "music",
    "ui",
    "extra",
    "looped",
)
_HAN = {"ja": "jp", "ko": "kr", "zh-hant": "tc", "zh-tw": "tc", "zh-hk": "hk", "zh-mo": "hk", "zh": "sc"}
_CJK_SCRIPTS = {"Hani", "Hira", "Kana", "Hang", "Bopo"}
_EMOJI_STYLE, _TEXT_STYLE = "\ufe0f", "\ufe0e"
# Letters that show nothing by themselves: a font needn't have them.
_UNSEEN = {"Cf", "Cc", "Zl", "Zp"}
_EMOJI_PX = (109, 160, 136, 128, 96)  # Noto's pictures, Apple's, others'
_KANA, _HANGUL = ("\u3040", "\u30ff"), ("\uac00", "\ud7a3")


@dataclass(frozen=True, kw_only=True)
class Typeface:
    """One face of a font file, and which letters it has: `starts` and `stops` (exclusive) of code points."""

    path: str
    index: int
    family: str
    weight: float
    slanted: bool
    width: float = 100
    colour: bool = False
    starts: tuple[int, ...] = field(repr=False, default=())
    stops: tuple[int, ...] = field(repr=False, default=())

    def has(self, text: str) -> bool:
        """Whether every letter of it that can be seen is there."""
        return all(self._has(ord(letter)) or not _seen(letter) for letter in text)

    def _has(self, code: int) -> bool:
        place = bisect_right(self.starts, code) - 1
        return place >= 0 and code < self.stops[place]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a stretch of text would like: a family ("" for a plain one), a weight, a slant, a language."""

    family: str = ""
    bold: bool = False
    italic: bool = False
    language: str = ""


class Fonts:
    """The fonts there are; `faces` in no order."""

    def __init__(self, faces: tuple[Typeface, ...]) -> None:
        self.faces = faces
        self._orders: dict[Wish, tuple[Typeface, ...]] = {}
        self._found: dict[tuple[Wish, str], Typeface | None] = {}

    @cached_property
    def families(self) -> frozenset[str]:
        """Their families' names, in small letters."""
        return frozenset(face.family.casefold() for face in self.faces)

    def face(self, cluster: str, wish: Wish, before: Typeface | None = None) -> Typeface:
        """The face to set one cluster of letters in; signs of no script keep the one `before` them.

        Raises MediaError, with the script and what to install, where no font has all of its letters.
        """
        plain = cluster.replace(_TEXT_STYLE, "")
        if before and not before.colour and _common(plain) and before.has(plain):
            return before
        key = wish, plain
        if key not in self._found:
            if len(self._found) > 50_000:
                self._found.clear()
            self._found[key] = next((face for face in self._ordered(wish, plain) if face.has(plain)), None)
        found = self._found[key]
        if found is None:
            raise MediaError(_missing(plain))
        return found

    def _ordered(self, wish: Wish, cluster: str) -> Iterator[Typeface]:
        if wish not in self._orders:
            if len(self._orders) > 200:
                self._orders.clear()
            self._orders[wish] = tuple(sorted(self.faces, key=lambda face: _rank(face, wish)))
        order = self._orders[wish]
        if _is_emoji(cluster):
            yield from (face for face in order if face.colour)
        yield from (face for face in order if not face.colour)
        yield from (face for face in order if face.colour)


@cache
def installed_fonts() -> Fonts:
    """The fonts of this machine, looked up once, and Pillow's own for plain Latin where there are none."""
    faces = tuple(_by_fontconfig()) if which("fc-list") else ()
    return Fonts((*(faces or _by_folders()), _pillows_own()))


@lru_cache(128)
def opened_face(face: Typeface, size_px: int) -> tuple[ImageFont.FreeTypeFont, float]:
    """The face at a size, and how much what it sets is then to be scaled: 1, but for pictures of emoji.

    Raises MediaError if its file can't be read.
    """
    try:
        if not face.path:
            return ImageFont.truetype(BytesIO(_pillows_bytes()), size_px), 1.0
        for picture_px in _EMOJI_PX if face.colour else ():
            try:
                return ImageFont.truetype(face.path, picture_px, face.index), size_px / picture_px
            except OSError:  # not a size that it has pictures of
                continue
        return ImageFont.truetype(face.path, size_px, face.index), 1.0
    except OSError as error:
        raise MediaError(
            f"{face.path}: a font that can't be read ({error}); reinstall {face.family}"
        ) from error


def library(name: str) -> Any:
    """A module of the libraries that text is set with; MediaError where it isn't installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0].lower()
        raise MediaError(f"titles and captions need {package}: pip install 'vitascope[footage]'") from error


def han_language(text: str) -> str:
    """The language whose shapes Chinese signs take in a text that doesn't say: by the letters beside them."""
    if any(_KANA[0] <= letter <= _KANA[1] for letter in text):
        return "ja"
    return "ko" if any(_HANGUL[0] <= letter <= _HANGUL[1] for letter in text) else ""


def _rank(face: Typeface, wish: Wish) -> tuple[Any, ...]:
    family = face.family.casefold()
    wanted = family != wish.family.casefold()
    plain = _PLAIN.index(family) if family in _PLAIN else len(_PLAIN)
    words = family.split()
    special = any(word in _SPECIAL for word in words)
    related = not family.startswith(f"{wish.family.casefold()} " if wish.family else "noto sans ")
    language = wish.language.casefold()
    han = next((sign for tag, sign in _HAN.items() if (language or "zh").startswith(tag)), "sc")
    other_han = "cjk" in words and han not in words
    weight = abs(face.weight - (_BOLD if wish.bold else _REGULAR))
    return (
        *(wanted, plain, special, related, other_han, not face.path, family),
        *(face.slanted != wish.italic, abs(face.width - 100), weight, face.path, face.index),
    )


def _by_fontconfig() -> Iterator[Typeface]:
    try:
        listed = subprocess.run(
            ["fc-list", "--format", _FORMAT], capture_output=True, timeout=_FC_LIST_S, check=True
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return
    for line in listed.splitlines():
        parts = line.split("\t")
        if (
            len(parts) != 9
            or parts[6] == "True"
            or not parts[0].lower().endswith((".ttf", ".otf", ".ttc", ".otc"))
        ):
            continue
        path, index, family, weight, slant, width, _, colour, charset = parts
        try:
            spans = [part.partition("-") for part in charset.split()]
            yield Typeface(
                path=path,
                index=int(index),
                family=family,
                weight=float(weight),
                slanted=int(slant) > 0,
                width=float(width),
                colour=colour == "True",
                starts=tuple(int(first, 16) for first, _, _ in spans),
                stops=tuple(int(last or first, 16) + 1 for first, _, last in spans),
            )
        except ValueError:  # a font that fontconfig itself can't make sense of
            continue


def _by_folders() -> Iterator[Typeface]:
    count = 0
    for folder in _FOLDERS:
        for place, _, names in os.walk(os.path.expanduser(folder)):
            for name in sorted(names):
                if not name.lower().endswith((".ttf", ".otf", ".ttc", ".otc")):
                    continue
                count += 1
                if count > _MOST_FILES:
                    return
                yield from faces_of(Path(place) / name)


def faces_of(path: Path) -> tuple[Typeface, ...]:
    """The faces in a font file, by its own tables; none if it is no font."""
    tables: Any = library("fontTools.ttLib")
    collection = path.suffix.lower() in (".ttc", ".otc")
    kind = tables.TTCollection if collection else tables.TTFont
    try:
        with kind(str(path), lazy=True) as opened:
            fonts: list[Any] = list(opened.fonts) if collection else [opened]
            return tuple(
                _face_of(font, str(path), index)
                for index, font in enumerate(fonts)
                if "OS/2" in font and "cmap" in font and "name" in font
            )
    except (OSError, tables.TTLibError, KeyError, ValueError, AssertionError):
        return ()


def _face_of(font: Any, path: str, index: int) -> Typeface:
    codes: list[int] = sorted(font.getBestCmap() or {})
    starts = [code for code, before in zip(codes, [-2, *codes], strict=False) if code != before + 1]
    stops = [code + 1 for code, after in zip(codes, [*codes[1:], -2], strict=True) if after != code + 1]
    about = font["OS/2"]
    return Typeface(
        path=path,
        index=index,
        family=str(font["name"].getBestFamilyName() or ""),
        weight=_BOLD if about.usWeightClass >= 600 else _REGULAR + (about.usWeightClass - 400) / 10,
        slanted=bool(about.fsSelection & 1),
        width=_WIDTHS[min(max(int(about.usWidthClass), 1), 9) - 1],
        colour=any(table in font for table in ("CBDT", "COLR", "sbix")),
        starts=tuple(starts),
        stops=tuple(stops),
    )


@cache
def _pillows_bytes() -> bytes:
    font: Any = ImageFont.load_default(16)
    return font.path.getvalue() if isinstance(font.path, BytesIO) else font.font_bytes


def _pillows_own() -> Typeface:
    tables: Any = library("fontTools.ttLib")
    return _face_of(tables.TTFont(BytesIO(_pillows_bytes()), lazy=True), "", 0)


def _seen(letter: str) -> bool:
    code = ord(letter)
    return unicodedata.category(letter) not in _UNSEEN and not 0xFE00 <= code <= 0xFE0F


def _common(cluster: str) -> bool:
    """Spaces, digits and punctuation, which belong to no script."""
    return all(unicodedata.category(letter)[0] in "ZPNC" for letter in cluster)


def _is_emoji(cluster: str) -> bool:
    emoji: Any = library("uniseg.emoji")
    return _EMOJI_STYLE in cluster or any(bool(emoji.emoji_presentation(letter)) for letter in cluster)


def _missing(cluster: str) -> str:
    unicode: Any = library("fontTools.unicodedata")
    letter = next(
        (letter for letter in cluster if _seen(letter) and unicode.script(letter) not in ("Zyyy", "Zinh")),
        cluster[0],
    )
    name = unicodedata.name(letter, "a sign without a name")
    tag = unicode.script(letter)
    if _is_emoji(cluster):
        what, package = "emoji", "fonts-noto-color-emoji"
    elif tag in _CJK_SCRIPTS:
        what, package = "Chinese, Japanese and Korean", "fonts-noto-cjk"
    else:
        what = (
            "signs such as this"
            if tag in ("Zyyy", "Zinh", "Zzzz")
            else f"the script {unicode.script_name(tag)}"
        )
        package = "fonts-noto-core"
    return (
        f"no font here has {letter!r} (U+{ord(letter):04X}, {name}); for {what} install a font, on Debian and"
        f" Ubuntu `apt-get install {package}`"
    )
