"""Makes docs/pictures/scenes.webp: an edit as a strip, its true joins above, those that were found below.

python runs/footage_pictures/scenes.py [FILE] [CLIP]
"""

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "footage"))  # first: its scripts have the same names
from scenes import RATE_FPS, Shots, edit

from vitascope.footage import load_part
from vitascope.media import write_picture

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH_PX, STRIPE_PX, EVERY, SEEDS = 900, 9, 6, (7, 8)
COLOURS = {"cut": (220, 40, 40), "dissolve": (40, 120, 220), "fade": (30, 30, 30)}


def strip(seed: int, clip: Path) -> np.ndarray:
    """One edit: every sixth frame's middle, side by side."""
    frames, truth = edit(Shots(clip), seed)
    columns = [
        cv2.resize(frame[:, 110:210], (22, 40), interpolation=cv2.INTER_AREA) for frame in frames[::EVERY]
    ]
    film = np.concatenate(columns, axis=1)
    found = [
        (each.kind, each.first, each.alone) for each in load_part("cut-finder").changes(frames, RATE_FPS)
    ]
    stripes: list[np.ndarray] = []
    for joins in (truth, found):
        stripe = np.full((STRIPE_PX, film.shape[1], 3), 255, np.uint8)
        for kind, first, alone in joins:
            left = first * 22 // EVERY
            stripe[:, left : max(left + 4, alone * 22 // EVERY)] = COLOURS[kind]
        stripes.append(stripe)
    whole = np.concatenate((stripes[0], film, stripes[1]))
    return cv2.resize(whole, (WIDTH_PX, whole.shape[0]), interpolation=cv2.INTER_AREA)


def make_scenes_picture(path: Path, clip: Path) -> None:
    gap = np.full((14, WIDTH_PX, 3), 255, np.uint8)
    strips = [part for seed in SEEDS for part in (gap, strip(seed, clip))][1:]
    write_picture(path, np.concatenate(strips), quality=80)


if __name__ == "__main__":
    make_scenes_picture(
        Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES / "scenes.webp",
        Path(sys.argv[2] if len(sys.argv) > 2 else "/tmp/footage/bbb.mp4"),
    )
