"""How surely faces are hidden, and how near motion blur comes to a shutter that stays open:

    python runs/footage/blur.py [--size 640x360] [--frames 72] [--json FILE]

A head leaves the frame and comes back, and is hidden for a moment by something that passes; its truth is
known. The baseline hides what the same finder sees in each frame by itself. Motion blur is held against the
mean of 32 moments between the frames; the baselines are the sharp frames, and a cross-fade with
the neighbouring frames.
"""

import argparse
import json
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from clips import Head
from machine import machine_name

from vitascope.canvas import parse_size
from vitascope.footage import Footage, load_part, unheard
from vitascope.footage.blur import Blur
from vitascope.footage.blur_styles import hide, spot_of_box
from vitascope.footage.faces import iou
from vitascope.footage.motion_blur import MotionBlur

RATE_FPS = Fraction(24)


def footage(frames: Sequence[np.ndarray]) -> Footage:
    height_px, width_px = frames[0].shape[:2]
    return Footage(
        frames=frames, width_px=width_px, height_px=height_px, rate_fps=RATE_FPS, count=len(frames)
    )


def faces(size: tuple[int, int], count: int) -> list[dict[str, object]]:
    """How many of the frames in which a face is in sight show a tenth of it or more."""
    rows: list[dict[str, object]] = []
    finder = load_part("face-finder")
    for share in (0.06, 0.1, 0.2):
        face_px = max(30, round(share * size[0]))
        step_px = size[0] * 1.6 / count

        def place(moment: float, face_px: int = face_px, step_px: float = step_px) -> tuple[float, float]:
            turn = min(moment, count - moment)
            return size[0] * 0.35 + step_px * turn, size[1] * 0.2 + 0.1 * face_px * np.sin(moment / 3)

        clip = Head(size, face_px, place, pan_px=0.5, hidden=lambda moment: 6 <= moment < 9)
        frames = [clip.frame(number) for number in range(count)]
        seen = [number for number in range(count) if clip.face(number).sum() > 16]
        began_s = time.perf_counter()
        ours = list(Blur(style="solid").make(footage(frames), unheard, {}).frames)
        spent_s = time.perf_counter() - began_s
        alone: list[np.ndarray] = []
        for frame in frames:
            spots = (spot_of_box(face.box, size, 0.3, "ellipse") for face in finder.faces(frame))
            alone.append(hide(frame, [spot for spot in spots if spot], "solid", 0.5))
        row: dict[str, object] = {"face": f"{face_px} px", "frames with it": len(seen)}
        for name, made in (("missed, ours", ours), ("missed, each frame alone", alone)):
            bare = [float((made[number][clip.face(number)] > 40).all(axis=1).mean()) for number in seen]
            row[name] = sum(share >= 0.1 for share in bare)
        after = sum(
            any(iou(face.box, clip.box(number)) > 0.4 for face in finder.faces(frame))
            for number, frame in enumerate(Blur().make(footage(frames), unheard, {}).frames)
        )
        rows.append(row | {"found after a blur": after, "s a frame": round(spent_s / count, 3)})
    return rows


def shutters(size: tuple[int, int]) -> list[dict[str, object]]:
    """PSNR in dB against the mean of 32 moments."""
    rows: list[dict[str, object]] = []
    for shutter in (90.0, 180.0, 360.0):
        clip = Head(
            size, size[0] // 6, lambda time: (size[0] * (0.1 + 0.02 * time), size[1] * 0.3), size[0] / 150
        )
        frames = [clip.frame(number) for number in range(8)]
        began_s = time.perf_counter()
        made = list(MotionBlur(shutter=shutter).make(footage(frames), unheard, {}).frames)
        spent_s = (time.perf_counter() - began_s) / len(frames)
        scores: dict[str, list[float]] = {"ours": [], "sharp": [], "neighbours": []}
        share = shutter / 360 / 8  # the mean of a cross-fade to each neighbour while the shutter is open
        for number in range(1, len(frames) - 1):
            moments = number + ((np.arange(32) + 0.5) / 32 - 0.5) * shutter / 360
            truth = np.mean([clip.exact(float(moment)) for moment in moments], axis=0)
            before, frame, after = (frames[number + step].astype(float) for step in (-1, 0, 1))
            for name, picture in (
                ("ours", made[number]),
                ("sharp", frame),
                ("neighbours", before * share + frame * (1 - 2 * share) + after * share),
            ):
                scores[name].append(float(10 * np.log10(255**2 / np.mean((picture - truth) ** 2))))
        rows.append(
            {"shutter": f"{shutter:.0f} degrees"}
            | {f"{name}, dB": round(float(np.mean(values)), 1) for name, values in scores.items()}
            | {"s a frame": round(spent_s, 3)}
        )
    return rows


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--size", default="640x360")
    asked.add_argument("--frames", type=int, default=72)
    asked.add_argument("--json", type=Path)
    wishes = asked.parse_args()
    cv2.setNumThreads(1)
    size = parse_size(wishes.size)
    print(f"{size[0]}x{size[1]}, on {machine_name()}")
    tables = {"faces": faces(size, wishes.frames), "motion blur": shutters(size)}
    for name, rows in tables.items():
        print(name)
        for row in rows:
            print("  " + "  ".join(f"{key}: {value}" for key, value in row.items()))
    if wishes.json:
        wishes.json.write_text(json.dumps({"machine": machine_name()} | tables, indent=2) + "\n")


if __name__ == "__main__":
    main()
