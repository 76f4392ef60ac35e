"""How well cuts, dissolves and fades are found in edits whose truth is known, against PySceneDetect as it
comes:

    python runs/footage/scenes.py [--edits 20] [--clip /tmp/footage/bbb.mp4] [--transnet] [--json FILE]

Each edit is some shots in a row: stretches of the clip and pans and zooms over scikit-image's photographs,
joined by hard cuts, dissolves of 6..30 frames and fades over black. Flashes of 1..3 frames and fast pans are
the traps. A cut counts as found within 2 frames, a dissolve or fade where the middles are within half of its
length.
"""

import argparse
import json
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage.data
from machine import machine_name

from vitascope.footage import load_part
from vitascope.media import read_video

WIDTH_PX, HEIGHT_PX, RATE_FPS = 320, 180, Fraction(24)
Frames = list[np.ndarray]
Truth = tuple[str, int, int]


class Shots:
    """Shots to choose from, by chance."""

    def __init__(self, clip: Path | None) -> None:
        self.film: Frames = []
        if clip is not None and clip.is_file():
            self.film = [
                cv2.resize(frame, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
                for frame in read_video(clip)
            ]
        names = ("astronaut", "chelsea", "coffee", "rocket")
        self.photos = [getattr(skimage.data, name)() for name in names]
        self.last = -1

    def draw(self, chance: np.random.Generator) -> Frames:
        """A shot that isn't of what the last one was of."""
        kinds = [kind for kind in range(len(self.photos) + bool(self.film)) if kind != self.last]
        self.last = int(chance.choice(kinds))
        frames = int(chance.integers(40, 80))
        if self.last == len(self.photos):
            start = int(chance.integers(0, len(self.film) - frames))
            shot = self.film[start : start + frames]
        else:
            shot = self._moved(self.photos[self.last], frames, chance)
        return _flashed(shot, chance) if chance.random() < 0.25 else list(shot)

    def _moved(self, photo: np.ndarray, frames: int, chance: np.random.Generator) -> Frames:
        scale = 1.4 * max(WIDTH_PX / photo.shape[1], HEIGHT_PX / photo.shape[0])
        pan_px = float(chance.choice([0, 0.5, 1, 2, 9])) * float(chance.choice([-1, 1]))
        zoom = float(chance.choice([0, 0, 0.002, 0.005]))
        shot: Frames = []
        for number in range(frames):
            size = scale * (1 + zoom * number)
            x = (photo.shape[1] * size - WIDTH_PX) / 2 + pan_px * (number - frames / 2)
            y = (photo.shape[0] * size - HEIGHT_PX) / 2
            move = np.array([[size, 0, -x], [0, size, -y]], np.float32)
            shot.append(cv2.warpAffine(photo, move, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REFLECT))
        return shot


def _flashed(shot: Frames, chance: np.random.Generator) -> Frames:
    frames = list(shot)
    at, length = int(chance.integers(8, len(frames) - 8)), int(chance.integers(1, 4))
    for number in range(at, at + length):
        frames[number] = np.clip(frames[number].astype(int) + 150, 0, 255).astype(np.uint8)
    return frames


def edit(shots: Shots, seed: int) -> tuple[Frames, list[Truth]]:
    """Six shots, and of each join (kind, first frame of the new one, first that is only the new one)."""
    chance = np.random.default_rng(seed)
    frames, truth = shots.draw(chance), list[Truth]()
    for _ in range(5):
        new, kind = shots.draw(chance), chance.choice(["cut", "dissolve", "fade"], p=[0.5, 0.35, 0.15])
        if kind == "cut":
            truth.append(("cut", len(frames), len(frames)))
            frames += new
        elif kind == "dissolve":
            truth.append(_joined(frames, new, int(chance.integers(6, 31)), "dissolve"))
        else:
            black = [np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)] * 36
            truth.append(_joined(frames, black, int(chance.integers(8, 16)), "fade"))
            truth.append(_joined(frames, new, int(chance.integers(8, 16)), "fade"))
    return frames, truth


