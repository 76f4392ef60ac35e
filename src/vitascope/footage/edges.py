"""Soft edges: a rough cut-out is fitted to the picture. Knows pictures, not what is cut out or why.

Two ways, both of which take alpha near each pixel for a linear function of the colours, so that its edges
are where theirs are, hair and blur too. The guided filter (He, Sun and Tang, "Guided Image Filtering", PAMI
2013) takes 6 ms at 512x288, and its coefficients can be laid over a larger picture ("Fast Guided Filter",
2015). The closed form (Levin, Lischinski and Weiss, PAMI 2008), pymatting's, solves for alpha in a band
along the edge: 30 ms, and half the error (2.0 thousandths against 4.0 over three clips of
runs/footage/matte.py).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import size_within
from vitascope.footage.contracts import Frame, MissingPart

Plane = NDArray[np.float32]
"""float32 [H, W] in 0..1."""

WORKING_PX = 512
"""The longest side of the pictures that subjects are looked for in: in twice as many pixels a network or a
graph cut hardly sees more, and it takes four times as long."""

_RADIUS = 0.012  # of the longest side: the width of a rough edge, within which the colours decide
_SOLID = 0.9
_BAND = np.ones((5, 5), np.uint8)  # pixels around what is soft, within which the edge is solved for
_EPSILON = 4e-4  # of squared light: what varies less than 2 % counts as flat, noise does


def working(picture: Frame, longest_px: int = WORKING_PX) -> Frame:
    """The picture, RGB without its alpha, with no side longer than that; a copy in any case."""
    width_px, height_px = size_within(picture.shape[1], picture.shape[0], longest_px)
    rgb = picture[..., :3]
    if (width_px, height_px) == (picture.shape[1], picture.shape[0]):
        return rgb.copy()
    return as_bytes(cv2.resize(rgb, (width_px, height_px), interpolation=cv2.INTER_AREA))


def guided(rough: Plane, small: Frame, picture: Frame, radius: float = _RADIUS) -> Plane:
    """A rough alpha [h, w] of a small picture as alpha [H, W] of the picture, its edges where colours change.

    `radius`, of the longest side, is how far the edge may be from where it is said to be. Far from it
    alpha is what it was.
    """
    height_px, width_px = small.shape[:2]
    radius_px = max(1, round(radius * max(height_px, width_px)))
    slopes, offset = _coefficients(rough, small, radius_px)
    size = picture.shape[1], picture.shape[0]
    light = np.asarray(picture[..., :3], np.float32) / np.float32(255)
    alpha = cv2.resize(offset, size, interpolation=cv2.INTER_LINEAR)
    for channel in range(3):
        alpha += cv2.resize(slopes[channel], size, interpolation=cv2.INTER_LINEAR) * light[..., channel]
    return np.clip(as_plane(alpha), 0, 1)


def solved(alpha: Plane, picture: Frame) -> Plane:
    """Alpha [h, w] of a small picture, solved anew along its edge; as it was if there is nothing to solve."""
    solid = as_bytes(cv2.erode(as_bytes(alpha > _SOLID), _BAND)) > 0
    empty = as_bytes(cv2.dilate(as_bytes(alpha > 1 - _SOLID), _BAND)) == 0
    if not solid.any() or not empty.any() or (solid | empty).all():
        return alpha
    said = np.where(solid, 1.0, np.where(empty, 0.0, 0.5))
    try:
        found = solver()(picture / 255.0, said)
    except ValueError:  # its factorisation can fail, on a band of one flat colour
        return alpha
    return as_plane(found).clip(0, 1)


@cache
def solver() -> Callable[..., Any]:
    """pymatting's closed form, imported when it is needed: half a second. Raises MissingPart without it."""
    try:
        return importlib.import_module("pymatting").estimate_alpha_cf
    except ImportError as error:
        raise MissingPart(
            "soft edges need pymatting; `pip install 'vitascope[footage]'` brings it"
        ) from error


def _coefficients(rough: Plane, small: Frame, radius_px: int) -> tuple[list[Plane], Plane]:
    """The slope for each colour and the offset, each [h, w], averaged over all windows that hold a pixel."""
    size = (2 * radius_px + 1, 2 * radius_px + 1)

    def mean(plane: NDArray[Any]) -> Plane:
        return as_plane(cv2.blur(plane, size))

    colours = [as_plane(small[..., channel]) / np.float32(255) for channel in range(3)]
    means, mean_alpha = [mean(colour) for colour in colours], mean(rough)
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    rr, rg, rb, gg, gb, bb = (mean(colours[i] * colours[j]) - means[i] * means[j] for i, j in pairs)
    rr, gg, bb = rr + _EPSILON, gg + _EPSILON, bb + _EPSILON
    cr, cg, cb = (mean(colours[i] * rough) - means[i] * mean_alpha for i in range(3))
    # The inverse of the symmetric matrix of covariances, by its cofactors.
    i_rr, i_rg, i_rb = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    i_gg, i_gb, i_bb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    size_of = rr * i_rr + rg * i_rg + rb * i_rb
    slopes = [
        (i_rr * cr + i_rg * cg + i_rb * cb) / size_of,
        (i_rg * cr + i_gg * cg + i_gb * cb) / size_of,
        (i_rb * cr + i_gb * cg + i_bb * cb) / size_of,
    ]
    offset = mean_alpha - sum((slopes[i] * means[i] for i in range(3)), np.float32(0))
    return [mean(slope) for slope in slopes], mean(as_plane(offset))


class Flow:
    """Where each pixel of a picture was in another: dense inverse search (Kroeger et al., 2016), OpenCV's."""

    def __init__(self) -> None:
        self._search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._grid: NDArray[np.float32] = np.empty((0, 0, 2), np.float32)

    def between(self, now: NDArray[np.uint8], before: NDArray[np.uint8]) -> NDArray[np.float32]:
        """For each pixel of the grey `now` its place (x, y) in `before`: float32 [H, W, 2]."""
        if min(now.shape) < _LEAST_PX:
            return self.places(now.shape[:2])
        # The preset's own, 2, is a quarter of the size: too coarse for edges, and blind in small pictures.
        self._search.setFinestScale(1 if max(now.shape) >= _FINE_PX else 0)
        return self.places(now.shape[:2]) + self._search.calc(now, before, None)

    def places(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Where each pixel is: float32 [H, W, 2] of (x, y)."""
        if self._grid.shape[:2] != shape:
            down, across = np.mgrid[: shape[0], : shape[1]]
            self._grid = np.stack([across, down], axis=2).astype(np.float32)
        return self._grid


_FINE_PX = 256
_LEAST_PX = 24  # the search has no level small enough below


def carried(plane: NDArray[Any], places: NDArray[np.float32]) -> NDArray[Any]:
    """A plane or picture as it looks from the places that its pixels came from; 0 from outside."""
    return cv2.remap(plane, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore


def grey(picture: Frame) -> NDArray[np.uint8]:
    """Its light, uint8 [H, W]."""
    return as_bytes(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def as_plane(array: Any) -> Plane:
    """OpenCV's answer with its type said."""
    return np.asarray(array, np.float32)


def as_bytes(array: Any) -> NDArray[np.uint8]:
    """OpenCV's answer with its type said."""
    return np.asarray(array, np.uint8)
