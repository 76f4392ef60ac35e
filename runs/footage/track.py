"""How far tracks drift from the truth, beside plain Lucas-Kanade that is never held to its first look.

    python runs/footage/track.py [--width 640] [--frames 60] [--clips 4] [--json FILE]

Photographs filmed with known motion (known_motion.py): four corners, a box and a plane are marked in the
first frame of each. "off" is how far the worst corner of a mark is from the truth, in pixels: the median and
the 95th percentile over the frames in which its middle is in sight, and the median at the last frame. "lost"
are marks that end more than 5 px off. "said" is the share of frames in which hidden is said to be hidden (its
middle behind the occluder), "false" of those in sight that are said to be hidden. Times are of one thread.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from known_motion import PHOTOS, Film, Wear, carried, film, motions
from machine import machine_name
from numpy.typing import NDArray

from vitascope.evaluate.tables import markdown
from vitascope.footage import unheard
from vitascope.footage.lucas_kanade import LucasKanade
from vitascope.footage.track import follow
from vitascope.footage.trackers import Following, Mark, Seen, Tracker
from vitascope.footage.warps import fitted

WEARS = {
    "clean": Wear(noise=2),
    "light and blur": Wear(noise=4, light=True, blur_px=7),
    "occluder": Wear(noise=4, light=True, blur_px=7, occluder=True),
}
LOST_PX = 5.0


class Plain:
    """Lucas-Kanade from frame to frame, and no more: a mark goes where its corner points are led."""

    def start(self, frame: NDArray[np.uint8], marks: Sequence[Mark]) -> Following:
        return _Led(frame, marks)


class _Led:
    def __init__(self, frame: NDArray[np.uint8], marks: Sequence[Mark]) -> None:
        self._grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        self._marks = list(marks)
        self._corners = [mark.corners_px - 0.5 for mark in marks]
        self._points = [self._within(mark) for mark in marks]

    def _within(self, mark: Mark) -> NDArray[np.float32]:
        corners = mark.corners_px - 0.5
        if mark.kind == "point":
            return corners.astype(np.float32)
        within = np.zeros_like(self._grey)
        cv2.fillConvexPoly(within, corners.round().astype(np.int32), 255)
        return cv2.goodFeaturesToTrack(self._grey, 150, 0.01, 4, mask=within)[:, 0]

    def see(self, frame: NDArray[np.uint8]) -> list[Seen]:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        seen: list[Seen] = []
        for number, mark in enumerate(self._marks):
            old = self._points[number]
            new, ok, _ = cv2.calcOpticalFlowPyrLK(
                self._grey, grey, old[:, None], None, winSize=(21, 21), maxLevel=4
            )
            new, ok = new[:, 0], ok[:, 0] > 0
            if mark.kind == "point":
                self._corners[number] = np.asarray(new, np.float64)
                self._points[number] = new
            else:
                model = "similarity" if mark.kind == "box" else "homography"
                fit = fitted(model, old[ok].astype(np.float64), new[ok].astype(np.float64))
                if fit is not None:
                    self._corners[number] = carried(fit[0], self._corners[number])
                    self._points[number] = new[ok][fit[1]]
            seen.append(Seen(self._corners[number] + 0.5, 1.0, True))
        self._grey = grey
        return seen


def marks_for(clip: Film) -> list[Mark]:
    """Four corner points, a box and a plane in the middle of the first frame."""
    size = np.array([clip.footage.width_px, clip.footage.height_px])
    grey = cv2.cvtColor(next(iter(clip.footage)), cv2.COLOR_RGB2GRAY)
    corners = cv2.goodFeaturesToTrack(grey, 400, 0.05, size[0] / 25)[:, 0] + 0.5
    wanted = size * np.array([[0.35, 0.4], [0.5, 0.5], [0.65, 0.6], [0.4, 0.65]])
    near = [corners[np.argmin(((corners - place) ** 2).sum(1))] for place in wanted]
    box = size * np.array([[0.4, 0.35], [0.62, 0.35], [0.62, 0.7], [0.4, 0.7]])
    plane = size * np.array([[0.28, 0.25], [0.72, 0.28], [0.75, 0.75], [0.26, 0.8]])
    points = [Mark(kind="point", corners_px=np.asarray(each, np.float64)[None]) for each in near]
    return [*points, Mark(kind="box", corners_px=box), Mark(kind="plane", corners_px=plane)]


@dataclass(frozen=True)
class Row:
    """Of one mark in one clip, for each frame: how far off it is, whether its middle is hidden (1; 0: in
    sight; -1: out of the frame), and whether it is said to be out of sight.
    """

    kind: str
    off_px: list[float]
    hidden: list[int]
    said: list[bool]
    spent_ms: float


def measured(clip: Film, tracker: Tracker) -> list[Row]:
    """What a tracker makes of a clip."""
    marks = marks_for(clip)
    began_s = time.process_time()
    seen = follow(clip.footage, marks, 0, tracker, unheard)
    spent_ms = 1000 * (time.process_time() - began_s) / len(seen) / len(marks)
    rows: list[Row] = []
    for number, mark in enumerate(marks):
        true = [carried(warp, mark.corners_px) for warp in clip.warps]
        found = [each[number].corners_px for each in seen]
        off = [float(np.linalg.norm(a - b, axis=1).max()) for a, b in zip(found, true, strict=True)]
        hidden: list[int] = []
        for frame, place in enumerate(true):
            x, y = np.floor(place.mean(0)).astype(int)
            there = 0 <= x < clip.footage.width_px and 0 <= y < clip.footage.height_px
            hidden.append(int(clip.hidden[frame, y, x]) if there else -1)
        rows.append(Row(mark.kind, off, hidden, [not each[number].visible for each in seen], spent_ms))
    return rows


def summary(name: str, wear: str, kind: str, rows: list[Row]) -> dict[str, object]:
    """A line of the table."""
    own = [row for row in rows if row.kind == kind]
    off, hidden, said = (
        np.array([value for row in own for value in getattr(row, each)])
        for each in ("off_px", "hidden", "said")
    )
    last = np.array([row.off_px[-1] for row in own])
    return {
        "wear": wear,
        "mark": kind,
        "tracker": name,
        "off, px": float(np.median(off[hidden == 0])),
        "95 %": float(np.percentile(off[hidden == 0], 95)),
        "at the end": float(np.median(last)),
        "lost": f"{int((last > LOST_PX).sum())} of {len(last)}",
        "said": f"{100 * said[hidden == 1].mean():.0f} %" if (hidden == 1).any() else "-",
        "false": f"{100 * said[hidden == 0].mean():.1f} %",
        "ms a mark and frame": float(np.mean([row.spent_ms for row in own])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--clips", type=int, default=4, help="photographs, of four")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    size = (options.width, options.width * 9 // 16)
    table: list[dict[str, object]] = []
    for wear, how in WEARS.items():
        rows: dict[str, list[Row]] = {"plain": [], "ours": []}
        for seed, photo in enumerate(PHOTOS[: options.clips]):
            for kind in ("pan", "turn", "tilt", "shake"):
                clip = film(photo, motions(kind, options.frames, size, seed), size, how, seed)
                rows["plain"] += measured(clip, Plain())
                rows["ours"] += measured(clip, LucasKanade())
        table += [
            summary(name, wear, kind, rows[name]) for kind in ("point", "box", "plane") for name in rows
        ]
    print(f"{machine_name()}, one thread; {size[0]}x{size[1]}, {options.frames} frames\n")
    print(markdown(table))
    if options.json:
        options.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
