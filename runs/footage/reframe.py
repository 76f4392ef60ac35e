"""How well the window keeps the subject, and how quietly it moves:

    python runs/footage/reframe.py [--size 640x360] [--frames 96] [--json FILE]

A head goes through the picture while the camera pans; where it is, is known. The baselines are a window that
stands in the middle, and one that is put on the face that is seen in each frame.
"""

import argparse
import json
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from clips import Head
from machine import machine_name

from vitascope.canvas import parse_size
from vitascope.footage import Footage, load_part, unheard
from vitascope.footage.reframe import Reframe, window_of

RATE_FPS = Fraction(24)


def window_places(made: list[np.ndarray], frames: list[np.ndarray]) -> np.ndarray:
    """Where each window was cut, in pixels from the left: found again in its frame."""
    places: list[float] = []
    for window, frame in zip(made, frames, strict=True):
        inner = window[:, 8:-8]
        found = cv2.matchTemplate(frame, inner, cv2.TM_SQDIFF)
        places.append(float(np.unravel_index(found.argmin(), found.shape)[1]) - 8)
    return np.array(places)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--size", default="640x360")
    asked.add_argument("--frames", type=int, default=96)
    asked.add_argument("--json", type=Path)
    wishes = asked.parse_args()
    cv2.setNumThreads(1)
    size = parse_size(wishes.size)
    face_px = size[1] // 5

    def place(moment: float) -> tuple[float, float]:
        way = float(np.clip((moment - 20) / (wishes.frames - 45), 0, 1))
        return size[0] * (0.05 + 0.7 * way * way * (3 - 2 * way)), size[1] * 0.25 + 3 * np.sin(moment / 2)

    clip = Head(size, face_px, place, pan_px=size[0] / 800)
    frames = [clip.frame(number) for number in range(wishes.frames)]
    (width_px, _), _ = window_of("9:16", *size)
    room = size[0] - width_px
    truth = [np.flatnonzero(clip.face(number).any(0)) for number in range(wishes.frames)]
    paths: dict[str, np.ndarray] = {"in the middle": np.full(wishes.frames, room / 2)}
    finder = load_part("face-finder")
    middles = [finder.faces(frame)[0].box for frame in frames]
    paths["on each frame's face"] = np.array(
        [min(max(0, box.x_px + box.width_px / 2 - width_px / 2), room) for box in middles]
    )
    spent: dict[str, float] = {}
    for subject in ("faces", "motion"):
        tool = Reframe(subject=subject)
        footage = Footage(
            frames=frames, width_px=size[0], height_px=size[1], rate_fps=RATE_FPS, count=wishes.frames
        )
        began_s = time.perf_counter()
        made = list(tool.make(footage, unheard, {}).frames)
        spent[f"ours, {subject}"] = (time.perf_counter() - began_s) / wishes.frames
        paths[f"ours, {subject}"] = window_places(made, frames)
    rows: list[dict[str, object]] = []
    for name, path in paths.items():
        inside = [
            float(((columns >= left) & (columns < left + width_px)).mean())
            for columns, left in zip(truth, path, strict=True)
        ]
        jerks = np.diff(path, 2) / width_px
        rows.append(
            {
                "window": name,
                "least of the face in it": round(min(inside), 3),
                "acceleration, rms, 1e-3 widths a frame^2": round(
                    1000 * float(np.sqrt(np.mean(jerks**2))), 2
                ),
                "s a frame": round(spent.get(name, 0), 3) or "-",
            }
        )
    print(f"{size[0]}x{size[1]} to 9:16, {wishes.frames} frames, on {machine_name()}")
    for row in rows:
        print("  ".join(f"{key}: {value}" for key, value in row.items()))
    if wishes.json:
        wishes.json.write_text(json.dumps({"machine": machine_name(), "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
