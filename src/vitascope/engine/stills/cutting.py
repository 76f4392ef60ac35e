"""The subject of a picture: how much of each pixel it covers, found by the looks of the picture alone.

GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004) is asked several times, from ellipses in the middle and
from what stands out against the border (geodesic saliency: Wei, Wen, Zhu and Sun, ECCV 2012). Of its answers
the largest counts that is of one piece and has an edge in the picture nearly all around; where none is, there
is no subject: a wrong cut tears what belongs together. A guided filter (He, Sun and Tang, ECCV 2010) makes
the edge as soft as it looks. Knows colours, not things.

Axes: H, W, C.
"""

from __future__ import annotations

import heapq
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

GRID_PX = 72  # the long side at which what stands out is sought
GUESS_PX = 240  # at which subjects are tried
CUT_PX = 560  # at which the best of them is cut out
MATTE_PX = 1280  # and at which its edge is made soft
ELLIPSES = (0.22, 0.33, 0.45)  # radii that are tried, as shares of the sides
SMALL_STEP = 4.0  # a difference in Lab that grain and shading make too: a step over it costs nothing
LEAST, MOST = 0.03, 0.65  # of the picture: less gains nothing by moving, more leaves no background
# What tells cuts apart, measured on skimage's photos: good ones have at most 0.11 of their edge on a weak
# contrast and at least 0.89 of their area in one piece; those that run through a cat's face 0.30 and 0.55.
WEAK, WEAK_SHARE, PIECE_SHARE = 12.0, 0.15, 0.85


def subject(picture_HWC: Bytes) -> Floats | None:
    """How much of each pixel the subject covers: float32 [H, W] in 0..1; None where nothing stands out."""
    height, width = picture_HWC.shape[:2]
    if min(height, width) < 32:
        return None
    found = _best_guess(_within(picture_HWC, GUESS_PX))
    if found is None:
        return None
    mask = _cut_finer(_within(picture_HWC, CUT_PX), found)
    medium = _within(picture_HWC, MATTE_PX)
    size = (medium.shape[1], medium.shape[0])
    soft = _softened(medium, _scaled(mask.astype(np.float32), size))
    return np.clip(_scaled(soft, (width, height)), 0, 1)


def _within(picture_HWC: Bytes, side_px: int) -> Bytes:
    height, width = picture_HWC.shape[:2]
    scale = side_px / max(height, width)
    if scale >= 1:
        return picture_HWC
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return np.asarray(cv2.resize(picture_HWC, size, interpolation=cv2.INTER_AREA), np.uint8)


def _best_guess(small_HWC: Bytes) -> Flags | None:
    """The largest cut that can be a subject."""
    height, width = small_HWC.shape[:2]
    lab = _lab(small_HWC)
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot(x / width - 0.5, y / height - 0.52)
    starts: list[Flags] = [away < radius for radius in ELLIPSES]
    if (bright := _standing_out(small_HWC)) is not None:
        starts.append(bright)
    best: Flags | None = None
    for start in starts:
        mask = _cut(small_HWC, start)
        if mask is not None and _is_subject(mask, lab) and (best is None or mask.sum() > best.sum()):
            best = mask
    return best


def _lab(picture_HWC: Bytes) -> Floats:
    return _floats(cv2.cvtColor(picture_HWC.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))


def _border(height: int, width: int) -> Flags:
    """Pixels that are likely background: all edges but the middle of the lower one, where people stand."""
    edge = np.zeros((height, width), bool)
    edge[:2] = edge[:, :2] = edge[:, -2:] = True
    edge[-2:, : width // 5] = edge[-2:, -(width // 5) :] = True
    return edge


def _standing_out(small_HWC: Bytes) -> Flags | None:
    """The pixels that are far from the border by every way over the picture; None where none is."""
    height, width = small_HWC.shape[:2]
    tiny = cv2.GaussianBlur(_within(small_HWC, GRID_PX), (0, 0), 0.8)
    far = cv2.GaussianBlur(_far_away(_lab(np.asarray(tiny, np.uint8))), (0, 0), 1)
    top = float(np.quantile(far, 0.98))
    if top < 1:
        return None
    level = np.clip(_scaled(_floats(far), (width, height)) / top * 255, 0, 255).astype(np.uint8)
    limit, _ = cv2.threshold(level, 0, 255, cv2.THRESH_OTSU)
    return level > limit


def _far_away(lab_HWC: Floats) -> Floats:
    """The cheapest way from the border to each pixel, where a step costs its difference in colour."""
    height, width = lab_HWC.shape[:2]
    edge = _border(height, width)
    cost = np.where(edge, 0, np.inf)
    queue = [(0.0, int(y), int(x)) for y, x in np.argwhere(edge)]
    heapq.heapify(queue)
    across = np.maximum(np.linalg.norm(np.diff(lab_HWC, axis=1), axis=-1) - SMALL_STEP, 0).tolist()
    down = np.maximum(np.linalg.norm(np.diff(lab_HWC, axis=0), axis=-1) - SMALL_STEP, 0).tolist()
    while queue:
        so_far, y, x = heapq.heappop(queue)
        if so_far > cost[y, x]:
            continue
        for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if 0 <= v < height and 0 <= u < width:
                step = across[y][min(x, u)] if v == y else down[min(y, v)][x]
                if so_far + step < cost[v, u]:
                    cost[v, u] = so_far + step
                    heapq.heappush(queue, (so_far + step, v, u))
    return cost.astype(np.float32)


def _cut(small_HWC: Bytes, start: Flags) -> Flags | None:
    """GrabCut from what is probably the subject: its largest piece, if that is nearly all, without holes."""
    edge = _border(*start.shape)
    if not (start & ~edge).any():
        return None
    marks = np.where(start, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[edge] = cv2.GC_BGD
    mask = _opened(_grabbed(small_HWC, marks, 5))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    areas = stats[1:, cv2.CC_STAT_AREA]
    if areas.max() < PIECE_SHARE * areas.sum():
        return None
    return _without_holes(labels == 1 + areas.argmax())


def _grabbed(picture_HWC: Bytes, marks: NDArray[np.uint8], rounds: int) -> NDArray[np.uint8]:
    cv2.setRNGSeed(0)  # GrabCut starts by chance, and the same picture shall be cut in the same way
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture_HWC, marks, (0, 0, 1, 1), *models, rounds, cv2.GC_INIT_WITH_MASK)
    return ((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.uint8)


def _opened(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    around = _round(2)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, around), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, around), np.uint8)


