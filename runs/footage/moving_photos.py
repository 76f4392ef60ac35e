"""Clips whose every frame is known: a photograph that pans, and a disc of another that crosses and turns.

Of scikit-image's own pictures. Where the disc was and will be, the ground is covered and uncovered.
"""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

from vitascope.footage import Footage
from vitascope.media import read_video

Clip = NDArray[np.uint8]
PAIRS = (("rocket", "astronaut"), ("coffee", "astronaut"), ("chelsea", "rocket"))


def moving_photo(kind: int, frames: int, size_px: tuple[int, int], step: float) -> Clip:
    """uint8 [frames, H, W, 3]; a frame's disc is `step` 640ths of the width from that of the frame before."""
    width, height = size_px
    step_px = step * width / 640
    ground, disc = (getattr(skimage.data, name)()[..., :3] for name in PAIRS[kind])
    ground = cv2.resize(ground, (width * 2, height * 2), interpolation=cv2.INTER_CUBIC)
    disc = cv2.resize(disc, (height, height), interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[0:height, 0:height]
    inside = np.clip(height * 0.28 - np.hypot(x - height / 2, y - height / 2) + 0.5, 0, 1).astype(np.float32)
    clip = np.empty((frames, height, width, 3), np.uint8)
    for number in range(frames):
        away = number - frames / 2
        pan = np.array(
            [[1, 0, -(width / 2 + away * step_px / 2)], [0, 1, -(height / 2 + away * step_px * 0.15)]]
        )
        behind = cv2.warpAffine(ground, pan, (width, height), flags=cv2.INTER_CUBIC)
        turn = cv2.getRotationMatrix2D((height / 2, height / 2), away / 2, 1)
        turn[:, 2] += (width / 2 - height / 2 + away * step_px, 0)
        front = cv2.warpAffine(disc, turn, (width, height), flags=cv2.INTER_CUBIC)
        share = cv2.warpAffine(inside, turn, (width, height))[..., None]
        clip[number] = np.clip(behind * (1 - share) + front * share + 0.5, 0, 255).astype(np.uint8)
    return clip


def film(path: Path, size_px: tuple[int, int], start: int, frames: int) -> Clip:
    """Some frames of a film, made smaller."""
    kept: list[np.ndarray] = []
    for number, frame in enumerate(read_video(path)):
        if number >= start + frames:
            break
        if number >= start:
            kept.append(cv2.resize(frame, size_px, interpolation=cv2.INTER_AREA))
    return np.stack(kept)


def footage(clip: Clip, rate_fps: Fraction = Fraction(25)) -> Footage:
    """A clip as footage."""
    return Footage(
        frames=clip, width_px=clip.shape[2], height_px=clip.shape[1], rate_fps=rate_fps, count=len(clip)
    )
