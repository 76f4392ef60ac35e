"""Makes docs/pictures/stabilise.webp: a photograph filmed by a hand that shakes; quiet; and locked.

python runs/footage_pictures/stabilise.py [FILE]
"""

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "runs" / "footage"))

from known_motion import RATE_FPS, Wear, film, motions  # noqa: E402

from vitascope.footage import Frame, Made, unheard  # noqa: E402
from vitascope.footage.stabilise import Stabilise  # noqa: E402
from vitascope.media import write_video  # noqa: E402

SIZE_PX, FRAMES = (184, 124), 24


def made(tool: Stabilise, clip: object) -> list[Frame]:
    """What it makes of a clip, see-through parts white."""
    result = tool.make(clip, unheard, {})  # pyright: ignore
    assert isinstance(result, Made)
    return [
        np.where(frame[..., 3:] > 0, frame[..., :3], 255) if result.alpha else frame
        for frame in result.frames
    ]


def make_stabilise_picture(path: Path) -> None:
    """As filmed, smooth, and locked with a blank border, side by side."""
    clip = film("coffee", motions("shake", FRAMES, SIZE_PX, 3), SIZE_PX, Wear(noise=0)).footage
    clips = [list(clip), made(Stabilise(), clip), made(Stabilise(mode="locked", border="blank"), clip)]
    gap = np.full((SIZE_PX[1], 4, 3), 255, np.uint8)
    rows = [np.concatenate((a, gap, b, gap, c), axis=1) for a, b, c in zip(*clips, strict=True)]
    write_video(path, rows, RATE_FPS / 2, quality=70)


if __name__ == "__main__":
    make_stabilise_picture(
        Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures" / "stabilise.webp"
    )