def _without_holes(mask: Flags) -> Flags:
    """Small holes closed: what lies inside of a subject and is small is rather a part of it."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    limit = 0.04 * mask.sum()
    small = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] < limit]
    return mask | np.isin(labels, small)


def _is_subject(mask: Flags, lab_HWC: Floats) -> bool:
    """Whether a cut can be a subject: neither a speck nor everything, with a clear edge nearly all around."""
    if not LEAST <= mask.mean() <= MOST:
        return False
    if max(mask[0].mean(), mask[:, 0].mean(), mask[:, -1].mean()) > 0.4:
        return False
    inside, outside = mask.astype(np.float32), (~mask).astype(np.float32)
    near = [
        _blurred(lab_HWC * share[..., None], 7) / np.maximum(_blurred(share, 7), 1e-3)[..., None]
        for share in (inside, outside)
    ]
    rim = np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_GRADIENT, _round(1))) > 0
    rim[:2] = rim[-2:] = rim[:, :2] = rim[:, -2:] = False
    return bool((np.linalg.norm(near[0] - near[1], axis=-1)[rim] < WEAK).mean() <= WEAK_SHARE)


def _cut_finer(picture_HWC: Bytes, found: Flags) -> Flags:
    """The cut at a larger size: GrabCut once more, only near the edge that was found."""
    height, width = picture_HWC.shape[:2]
    rough = _scaled(found.astype(np.float32), (width, height)) > 0.5
    reach = _round(max(2, round(3 * width / found.shape[1])))
    plane = rough.astype(np.uint8)
    # Beyond the picture's edge the subject goes on: erosion must not take it for background there.
    sure = np.asarray(cv2.erode(plane, reach, borderType=cv2.BORDER_REPLICATE)) > 0
    maybe = np.asarray(cv2.dilate(plane, reach)) > 0
    if not sure.any():
        return rough
    marks = np.where(rough, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[sure], marks[~maybe] = cv2.GC_FGD, cv2.GC_BGD
    return _without_holes(_opened(_grabbed(picture_HWC, marks, 2)) > 0)


def _softened(picture_HWC: Bytes, rough: Floats) -> Floats:
    """The mask with an edge that follows the picture's: a guided filter with the colours as guide."""
    radius = max(2, round(max(rough.shape) / 200))
    soft = _guided(_floats(picture_HWC) / np.float32(255), rough, radius, 1e-4)
    # Only near the rough edge may it be soft: far inside and outside the cut is right.
    reach = _round(2 * radius)
    sure = _floats(cv2.erode(rough, reach, borderType=cv2.BORDER_REPLICATE))
    soft = np.maximum(np.minimum(soft, _floats(cv2.dilate(rough, reach))), sure)
    return np.clip((soft - 0.15) / 0.75, 0, 1).astype(np.float32)


def _guided(guide_HWC: Floats, plane: Floats, radius: int, floor: float) -> Floats:
    """The plane as a linear function of the guide's colours in every window, float32 [H, W]."""
    side = 2 * radius + 1
    mean_i, mean_p = _blurred(guide_HWC, side), _blurred(plane, side)
    covariance = _blurred(guide_HWC * plane[..., None], side) - mean_i * mean_p[..., None]
    spread = np.empty((*plane.shape, 3, 3), np.float32)
    for a in range(3):
        for b in range(a, 3):
            both = _blurred(guide_HWC[..., a] * guide_HWC[..., b], side) - mean_i[..., a] * mean_i[..., b]
            spread[..., a, b] = spread[..., b, a] = both + (floor if a == b else 0)
    slope = np.linalg.solve(spread, covariance[..., None])[..., 0].astype(np.float32)
    offset = mean_p - (slope * mean_i).sum(-1)
    return (_blurred(slope, side) * guide_HWC).sum(-1) + _blurred(offset, side)


def _scaled(plane: Floats, size: tuple[int, int]) -> Floats:
    return _floats(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))


def _blurred(plane: NDArray[Any], side: int) -> Floats:
    return _floats(cv2.blur(plane, (side, side)))


def _round(radius: int) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8
    )


def _floats(values: Any) -> Floats:
    return np.asarray(values, np.float32)
