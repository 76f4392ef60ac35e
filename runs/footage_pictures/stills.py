"""Makes docs/pictures/stills.webp: four photos of scikit-image's, moved by the stills filler.

python runs/footage_pictures/stills.py [FILE]
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage import data

import vitascope as vs
from vitascope.canvas import fit_picture

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SHOTS = (
    ("astronaut", "orbit"),
    ("coffee", "a floating product, a light sweep"),
    ("chelsea", "push in"),
    ("rocket", "ken burns"),
)
SIZE_PX, TILE_PX, SECONDS, RATE_FPS = (720, 480), (252, 168), 3, 10


def shot(name: str, text: str) -> NDArray[np.uint8]:
    """One photo's clip, there and back as a loop [T, H, W, 3]."""
    photo = fit_picture(np.asarray(getattr(data, name)(), np.uint8), *SIZE_PX)
    canvas = vs.image_to_video(photo, text, duration_s=SECONDS, rate_fps=RATE_FPS).with_loop()
    frames = vs.stream(canvas, "stills")
    return np.stack([fit_picture(frame, *TILE_PX) for chunk in frames for frame in chunk])


def make_stills_picture(path: Path) -> None:
    clips = [shot(*each) for each in SHOTS]
    rows = [np.concatenate(clips[row : row + 2], axis=2) for row in (0, 2)]
    vs.write_video(path, np.concatenate(rows, axis=1), RATE_FPS, quality=50)


if __name__ == "__main__":
    make_stills_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES / "stills.webp")
