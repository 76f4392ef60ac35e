"""Makes docs/pictures/blur.webp: a face hidden, a background out of focus, something followed, a shutter left
open.

python runs/footage_pictures/blur.py [FILE]
"""

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "footage"))  # first: its scripts have the same names
from blur import RATE_FPS, footage
from clips import Head

from vitascope.footage import unheard
from vitascope.footage.blur import Blur
from vitascope.footage.motion_blur import MotionBlur
from vitascope.media import write_video

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE, FRAMES = (320, 180), 40


def make_blur_picture(path: Path) -> None:
    """Four clips in two rows."""

    def place(time: float) -> tuple[float, float]:
        return 110 + 150 * float(np.sin(2 * np.pi * time / FRAMES)), 30 + 6 * float(np.sin(time / 3))

    clip = Head(SIZE, 52, place, pan_px=0.6)
    frames = [clip.frame(number) for number in range(FRAMES)]
    mark = "rect:0.35,0.17,0.68,0.75"
    tools = (
        Blur(),
        Blur(what="background", subject=("ellipse:0.515,0.46,0.165,0.29",), strength=0.7),
        Blur(what=mark, follow=True, style="pixelate", padding=0.05, strength=0.3),
        MotionBlur(shutter=360),
    )
    clips = [[frame.copy() for frame in tool.make(footage(frames), unheard, {}).frames] for tool in tools]
    sheets: list[np.ndarray] = []
    for one, two, three, four in zip(*clips, strict=True):
        sheet = np.concatenate((np.concatenate((one, two), 1), np.concatenate((three, four), 1)))
        sheets.append(cv2.resize(sheet, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA))
    write_video(path, sheets[::2], RATE_FPS / 2, quality=40)


if __name__ == "__main__":
    make_blur_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES / "blur.webp")
