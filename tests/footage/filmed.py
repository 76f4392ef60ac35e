"""Clips whose motion is known: a textured picture filmed by a camera that moves as it is told."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.footage import Footage, Frame

Warp = NDArray[np.float64]
Places = NDArray[np.float64]
WIDTH_PX, HEIGHT_PX = 160, 120
RATE_FPS = Fraction(25)


def texture(seed: int = 0, side_px: int = 400) -> Frame:
    """Blobs of several sizes in several colours: enough to hold on to everywhere, and nothing twice."""
    noise = np.random.default_rng(seed)
    picture = np.zeros((side_px, side_px, 3), np.float32)
    for size_px, weight in ((3, 2.0), (8, 3.0), (24, 4.0)):
        picture += (
            weight
            * size_px
            * cv2.GaussianBlur(noise.normal(size=picture.shape).astype(np.float32), (0, 0), size_px / 2)
        )
    picture -= picture.mean((0, 1))
    return np.clip(128 + picture * (50 / picture.std()), 0, 255).astype(np.uint8)


def shifted(x_px: float, y_px: float) -> Warp:
    """The warp from the first frame's places to a frame's, in pixels from the top left corner."""
    return np.array([[1, 0, x_px], [0, 1, y_px], [0, 0, 1]], np.float64)


def turned(turn: float, zoom: float = 1.0) -> Warp:
    """About the frame's middle."""
    cos, sin = zoom * np.cos(turn), zoom * np.sin(turn)
    about = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return shifted(WIDTH_PX / 2, HEIGHT_PX / 2) @ about @ shifted(-WIDTH_PX / 2, -HEIGHT_PX / 2)


def film(warps: Sequence[Warp], seed: int = 0, noise: float = 0.0) -> list[Frame]:
    """What each frame shows when the first one's places lie as its warp says."""
    picture = texture(seed)
    start = shifted((WIDTH_PX - picture.shape[1]) / 2, (HEIGHT_PX - picture.shape[0]) / 2)
    grain = np.random.default_rng(seed + 1)
    frames: list[Frame] = []
    for warp in warps:
        # OpenCV counts from the middle of the first pixel, these warps from its corner.
        total = shifted(-0.5, -0.5) @ warp @ start @ shifted(0.5, 0.5)
        frame = cv2.warpPerspective(
            picture, total, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
        )
        frames.append(np.clip(frame + grain.normal(0, noise, frame.shape), 0, 255).astype(np.uint8))
    return frames


def footage(frames: Sequence[Frame], rate_fps: Fraction = RATE_FPS, count: int | None = None) -> Footage:
    """Frames as footage, all drawn into one array as the contract allows."""

    class Looks:
        def __iter__(self) -> Iterator[Frame]:
            shown = np.empty_like(frames[0])
            for frame in frames:
                shown[:] = frame
                yield shown

    height, width = frames[0].shape[:2]
    return Footage(frames=Looks(), width_px=width, height_px=height, rate_fps=rate_fps, count=count)


def carried(warp: Warp, places: Places) -> Places:
    """Places [N, 2] of the first frame as a frame shows them."""
    there = np.c_[places, np.ones(len(places))] @ warp.T
    return there[:, :2] / there[:, 2:]
