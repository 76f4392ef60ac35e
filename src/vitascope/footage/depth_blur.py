"""A background out of focus: the blur grows with the distance from the subject, as if that were depth.

Knows how much of each pixel is the subject, and nothing of how far anything truly is: what stands beside the
subject is taken to be near to it, what is across the picture to be far. The subject's own colours don't run
into the background (the blur leaves them out, and is weighted by what it has left).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.blur_styles import Plane, Style, gaussian, hide, mixed, spot_of_plane
from vitascope.footage.contracts import Frame

_SIGMA = 1 / 12  # of the shorter side: the farthest background's blur, at full strength
_LEVELS = (0.3, 0.6, 1.0)  # of it: blurred pictures between which the depth chooses
_NEAREST = 0.3  # how far out of focus it is right beside the subject
_REACH = 0.5  # of the shorter side: so far from the subject the background is farthest
_SUBJECT = 0.5  # of a pixel
_SMALL_PX = 480  # the longer side at which distances are measured


def out_of_focus(frame: Frame, alpha: Plane, style: Style, strength: float) -> Frame:
    """A frame uint8 [H, W, 3] blurred but for the subject, alpha [H, W] of 0..1. Where that is 1
    nothing changes.

    Gaussian grows with the distance; a mosaic and black are the same everywhere.
    """
    if style != "gaussian":
        spot = spot_of_plane(1 - alpha)
        return frame.copy() if spot is None else hide(frame, [spot], style, strength)
    farthest_px = max(0.5, _SIGMA * strength * min(frame.shape[:2]))
    depth = depth_beside(alpha)
    background = 1 - alpha
    weighted = frame.astype(np.float32) * background[..., None]
    soft = np.zeros(frame.shape, np.float32)
    for index, level in enumerate(_LEVELS):
        share = _share(depth, index)
        if share.any():
            soft += share[..., None] * _left_out(frame, weighted, background, level * farthest_px)
    blurred = np.rint(soft).clip(0, 255).astype(np.uint8)
    return mixed(blurred, frame, np.clip(alpha, 0, 1))


def depth_beside(alpha: Plane) -> Plane:
    """How far away each pixel is taken to be, float32 [H, W] of _NEAREST..1; 1 without a subject."""
    import cv2

    height_px, width_px = alpha.shape
    scale = min(1.0, _SMALL_PX / max(alpha.shape))
    size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    away = (cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) < _SUBJECT).astype(np.uint8)
    if away.all():
        return np.ones(alpha.shape, np.float32)
    far_px = cv2.distanceTransform(away, cv2.DIST_L2, 5) / (_REACH * min(size))
    far = np.clip(far_px, 0, 1).astype(np.float32)
    soft = gaussian(_NEAREST + (1 - _NEAREST) * far * far * (3 - 2 * far), max(size) / 60)
    return np.asarray(cv2.resize(soft, (width_px, height_px), interpolation=cv2.INTER_LINEAR), np.float32)


def _share(depth: Plane, index: int) -> Plane:
    """How much of a level is seen at each depth; the shares of all levels add up to 1."""
    edges = np.array(_LEVELS)
    heights = np.zeros(len(edges))
    heights[index] = 1
    return np.interp(depth, edges, heights).astype(np.float32)


def _left_out(
    frame: Frame, weighted: NDArray[np.float32], background: Plane, sigma_px: float
) -> NDArray[np.float32]:
    """The background alone, blurred: float32 [H, W, 3]. Deep in the subject it is the frame."""
    weights = np.asarray(gaussian(background, sigma_px), np.float32)[..., None]
    colours = np.asarray(gaussian(weighted, sigma_px), np.float32)
    return np.where(weights > 1e-3, colours / np.maximum(weights, 1e-3), frame)
