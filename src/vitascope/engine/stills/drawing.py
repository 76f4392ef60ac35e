"""A scene as it is seen from a view: layers resampled, put over each other, and lit.

Every row of the backdrop is at one depth, so a view maps each row of the frame by an affine rule of its own:
smooth, without holes or tears. Reads between pixels by straight lines in exact fractions, from layers at
twice their size. Knows scenes and views; not where they come from.

Axes: H, W, C.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.engine.stills.layers import Cutout, Scene, ground_depth, over
from vitascope.engine.stills.paths import FAR_PUSH, PARALLAX, View

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

LIFT = 0.028  # of the shorter side: how high a floating thing rises
SWAY = math.radians(1.2)
APART_PX = 4.0  # within so many pixels of its place, what its edge doesn't get right fades away
SHADOW = 0.38
LIGHT, BEHIND = 0.75, 0.4  # how bright a sweep is on the subject, and of that on what is behind it
BAND = 0.13  # how wide it is, of the picture's diagonal
LEAN = math.radians(24)
SMALL = 8  # light is computed at this fraction of the size: it has no fine detail


class Easel:
    """Draws frames of one scene; keeps what is the same in all of them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.x = np.arange(scene.width_px, dtype=np.float64) - (scene.width_px - 1) / 2
        self.y = np.arange(scene.height_px, dtype=np.float64) - (scene.height_px - 1) / 2
        shape = (scene.height_px, scene.width_px)
        self.map_x, self.map_y = np.empty(shape, np.float32), np.empty(shape, np.float32)

    def draw(self, view: View) -> Bytes:
        """uint8 [H, W, 3], a new array."""
        frame = self._backdrop(view)
        cutout, alpha = self.scene.cutout, None
        if cutout:
            if view.lift:
                frame = self._shaded(frame, cutout, view)
            alpha = self._over(frame, cutout, view)
        return frame if view.light is None else self._lit(frame, alpha, view.light)

    def _backdrop(self, view: View) -> Bytes:
        scene, k = self.scene, self.scene.scale
        across, down = scene.beyond_px
        middle_x, middle_y = (scene.width_px - 1) / 2, (scene.height_px - 1) / 2
        cos, sin = math.cos(view.roll), math.sin(view.roll)
        # The depth of what a row shows follows from where it looks, and where it looks from the depth.
        rows = (self.y + middle_y) / max(2 * middle_y, 1)
        for _ in range(2):
            size, _, below = self._placing(view, ground_depth(rows))
            rows = (cos * self.y / size + below + middle_y) / max(2 * middle_y, 1)
        size, right, below = self._placing(view, ground_depth(rows))
        column = k * (right - sin * self.y / size + middle_x + across)
        row = k * (below + cos * self.y / size + middle_y + down)
        x = self.x.astype(np.float32)
        np.multiply(_upright(k * cos / size), x, out=self.map_x)
        self.map_x += _upright(column)
        np.multiply(_upright(k * sin / size), x, out=self.map_y)
        self.map_y += _upright(row)
        edge = cv2.BORDER_REFLECT_101
        seen = cv2.remap(scene.backdrop_HWC, self.map_x, self.map_y, cv2.INTER_LINEAR, borderMode=edge)
        return np.asarray(seen, np.uint8)

    def _placing(self, view: View, depth: Any) -> tuple[Any, Any, Any]:
        """How large things of a depth are seen, and which point is in the middle: right, below, in px."""
        size = math.exp(view.log_zoom) / (1 - view.push * (FAR_PUSH + (1 - FAR_PUSH) * depth))
        faster = 1 + PARALLAX * (depth - 0.5)
        right = view.right_px * faster + view.orbit_px * (depth - self.scene.focus)
        return size, right, view.down_px * faster

    def _over(self, frame: Bytes, cutout: Cutout, view: View) -> Floats | None:
        """Draws the subject over the frame, in place; how much it covers [H, W], if light will ask."""
        matrix = self._seen_at(cutout, view)
        height, width = cutout.premultiplied_HWC.shape[:2]
        corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]])
        places = corners @ np.asarray(cv2.invertAffineTransform(matrix)).T
        left, top = np.maximum(np.floor(places.min(0)).astype(int) - 1, 0)
        right, bottom = np.ceil(places.max(0)).astype(int) + 2
        right, bottom = min(right, frame.shape[1]), min(bottom, frame.shape[0])
        if left >= right or top >= bottom:
            return None
        matrix[:, 2] += matrix[:, :2] @ (left, top)
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (int(right - left), int(bottom - top))
        layer = np.asarray(cv2.warpAffine(cutout.premultiplied_HWC, matrix, size, flags=how), np.uint8)
        part = frame[top:bottom, left:right]
        part[...] = over(np.ascontiguousarray(part), layer)
        whole = max(0.0, 1 - self._apart_px(cutout, view) / APART_PX)
        if whole:  # hardly apart, both together are the picture
            more, less = (cv2.warpAffine(plane, matrix, size, flags=how) for plane in cutout.missed_HWC)
            fuller = cv2.addWeighted(np.ascontiguousarray(part), 1, more, whole, 0)
            part[...] = cv2.addWeighted(fuller, 1, less, -whole, 0)
        if view.light is None:
            return None
        alpha = np.zeros(frame.shape[:2], np.float32)
        np.multiply(layer[..., 3], np.float32(1 / 255), out=alpha[top:bottom, left:right])
        return alpha

    def _apart_px(self, cutout: Cutout, view: View) -> float:
        """How far the subject is from its place on the backdrop, about."""
        unit = min(self.scene.width_px, self.scene.height_px)
        near, far = self._placing(view, cutout.depth), self._placing(view, 0.0)
        own = view.lift * LIFT * unit + abs(view.sway) * SWAY * unit / 4
        return math.hypot(near[1] - far[1], near[2] - far[2]) + abs(near[0] / far[0] - 1) * unit / 2 + own

    def _seen_at(self, cutout: Cutout, view: View) -> NDArray[np.float64]:
        """From the frame's pixels to the subject layer's, float64 [2, 3]."""
        scene = self.scene
        size, right, below = self._placing(view, cutout.depth)
        middle = np.array([(scene.width_px - 1) / 2, (scene.height_px - 1) / 2])
        linear = _turn(view.roll) / size
        offset = middle + np.array([right, below]) - linear @ middle
        if view.lift or view.sway:  # the thing's own move, as seen in the picture
            own = _turn(-view.sway * SWAY)
            centre = np.array(cutout.centre_px)
            lifted = np.array([0, view.lift * LIFT * min(scene.width_px, scene.height_px)])
            offset = own @ (offset + lifted - centre) + centre
            linear = own @ linear
        corner = np.array([cutout.left_px, cutout.top_px])
        return np.column_stack([linear, offset - corner]) * scene.scale

    def _shaded(self, frame: Bytes, cutout: Cutout, view: View) -> Bytes:
        """The frame with a soft shadow of the subject, that falls below and wider the higher it is."""
        scene = self.scene
        size, right, below = self._placing(view, cutout.depth)
        middle = np.array([(scene.width_px - 1) / 2, (scene.height_px - 1) / 2])
        linear = _turn(view.roll) / size
        fall = np.array([0, -1.4 * view.lift * LIFT * min(scene.width_px, scene.height_px)])
        offset = middle + np.array([right, below]) + fall - linear @ middle
        quarter = np.array(cutout.shadow_HW.shape[::-1]) / (scene.width_px, scene.height_px)
        small = (max(1, scene.width_px // 4), max(1, scene.height_px // 4))
        step = np.array([scene.width_px / small[0], scene.height_px / small[1]])
        matrix = np.column_stack([linear * step, offset + linear @ (step / 2 - 0.5) + 0.5]) * quarter[:, None]
        matrix[:, 2] -= 0.5
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        dark = cv2.warpAffine(cutout.shadow_HW, matrix, small, flags=how, borderMode=cv2.BORDER_REPLICATE)
        dark = cv2.GaussianBlur(dark, (0, 0), max(0.5, min(small) / 60))
        dark = np.asarray(cv2.resize(dark, (scene.width_px, scene.height_px)), np.float32)
        dark *= np.float32(SHADOW * view.lift)
        return np.asarray(cv2.blendLinear(frame, np.zeros_like(frame), 1 - dark, dark), np.uint8)

    def _lit(self, frame: Bytes, alpha: Floats | None, place: float) -> Bytes:
        """The frame with a soft band of light across it, more of it on the subject."""
        width, height = self.scene.width_px, self.scene.height_px
        small = (max(2, width // SMALL), max(2, height // SMALL))
        x = (np.arange(small[0]) + 0.5) / small[0] * width
        y = (np.arange(small[1]) + 0.5) / small[1] * height
        reach = width * math.cos(LEAN) + height * math.sin(LEAN)
        along = (x[None, :] * math.cos(LEAN) + (height - y[:, None]) * math.sin(LEAN)) / reach
        centre = -3 * BAND + (1 + 6 * BAND) * (3 * place**2 - 2 * place**3)
        band = np.exp(-(((along - centre) / BAND) ** 2) / 2) * min(1, 4 * math.sin(math.pi * place))
        share = np.asarray(cv2.resize(band.astype(np.float32), (width, height)), np.float32)
        share *= np.float32(LIGHT)
        if self.scene.cutout:
            share *= BEHIND if alpha is None else BEHIND + (1 - BEHIND) * alpha
        else:
            share *= np.float32((1 + BEHIND) / 2)
        bright = np.asarray(cv2.LUT(frame, _BRIGHT), np.uint8)
        return np.asarray(cv2.blendLinear(frame, bright, 1 - share, share), np.uint8)


def _upright(values: Any) -> Floats:
    return np.asarray(values, np.float32)[:, None]


def _turn(angle: float) -> NDArray[np.float64]:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


# What full light makes of each level: shadows hardly change, highlights come near to white.
_BRIGHT = (255 * (1 - (1 - np.arange(256) / 255) ** 2.1)).round().astype(np.uint8)
