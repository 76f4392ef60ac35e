"""Noise taken out, against the truth: non-local means at its best, and the tool at its usual strength.

    python runs/footage/denoise.py [--size 640x360] [--frames 7] [--clip FILM] [--json FILE]

White noise of 5, 10, 20 and 40 is laid over Big Buck Bunny and over photographs that move; the tool measures
by itself how much there is. The baseline, cv2.fastNlMeansDenoisingColored, is told: of three settings (0.4,
0.7 and 1 times the noise) each clip gets its best. PSNR in dB of the middle three frames; processor
milliseconds a frame. "measured" is what the tool takes the noise for; "clean", PSNR of what it makes of the
clip without noise.
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
from vitascope.footage import unheard
from vitascope.footage.denoise import Denoise
from vitascope.footage.pairs import Pair

Clip = NDArray[np.uint8]
HEADS = ("noisy", "non-local means", "ours", "measured", "clean", "ms, means", "ms, ours")


def calmed(clip: Clip) -> Clip:
    """By the tool."""
    return np.stack([frame.copy() for frame in Denoise().make(footage(clip), unheard, {}).frames])


def by_means(noisy: Clip, truth: Clip, noise: float) -> float:
    """PSNR of non-local means at the best of its settings."""
    return max(
        psnr(np.stack([cv2.fastNlMeansDenoisingColored(frame, None, h, h) for frame in noisy]), truth)
        for h in (0.4 * noise, 0.7 * noise, noise)
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--frames", type=int, default=7)
    parser.add_argument("--clip", type=Path, default=Path("/tmp/footage/bbb.mp4"))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    size_px = parse_size(asked.size)
    clips = {f"photos {kind + 1}": moving_photo(kind, asked.frames, size_px, 4) for kind in range(3)}
    if asked.clip.is_file():
        clips = {"bunny": film(asked.clip, size_px, 10, asked.frames)} | clips
    rng = np.random.default_rng(0)
    middle = slice(asked.frames // 2 - 1, asked.frames // 2 + 2)
    rows: list[dict[str, str]] = []
    figures: list[dict[str, object]] = []
    for name, truth in clips.items():
        clean = psnr(calmed(truth)[middle], truth[middle])
        for noise in (5, 10, 20, 40):
            noisy = np.clip(truth + rng.normal(0, noise, truth.shape), 0, 255).astype(np.uint8)
            began_s = time.process_time()
            made = calmed(noisy)
            ours_ms = (time.process_time() - began_s) * 1000 / len(truth)
            began_s = time.process_time()
            means_db = by_means(noisy[middle], truth[middle], noise)
            means_ms = (time.process_time() - began_s) * 1000 / 9
            found = {
                "noisy_db": psnr(noisy[middle], truth[middle]),
                "means_db": means_db,
                "ours_db": psnr(made[middle], truth[middle]),
                "measured": Pair(noisy[0], noisy[1]).noise(),
                "clean_db": clean,
                "means_ms": means_ms,
                "ours_ms": ours_ms,
            }
            figures.append({"clip": name, "noise": noise, **found})
            said = (f"{value:.1f}" for value in found.values())
            rows.append({"clip, noise": f"{name}, {noise}"} | dict(zip(HEADS, said, strict=True)))
    print(f"{machine_name()}, {asked.size}\n")
    print(markdown(rows))
    if asked.json:
        asked.json.write_text(
            json.dumps({"machine": machine_name(), "size": asked.size, "figures": figures}, indent=1)
        )


if __name__ == "__main__":
    main()
