"""How well a marked subject is cut out and followed, how still its edge is, and what a frame costs.

    python runs/footage/matte.py [--size 640x360] [--frames 48] [--json FILE]

Truth: cut-outs of scikit-image's photos, turned and scaled, go over other photos that are panned; in two
clips something passes in front, in one the subject leaves. Noise of two levels lies over all. Ours is given
a box around it in the first frame, once; the baseline, GrabCut by OpenCV, is given such a box in every
frame. Overlap: intersection over union of what is more than half there, the mean over frames and the worst.
Alpha error: mean absolute difference, in thousandths. Flicker: mean absolute change of alpha from one frame
to the next, after undoing the subject's known motion, where the truth doesn't change, in thousandths. Cost:
processor milliseconds a frame, one thread. Then for people, and for `steady`: the astronaut stands still
under noise of four levels, and alpha shouldn't change at all.
"""

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from vitascope.canvas import parse_size
from vitascope.evaluate.tables import markdown
from vitascope.footage import Footage, unheard
from vitascope.footage.matte import Matte

Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Scene:
    subject: str
    back: str
    bar: bool = False
    leaves: bool = False

    @property
    def name(self) -> str:
        return f"{self.subject} over {self.back}" + ", hidden" * self.bar + ", leaves" * self.leaves


SCENES = (
    Scene("chelsea", "rocket"),
    Scene("coffee", "chelsea"),
    Scene("astronaut", "coffee"),
    Scene("chelsea", "astronaut"),
    Scene("rocket", "coffee"),
    Scene("chelsea", "rocket", bar=True),
    Scene("astronaut", "coffee", bar=True),
    Scene("chelsea", "rocket", leaves=True),
)


@dataclass(frozen=True)
class Shot:
    """A frame, the subject's true alpha, and the matrix that put it there."""

    frame: Picture
    alpha: Plane
    matrix: NDArray[np.float64]


def blob(side_px: int) -> Plane:
    """An outline without a meaning, four pixels soft."""
    rng = np.random.default_rng(0)
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = 1 + sum(rng.uniform(-0.18, 0.18) * np.cos(k * angle + rng.uniform(0, 6)) for k in range(2, 6))
    points = np.stack([np.cos(angle), np.sin(angle)], 1) * (radius / radius.max())[:, None] * 0.47 + 0.5
    plane = np.zeros((side_px * 4, side_px * 4), np.uint8)
    cv2.fillPoly(plane, [np.rint(points * side_px * 4).astype(np.int32)], 255)
    small = cv2.resize(plane, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 1.3), np.float32) / 255


