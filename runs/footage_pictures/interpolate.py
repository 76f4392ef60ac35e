"""Makes docs/pictures/interpolate.webp: a clip at 6 frames a second; blended to 24; and what the tool makes.

python runs/footage_pictures/interpolate.py [FILE]
"""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "runs" / "footage"))

from moving_photos import footage, moving_photo  # noqa: E402

from vitascope.evaluate.interpolation import blended  # noqa: E402
from vitascope.footage import unheard  # noqa: E402
from vitascope.footage.interpolate import Interpolate  # noqa: E402
from vitascope.media import write_video  # noqa: E402

SIZE_PX, FRAMES, TIMES = (240, 136), 7, 4


def make_interpolate_picture(path: Path) -> None:
    """The three side by side."""
    clip = moving_photo(1, FRAMES, SIZE_PX, 34)
    made = Interpolate(rate="24").make(footage(clip, Fraction(6)), unheard, {})
    ours = [frame.copy() for frame in made.frames]
    held = [clip[number // TIMES] for number in range(len(ours))]
    mixed = [*blended(clip, TIMES), *[clip[-1]] * (TIMES - 1)]
    gap = np.full((SIZE_PX[1], 4, 3), 255, np.uint8)
    rows = [np.concatenate((a, gap, b, gap, c), axis=1) for a, b, c in zip(held, mixed, ours, strict=True)]
    write_video(path, rows, 24, quality=60)


if __name__ == "__main__":
    make_interpolate_picture(
        Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures" / "interpolate.webp"
    )
