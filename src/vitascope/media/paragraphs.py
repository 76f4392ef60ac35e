"""Text -> clusters with their fonts and directions, and lines of them that fit a width. Draws nothing.

Line breaking is Unicode's (UAX #14, by uniseg), but Korean breaks at spaces only and Thai words are BudouX's.
A word too long for a line is broken between clusters, as are Lao, Khmer and Burmese, which write no spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from PIL import features

from vitascope.media.directions import base_level, levels, visual_order
from vitascope.media.limits import MediaError
from vitascope.media.marked_text import Piece
from vitascope.media.typefaces import Typeface, Wish, han_language, installed_fonts, library, opened_face

# Controls, embeddings and isolates (directions.py), soft hyphens and other things that aren't letters.
_LEFT_OUT = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_LINE_END = re.compile("\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]")
_THAI = re.compile("[\u0e01-\u0e5b]+")
_KOREAN = re.compile("[\uac00-\ud7a3](?=[\uac00-\ud7a3])")
_BREAK_HERE = "\u200b"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What a reader calls one letter: text, face, level of direction, and whether a line may end here."""

    text: str
    face: Typeface
    level: int
    underlined: bool
    breaks: bool

    @property
    def space(self) -> bool:
        """Whether it is a blank that is dropped at the end of a line."""
        return self.text.isspace() and self.text not in ("\u00a0", "\u202f")


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """The clusters between two ends of lines, and 1 where it runs to the left, else 0."""

    clusters: tuple[Cluster, ...]
    base: int
    language: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """Neighbours of one face and one direction: `first` is its first cluster's number in the whole text."""

    clusters: tuple[Cluster, ...]
    first: int
    language: str

    @property
    def level(self) -> int:
        return self.clusters[0].level

    @property
    def face(self) -> Typeface:
        return self.clusters[0].face

    @property
    def direction(self) -> str:
        return "rtl" if self.level % 2 else "ltr"

    def text(self, shown: int | None = None) -> str:
        """Its letters, or those of its clusters whose number is below `shown`."""
        count = len(self.clusters) if shown is None else max(0, shown - self.first)
        return "".join(cluster.text for cluster in self.clusters[:count])

    def width_px(self, size_px: int, shown: int | None = None) -> float:
        """How wide it is set at a size."""
        font, scale = opened_face(self.face, size_px)
        text = self.text(shown)
        return (
            font.getlength(text, direction=self.direction, language=self.language or None) * scale
            if text
            else 0.0
        )


