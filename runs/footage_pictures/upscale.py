"""Makes docs/pictures/upscale.webp: parts of three photographs, four times as large by bicubic and by SPAN.

python runs/footage_pictures/upscale.py [FILE]
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from vitascope.footage import load_part
from vitascope.media import write_picture

ROOT = Path(__file__).parents[2]
PARTS = (("astronaut", 60, 150), ("chelsea", 60, 110), ("coffee", 90, 200))  # name, top, left
SIDE_PX, TIMES = 104, 4


def make_upscale_picture(path: Path) -> None:
    """Above bicubic, below SPAN; four times."""
    columns: list[np.ndarray] = []
    for name, top, left in PARTS:
        small = np.ascontiguousarray(
            getattr(skimage.data, name)()[top : top + SIDE_PX, left : left + SIDE_PX, :3]
        )
        side_px = SIDE_PX * TIMES
        plain = cv2.resize(small, (side_px, side_px), interpolation=cv2.INTER_CUBIC)
        ours = load_part("enlarger", "span").enlarged(small, side_px, side_px)
        columns.append(np.concatenate((plain, np.full((6, side_px, 3), 255, np.uint8), ours)))
        columns.append(np.full((2 * side_px + 6, 6, 3), 255, np.uint8))
    write_picture(path, np.concatenate(columns[:-1], axis=1))


if __name__ == "__main__":
    make_upscale_picture(
        Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures" / "upscale.webp"
    )
