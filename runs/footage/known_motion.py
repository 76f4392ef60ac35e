"""Photographs filmed by a camera whose every move is known, for the figures of track and stabilise.

scikit-image's own pictures (astronaut, coffee, chelsea, rocket) are moved by affine maps and homographies,
cubic and four times oversampled where they shrink, and worn as films are: noise, blur, changes of light,
something that passes in front. Warps are float64 [3, 3] from the first frame's places to a frame's, in pixels
from the top left corner.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

from vitascope.footage import Footage, Frame

Warp = NDArray[np.float64]
PHOTOS = ("astronaut", "coffee", "chelsea", "rocket")
RATE_FPS = Fraction(25)
HALF = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])


@dataclass(frozen=True, kw_only=True)
class Wear:
    """What a film suffers: noise in levels, blur in pixels (every fifth frame), light, an occluder."""

    noise: float = 4.0
    blur_px: int = 0
    light: bool = False
    occluder: bool = False


@dataclass(frozen=True, kw_only=True)
class Film:
    """A clip and the truth about it; `hidden` [T, H, W] is where something is in front."""

    footage: Footage
    warps: list[Warp]
    hidden: NDArray[np.bool_]


def shifted(x_px: float, y_px: float) -> Warp:
    """A shift."""
    return np.array([[1, 0, x_px], [0, 1, y_px], [0, 0, 1]], np.float64)


def turned(turn: float, zoom: float, middle: tuple[float, float]) -> Warp:
    """A turn and a zoom about a place."""
    cos, sin = zoom * np.cos(turn), zoom * np.sin(turn)
    about = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return shifted(*middle) @ about @ shifted(-middle[0], -middle[1])


def tilted(x: float, y: float, middle: tuple[float, float]) -> Warp:
    """A perspective about a place."""
    return shifted(*middle) @ np.array([[1, 0, 0], [0, 1, 0], [x, y, 1]]) @ shifted(-middle[0], -middle[1])


def carried(warp: Warp, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places [N, 2] of the first frame as a frame shows them."""
    there = np.c_[places, np.ones(len(places))] @ warp.T
    return there[:, :2] / there[:, 2:]


def motions(kind: str, frames: int, size: tuple[int, int], seed: int) -> list[Warp]:
    """ "pan", "turn" (with a zoom), "tilt" (perspective), or "shake" (a hand's, about 3 px a frame at 320
    px).
    """
    width, height = size
    middle = (width / 2, height / 2)
    random = np.random.default_rng(seed)
    jolts = random.normal(0, 1, (frames, 3))
    warps: list[Warp] = []
    for number in range(frames):
        s = number / frames
        swing = shifted(0.2 * width * np.sin(2 * np.pi * s), 0.1 * height * s)
        if kind == "pan":
            warp = swing
        elif kind == "turn":
            warp = swing @ turned(0.6 * s, 1 + 0.35 * s, middle)
        elif kind == "tilt":
            warp = (
                swing
                @ turned(0.2 * s, 1 + 0.2 * s, middle)
                @ tilted(0.13 * s / width, -0.06 * s / height, middle)
            )
        else:
            x, y, a = jolts[number] * (0.01 * width, 0.01 * width, 0.01)
            warp = shifted(0.0015 * width * number + x, y) @ turned(a, 1, middle)
        warps.append(warp)
    return [warp @ np.linalg.inv(warps[0]) for warp in warps]


def film(photo: str, warps: Sequence[Warp], size: tuple[int, int], wear: Wear, seed: int = 0) -> Film:
    """What a camera of that size sees of a photograph that is 1.6 times as wide."""
    width, height = size
    picture = getattr(skimage.data, photo)()
    scale = 1.6 * width / picture.shape[1]
    start = (
        shifted(width / 2, height / 2)
        @ np.diag([scale, scale, 1])
        @ shifted(-picture.shape[1] / 2, -picture.shape[0] / 2)
    )
    random = np.random.default_rng(seed)
    frames: list[Frame] = []
    hidden = np.zeros((len(warps), height, width), bool)
    bar = random.integers(0, 60, (height, 1, 1)) + np.array((60, 90, 50))
    for number, warp in enumerate(warps):
        total = np.linalg.inv(HALF) @ warp @ start @ HALF
        flags, border = cv2.INTER_CUBIC, cv2.BORDER_REFLECT_101
        frame = cv2.warpPerspective(picture, total, size, flags=flags, borderMode=border).astype(np.float32)
        if wear.occluder:
            left = int((number / len(warps) - 0.3) * 4 * width)
            hidden[number, :, max(0, left) : max(0, left + width // 4)] = True
            frame = np.where(hidden[number][..., None], bar, frame)
        if wear.light:
            frame = frame * (1 - 0.35 * np.sin(np.pi * number / len(warps))) + (10 if number % 7 == 3 else 0)
        if wear.blur_px and number % 5 == 2:
            frame = cv2.blur(frame, (wear.blur_px, 1))
        frames.append(np.clip(frame + random.normal(0, wear.noise, frame.shape), 0, 255).astype(np.uint8))
    footage = Footage(
        frames=Shown(frames), width_px=width, height_px=height, rate_fps=RATE_FPS, count=len(frames)
    )
    return Film(footage=footage, warps=list(warps), hidden=hidden)


class Shown:
    """Frames that can be looked through again and again."""

    def __init__(self, frames: list[Frame]) -> None:
        self._frames = frames

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)
