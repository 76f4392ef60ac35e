"""How a part of a frame is made unreadable: Gaussian, mosaic or black, softly inside of a shape.

Knows neither time nor what the shape holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Box, Frame

Style = Literal["gaussian", "pixelate", "solid"]
Plane = NDArray[np.float32]

# Of the size of what is blurred, at full strength: the Gaussian's sigma, and the mosaic's tiles.
_SIGMA, _TILE = 0.35, 0.5
_SOFT = 0.12  # of a shape's radius: over so much its edge goes from all to nothing


@dataclass(frozen=True, eq=False)
class Spot:
    """A part of a frame to be blurred: coverage float32 [h, w] of 0..1, its top left corner, and how large
    what it hides is (in pixels), by which the blur is measured.
    """

    coverage: Plane
    x_px: int
    y_px: int
    size_px: float


def spot_of_plane(coverage: Plane, size_px: float | None = None) -> Spot | None:
    """The part of a whole plane [H, W] that covers anything; None if nothing does.

    `size_px` None: the shorter side of what is covered, and no more than a quarter of the frame's.
    """
    rows, columns = np.flatnonzero(coverage.any(1)), np.flatnonzero(coverage.any(0))
    if not len(rows):
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    if size_px is None:
        size_px = float(min(bottom - top, right - left, min(coverage.shape) / 4))
    return Spot(coverage[top:bottom, left:right], int(left), int(top), size_px)


def spot_of_box(
    box: Box, frame_px: tuple[int, int], padding: float, shape: Literal["ellipse", "box"]
) -> Spot | None:
    """What a box with `padding` (a share of its size, on every side) covers; None outside of the frame.

    The ellipse goes around the padded box's middle and touches its sides.
    """
    width_px, height_px = frame_px
    centre = box.x_px + box.width_px / 2, box.y_px + box.height_px / 2
    radius = box.width_px * (0.5 + padding), box.height_px * (0.5 + padding)
    left, top = (max(0, math.floor(c - r)) for c, r in zip(centre, radius, strict=True))
    right = min(width_px, math.ceil(centre[0] + radius[0]))
    bottom = min(height_px, math.ceil(centre[1] + radius[1]))
    if right <= left or bottom <= top or min(radius) <= 0:
        return None
    x = (np.arange(left, right, dtype=np.float32) + 0.5 - centre[0]) / radius[0]
    y = (np.arange(top, bottom, dtype=np.float32) + 0.5 - centre[1]) / radius[1]
    if shape == "ellipse":
        away = np.sqrt(x[None] ** 2 + y[:, None] ** 2)
    else:
        away = np.maximum(np.abs(x)[None], np.abs(y)[:, None])
    coverage = np.clip((1 - away) / _SOFT, 0, 1).astype(np.float32)
    return Spot(coverage, left, top, max(box.width_px, box.height_px))


def hide(frame: Frame, spots: Iterable[Spot], style: Style, strength: float) -> Frame:
    """A copy of a frame uint8 [H, W, 3] in which the spots are blurred; the rest is the same to the bit."""
    result = frame.copy()
    for spot in spots:
        height_px, width_px = spot.coverage.shape
        inside = np.s_[spot.y_px : spot.y_px + height_px, spot.x_px : spot.x_px + width_px]
        if style == "solid":
            hidden = np.zeros((height_px, width_px, 3), np.uint8)
        elif style == "pixelate":
            hidden = _mosaic(frame, spot, max(2, round(_TILE * strength * spot.size_px)))
        else:
            hidden = _gaussian_around(frame, spot, _SIGMA * strength * spot.size_px)
        result[inside] = mixed(result[inside], hidden, spot.coverage)
    return result


def mixed(below: Frame, above: Frame, coverage: Plane) -> Frame:
    """`above` where coverage [H, W] is 1, `below` where it is 0, both to the bit."""
    import cv2

    below, above = np.ascontiguousarray(below), np.ascontiguousarray(above)
    coverage = np.ascontiguousarray(coverage)
    return np.asarray(cv2.blendLinear(above, below, coverage, 1 - coverage), np.uint8)


def gaussian(picture: Frame | Plane, sigma_px: float) -> Frame | Plane:
    """A picture [H, W] or [H, W, C], blurred. A wide Gaussian is taken on a smaller picture: the same to a
    grey level, and quick at any width.
    """
    import cv2

    height_px, width_px = picture.shape[:2]
    factor = 2 ** max(0, math.floor(math.log2(max(sigma_px, 1) / 3)))
    factor = max(1, min(factor, min(height_px, width_px) // 8))
    if sigma_px < 0.1:
        return picture
    soft = picture
    if factor > 1:
        small = math.ceil(width_px / factor), math.ceil(height_px / factor)
        soft = np.asarray(cv2.resize(soft, small, interpolation=cv2.INTER_AREA), picture.dtype)
    narrow_px = sigma_px / factor
    soft = cv2.GaussianBlur(soft, (0, 0), narrow_px, borderType=cv2.BORDER_REPLICATE)
    if factor > 1:
        soft = cv2.resize(soft, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    result: Any = np.asarray(soft, picture.dtype)
    return result


def _gaussian_around(frame: Frame, spot: Spot, sigma_px: float) -> Frame:
    """The spot's part of the blurred frame; what lies around it is blurred in, as it would be."""
    around = math.ceil(3 * sigma_px)
    height_px, width_px = spot.coverage.shape
    left, top = max(0, spot.x_px - around), max(0, spot.y_px - around)
    near = frame[top : spot.y_px + height_px + around, left : spot.x_px + width_px + around]
    soft = gaussian(near, sigma_px)
    x, y = spot.x_px - left, spot.y_px - top
    return np.asarray(soft[y : y + height_px, x : x + width_px], np.uint8)


def _mosaic(frame: Frame, spot: Spot, tile_px: int) -> Frame:
    """The spot's part of the frame as a mosaic. Its tiles stand still while the spot moves."""
    import cv2

    height_px, width_px = spot.coverage.shape
    left, top = spot.x_px // tile_px * tile_px, spot.y_px // tile_px * tile_px
    right = min(frame.shape[1], -(-(spot.x_px + width_px) // tile_px) * tile_px)
    bottom = min(frame.shape[0], -(-(spot.y_px + height_px) // tile_px) * tile_px)
    near = frame[top:bottom, left:right]
    down, across = -(-near.shape[0] // tile_px), -(-near.shape[1] // tile_px)
    whole = cv2.copyMakeBorder(
        near, 0, down * tile_px - near.shape[0], 0, across * tile_px - near.shape[1], cv2.BORDER_REPLICATE
    )
    small = cv2.resize(whole, (across, down), interpolation=cv2.INTER_AREA)
    large = np.repeat(np.repeat(small, tile_px, axis=0), tile_px, axis=1)
    x, y = spot.x_px - left, spot.y_px - top
    return np.asarray(large[y : y + height_px, x : x + width_px], np.uint8)
