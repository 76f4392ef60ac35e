"""Makes the moving pictures of the README and the docs with the installed model: python runs/make_pictures.py

Every one is the first answer to its sentence with seed 0; nothing is picked.
"""

from pathlib import Path

import numpy as np
from rich.progress import track

import vitascope as vs

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
GALLERY = (
    "a frog jumps in the forest",
    "a red bus drives through the city at night",
    "a penguin walks to the right in the snow",
    "a football bounces on the beach",
    "a rocket flies up on mars",
    "an octopus floats under water, zoom in",
    "a pumpkin rolls to the left in a meadow at sunset",
    "a castle in the desert, the camera pans right, as a pencil sketch",
)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    clips = [
        vs.fill(vs.text_to_video(said, size=(256, 256), seed=0)).pixels for said in track(GALLERY, "Filling")
    ]
    small = [
        clip.reshape(len(clip), 128, 2, 128, 2, 3).mean((2, 4)).round().astype(np.uint8) for clip in clips
    ]
    rows = [np.concatenate(small[start : start + 4], axis=2) for start in range(0, len(small), 4)]
    vs.write_video(PICTURES / "gallery.webp", np.concatenate(rows, axis=1), 8)
    vs.write_video(PICTURES / "first.webp", clips[0], 8)


if __name__ == "__main__":
    main()
