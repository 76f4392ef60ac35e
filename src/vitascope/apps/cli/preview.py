"""A small moving picture in the terminal, and the lines that are typed under it. Knows no command."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.cells import set_cell_size
from rich.color import Color
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

from vitascope.canvas import fit_picture

LONGEST_LINE = 2048  # bytes
WIDEST = 96  # columns: more takes a terminal longer than a frame lasts
_SAVE, _RESTORE, _ERASE = "\0337", "\0338", "\033[2K"  # the cursor's place; the line that it is in


def half_blocks(frame: NDArray[np.uint8], columns: int, rows: int) -> Segments:
    """A frame uint8 [H, W, 3] in at most so many columns and rows; each cell shows two pixels."""
    height, width = frame.shape[:2]
    scale = min(columns / width, 2 * rows / height)
    across, down = max(1, int(width * scale)), max(1, int(height * scale / 2))
    small = fit_picture(frame, across, 2 * down, "stretch")
    cells: list[Segment] = []
    for above, below in zip(small[0::2].tolist(), small[1::2].tolist(), strict=True):
        for upper, lower in zip(above, below, strict=True):
            cells.append(Segment("▀", Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))))
        cells.append(Segment.line())
    return Segments(cells)


class Preview:
    """A context in which show() paints over the whole terminal; leaving it brings back what was there.

    The cursor rests in the last line but one, where the terminal itself shows what is typed.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._turn = threading.Lock()

    def __enter__(self) -> Preview:
        self.console.set_alt_screen(True)
        self.ask()
        return self

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self.console.set_alt_screen(False)

    def ask(self) -> None:
        """Empty the line in which words are typed."""
        self._write(f"\033[{max(1, self.console.height - 1)};1H{_ERASE}> ")

    def show(self, frame: NDArray[np.uint8], lines: list[str]) -> None:
        """A frame uint8 [H, W, 3], and lines of text under it."""
        width, height = self.console.size
        with self.console.capture() as painted:
            self.console.print(
                half_blocks(frame, min(width, WIDEST), max(1, height - len(lines) - 3)), end=""
            )
        below = "".join(f"{_ERASE}{set_cell_size(line, width - 1)}\n" for line in lines)
        self._write(f"{_SAVE}\033[H{painted.get()}{below}{_RESTORE}")

    def _write(self, text: str) -> None:
        with self._turn:  # one write each, so that nothing flickers or mixes
            self.console.file.write(text)
            self.console.file.flush()


def typed_lines(over: threading.Event) -> Iterator[str]:
    """Lines from the standard input, while there are any and it isn't `over`.

    Reads the file itself: a thread that waits in sys.stdin can't be left behind when the program ends.
    """
    try:
        file = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # there is none
        return
    waiting = b""
    while not over.is_set():
        try:
            if not select.select([file], [], [], 0.1)[0]:
                continue
            read = os.read(file, LONGEST_LINE)
        except OSError:
            return
        if not read:
            return
        *lines, waiting = (waiting + read).split(b"\n")
        waiting = waiting[-LONGEST_LINE:]
        yield from (line.decode("utf-8", "replace") for line in lines)
