"""Makes docs/pictures/denoise.webp: a clip with noise; by non-local means, frame by frame; and by the tool.

python runs/footage_pictures/denoise.py [FILE]
"""

import sys
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "runs" / "footage"))

from moving_photos import footage, moving_photo  # noqa: E402

from vitascope.footage import unheard  # noqa: E402
from vitascope.footage.denoise import Denoise  # noqa: E402
from vitascope.media import write_video  # noqa: E402

SIZE_PX, FRAMES, NOISE = (224, 128), 10, 22


def make_denoise_picture(path: Path) -> None:
    """The three side by side."""
    clip = moving_photo(2, FRAMES, SIZE_PX, 6)
    grain = np.random.default_rng(0).normal(0, NOISE, clip.shape)
    noisy = np.clip(clip + grain, 0, 255).astype(np.uint8)
    means = [cv2.fastNlMeansDenoisingColored(frame, None, NOISE * 0.7, NOISE * 0.7) for frame in noisy]
    ours = [frame.copy() for frame in Denoise().make(footage(noisy), unheard, {}).frames]
    gap = np.full((SIZE_PX[1], 4, 3), 255, np.uint8)
    rows = [np.concatenate((a, gap, b, gap, c), axis=1) for a, b, c in zip(noisy, means, ours, strict=True)]
    write_video(path, rows, 8, quality=35)


if __name__ == "__main__":
    make_denoise_picture(
        Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures" / "denoise.webp"
    )