def _joined(frames: Frames, new: Frames, length: int, kind: str) -> Truth:
    """Blend `new` over the end of `frames`."""
    start = len(frames) - length
    for number in range(length):
        share = (number + 1) / (length + 1)
        frames[start + number] = np.rint(frames[start + number] * (1 - share) + new[number] * share).astype(
            np.uint8
        )
    frames += new[length:]
    return kind, start, start + length


def scored(truth: list[Truth], found: list[tuple[int, int]]) -> dict[str, tuple[int, int, int]]:
    """For cuts and for blends: (found, there are, said wrongly)."""
    rest = list(found)
    result: dict[str, tuple[int, int, int]] = {}
    for gradual in (False, True):
        right = 0
        wanted = [each for each in truth if (each[0] != "cut") == gradual]
        for _, first, alone in wanted:
            near = 2 if not gradual else max(3, (alone - first) / 2 + 1)
            hits = [each for each in rest if abs(sum(each) / 2 - (first + alone) / 2) <= near]
            if hits:
                right += 1
                rest = [each for each in rest if each not in hits[:1]]
        result["blends" if gradual else "cuts"] = right, len(wanted), 0
    right, all_there, _ = result["cuts"]
    result["cuts"] = right, all_there, len(rest)
    return result


def plain_scenedetect(frames: Frames, name: str) -> Iterator[tuple[int, int]]:
    """What PySceneDetect says as it comes, without its scene lengths."""
    from scenedetect import detectors
    from scenedetect.common import FrameTimecode

    detector: Any = getattr(detectors, name)(min_scene_len=1)
    cuts: list[int] = []
    for number, frame in enumerate(frames):
        time_code = FrameTimecode(number, RATE_FPS)
        cuts += [
            at.frame_num for at in detector.process_frame(time_code, np.ascontiguousarray(frame[..., ::-1]))
        ]
    for cut in cuts:
        yield cut, cut


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--edits", type=int, default=20)
    asked.add_argument("--seed", type=int, default=1000)
    asked.add_argument("--clip", type=Path, default=Path("/tmp/footage/bbb.mp4"))
    asked.add_argument("--transnet", action="store_true")
    asked.add_argument("--json", type=Path)
    wishes = asked.parse_args()
    cv2.setNumThreads(1)
    shots = Shots(wishes.clip)

    def ours(name: str) -> Any:
        return lambda frames: [
            (change.first, change.alone) for change in load_part("cut-finder", name).changes(frames, RATE_FPS)
        ]

    finders: dict[str, Any] = {
        "content (ours)": ours("content"),
        "PySceneDetect content": lambda frames: list(plain_scenedetect(frames, "ContentDetector")),
        "PySceneDetect adaptive": lambda frames: list(plain_scenedetect(frames, "AdaptiveDetector")),
    }
    if wishes.transnet:
        finders["transnet"] = ours("transnet")
    totals = {name: np.zeros(6) for name in finders}
    count = 0
    for seed in range(wishes.edits):
        frames, truth = edit(shots, wishes.seed + seed)
        count += len(frames)
        for name, finder in finders.items():
            began_s = time.perf_counter()
            found = finder(frames)
            spent_s = time.perf_counter() - began_s
            score = scored(truth, found)
            totals[name] += [*score["cuts"][:2], *score["blends"][:2], score["cuts"][2], spent_s]
    rows = [
        {
            "finder": name,
            "cuts found": f"{total[0]:.0f} of {total[1]:.0f}",
            "blends found": f"{total[2]:.0f} of {total[3]:.0f}",
            "said wrongly": int(total[4]),
            "precision": round((total[0] + total[2]) / max(1, total[0] + total[2] + total[4]), 3),
            "recall": round((total[0] + total[2]) / (total[1] + total[3]), 3),
            "ms a frame": round(1000 * total[5] / count, 1),
        }
        for name, total in totals.items()
    ]
    print(f"{wishes.edits} edits, {count} frames of {WIDTH_PX}x{HEIGHT_PX}, on {machine_name()}")
    for row in rows:
        print("  ".join(f"{key}: {value}" for key, value in row.items()))
    if wishes.json:
        wishes.json.write_text(json.dumps({"machine": machine_name(), "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
