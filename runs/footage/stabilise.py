"""How much shaking is left, beside FFmpeg's deshake filter, and how near locked frames come to the truth.

    python runs/footage/stabilise.py [--width 640] [--frames 90] [--clips 4] [--json FILE]

Photographs filmed by a hand that shakes, with known motion (known_motion.py) and noise. "jitter" is measured
alike for all of them, in the frames that come out: the middle of each is registered to the next (ECC, shift
and turn), and printed is how far, on the mean, a place is off the line between where it was and where it will
be. "known" is the same by the truth and the corrections that were made. "PSNR" is of locked frames against
those of a camera that stood still, where something was filmed; the bound is what painting the frames anew by
the true motion gives. Times are of one thread.
"""

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import av.filter
import cv2
import numpy as np
from known_motion import PHOTOS, RATE_FPS, Film, Warp, Wear, carried, film, motions
from machine import machine_name
from numpy.typing import NDArray

from vitascope.evaluate.tables import markdown
from vitascope.footage import Frame, Made, unheard
from vitascope.footage.camera_path import frame_corners
from vitascope.footage.stabilise import Stabilise

WAYS: dict[str, dict[str, str | float]] = {
    "smooth": {},
    "smooth, homography": {"motion": "homography"},
    "locked, mirror": {"mode": "locked", "border": "mirror"},
}


def deshaken(clip: Film) -> Iterator[Frame]:
    """By FFmpeg's filter as it comes."""
    footage = clip.footage
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=footage.width_px, height=footage.height_px, format="yuv420p", time_base=1 / RATE_FPS
    )
    shake, sink = graph.add("deshake"), graph.add("buffersink")
    source.link_to(shake)
    shake.link_to(sink)
    graph.configure()
    for number, frame in enumerate(footage):
        picture = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p")
        picture.pts = number
        graph.push(picture)
        yield graph.pull().to_ndarray(format="rgb24")


def jitter_px(frames: Iterable[Frame]) -> float:
    """How far a place is off the line between where it was and where it will be, on the mean, by ECC."""
    places: list[NDArray[np.float64]] = []
    before: NDArray[np.uint8] | None = None
    path = np.eye(3)
    for frame in frames:
        grey = cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (5, 5), 0)
        height, width = grey.shape
        middle = grey[height // 8 : -height // 8, width // 8 : -width // 8]
        if before is not None:
            start = np.eye(2, 3, dtype=np.float32)
            ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 200, 1e-7)
            window = cv2.createHanningWindow(middle.shape[::-1], cv2.CV_32F)
            start[:, 2] = cv2.phaseCorrelate(before.astype(np.float32), middle.astype(np.float32), window)[0]
            _, warp = cv2.findTransformECC(before, middle, start, cv2.MOTION_EUCLIDEAN, ends)
            path = np.vstack([warp, [0, 0, 1]]) @ path
        before = middle
        size = np.array([middle.shape[1], middle.shape[0]])
        places.append(
            carried(path, size * np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]))
        )
    return off_the_line(np.array(places))


def off_the_line(places: NDArray[np.float64]) -> float:
    """Of places [T, N, 2]."""
    return float(np.sqrt((np.diff(places, 2, axis=0) ** 2).sum(2).mean()) / 2)


def known_jitter_px(clip: Film, tool: Stabilise) -> float:
    """By the truth and the corrections, without what the result is magnified by."""
    width, height = clip.footage.width_px, clip.footage.height_px
    quads, _ = tool.corrections(clip.footage, unheard)
    corners = frame_corners(width, height).astype(np.float32)
    spots = np.array([[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]]) * (width, height)
    places: list[NDArray[np.float64]] = []
    for warp, quad in zip(clip.warps, quads, strict=True):
        made: Warp = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
        places.append(carried(made, carried(warp, spots) - 0.5))
    return off_the_line(np.array(places))


def locked_psnr(photo: str, clip: Film, seed: int) -> tuple[float, float]:
    """dB of locked frames, and of the true motion undone, against the noiseless first frame."""
    footage = clip.footage
    size = (footage.width_px, footage.height_px)
    truth = next(iter(film(photo, [np.eye(3)], size, Wear(noise=0), seed).footage)).astype(np.float32)
    ours, best = [], []
    made = Stabilise(mode="locked", border="blank").make(footage, unheard, {})
    assert isinstance(made, Made)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    for warp, frame, shaken in zip(clip.warps, made.frames, footage, strict=True):
        known = frame[..., 3] == 255
        back = np.linalg.inv(half) @ np.linalg.inv(warp) @ half
        undone = cv2.warpPerspective(shaken, back, size, flags=cv2.INTER_CUBIC)
        for errors, picture in ((ours, frame[..., :3]), (best, undone)):
            errors.append(float(((picture.astype(np.float32) - truth)[known] ** 2).mean()))
    return tuple(float(10 * np.log10(255**2 / np.mean(errors))) for errors in (ours, best))  # pyright: ignore


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--frames", type=int, default=90)
    parser.add_argument("--clips", type=int, default=4, help="photographs, of four")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    size = (options.width, options.width * 9 // 16)
    found: dict[str, list[tuple[float, float | None, float]]] = {}
    locked: list[tuple[float, float]] = []
    for seed, photo in enumerate(PHOTOS[: options.clips]):
        clip = film(photo, motions("shake", options.frames, size, seed), size, Wear(noise=3), seed)
        places = np.array([carried(warp, np.array([[size[0] / 2, size[1] / 2]])) for warp in clip.warps])
        found.setdefault("as filmed", []).append((jitter_px(clip.footage), off_the_line(places), 0.0))
        began_s = time.process_time()
        steady = list(deshaken(clip))
        spent_ms = 1000 * (time.process_time() - began_s) / options.frames
        found.setdefault("FFmpeg's deshake", []).append((jitter_px(steady), None, spent_ms))
        for name, asked in WAYS.items():
            tool = Stabilise(**asked)  # pyright: ignore
            began_s = time.process_time()
            made = tool.make(clip.footage, unheard, {})
            assert isinstance(made, Made)
            steady = [frame.copy() for frame in made.frames]
            spent_ms = 1000 * (time.process_time() - began_s) / options.frames
            found.setdefault(name, []).append((jitter_px(steady), known_jitter_px(clip, tool), spent_ms))
        locked.append(locked_psnr(photo, clip, seed))
    table = [
        {
            "way": name,
            "jitter, px": float(np.mean([row[0] for row in rows])),
            "known, px": None if rows[0][1] is None else float(np.mean([row[1] for row in rows])),
            "ms a frame": float(np.mean([row[2] for row in rows])),
        }
        for name, rows in found.items()
    ]
    ours_db, best_db = (float(np.mean(each)) for each in zip(*locked, strict=True))
    print(f"{machine_name()}, one thread; {size[0]}x{size[1]}, {options.frames} frames\n")
    print(markdown(table))
    print(f"locked against the truth: {ours_db:.2f} dB; by the true motion: {best_db:.2f} dB")
    if options.json:
        record = {"table": table, "locked_db": ours_db, "true_motion_db": best_db}
        options.json.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
