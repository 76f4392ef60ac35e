"""Clips whose alpha is known: a textured blob goes over a textured, moving background."""

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.footage import Footage

WIDTH_PX, HEIGHT_PX = 160, 90
Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]


def texture(colour: tuple[int, int, int], seed: int, side_px: int) -> NDArray[np.float32]:
    """Blotches of about one colour, [side, side, 3]."""
    noise = np.random.default_rng(seed).normal(0, 1, (side_px, side_px, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5) * 90
    return np.clip(np.asarray(soft) + np.array(colour, np.float32), 0, 255)


def blob(side_px: int) -> Plane:
    """Neither round nor square, with an edge about three pixels wide."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = side_px * (0.34 + 0.06 * np.cos(3 * angle) + 0.04 * np.cos(2 * angle + 1))
    points = np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None] + side_px / 2
    plane = np.zeros((side_px * 4, side_px * 4), np.uint8)
    cv2.fillPoly(plane, [np.rint(points * 4).astype(np.int32)], 255)
    small = cv2.resize(plane, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.9), np.float32) / 255


def places(count: int, path: str) -> list[float]:
    """The middle of the blob, in widths of the frame, at each frame."""
    steps = np.linspace(0, 1, count)
    if path == "across":
        return list(0.3 + 0.4 * steps)
    if path == "out and back":  # a third of the time it is outside of the frame
        return list(0.5 + 0.9 * np.clip(1.5 - 3 * np.abs(steps - 0.5), 0, 1))
    return [0.5] * count  # "still"


def clip(count: int, path: str = "across", bar: bool = False) -> Iterator[tuple[Picture, Plane]]:
    """(frame, alpha of the blob) in turn; with `bar` something passes in front of it."""
    subject, back, plane = texture((190, 120, 60), 1, 56), texture((60, 90, 130), 2, 260), blob(56)
    rng = np.random.default_rng(3)
    size = WIDTH_PX, HEIGHT_PX
    for index, place in enumerate(places(count, path)):
        seen = back[20 : 20 + HEIGHT_PX, 10 + index : 10 + index + WIDTH_PX]
        turn = 0 if path == "still" else 8 * np.sin(index / 5)
        matrix = cv2.getRotationMatrix2D((28, 28), turn, 1)
        matrix[:, 2] += (place * WIDTH_PX - 28, HEIGHT_PX / 2 - 28)
        front = np.asarray(cv2.warpAffine(subject, matrix, size, borderMode=cv2.BORDER_REFLECT))
        alpha = np.asarray(cv2.warpAffine(plane, matrix, size), np.float32)
        if bar:
            far = np.abs(np.arange(WIDTH_PX) - WIDTH_PX * (0.85 - 0.7 * index / (count - 1)))
            hidden = np.clip(7 - far, 0, 1).astype(np.float32)[None, :, None]
            alpha = alpha * (1 - hidden[..., 0])
            seen = seen * (1 - hidden) + hidden * np.array([40, 160, 60], np.float32)
        mixed = front * alpha[..., None] + seen * (1 - alpha[..., None]) + rng.normal(0, 1.5, seen.shape)
        yield np.clip(np.rint(mixed), 0, 255).astype(np.uint8), alpha


def footage(frames: list[Picture], count: int | None = -1) -> Footage:
    """Frames as footage at 24 fps; `count` is what the file says there are."""
    height_px, width_px = frames[0].shape[:2]
    said = len(frames) if count == -1 else count
    return Footage(frames=frames, width_px=width_px, height_px=height_px, rate_fps=Fraction(24), count=said)


def overlap(one: Plane, other: Plane) -> float:
    """Intersection over union of what is more than half there."""
    first, second = one > 0.5, other > 0.5
    union = (first | second).sum()
    return float((first & second).sum() / union) if union else 1.0
