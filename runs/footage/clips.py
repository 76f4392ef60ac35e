"""Clips whose truth is known: photographs of scikit-image's that move over one another."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import skimage.data

from vitascope.footage import Box

FACE = 175, 75, 100, 100  # of the astronaut: x, y, width, height
_HEAD = 120, 20, 210, 200  # around it


@dataclass(frozen=True)
class Head:
    """A head that goes over a photograph: at(time in frames) -> its left top corner in pixels."""

    size: tuple[int, int]
    face_px: int
    place: Callable[[float], tuple[float, float]]
    pan_px: float = 0.0
    hidden: Callable[[float], bool] = lambda time: False

    def frame(self, time: float) -> np.ndarray:
        """uint8 [H, W, 3] at any moment."""
        return np.rint(self.exact(time)).clip(0, 255).astype(np.uint8)

    def exact(self, time: float) -> np.ndarray:
        """float32 [H, W, 3]."""
        width_px, height_px = self.size
        ground = skimage.data.coffee()
        scale = 1.2 * max(width_px / ground.shape[1], height_px / ground.shape[0])
        pan = np.array([[scale, 0, -self.pan_px * time], [0, scale, 0]], np.float32)
        below = cv2.warpAffine(
            ground.astype(np.float32), pan, self.size, borderMode=cv2.BORDER_REFLECT, flags=cv2.INTER_AREA
        )
        if self.hidden(time):
            return np.full_like(below, 100)
        left, top, across, down = _HEAD
        head = skimage.data.astronaut()[top : top + down, left : left + across].astype(np.float32)
        y, x = np.mgrid[:down, :across]
        shape = np.clip(
            (1 - np.hypot((x - across / 2) / (across / 2 - 3), (y - down / 2) / (down / 2 - 3))) * 30, 0, 1
        )
        zoom = self.face_px / FACE[2]
        move = np.array([[zoom, 0, self.place(time)[0]], [0, zoom, self.place(time)[1]]], np.float32)
        alpha = cv2.warpAffine(shape.astype(np.float32), move, self.size)[..., None]
        above = cv2.warpAffine(head, move, self.size, borderMode=cv2.BORDER_REPLICATE)
        return above * alpha + below * (1 - alpha)

    def box(self, time: float) -> Box:
        """Where the face is."""
        zoom = self.face_px / FACE[2]
        x, y = self.place(time)
        left, top = x + (FACE[0] - _HEAD[0]) * zoom, y + (FACE[1] - _HEAD[1]) * zoom
        return Box(left, top, self.face_px, self.face_px)

    def face(self, time: float) -> np.ndarray:
        """Where the face is in sight: bool [H, W]."""
        left, top, _, _ = self.box(time)
        plane = np.zeros(self.size[::-1], bool)
        if not self.hidden(time):
            rows = slice(max(0, round(top)), max(0, round(top + self.face_px)))
            plane[rows, max(0, round(left)) : max(0, round(left + self.face_px))] = True
        return plane
