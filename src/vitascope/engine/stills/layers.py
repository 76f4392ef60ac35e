"""A picture taken apart into layers that a camera can move past: the subject, and what is behind it.

The subject stands upright at one depth, where its foot meets the ground; the rest is a backdrop that comes
nearer towards the lower edge, as ground does. Depth is 0 far away and 1 near. Layers are kept at twice their
size, made by a filter that rings little: read between its pixels, such a layer is as sharp at half a pixel's
shift as at none, so nothing shimmers as it moves slowly. Knows pictures, not camera moves.

Axes: H, W, C.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.engine.stills.cutting import subject
from vitascope.engine.stills.filling import completed, extended

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

BEYOND = 0.08  # of each side: how much is made up beyond the picture's edges
HORIZON, NEAREST = 0.35, 0.7  # above it the backdrop is far; and how near its lower edge comes
UPRIGHT = 0.45  # a subject is at least so near, or there would be nothing to see
FINEST_PX = 12_000_000  # pictures with more pixels are kept as they are: twice their size is a GB


@dataclass(frozen=True)
class Cutout:
    """A subject: its colours times how much it covers, uint8 [h, w, 4], where it is and how near."""

    premultiplied_HWC: Bytes
    left_px: int
    top_px: int
    """Where its corner lies in the picture, in the picture's pixels; it may lie outside."""
    depth: float
    centre_px: tuple[float, float]
    shadow_HW: Floats
    """How dark its shadow is, at a quarter of the picture's size."""
    missed_HWC: tuple[Bytes, Bytes]
    """What the picture has more, and less, than both layers over each other; as large as the subject's."""


@dataclass(frozen=True)
class Scene:
    """A picture's layers. `scale` is how many of their pixels there are for one of the picture's."""

    width_px: int
    height_px: int
    scale: int
    backdrop_HWC: Bytes
    beyond_px: tuple[int, int]
    cutout: Cutout | None

    @property
    def focus(self) -> float:
        """The depth of what the picture is about."""
        return self.cutout.depth if self.cutout else UPRIGHT


def ground_depth(rows: NDArray[np.floating[Any]]) -> Floats:
    """How near the backdrop is at rows, 0 at the top and 1 at the bottom; beyond both it goes on."""
    below = np.clip((rows - HORIZON) / (1 - HORIZON), 0, 1.2)
    return (NEAREST * below**1.5).astype(np.float32)


def scene_of(picture_HWC: Bytes, *, flat: bool = False) -> Scene:
    """The layers of a picture uint8 [H, W, 3]; `flat` looks for no subject."""
    height, width = picture_HWC.shape[:2]
    scale = 2 if height * width <= FINEST_PX else 1
    beyond = (max(1, round(BEYOND * width)), max(1, round(BEYOND * height)))
    alpha = None if flat else subject(picture_HWC)
    backdrop, cutout = picture_HWC, None
    if alpha is not None:
        reach = max(2, round(max(height, width) / 250))
        backdrop = completed(picture_HWC, _spread(alpha, reach) > 0.01)
        cutout = _cut_out((picture_HWC, backdrop), alpha, beyond, scale)
    return Scene(width, height, scale, _finer(extended(backdrop, *beyond), scale), beyond, cutout)


