"""Makes docs/pictures/matte.webp: a cut-out that is marked in one frame, followed, and put before other
things.

python runs/footage_pictures/matte.py [FILE]
"""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage import data

from vitascope.canvas import fit_picture
from vitascope.footage import Footage, Made, unheard
from vitascope.footage.matte import Matte
from vitascope.media import write_video

sys.path.insert(0, str(Path(__file__).parents[1] / "footage"))
from matte import Scene, film  # the benchmark's clips, whose truth is known

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE_PX, TILE_PX, FRAMES, RATE_FPS = (480, 270), (320, 180), 30, 12
MARK = "0.33,0.52"


def shown(frames: list[NDArray[np.uint8]], **asked: str) -> list[NDArray[np.uint8]]:
    clip = Footage(
        frames=frames,
        width_px=SIZE_PX[0],
        height_px=SIZE_PX[1],
        rate_fps=Fraction(RATE_FPS),
        count=len(frames),
    )
    back = fit_picture(np.asarray(data.coffee(), np.uint8), *SIZE_PX)
    others = {
        "background": Footage(frames=[back], width_px=480, height_px=270, rate_fps=Fraction(1), count=1)
    }
    made = Matte(subject=(MARK,), **asked).make(clip, unheard, others)  # pyright: ignore
    assert isinstance(made, Made)
    return [fit_picture(frame, *TILE_PX).copy() for frame in made.frames]


def make_matte_picture(path: Path) -> None:
    """The clip, its matte, its subject over a picture, and before its own background, blurred."""
    frames = [shot.frame for shot in film(Scene("chelsea", "rocket", bar=True), SIZE_PX, FRAMES)]
    tiles = [
        [fit_picture(frame, *TILE_PX) for frame in frames],
        shown(frames, output="matte"),
        shown(frames, background="coffee"),
        shown(frames, output="blur"),
    ]
    sheets = (np.vstack([np.hstack(four[:2]), np.hstack(four[2:])]) for four in zip(*tiles, strict=True))
    write_video(path, sheets, RATE_FPS, quality=60)


if __name__ == "__main__":
    make_matte_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES / "matte.webp")