def film(scene: Scene, size_px: tuple[int, int], count: int) -> Iterator[Shot]:
    width_px, height_px = size_px
    side_px = int(height_px * 0.6)
    photo = np.asarray(getattr(data, scene.subject)(), np.uint8)
    square = min(photo.shape[:2])
    top, left = (photo.shape[0] - square) // 2, (photo.shape[1] - square) // 2
    subject = photo[top : top + square, left : left + square]
    subject = cv2.resize(subject, (side_px, side_px), interpolation=cv2.INTER_AREA)
    plane = blob(side_px)
    back = np.asarray(getattr(data, scene.back)(), np.uint8)
    scale = 1.4 * max(width_px / back.shape[1], height_px / back.shape[0])
    back = cv2.resize(back, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(0)
    for index in range(count):
        part = index / (count - 1)
        x = 0.3 + (1.1 * np.sin(np.pi * part) if scene.leaves else 0.4 * part)
        y = 0.5 + 0.1 * np.sin(2 * np.pi * part * 1.7)
        turn, zoom = 12 * np.sin(2 * np.pi * part * 1.3), 1 + 0.15 * np.sin(2 * np.pi * part)
        matrix = cv2.getRotationMatrix2D((side_px / 2, side_px / 2), turn, zoom)
        matrix[:, 2] += (x * width_px - side_px / 2, y * height_px - side_px / 2)
        seen = cv2.warpAffine(subject, matrix, size_px, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
        alpha = np.asarray(cv2.warpAffine(plane, matrix, size_px), np.float32)
        right = (back.shape[1] - width_px) * (0.2 + 0.5 * part)
        down = (back.shape[0] - height_px) * (0.6 - 0.4 * part)
        pan = np.array([[1, 0, -right], [0, 1, -down]])
        behind = cv2.warpAffine(back, pan, size_px, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
        if scene.bar:
            far = np.abs(np.arange(width_px) - width_px * (0.75 - 0.55 * part))
            bar = np.clip(width_px / 27 - far, 0, 1).astype(np.float32)[None, :]
            alpha = alpha * (1 - bar)
            behind = behind * (1 - bar[..., None]) + bar[..., None] * np.array([40, 90, 60], np.float32)
        mixed = seen * alpha[..., None] + behind * (1 - alpha[..., None])
        mixed += rng.normal(0, 2, (height_px, width_px, 1))
        yield Shot(np.clip(np.rint(mixed), 0, 255).astype(np.uint8), alpha, matrix)


def box(alpha: Plane) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) around what is more than half there, two per cent of the width larger."""
    rows, columns = (np.flatnonzero((alpha > 0.5).any(axis=axis)) for axis in (1, 0))
    if len(rows) < 8 or len(columns) < 8:
        return None
    room = alpha.shape[1] // 50
    ends = min(alpha.shape[1] - 1, columns[-1] + room), min(alpha.shape[0] - 1, rows[-1] + room)
    return max(0, int(columns[0]) - room), max(0, int(rows[0]) - room), int(ends[0]), int(ends[1])


def ours(shots: list[Shot]) -> list[Plane]:
    height_px, width_px = shots[0].alpha.shape
    corners = box(shots[0].alpha)
    assert corners is not None
    shares = np.array(corners) / (width_px, height_px, width_px, height_px)
    mark = "rect:" + ",".join(f"{share:.5f}" for share in shares)
    clip = Footage(
        frames=[shot.frame for shot in shots],
        width_px=width_px,
        height_px=height_px,
        rate_fps=Fraction(24),
        count=len(shots),
    )
    return [cut.alpha.copy() for cut in Matte(subject=(mark,)).cut_outs(clip, unheard)]


def grabcut(shots: list[Shot]) -> list[Plane]:
    planes: list[Plane] = []
    for shot in shots:
        said = np.zeros(shot.alpha.shape, np.uint8)
        corners = box(shot.alpha)
        if corners is not None:
            left, top, right, bottom = corners
            cv2.setRNGSeed(0)
            where, models = (left, top, right - left, bottom - top), np.zeros((2, 1, 65))
            cv2.grabCut(shot.frame, said, where, models[0], models[1], 5, cv2.GC_INIT_WITH_RECT)
        planes.append(np.isin(said, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32))
    return planes


def overlaps(found: list[Plane], shots: list[Shot]) -> list[float]:
    values: list[float] = []
    for alpha, shot in zip(found, shots, strict=True):
        one, other = alpha > 0.5, shot.alpha > 0.5
        union = int((one | other).sum())
        values.append(float((one & other).sum() / union) if union else 1.0)
    return values


def flicker(found: list[Plane], shots: list[Shot]) -> float:
    """What alpha changes by, in the subject's own frame, where the truth there stays."""
    values: list[float] = []
    side_px = int(shots[0].alpha.shape[0] * 0.6)
    for first, second in zip(range(len(shots) - 1), range(1, len(shots)), strict=True):
        planes, truths = (
            [
                cv2.warpAffine(
                    plane, shots[at].matrix, (side_px, side_px), flags=cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
                )
                for at, plane in ((first, of[first]), (second, of[second]))
            ]
            for of in (found, [shot.alpha for shot in shots])
        )
        stays = np.abs(truths[0] - truths[1]) < 0.02
        values.append(float(np.abs(planes[0] - planes[1])[stays].mean()))
    return float(np.mean(values))


def measured(scene: Scene, size_px: tuple[int, int], count: int) -> dict[str, float | str]:
    shots = list(film(scene, size_px, count))
    began_s = time.process_time()
    found = ours(shots)
    cost_s = time.process_time() - began_s
    began_s = time.process_time()
    other = grabcut(shots)
    other_s = time.process_time() - began_s
    true = [shot.alpha for shot in shots]

    def error(planes: list[Plane]) -> float:
        return 1000 * float(np.mean([np.abs(a - b).mean() for a, b in zip(planes, true, strict=True)]))

    return {
        "scene": scene.name,
        "overlap": float(np.mean(overlaps(found, shots))),
        "worst": min(overlaps(found, shots)),
        "error": error(found),
        "flicker": 1000 * flicker(found, shots),
        "cost_ms": 1000 * cost_s / count,
        "grabcut_overlap": float(np.mean(overlaps(other, shots))),
        "grabcut_worst": min(overlaps(other, shots)),
        "grabcut_error": error(other),
        "grabcut_flicker": 1000 * flicker(other, shots),
        "grabcut_cost_ms": 1000 * other_s / count,
    }


def people_flicker(steady: float, count: int = 12) -> float:
    """How much alpha changes from frame to frame, in thousandths of the pixels along its edge."""
    rng = np.random.default_rng(0)
    photo = np.asarray(data.astronaut(), np.float32)
    frames = [
        np.clip(np.rint(photo + rng.normal(0, 4, photo.shape)), 0, 255).astype(np.uint8) for _ in range(count)
    ]
    clip = Footage(frames=frames, width_px=512, height_px=512, rate_fps=Fraction(24), count=count)
    planes = [cut.alpha.copy() for cut in Matte(steady=steady).cut_outs(clip, unheard)]
    edge = np.ptp(np.stack(planes), axis=0) > 0
    return 1000 * float(np.mean([np.abs(one - two)[edge].mean() for one, two in pairwise(planes)]))


def _shown(row: dict[str, float | str]) -> dict[str, str]:
    return {
        "scene": str(row["scene"]),
        "overlap (worst)": f"{row['overlap']:.3f} ({row['worst']:.2f})",
        "error": f"{row['error']:.1f}",
        "flicker": f"{row['flicker']:.1f}",
        "ms": f"{row['cost_ms']:.0f}",
        "GrabCut: overlap": f"{row['grabcut_overlap']:.3f} ({row['grabcut_worst']:.2f})",
        "its error": f"{row['grabcut_error']:.1f}",
        "its flicker": f"{row['grabcut_flicker']:.1f}",
        "its ms": f"{row['grabcut_cost_ms']:.0f}",
    }


def machine() -> str:
    listed = subprocess.run(["lscpu"], capture_output=True, text=True, check=False).stdout
    models = [line.partition(":")[2].strip() for line in listed.splitlines() if line.startswith("Model name")]
    return models[0] if models else platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    rows: list[dict[str, float | str]] = []
    for scene in SCENES:
        rows.append(measured(scene, parse_size(asked.size), asked.frames))
        print(f"{scene.name}: overlap {rows[-1]['overlap']:.3f}", file=sys.stderr, flush=True)
    print(f"{machine()}; {asked.size}, {asked.frames} frames\n")
    print(markdown([_shown(row) for row in rows]))
    still = {f"steady {steady:g}": people_flicker(steady) for steady in (0, 0.7, 0.9)}
    print("\npeople, still: flicker " + ", ".join(f"{value:.1f} with {key}" for key, value in still.items()))
    if asked.json:
        asked.json.write_text(
            json.dumps({"machine": machine(), "size": asked.size, "rows": rows, "still": still}, indent=1)
        )


if __name__ == "__main__":
    main()
