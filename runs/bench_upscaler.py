"""How near the truth and how sharp the upscaler is, beside bicubic and Lanczos, on held-out scenes.

    python runs/bench_upscaler.py [--scenes 48] [--json FILE] [--sheet FILE] [--weights FILE] [--base FILE]

Every scene is rendered at 64 px and at 256 px; the first is enlarged, the second is the truth. "spoilt" adds
the faults that the upscaler is trained to mend; with --base, "painted" is what that base model makes of the
scene in one step. Printed: PSNR in dB; edges: how steep it is where the truth is steepest (1: as the truth);
speckle: how uneven it is where the truth is flat, in levels of 256, above the truth's; flicker: how much a
still changes from frame to frame when its faults change; seconds of one processor for 16 frames.

Axes: N pictures, V ways of enlarging, H, W, C.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from vitascope.model.upscaler import TIMES, WEIGHTS, load_upscaler, upscale
from vitascope.train.degradations import by_base_model, spoil
from vitascope.train.world import vocab
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, sample
from vitascope.train.world.sprites import Atlas

Frames = NDArray[np.uint8]
SIDE = 64


def with_pillow(how: Image.Resampling, small: Frames) -> Frames:
    """Enlarged by one of Pillow's filters."""
    size = (small.shape[2] * TIMES, small.shape[1] * TIMES)
    return np.stack([np.asarray(Image.fromarray(frame).resize(size, how)) for frame in small])


def steps(pictures: Frames) -> NDArray[np.float32]:
    """The mean step to the neighbours right and below [N, H-1, W-1]."""
    x = pictures.astype(np.float32)
    down, across = np.diff(x, axis=1)[:, :, :-1], np.diff(x, axis=2)[:, :-1]
    return (np.abs(down) + np.abs(across)).mean(-1)


def scores(drawn: Frames, true: Frames) -> dict[str, float]:
    """PSNR, edges and speckle, each the mean over pictures."""
    error = np.square(drawn.astype(np.float32) - true).mean((1, 2, 3))
    ours, theirs = steps(drawn), steps(true)
    steep = theirs >= np.quantile(theirs, 0.95, axis=(1, 2), keepdims=True)
    flat = theirs <= 1.0
    return {
        "psnr_db": float((10 * np.log10(255**2 / error.clip(1e-6))).mean()),
        "edges": float(ours[steep].mean() / theirs[steep].mean()),
        "speckle": float(ours[flat].mean() - theirs[flat].mean()),
    }


def pairs(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Held-out scenes: small [N, H, W, C], true, and each one's style. Half are plain, half stylised."""
    g, atlas = torch.Generator().manual_seed(seed), Atlas.load(64)
    scenes = sample(count, g, Mix(n_things=64, p_style=0.5), "held-out")
    start_s = torch.rand(count, generator=g) * 2
    drawn = [
        render(scenes, atlas, frames=1, height_px=px, width_px=px, start_s=start_s)
        for px in (SIDE, TIMES * SIDE)
    ]
    return drawn[0].pixels_BTHWC[:, 0], drawn[1].pixels_BTHWC[:, 0], scenes.style_B


def spoilt(small: torch.Tensor, seed: int) -> torch.Tensor:
    x = spoil(small.permute(0, 3, 1, 2).float() / 255, torch.Generator().manual_seed(seed))
    return (x * 255).round().to(torch.uint8).permute(0, 2, 3, 1)


def flicker(way: Callable[[Frames], Frames], small: torch.Tensor) -> float:
    """The mean change between enlargements of a still, spoilt afresh for each frame; in levels of 256."""
    still = small[:1].expand(8, -1, -1, -1)
    return float(np.abs(np.diff(way(spoilt(still, 5).numpy()).astype(np.float32), axis=0)).mean())


def seconds(way: Callable[[Frames], Frames], small: torch.Tensor) -> float:
    """Processor time for 16 frames, the best of three: others may be using the machine."""
    frames = small[:1].expand(16, -1, -1, -1).contiguous().numpy()
    took: list[float] = []
    for _ in range(3):
        began = time.process_time()
        way(frames)
        took.append(time.process_time() - began)
    return min(took)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=48)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path)
    o = parser.parse_args()
    torch.set_num_threads(1)
    ways: dict[str, Callable[[Frames], Frames]] = {
        "vitascope": partial(upscale, network=load_upscaler(o.weights)),
        "bicubic": partial(with_pillow, Image.Resampling.BICUBIC),
        "lanczos": partial(with_pillow, Image.Resampling.LANCZOS),
    }
    small, true, style_N = pairs(o.scenes, o.seed)
    style = style_N.numpy()
    inputs = {"clean": small, "spoilt": spoilt(small, 2)}
    if o.base:
        inputs["painted"] = by_base_model(o.base)(small[:, None])[:, 0]

    name = torch.cpu.get_capabilities().get("cpu_name", "") or platform.processor()
    print(f"{name}, {os.cpu_count()} cores, 1 thread, torch {torch.__version__}; {o.scenes} held-out scenes")
    found: dict[str, dict[str, dict[str, float]]] = {}
    for kind, given in inputs.items():
        drawn = {way: enlarge(given.numpy()) for way, enlarge in ways.items()}
        for look in ("all", *vocab.STYLES):
            rows = np.flatnonzero((style == vocab.STYLES.index(look)) if look != "all" else style >= 0)
            if len(rows):
                line = {way: scores(pixels[rows], true.numpy()[rows]) for way, pixels in drawn.items()}
                found[f"{kind} / {look}"] = line
                _print(f"{kind} / {look} ({len(rows)})", line)
        if o.sheet:
            _sheet(o.sheet.with_stem(f"{o.sheet.stem}-{kind}"), given.numpy(), drawn, true.numpy())
    cost = {way: {"s_16_frames": seconds(f, small), "flicker": flicker(f, small)} for way, f in ways.items()}
    _print("cost", cost)
    for kind in inputs:
        ours, peer = found[f"{kind} / all"]["vitascope"], found[f"{kind} / all"]["bicubic"]
        gain_db, edges = ours["psnr_db"] - peer["psnr_db"], ours["edges"] / peer["edges"]
        print(f"{kind}: {gain_db:+.2f} dB on bicubic, edges {edges:.2f} times as steep")
    slower = cost["vitascope"]["s_16_frames"] / cost["bicubic"]["s_16_frames"]
    print(f"{slower:.0f} times as long as bicubic")
    if o.json:
        report = {"machine": name, "scenes": o.scenes, "scores": found, "cost": cost}
        o.json.write_text(json.dumps(report, indent=1))


def _print(title: str, line: dict[str, dict[str, float]]) -> None:
    cells = (f"{way}: " + " ".join(f"{k} {v:.3g}" for k, v in s.items()) for way, s in line.items())
    print(f"{title:26}" + " | ".join(cells))


def _sheet(path: Path, small: Frames, drawn: dict[str, Frames], true: Frames) -> None:
    """Eight scenes, one a row: what was given (square pixels), bicubic, ours, the truth."""
    given = small.repeat(TIMES, 1).repeat(TIMES, 2)
    columns = [pictures[:8] for pictures in (given, drawn["bicubic"], drawn["vitascope"], true)]
    Image.fromarray(np.concatenate(np.concatenate(columns, 2), 0)).save(path)


if __name__ == "__main__":
    main()
