"""Makes docs/pictures/reframe.webp: a clip, where the window is in it, and what the window shows.

python runs/footage_pictures/reframe.py [FILE] [CLIP]
"""

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "footage"))  # first: its scripts have the same names
from blur import RATE_FPS, footage
from clips import Head
from reframe import window_places

from vitascope.footage import unheard
from vitascope.footage.reframe import Reframe
from vitascope.media import write_video

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE, FRAMES = (320, 180), 72


def make_reframe_picture(path: Path) -> None:
    """16:9 with the window drawn in, beside 9:16."""

    def place(time: float) -> tuple[float, float]:
        return 110 + 105 * float(np.sin(2 * np.pi * time / FRAMES)), 34 + 5 * float(np.sin(time / 3))

    clip = Head(SIZE, 46, place, pan_px=0.4)
    frames = [clip.frame(number) for number in range(FRAMES)]
    made = list(Reframe(subject="faces").make(footage(frames), unheard, {}).frames)
    sheets: list[np.ndarray] = []
    for frame, window, left in zip(frames, made, window_places(made, frames), strict=True):
        x, width_px = round(left), window.shape[1]
        drawn = (frame * 0.4).astype(np.uint8)
        drawn[:, x : x + width_px] = frame[:, x : x + width_px]
        cv2.rectangle(drawn, (x, 0), (x + width_px - 1, SIZE[1] - 1), (255, 255, 255), 1)
        gap = np.full((SIZE[1], 8, 3), 255, np.uint8)
        sheets.append(np.concatenate((drawn, gap, window[: SIZE[1]]), axis=1))
    write_video(path, sheets[::2], RATE_FPS / 2, quality=40)


if __name__ == "__main__":
    make_reframe_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES / "reframe.webp")
