"""Contact sheets: many clips on one picture, a few moments of each in a row, its words below.

Knows pixels and texts; writes no file.

Axes: B clips, T frames, H, W pixels, C colours.
"""

import textwrap
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

__all__ = ["contact_sheet"]

_TEXT_PX, _LINE_PX, _GAP_PX = 12, 15, 10
_LINES = 2
_PAPER, _INK = (250, 250, 248), (40, 40, 44)


def contact_sheet(
    clips_BTHWC: NDArray[np.uint8],
    captions: Sequence[str],
    *,
    columns: int = 4,
    moments: int = 4,
    side_px: int = 96,
) -> NDArray[np.uint8]:
    """A picture [H, W, 3] of all clips, `columns` across, each shown at so many moments from first to last.

    `side_px` is the shorter side of a moment. A caption that is too long for its two lines ends in "...".
    """
    B, T, H, W, _ = clips_BTHWC.shape
    width_px, height_px = (round(side * side_px / min(H, W)) for side in (W, H))
    shown = np.linspace(0, T - 1, min(moments, T)).round().astype(int)
    cell = (len(shown) * width_px + _GAP_PX, height_px + _LINES * _LINE_PX + _GAP_PX)
    rows = -(-B // columns)
    sheet = Image.new("RGB", (min(columns, B) * cell[0] + _GAP_PX, rows * cell[1] + _GAP_PX), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_TEXT_PX)
    for i, caption in enumerate(captions):
        x, y = _GAP_PX + i % columns * cell[0], _GAP_PX + i // columns * cell[1]
        for moment, frame in enumerate(shown):
            picture = Image.fromarray(clips_BTHWC[i, frame]).resize(
                (width_px, height_px), Image.Resampling.BICUBIC
            )
            sheet.paste(picture, (x + moment * width_px, y))
        text = _wrapped(caption, (cell[0] - _GAP_PX) / _letter_px(font))
        pen.multiline_text((x, y + height_px + 2), text, _INK, font, spacing=_LINE_PX - _TEXT_PX)
    return np.asarray(sheet)


def _letter_px(font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> float:
    """How wide a letter of English is on average, with room to spare."""
    sample = "a quick brown fox jumps over the lazy dog"
    return 1.08 * font.getlength(sample) / len(sample)


def _wrapped(caption: str, letters: float) -> str:
    return textwrap.fill(caption, max(8, int(letters)), max_lines=_LINES, placeholder=" ...")
