"""What a picture doesn't show, made up from what it does: behind its subject, and beyond its edges.

Behind: what is coarse flows in from around the hole (a pyramid of means, "push-pull"), what is fine is
mirrored at the hole's edge, so that grain and texture go on. Beyond the edges: the picture mirrored, the
softer the further out. Made for the strips that a moving camera lays open; knows no things.

Axes: H, W, C.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

GRAIN = 10.0  # levels: texture may be mirrored, an outline of something that isn't there may not


def completed(picture_HWC: Bytes, hole: Flags) -> Bytes:
    """The picture with the hole [H, W] filled; what is outside of it comes back to the bit."""
    if not hole.any() or hole.all():
        return picture_HWC
    fine_px = max(2.0, max(hole.shape) / 160)
    known = (~hole).astype(np.float32)
    coarse = _flowed_in(picture_HWC.astype(np.float32), known)
    # The coarse part of what is known, from known pixels alone: else the hole's old colours bleed into it.
    means = (
        _soft(picture_HWC * known[..., None], fine_px) / np.maximum(_soft(known, fine_px), 1e-3)[..., None]
    )
    fine = np.clip(picture_HWC - means, -GRAIN, GRAIN) * known[..., None]
    x, y = _mirrored_places(hole)
    grain = _floats(cv2.remap(fine, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101))
    made = np.clip(coarse + grain + 0.5, 0, 255).astype(np.uint8)
    return np.where(hole[..., None], made, picture_HWC)


def _flowed_in(picture_HWC: Floats, known: Floats) -> Floats:
    """Every unknown pixel as a mean of the nearest known ones, coarse to fine."""
    height, width = known.shape
    if min(height, width) <= 2 or known.min() > 0:
        total = max(float(known.sum()), 1e-6)
        mean = (picture_HWC * known[..., None]).sum((0, 1)) / total
        return _floats(np.where(known[..., None] > 0, picture_HWC, mean))
    share = _floats(cv2.pyrDown(known))
    half = _floats(cv2.pyrDown(picture_HWC * known[..., None])) / np.maximum(share, 1e-6)[..., None]
    coarser = _flowed_in(_floats(half), _floats(np.minimum(1, share * 4) * (share > 0.02)))
    wide = _floats(cv2.pyrUp(coarser, dstsize=(width, height)))
    return _floats(picture_HWC * known[..., None] + wide * (1 - known[..., None]))


def _mirrored_places(hole: Flags) -> tuple[Floats, Floats]:
    """For every pixel of the hole the one that lies as far outside of its edge: columns and rows [H, W]."""
    height, width = hole.shape
    found: Any = cv2.distanceTransformWithLabels(
        hole.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    labels = np.asarray(found[1])
    y, x = (plane.astype(np.float32) for plane in np.mgrid[0:height, 0:width])
    edge_y, edge_x = np.zeros(labels.max() + 1, np.float32), np.zeros(labels.max() + 1, np.float32)
    edge_y[labels[~hole]], edge_x[labels[~hole]] = y[~hole], x[~hole]
    # Neighbours look the same way, or the texture would be cut along the hole's middle line.
    smooth = max(height, width) / 200
    right, below = _soft(edge_x[labels] - x, smooth), _soft(edge_y[labels] - y, smooth)
    return x + 2 * right, y + 2 * below


def extended(picture_HWC: Bytes, across_px: int, down_px: int) -> Bytes:
    """The picture with so many more pixels at each side, mirrored and softer towards the outside."""
    edges = (down_px, down_px, across_px, across_px)
    wide = np.asarray(cv2.copyMakeBorder(picture_HWC, *edges, cv2.BORDER_REFLECT_101), np.uint8)
    blur = np.asarray(cv2.GaussianBlur(wide, (0, 0), max(1.0, min(across_px, down_px) / 12)), np.uint8)
    height, width = picture_HWC.shape[:2]
    x, y = _outside(width, across_px), _outside(height, down_px)
    share = np.maximum(x[None, :], y[:, None])
    result = np.asarray(cv2.blendLinear(wide, blur, 1 - share, share), np.uint8)
    result[down_px : down_px + height, across_px : across_px + width] = picture_HWC
    return result


def _outside(side: int, more: int) -> Floats:
    """How far outside of the picture each line is: 0 inside to 1 at the very edge."""
    line = np.arange(side + 2 * more) - more
    beyond = np.maximum(np.maximum(-line, line - side + 1), 0) / max(more, 1)
    return np.minimum(1.5 * beyond, 1).astype(np.float32)


def _soft(plane: NDArray[Any], sigma_px: float) -> Floats:
    return _floats(cv2.GaussianBlur(np.asarray(plane, np.float32), (0, 0), sigma_px))


def _floats(values: Any) -> Floats:
    return np.asarray(values, np.float32)
