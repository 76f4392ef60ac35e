"""How near a graded clip is brought to how it was, against the transfer of means and deviations:

    python runs/footage/match.py [--clip /tmp/footage/bbb.mp4] [--json FILE]

Known grades are put on pictures, and each is matched to the ungraded: a picture to itself, and a part
of the clip to another part. Errors are CIEDE2000, means over all pixels; the baseline is Reinhard et al.
2001 in CIELAB.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from machine import machine_name
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab

from vitascope.footage.match import Colours, colour_map
from vitascope.media import read_video

SIZE = 160, 90


def faded(colours: Colours) -> Colours:
    """Lifted, warmer, paler."""
    light = colours * (1.08, 1.0, 0.88) + (0.02, 0.0, 0.03)
    light = np.clip(light, 0, 1) ** (0.85, 0.95, 1.05)
    grey = light @ (0.2126, 0.7152, 0.0722)
    return grey[:, None] + (light - grey[:, None]) * 0.75


def contrasty(colours: Colours) -> Colours:
    """A curve like an S, and cooler."""
    return (0.6 * colours * colours * (3 - 2 * colours) + 0.4 * colours) * (0.95, 1.02, 1.1) + (
        0.03,
        0,
        -0.02,
    )


def dark(colours: Colours) -> Colours:
    """A stop and a half down."""
    return np.clip(colours, 0, 1) ** 1.6 * 0.8 + 0.05


def drawn(seed: int) -> Callable[[Colours], Colours]:
    """A grade by chance: gains, lifts and gammas, an S of any strength, more or less colour."""
    chance = np.random.default_rng(seed)
    gains, lifts, gammas = (
        chance.uniform(0.8, 1.15, 3),
        chance.uniform(-0.03, 0.06, 3),
        chance.uniform(0.75, 1.4, 3),
    )
    curve, colour = chance.uniform(0, 0.7), chance.uniform(0.6, 1.3)

    def grade(colours: Colours) -> Colours:
        light = np.clip(colours * gains + lifts, 0, 1) ** gammas
        light = light + curve * (light * light * (3 - 2 * light) - light)
        grey = light @ (0.2126, 0.7152, 0.0722)
        return grey[:, None] + (light - grey[:, None]) * colour

    return grade


def reinhard(own: Colours, wanted: Colours) -> Colours:
    """Means and standard deviations of CIELAB, channel by channel."""
    have, want = rgb2lab(own[:, None])[:, 0], rgb2lab(wanted[:, None])[:, 0]
    moved = (have - have.mean(0)) / have.std(0) * want.std(0) + want.mean(0)
    return lab2rgb(moved[:, None])[:, 0]


def error(one: Colours, other: Colours) -> float:
    """Mean CIEDE2000."""
    pair = [rgb2lab(np.clip(colours, 0, 1)[:, None]) for colours in (one, other)]
    return float(deltaE_ciede2000(*pair).mean())


def pixels(picture: np.ndarray) -> Colours:
    small = cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA)
    return small.reshape(-1, 3).astype(np.float64) / 255


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--clip", type=Path, default=Path("/tmp/footage/bbb.mp4"))
    asked.add_argument("--drawn", type=int, default=0, help="so many grades by chance, in place of the three")
    asked.add_argument("--seed", type=int, default=5000)
    asked.add_argument("--json", type=Path)
    wishes = asked.parse_args()
    grades = [drawn(wishes.seed + number) for number in range(wishes.drawn)] or [faded, contrasty, dark]
    names = ("astronaut", "chelsea", "coffee", "rocket")
    itself = [pixels(getattr(skimage.data, name)()) for name in names]
    pairs = {"a picture, to itself": [(picture, picture) for picture in itself]}
    if wishes.clip.is_file():
        film = [pixels(frame) for frame in read_video(wishes.clip)]
        third = len(film) // 3
        parts = [np.concatenate(film[start : start + third : 8]) for start in (0, third, 2 * third)]
        pairs["a part of a film, to another"] = [
            (parts[0], parts[1]),
            (parts[1], parts[2]),
            (parts[2], parts[0]),
        ]
    methods: dict[str, Callable[[Colours, Colours], Colours]] = {
        "not matched": lambda own, wanted: own,
        "means and deviations": reinhard,
        "ours": lambda own, wanted: colour_map(own, wanted)(own),
    }
    rows: list[dict[str, object]] = []
    for what, cases in pairs.items():
        row: dict[str, object] = {"matched": what}
        for name, method in methods.items():
            errors = [
                error(method(np.rint(np.clip(grade(truth), 0, 1) * 255) / 255, reference), truth)
                for truth, reference in cases
                for grade in grades
            ]
            row[name] = round(float(np.mean(errors)), 2)
        rows.append(row)
    print(f"mean CIEDE2000 over {len(grades)} grades, on {machine_name()}")
    for row in rows:
        print("  ".join(f"{key}: {value}" for key, value in row.items()))
    if wishes.json:
        wishes.json.write_text(json.dumps({"machine": machine_name(), "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
