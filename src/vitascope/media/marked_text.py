"""Text with <i>, <b> and <u> marks, as captions have it, and without. Knows nothing of fonts or files."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"</?[ibu]>|&(?:lt|gt|amp);")
_SIGNS = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of text that looks one way."""

    text: str
    bold: bool = False
    italic: bool = False
    underlined: bool = False


def pieces(marked: str) -> tuple[Piece, ...]:
    """The stretches of a marked text; a mark that never ends holds to its end, an end alone is left out."""
    found: list[Piece] = []
    on = dict.fromkeys("biu", 0)
    start = 0

    def add(text: str) -> None:
        if not text:
            return
        piece = Piece(text=text, bold=on["b"] > 0, italic=on["i"] > 0, underlined=on["u"] > 0)
        last = found[-1] if found else None
        alike = last and (last.bold, last.italic, last.underlined) == (
            piece.bold,
            piece.italic,
            piece.underlined,
        )
        if last and alike:
            text = last.text + text
            found.pop()
        found.append(Piece(text=text, bold=piece.bold, italic=piece.italic, underlined=piece.underlined))

    for token in _TOKEN.finditer(marked):
        add(marked[start : token.start()])
        start = token.end()
        if token[0] in _SIGNS:
            add(_SIGNS[token[0]])
        elif token[0][1] == "/":
            on[token[0][2]] = max(0, on[token[0][2]] - 1)
        else:
            on[token[0][1]] += 1
    add(marked[start:])
    return tuple(found)


def plain(marked: str) -> str:
    """A marked text without its marks."""
    return "".join(piece.text for piece in pieces(marked))


def escaped(text: str) -> str:
    """A plain text as a marked one that reads the same."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
