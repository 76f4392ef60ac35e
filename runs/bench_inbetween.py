"""How near the truth frames between frames come, beside holding and blending; and how long each takes.

    python runs/bench_inbetween.py [--scenes 24] [--seconds 1] [--side 256] [--json FILE] [--sheet FILE]

Held-out scenes are rendered at 48 frames a second; every sixth frame is kept (8 a second, the built-in
filler's rate), the other five are made again. Printed: PSNR in dB, the mean over frames and then over scenes;
in "moving" only over the scenes where holding is below 35 dB. Then seconds of one processor, for a picture of
the scenes' size and for one of 1920x1080: once for each pair, and for each frame between. "flow" is the bare
optical flow that smooth is measured against (evaluate/interpolation.py).

Axes: N scenes, T frames, H, W, C.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from vitascope.engine.inbetween import Pair
from vitascope.evaluate.interpolation import blended, flow_interpolated, psnr
from vitascope.evaluate.tables import markdown
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, sample
from vitascope.train.world.sprites import Atlas

Clip = NDArray[np.uint8]
RATE_FPS, EVERY = 48, 6
MOVING_DB = 35.0


def held(given_THWC: Clip, factor: int) -> Clip:
    """Each frame until the next, as a player shows them."""
    return given_THWC.repeat(factor, 0)[: (len(given_THWC) - 1) * factor + 1]


def inbetween(given_THWC: Clip, factor: int) -> Clip:
    """By engine/inbetween.py, each pair beside its neighbours."""
    frames = [given_THWC[0]]
    pairs = [Pair(first, second) for first, second in pairwise(given_THWC)]
    for earlier, pair, later in zip([None, *pairs], pairs, [*pairs[1:], None], strict=False):
        frames += [pair.at(part / factor, earlier, later) for part in range(1, factor + 1)]
    return np.stack(frames)


WAYS: dict[str, Callable[[Clip, int], Clip]] = {
    "hold": held,
    "blend": blended,
    "flow": flow_interpolated,
    "inbetween": inbetween,
}


def clips(count: int, frames: int, side: int, seed: int) -> Clip:
    """Held-out scenes [N, T, H, W, C]; three in ten are stylised."""
    scenes = sample(count, torch.Generator().manual_seed(seed), Mix(n_things=64, p_style=0.3), "held-out")
    drawn = render(
        scenes, Atlas.load(64), frames=frames, height_px=side, width_px=side, rate_fps=RATE_FPS, start_s=0.3
    )
    return drawn.pixels_BTHWC.numpy()


def nearness(true: Clip, made: Clip) -> float:
    """Mean PSNR of the frames that weren't kept."""
    return float(np.mean([psnr(true[i], made[i]) for i in range(len(true)) if i % EVERY]))


def seconds(first: Clip, second: Clip) -> dict[str, float]:
    """Processor time of a pair, and of a frame between with the pairs beside it known; the best of three."""
    beside = Pair(second, first)
    _ = beside.cut
    took: list[tuple[float, float]] = []
    for _ in range(3):
        pair, began = Pair(first, second), time.process_time()
        _ = pair.cut  # finds the flows
        found = time.process_time()
        pair.at(0.4, beside, beside)
        took.append((found - began, time.process_time() - found))
    return {"pair, s": min(a for a, _ in took), "each frame, s": min(b for _, b in took)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=24)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path)
    o = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    name = torch.cpu.get_capabilities().get("cpu_name", "") or platform.processor()
    print(f"{name}, {os.cpu_count()} cores, 1 thread, OpenCV {cv2.__version__}; {o.scenes} held-out scenes\n")
    true = clips(o.scenes, o.seconds * RATE_FPS + 1, o.side, o.seed)
    scores = {
        way: np.array([nearness(clip, make(clip[::EVERY], EVERY)) for clip in true])
        for way, make in WAYS.items()
    }
    moving = scores["hold"] < MOVING_DB
    rows = [
        {
            "way": way,
            "all, dB": f"{db.mean():.2f}",
            f"moving ({moving.sum()}), dB": f"{db[moving].mean():.2f}",
        }
        for way, db in scores.items()
    ]
    print(markdown(rows))
    fastest = int(scores["hold"].argmin())
    pair = true[fastest, 0], true[fastest, EVERY]
    sizes = {f"{o.side}x{o.side}": pair, "1920x1080": [cv2.resize(p, (1920, 1080)) for p in pair]}
    costs = [{"size": size, **seconds(*frames)} for size, frames in sizes.items()]
    print(markdown(costs))
    if o.sheet:
        _sheet(o.sheet, true[np.argsort(scores["hold"])[:8]])
    if o.json:
        found = {way: db.tolist() for way, db in scores.items()}
        o.json.write_text(json.dumps({"machine": name, "psnr_db": found, "cost": costs}, indent=1))


def _sheet(path: Path, fastest: Clip) -> None:
    """The fastest scenes, one a row: the moment halfway as it was, blended, by flow, and by inbetween."""
    rows = []
    for clip in fastest:
        half, kept = EVERY // 2, clip[: EVERY + 1 : EVERY]
        rows.append(
            np.concatenate([clip[half], *(WAYS[way](kept, EVERY)[half] for way in list(WAYS)[1:])], 1)
        )
    Image.fromarray(np.concatenate(rows, 0)).save(path)


if __name__ == "__main__":
    main()