def paragraphs(text: Sequence[Piece], wish: Wish, direction: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a text; MediaError for a letter that no font has, or a Pillow that can't set it."""
    signs: list[tuple[str, Piece]] = []
    for piece in text:
        clean = _LEFT_OUT.sub(
            "", unicodedata.normalize("NFC", _LINE_END.sub("\n", piece.text)).replace("\t", " ")
        )
        signs.extend((letter, piece) for letter in clean)
    whole = "".join(letter for letter, _ in signs)
    if not features.check("raqm"):
        raise MediaError(
            "this Pillow can't set text; reinstall it from its wheel (it lacks raqm): pip install pillow"
        )
    language = wish.language or han_language(whole)
    found: list[Paragraph] = []
    start = 0
    for line in whole.split("\n"):
        wished = Wish(family=wish.family, bold=wish.bold, italic=wish.italic, language=language)
        found.append(
            _paragraph(line, [piece for _, piece in signs[start : start + len(line)]], wished, direction)
        )
        start += len(line) + 1
    return tuple(found)


def lines(paragraph: Paragraph, size_px: int, width_px: float, first: int) -> list[tuple[Run, ...]]:
    """The lines of a paragraph at a size, none wider, as runs from left to right; alike in width if possible.

    `first` is the number of its first cluster in the whole text. An empty paragraph is one line without runs.
    """
    words = list(_words(paragraph, size_px, width_px))
    if not words:
        return [()]
    counted = _filled(words, width_px)
    low, high = max(word.width_px for word in words), width_px
    for _ in range(10):  # the narrowest measure with as many lines: they come out alike
        middle = (low + high) / 2
        if len(_filled(words, middle)) > len(counted):
            low = middle
        else:
            high = middle
    return [_line(paragraph, line[0].start, line[-1].stop, first) for line in _filled(words, high)]


def line_width_px(line: Sequence[Run], size_px: int) -> float:
    """How wide a line is."""
    return sum(run.width_px(size_px) for run in line)


@dataclass(frozen=True)
class _Word:
    """Clusters from `start` to `stop`, the blanks behind them, and both's widths."""

    start: int
    stop: int
    width_px: float
    blank_px: float


def _paragraph(text: str, marks: list[Piece], wish: Wish, direction: str) -> Paragraph:
    base = base_level(text, direction)
    found_levels = levels(text, base)
    ends = _break_offsets(text)
    fonts = installed_fonts()
    clusters: list[Cluster] = []
    before: Typeface | None = None
    stop = 0
    for sign in _grapheme_clusters(text):
        start, stop = stop, stop + len(sign)
        shown = sign.replace(_BREAK_HERE, "")
        if not shown:
            if clusters:
                clusters[-1] = _ending(clusters[-1])
            continue
        piece = marks[start]
        wished = Wish(
            family=wish.family,
            bold=wish.bold or piece.bold,
            italic=wish.italic or piece.italic,
            language=wish.language,
        )
        alike = bool(start) and (marks[start - 1].bold, marks[start - 1].italic) == (piece.bold, piece.italic)
        before = fonts.face(shown, wished, before if alike else None)
        clusters.append(
            Cluster(
                text=shown,
                face=before,
                level=found_levels[start],
                underlined=piece.underlined,
                breaks=stop in ends,
            )
        )
    return Paragraph(clusters=tuple(clusters), base=base, language=wish.language)


def _ending(cluster: Cluster) -> Cluster:
    return Cluster(
        text=cluster.text, face=cluster.face, level=cluster.level, underlined=cluster.underlined, breaks=True
    )


def _grapheme_clusters(text: str) -> Iterator[str]:
    uniseg: Any = library("uniseg.graphemecluster")
    return iter(uniseg.grapheme_clusters(text))


def _break_offsets(text: str) -> set[int]:
    """Where a line may end, as offsets of letters."""
    uniseg: Any = library("uniseg.linebreak")
    found: set[int] = set()
    stop = 0
    for unit in uniseg.line_break_units(text):
        stop += len(unit)
        found.add(stop)
    found -= {match.end() for match in _KOREAN.finditer(text)}
    for stretch in _THAI.finditer(text):
        stop = stretch.start()
        for word in _thai().parse(stretch[0]):
            stop += len(word)
            if stop < stretch.end():
                found.add(stop)
    return found


@cache
def _thai() -> Any:
    return library("budoux").load_default_thai_parser()


def _words(paragraph: Paragraph, size_px: int, width_px: float) -> Iterator[_Word]:
    """What can't be broken, one after the other; what is wider than a line, cluster by cluster."""
    start = 0
    clusters = paragraph.clusters
    for stop in range(1, len(clusters) + 1):
        if not clusters[stop - 1].breaks and stop < len(clusters):
            continue
        word = _word(paragraph, start, stop, size_px)
        if word.width_px <= width_px:
            yield word
        else:
            yield from (_word(paragraph, place, place + 1, size_px) for place in range(start, stop))
        start = stop


def _word(paragraph: Paragraph, start: int, stop: int, size_px: int) -> _Word:
    inked = stop
    while inked > start and paragraph.clusters[inked - 1].space:
        inked -= 1
    width_px = line_width_px(_line(paragraph, start, inked, 0), size_px)
    whole_px = (
        width_px if inked == stop else line_width_px(_line(paragraph, start, stop, 0, trim=False), size_px)
    )
    return _Word(start, stop, width_px, whole_px - width_px)


def _filled(words: Sequence[_Word], width_px: float) -> list[list[_Word]]:
    """As many words in each line as fit."""
    found: list[list[_Word]] = [[]]
    used = 0.0
    for word in words:
        if found[-1] and used + word.width_px > width_px:
            found.append([])
            used = 0.0
        found[-1].append(word)
        used += word.width_px + word.blank_px
    return found


def _line(paragraph: Paragraph, start: int, stop: int, first: int, trim: bool = True) -> tuple[Run, ...]:
    """Clusters as runs from left to right, without the blanks at their end."""
    clusters = paragraph.clusters
    while trim and stop > start and clusters[stop - 1].space:
        stop -= 1
    runs: list[Run] = []
    place = start
    for _, group in groupby(
        clusters[start:stop], lambda cluster: (cluster.face, cluster.level, cluster.underlined)
    ):
        members = tuple(group)
        runs.append(Run(clusters=members, first=first + place, language=paragraph.language))
        place += len(members)
    return tuple(visual_order(runs, lambda run: run.level))
