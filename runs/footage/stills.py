"""How evenly the stills filler moves a picture, what a frame costs, and what memory a long clip takes.

    python runs/footage/stills.py [--size 1920x1080] [--seconds 10 60] [--json FILE]

Evenness: a pan of one pixel in a second at 60 fps over soft noise, against FFmpeg's zoompan doing the same.
The way of each frame is measured by the slope of the phases of its spectrum. Printed is how far it strays
from an even way at most, how much the steps between frames differ (standard deviation), and how much the
sharpness changes. Cost: processor seconds with one thread, for taking a picture apart and for each frame.
Memory: the most that a process of its own takes, that streams so many seconds at 60 fps and keeps nothing.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.filter
import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, fit_picture, parse_size
from vitascope.engine import FillSettings, stream
from vitascope.engine.stills.drawing import Easel
from vitascope.engine.stills.filler import StillsFiller
from vitascope.engine.stills.layers import scene_of
from vitascope.engine.stills.paths import View
from vitascope.evaluate.tables import markdown
from vitascope.tasks import image_to_video

Picture = NDArray[np.uint8]
RATE_FPS, PAN_FRAMES = 60, 60
MOVES = ("push in", "orbit", "pan left", "floating, light sweep")


def noise(width_px: int, height_px: int) -> Picture:
    """Soft noise: its spectrum ends well before the finest that pixels can show, as a lens's does."""
    plane = np.random.default_rng(0).normal(0, 1, (height_px, width_px, 3))
    return np.clip(128 + 150 * np.asarray(cv2.GaussianBlur(plane, (0, 0), 1.6)), 0, 255).astype(np.uint8)


def photo(width_px: int, height_px: int) -> Picture:
    """scikit-image's cup of coffee, that has a subject."""
    from skimage import data

    return fit_picture(np.asarray(data.coffee(), np.uint8), width_px, height_px)


def ours(picture: Picture) -> Iterator[Picture]:
    easel = Easel(scene_of(picture, flat=True))
    for number in range(PAN_FRAMES + 1):
        yield easel.draw(View(right_px=number / PAN_FRAMES))


def zoompan(picture: Picture) -> Iterator[Picture]:
    """FFmpeg's filter for moves over stills: a quarter nearer, for else it can't move."""
    height, width = picture.shape[:2]
    graph = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format="rgb24", time_base=Fraction(1, RATE_FPS))
    how = f"z=1.25:x='10+on/{PAN_FRAMES}':y=10:d={PAN_FRAMES + 1}:s={width}x{height}:fps={RATE_FPS}"
    moved, sink = graph.add("zoompan", how), graph.add("buffersink")
    source.link_to(moved)
    moved.link_to(sink)
    graph.configure()
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = 0, Fraction(1, RATE_FPS)
    graph.push(frame)
    for _ in range(PAN_FRAMES + 1):
        yield graph.pull().to_ndarray(format="rgb24")


def shift(first: Picture, second: Picture) -> float:
    """How far the second's upper third, which is all at one depth, is to the right of the first's, in px."""
    height, width = first.shape[0] // 3, first.shape[1]
    window = np.outer(np.hanning(height), np.hanning(width))
    planes = [(each[:height].mean(-1) - each[:height].mean()) * window for each in (first, second)]
    spectra = [np.fft.fft2(plane) for plane in planes]
    cross = spectra[0] * spectra[1].conj()
    down, right = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    there = (np.abs(right) < 0.15) & (np.abs(down) < 0.15)
    weight, right = np.abs(cross)[there], right[there]
    return float((weight * right * np.angle(cross)[there]).sum() / (2 * np.pi * (weight * right**2).sum()))


def evenness(way: str, frames: Iterator[Picture]) -> dict[str, object]:
    first = next(frames).copy()
    gone, sharp = [0.0], [_sharpness(first)]
    for frame in frames:
        gone.append(shift(first, frame))
        sharp.append(_sharpness(frame))
    places = np.array(gone)
    stray = places - np.linspace(0, places[-1], len(places))
    return {
        "way": way,
        "in 60 frames, px": f"{abs(places[-1]):.3f}",
        "strays at most, px": f"{np.abs(stray).max():.3f}",
        "steps differ by, px": f"{np.diff(places).std():.4f}",
        "sharpness changes by, %": f"{100 * (1 - min(sharp) / max(sharp)):.1f}",
    }


def _sharpness(frame: Picture) -> float:
    return float(cv2.Laplacian(frame[: len(frame) // 3], cv2.CV_64F).std())


def costs(width_px: int, height_px: int) -> Iterator[dict[str, object]]:
    picture = photo(width_px, height_px)
    began = time.process_time()
    scene_of(picture)
    yield {"what": "taking a picture apart, once", "s": f"{time.process_time() - began:.2f}"}
    for move in MOVES:
        canvas = image_to_video(picture, move, duration_s=2, rate_fps=RATE_FPS)
        frames = StillsFiller().frames(canvas, FillSettings(), lambda progress: None)
        next(frames), next(frames)
        began, count = time.process_time(), 0
        for _ in frames:
            count += 1
        yield {"what": f'a frame of "{move}"', "s": f"{(time.process_time() - began) / count:.4f}"}


def _stream(width_px: int, height_px: int, seconds: int) -> None:
    """Streams a clip and prints the most memory taken, in MB, and how long it took."""
    began, count = time.monotonic(), 0
    canvas: Canvas = image_to_video(
        photo(width_px, height_px), "push in", duration_s=seconds, rate_fps=RATE_FPS
    )
    for chunk in stream(canvas, "stills"):
        count += len(chunk)
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"frames": count, "MB": round(most_mb), "s": round(time.monotonic() - began, 1)}))


def memory(size: str, seconds: int) -> dict[str, object]:
    command = [sys.executable, __file__, "--size", size, "--seconds", str(seconds), "--alone"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {"seconds": seconds, **json.loads(said)}


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.processor())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 60])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    o = parser.parse_args()
    cv2.setNumThreads(1)
    width_px, height_px = parse_size(o.size)
    if o.alone:
        _stream(width_px, height_px, o.seconds[0])
        return
    print(f"{_machine()}, 1 thread, OpenCV {cv2.__version__}; {width_px}x{height_px}\n")
    plain = noise(width_px, height_px)
    even = [evenness(name, way(plain)) for name, way in (("stills", ours), ("FFmpeg's zoompan", zoompan))]
    print(markdown(even))
    cost = list(costs(width_px, height_px))
    print(markdown(cost))
    taken = [memory(o.size, seconds) for seconds in o.seconds]
    print(markdown(taken))
    if o.json:
        found = {"machine": _machine(), "size": o.size, "evenness": even, "cost": cost, "memory": taken}
        o.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
