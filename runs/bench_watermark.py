"""What the watermark survives, what it costs, and how often it is seen where there is none.

    python runs/bench_watermark.py [--frames 24] [--height 360] [--clips NAME ...] [--unmarked 1000]

Pictures of scikit-image (`pip install scikit-image`, for this script only) under a moving camera, FFmpeg's
own test sources, and the filler "toy". Each clip is marked, written as H.264 (libx264, medium), harmed,
written again where it says so, and read blindly. Printed: PSNR of the marked frames (RGB), the size of the
file beside the unmarked one's at crf 23, and for each harm the strength that was read, or "-" where the 32
bits didn't come back. Then the false positives: single unmarked frames, each a cut-out of a picture at its
own place and size, every one of them searched at all places and sizes.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.filter import Graph
from skimage import data

from vitascope.canvas import Canvas
from vitascope.engine import FillSettings
from vitascope.engine.toy import ToyFiller
from vitascope.evaluate.tables import markdown
from vitascope.media.watermark import read_watermark, watermarked

Clip = list[np.ndarray]
MESSAGE = 0xDEADBEEF
PICTURES = ("astronaut", "coffee", "chelsea", "rocket", "brick")
SOURCES = {"testsrc2": "testsrc2=size={w}x{h}:rate=24", "mandelbrot": "mandelbrot=size={w}x{h}:rate=24"}


def panned(name: str, frames: int, height_px: int) -> Clip:
    """A photograph under a camera that goes 2 px a frame, down and to the right."""
    picture = getattr(data, name)()
    picture = picture[..., :3] if picture.ndim == 3 else np.stack([picture] * 3, -1)
    width_px, way_px = height_px * 16 // 9, 2 * frames
    scale = max((height_px + way_px) / picture.shape[0], (width_px + way_px) / picture.shape[1])
    picture = cv2.resize(
        picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    return [
        np.ascontiguousarray(picture[at : at + height_px, at : at + width_px]) for at in range(0, way_px, 2)
    ]


def drawn(source: str, frames: int, height_px: int) -> Clip:
    """Frames of an FFmpeg source."""
    graph = Graph()
    name, _, arguments = source.format(w=height_px * 16 // 9, h=height_px).partition("=")
    graph.link_nodes(
        graph.add(name, arguments), graph.add("format", "rgb24"), graph.add("buffersink")
    ).configure()
    return [graph.vpull().to_ndarray(format="rgb24") for _ in range(frames)]


def painted(frames: int, height_px: int) -> Clip:
    """A smooth gradient, the hardest ground to hide anything in."""
    canvas = Canvas.blank(frames, height_px, height_px * 16 // 9, 24)
    return list(ToyFiller().fill([canvas], FillSettings(), lambda _: None)[0].pixels)


def clip(name: str, frames: int, height_px: int) -> Clip:
    """One of the named clips."""
    if name in PICTURES:
        return panned(name, frames, height_px)
    return painted(frames, height_px) if name == "toy" else drawn(SOURCES[name], frames, height_px)


def h264(frames: Clip, crf: int) -> tuple[Clip, int]:
    """The frames after H.264, and how many bytes they took."""
    file = io.BytesIO()
    height_px, width_px = (side - side % 2 for side in frames[0].shape[:2])
    with av.open(file, "w", format="mp4") as output:
        stream: Any = output.add_stream("libx264", rate=24, options={"crf": str(crf), "preset": "medium"})
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        for frame in frames:
            cut = np.ascontiguousarray(frame[:height_px, :width_px])
            output.mux(stream.encode(av.VideoFrame.from_ndarray(cut, format="rgb24")))
        output.mux(stream.encode(None))
    size = file.tell()
    file.seek(0)
    with av.open(file) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)], size


def resized(frames: Clip, share: float) -> Clip:
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return [cv2.resize(frame, None, fx=share, fy=share, interpolation=how) for frame in frames]


def cropped(frames: Clip, share: float) -> Clip:
    """A cut-out of this share of each side, off the middle and off every grid."""
    height_px, width_px = frames[0].shape[:2]
    top, left = int(height_px * (1 - share) * 0.37), int(width_px * (1 - share) * 0.61)
    return [
        frame[top : top + int(height_px * share), left : left + int(width_px * share)] for frame in frames
    ]


def brighter(frames: Clip) -> Clip:
    return [np.clip(frame * 1.2 + 15, 0, 255).astype(np.uint8) for frame in frames]


HARMS: dict[str, Callable[[Clip, Clip], Clip]] = {  # of the marked frames, and of them after crf 23
    "crf 18": lambda marked, _: h264(marked, 18)[0],
    "crf 23": lambda _, seen: seen,
    "crf 28": lambda marked, _: h264(marked, 28)[0],
    "crf 23 twice": lambda _, seen: h264(seen, 23)[0],
    "50 %, crf 23": lambda _, seen: h264(resized(seen, 0.5), 23)[0],
    "75 %, crf 23": lambda _, seen: h264(resized(seen, 0.75), 23)[0],
    "150 %, crf 23": lambda _, seen: h264(resized(seen, 1.5), 23)[0],
    "crop 90 %, crf 23": lambda _, seen: h264(cropped(seen, 0.9), 23)[0],
    "crop 60 %, crf 23": lambda _, seen: h264(cropped(seen, 0.6), 23)[0],
    "brighter": lambda _, seen: brighter(seen),
}


def row(name: str, frames: Clip) -> dict[str, Any]:
    """What one clip survives."""
    marked = list(watermarked(frames, MESSAGE))
    error = np.mean([np.mean((a.astype(np.float32) - b) ** 2) for a, b in zip(frames, marked, strict=True)])
    seen, size = h264(marked, 23)
    found: dict[str, Any] = {
        "clip": name,
        "PSNR, dB": round(float(10 * np.log10(255**2 / error)), 1),
        "size": round(size / h264(frames, 23)[1], 2),
    }
    for harm, harmed in HARMS.items():
        mark = read_watermark(harmed(marked, seen))
        found[harm] = f"{mark.strength:.1f}" if mark and mark.message == MESSAGE else "-"
    return found


def false_positives(count: int, height_px: int) -> int:
    """How many of so many unmarked frames are read as marked."""
    drawn_at = np.random.default_rng(0)
    seen, began_s = 0, time.monotonic()
    for number in range(count):
        whole = panned(PICTURES[number % len(PICTURES)], 1, round(height_px * drawn_at.uniform(1.1, 3)))[0]
        top, left = (
            int(drawn_at.integers(0, side - own + 1))
            for side, own in zip(whole.shape[:2], (height_px, height_px * 16 // 9), strict=True)
        )
        frame = whole[top : top + height_px, left : left + height_px * 16 // 9]
        seen += read_watermark([np.ascontiguousarray(frame[:, :: -1 if number % 2 else 1])]) is not None
        if number % 100 == 99:
            print(
                f"{number + 1} unmarked frames, {seen} read as marked, {time.monotonic() - began_s:.0f} s",
                flush=True,
            )
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*PICTURES, *SOURCES, "toy"]
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--height", type=int, default=360)
    parser.add_argument("--clips", nargs="*", default=names, choices=names)
    parser.add_argument("--unmarked", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name in asked.clips:
        rows.append(row(name, clip(name, asked.frames, asked.height)))
        print(rows[-1], flush=True)
    print(markdown(rows))
    wrong = false_positives(asked.unmarked, asked.height)
    print(f"False positives: {wrong} of {asked.unmarked} unmarked frames.")
    if asked.json:
        asked.json.write_text(
            json.dumps({"clips": rows, "unmarked": asked.unmarked, "wrong": wrong}, indent=2)
        )


if __name__ == "__main__":
    main()