def _cut_out(pictures: tuple[Bytes, Bytes], alpha: Floats, beyond: tuple[int, int], scale: int) -> Cutout:
    """The subject of a picture, given the picture and what is behind it."""
    (height, width), (across, down) = alpha.shape, beyond
    colours = _own_colours(*pictures, alpha)
    layer = np.dstack([colours * alpha[..., None], alpha * 255]).round().astype(np.uint8)
    missed = _missed(*pictures, layer)
    # Where the picture's edge cuts the subject, it goes on beyond.
    wide, *apart = (
        np.asarray(cv2.copyMakeBorder(plane, down, down, across, across, cv2.BORDER_REPLICATE), np.uint8)
        for plane in (layer, *missed)
    )
    inside = np.zeros(wide.shape[:2], bool)
    inside[down : down + height, across : across + width] = True
    touching = _touching(wide[..., 3] > 0, inside)
    wide[~touching] = 0
    rows, columns = np.flatnonzero(touching.any(1)), np.flatnonzero(touching.any(0))
    top, left = max(0, int(rows[0]) - 2), max(0, int(columns[0]) - 2)
    part = np.s_[top : int(rows[-1]) + 3, left : int(columns[-1]) + 3]
    y, x = np.nonzero(alpha > 0.5)
    foot = np.array([y.max(initial=0) / max(height - 1, 1)])
    more, less = (_finer(np.ascontiguousarray(plane[part]), scale) for plane in apart)
    return Cutout(
        premultiplied_HWC=_finer(np.ascontiguousarray(wide[part]), scale),
        left_px=left - across,
        top_px=top - down,
        depth=max(UPRIGHT, float(ground_depth(foot)[0])),
        centre_px=(float(x.mean()), float(y.mean())) if len(x) else (width / 2, height / 2),
        shadow_HW=_shadow(alpha),
        missed_HWC=(more, less),
    )


def _missed(picture_HWC: Bytes, backdrop_HWC: Bytes, layer_HWC: Bytes) -> tuple[Bytes, Bytes]:
    seen = over(backdrop_HWC, layer_HWC)
    return np.asarray(cv2.subtract(picture_HWC, seen), np.uint8), np.asarray(
        cv2.subtract(seen, picture_HWC), np.uint8
    )


def over(backdrop_HWC: Bytes, premultiplied_HWC: Bytes) -> Bytes:
    """A layer [H, W, 4], its colours times how much it covers, over what is behind it [H, W, 3]."""
    open_ = cv2.cvtColor(255 - premultiplied_HWC[..., 3], cv2.COLOR_GRAY2RGB)
    behind = cv2.multiply(backdrop_HWC, open_, scale=1 / 255)
    return np.asarray(cv2.add(behind, np.ascontiguousarray(premultiplied_HWC[..., :3])), np.uint8)


def _touching(covered: NDArray[np.bool_], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of what is covered, the pieces that reach into the picture."""
    _, labels = cv2.connectedComponents(covered.astype(np.uint8))
    kept = np.unique(labels[covered & inside])
    return covered & np.isin(labels, kept)


def _own_colours(picture_HWC: Bytes, backdrop_HWC: Bytes, alpha: Floats) -> Floats:
    """The subject's colours without what shines through from behind: float32 [H, W, 3].

    Means of both around each pixel, put right by what is seen there (Forte, "Approximate Fast Foreground
    Colour Estimation", ICIP 2021), once coarse and once fine.
    """
    image, own = picture_HWC.astype(np.float32), picture_HWC.astype(np.float32)
    behind = backdrop_HWC.astype(np.float32)
    a = alpha[..., None]
    for radius in (max(8, max(alpha.shape) // 24), max(2, max(alpha.shape) // 320)):
        side = (2 * radius + 1, 2 * radius + 1)
        share = np.asarray(cv2.blur(alpha, side), np.float32)[..., None]
        own = np.asarray(cv2.blur(own * a, side), np.float32) / np.maximum(share, 1e-3)
        own = np.clip(own + a * (image - a * own - (1 - a) * behind), 0, 255)
    return np.where(a > 0.99, image, own).astype(np.float32)


def _shadow(alpha: Floats) -> Floats:
    height, width = alpha.shape
    small = cv2.resize(alpha, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), max(0.5, min(width, height) / 160)), np.float32)


def _spread(alpha: Floats, reach_px: int) -> Floats:
    side = 2 * reach_px + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(alpha, around), np.float32)


def _finer(layer_HWC: Bytes, scale: int) -> Bytes:
    """At so many times the size; every pixel of the layer is still there, at a multiple of `scale`."""
    if scale == 1:
        return layer_HWC
    height, width = layer_HWC.shape[:2]
    size = (scale * (width - 1) + 1, scale * (height - 1) + 1)
    shrink = np.array([[1 / scale, 0, 0], [0, 1 / scale, 0]])
    how = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(layer_HWC, shrink, size, flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
