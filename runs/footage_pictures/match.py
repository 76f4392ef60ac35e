"""Makes docs/pictures/match.webp: a graded shot, a reference from elsewhere in the film, the matched shot,
the truth.

python runs/footage_pictures/match.py [FILE] [CLIP]
"""

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "footage"))  # first: its scripts have the same names
from blur import footage
from match import faded

from vitascope.footage import unheard
from vitascope.footage.match import Match
from vitascope.media import read_video, write_picture

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = 448, 252


def make_match_picture(path: Path, clip: Path) -> None:
    film = [cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA) for frame in read_video(clip)]
    shot, other = film[: len(film) // 3 : 4], film[len(film) // 2 :: 6]
    graded = [
        np.rint(np.clip(faded(frame.reshape(-1, 3) / 255), 0, 1) * 255).astype(np.uint8).reshape(frame.shape)
        for frame in shot
    ]
    tool = Match(reference="the other shot")
    matched = list(tool.make(footage(graded), unheard, {"reference": footage(other)}).frames)
    at = len(shot) // 2
    rows = [(graded[at], other[len(other) // 2]), (matched[at], shot[at])]
    gap = np.full((SIZE[1], 6, 3), 255, np.uint8)
    sheet = [np.concatenate((left, gap, right), axis=1) for left, right in rows]
    between = np.full((6, sheet[0].shape[1], 3), 255, np.uint8)
    write_picture(path, np.concatenate((sheet[0], between, sheet[1])), quality=80)


if __name__ == "__main__":
    make_match_picture(
        Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES / "match.webp",
        Path(sys.argv[2] if len(sys.argv) > 2 else "/tmp/footage/bbb.mp4"),
    )
