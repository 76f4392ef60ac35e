"""Enlarged frames against the true ones: bicubic, Lanczos and SPAN, with how much they flicker.

    python runs/footage/upscale.py [--size 1280x720] [--frames 6] [--clip FILM] [--json FILE]

Clips are made 2 and 4 times smaller by averages, and enlarged again. PSNR in dB, the mean. Flicker: the mean
absolute difference between how a pixel changes from frame to frame in what was made, and in the truth, in
levels. Processor milliseconds a frame.
"""

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
from machine import machine_name
from moving_photos import film, footage, moving_photo
from numpy.typing import NDArray

from vitascope.canvas import parse_size
from vitascope.evaluate.interpolation import psnr
from vitascope.evaluate.tables import markdown
from vitascope.footage import parts, unheard
from vitascope.footage.upscale import Upscale

Clip = NDArray[np.uint8]


def enlarged(small: Clip, size_px: tuple[int, int], way: str) -> Clip:
    """The clip at that size."""
    if way == "bicubic":
        return np.stack([cv2.resize(frame, size_px, interpolation=cv2.INTER_CUBIC) for frame in small])
    size = f"{size_px[0]}x{size_px[1]}"
    return np.stack(list(Upscale(size=size, enlarger=way).make(footage(small), unheard, {}).frames))


def flicker(made: Clip, truth: Clip) -> float:
    """In levels."""
    changes = [np.diff(clip.astype(np.int16), axis=0) for clip in (made, truth)]
    return float(np.abs(changes[0] - changes[1]).mean())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--frames", type=int, default=6)
    parser.add_argument("--clip", type=Path, default=Path("/tmp/footage/bbb.mp4"))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    size_px = parse_size(asked.size)
    clips = {f"photos {kind + 1}": moving_photo(kind, asked.frames, size_px, 3) for kind in range(3)}
    if asked.clip.is_file():
        clips = {"bunny": film(asked.clip, size_px, 10, asked.frames)} | clips
    ways = ["bicubic", "lanczos", *(["span"] if not parts("enlarger")["span"].missing() else [])]
    rows: list[dict[str, str]] = []
    figures: list[dict[str, object]] = []
    for factor in (2, 4):
        for name, truth in clips.items():
            smaller = (size_px[0] // factor, size_px[1] // factor)
            small = np.stack([cv2.resize(frame, smaller, interpolation=cv2.INTER_AREA) for frame in truth])
            row = {"PSNR, flicker, cost": f"{name}, {factor} times"}
            for way in ways:
                began_s = time.process_time()
                made = enlarged(small, size_px, way)
                cost_ms = (time.process_time() - began_s) * 1000 / len(truth)
                found = {"psnr_db": psnr(made, truth), "flicker": flicker(made, truth), "frame_ms": cost_ms}
                figures.append({"clip": name, "factor": factor, "way": way, **found})
                row[way] = f"{found['psnr_db']:.2f} dB, {found['flicker']:.2f}, {cost_ms:.0f} ms"
            rows.append(row)
    print(f"{machine_name()}, to {asked.size}\n")
    print(markdown(rows))
    if asked.json:
        asked.json.write_text(
            json.dumps({"machine": machine_name(), "size": asked.size, "figures": figures}, indent=1)
        )


if __name__ == "__main__":
    main()
