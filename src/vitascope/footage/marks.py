"""What a person marks in one frame, and the cut-out that it means there. Knows no time and no clip.

A point or a scribble lies on the subject, a box or an outline around it; with "not:" it lies on what is not.
The cut is GrabCut's (Rother, Kolmogorov and Blake, 2004), by OpenCV.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import CanvasError, Polygon, Rectangle, Region, Stroke, parse_region
from vitascope.footage.contracts import FootageError, Frame
from vitascope.footage.edges import Plane, as_bytes, as_plane

BACK, SUBJECT, PERHAPS_BACK, PERHAPS_SUBJECT = cv2.GC_BGD, cv2.GC_FGD, cv2.GC_PR_BGD, cv2.GC_PR_FGD
_POINT = re.compile(r"\s*(?:point\s*:)?\s*([-+\d.%]+\s*,\s*[-+\d.%]+)\s*")
_DOT = 0.015  # a point's radius, of the shorter side
_ROUNDS = 5
_CORE = 0.5  # of the depth of an ellipse: what is deeper inside is the subject for sure
_ALONG = 0.04  # of the longest side: how far a line drawn along the subject may be from its edge
_NEAR = 0.22  # of the longest side: how far from a scribble the subject is at first taken to reach
_PER_REACH = 8.0  # levels of colour
_COARSE_PX = 224
_HOLE = 0.06  # of the subject
_LOOSE = 0.02  # of the longest side: how far an outline may cut into the subject


@dataclass(frozen=True)
class Mark:
    """A shape on the subject (a scribble, a point), around it (an outline), or on what it is not."""

    shape: Region
    outline: bool
    away: bool


def parse_mark(text: str) -> Mark:
    """Read "0.5,0.4", "point:0.5,0.4", "stroke:x,y x,y;radius", "rect:...", "ellipse:...", "polygon:...".

    "not:" before any of them marks what isn't the subject. Raises CanvasError.
    """
    plain, away = re.subn(r"^\s*not\s*:", "", text, count=1, flags=re.IGNORECASE)
    if match := _POINT.fullmatch(plain):
        plain = f"stroke:{match[1]};{_DOT}"
    elif plain.strip().lower().startswith("not"):
        raise CanvasError(f'"{text}": one "not:" is enough')
    shape = parse_region(plain)
    return Mark(shape, not isinstance(shape, Stroke), bool(away))


def cut_out(picture: Frame, marks: tuple[Mark, ...]) -> Plane:
    """The marked subject of a small picture: float32 [h, w] of 0 or 1.

    Raises FootageError where the marks mean nothing: all outside of the picture, or nothing that stands out.
    """
    said = _labels(picture, marks)
    if not np.isin(said, (SUBJECT, PERHAPS_SUBJECT)).any():
        raise FootageError(
            "the marks lie outside of the picture; they are fractions of it, 0..1 from the top left"
        )
    if not np.isin(said, (BACK, PERHAPS_BACK)).any():
        raise FootageError("the marks hold the whole picture, so nothing would be cut away; mark less of it")
    cut = separated(picture, said, _ROUNDS)
    scribbles = [mark for mark in marks if not mark.away and not mark.outline]
    kept = _touching(cut, [_inside(mark, picture) for mark in scribbles]) if scribbles else largest(cut)
    whole = without_holes(kept, said)
    if whole.sum() < 4:
        raise FootageError(
            "nothing stands out there from what is around it; scribble along the subject (stroke:x,y x,y), "
            "and on what it is not (not:stroke:...)"
        )
    return as_plane(whole)


def separated(picture: Frame, labels: NDArray[np.uint8], rounds: int) -> NDArray[np.bool_]:
    """Where the subject is, by GrabCut from labels [h, w] of what is sure and what may be.

    Cut at a small size, and then once more along that cut: on a large one a graph cut takes seconds.
    """
    height_px, width_px = labels.shape
    scale = _COARSE_PX / max(height_px, width_px)
    if scale >= 1:
        return _cut(picture, labels, rounds)
    size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    said = as_bytes(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST))
    coarse = _cut(as_bytes(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)), said, rounds)
    rough = as_bytes(cv2.resize(as_bytes(coarse), (width_px, height_px), interpolation=cv2.INTER_NEAREST))
    edge = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(2 / scale) + 1,) * 2)
    fine = np.where(rough > 0, SUBJECT, BACK).astype(np.uint8)
    near = as_bytes(cv2.dilate(rough, edge)) > as_bytes(cv2.erode(rough, edge))
    fine[near] = np.where(rough[near] > 0, PERHAPS_SUBJECT, PERHAPS_BACK)
    sure = np.isin(labels, (BACK, SUBJECT))
    fine[sure] = labels[sure]
    return _cut(picture, fine, 1)


def _cut(picture: Frame, labels: NDArray[np.uint8], rounds: int) -> NDArray[np.bool_]:
    """GrabCut, at one size.

    Looks no further from what may be the subject than half its size: colours from far away would only blur
    the model of what is around it.
    """
    said = labels.copy()
    if not np.isin(said, (BACK, PERHAPS_BACK)).any():
        return np.ones_like(said, bool)
    rows, columns = (np.flatnonzero((said != BACK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros_like(said, bool)
    window = tuple(_around(found, side) for found, side in zip((rows, columns), said.shape, strict=True))
    part = said[window].copy()
    if all(np.isin(part, pair).any() for pair in ((BACK, PERHAPS_BACK), (SUBJECT, PERHAPS_SUBJECT))):
        cv2.setRNGSeed(0)  # its colour models begin with random clusters, from one generator for the process
        back, fore = np.zeros((1, 65)), np.zeros((1, 65))
        near = np.ascontiguousarray(picture[window])
        cv2.grabCut(near, part, (0, 0, 0, 0), back, fore, rounds, cv2.GC_INIT_WITH_MASK)
    said[window] = part
    return np.isin(said, (SUBJECT, PERHAPS_SUBJECT))


def _around(found: NDArray[np.intp], side: int) -> slice:
    first, last = int(found[0]), int(found[-1])
    margin = 4 + (last - first) // 2
    return slice(max(0, first - margin), min(side, last + 1 + margin))


def _labels(picture: Frame, marks: tuple[Mark, ...]) -> NDArray[np.uint8]:
    said = np.full(picture.shape[:2], PERHAPS_BACK, np.uint8)
    on = [mark for mark in marks if not mark.away]
    outlines = [_inside(mark, picture) for mark in on if mark.outline]
    scribbles = [_inside(mark, picture) for mark in on if not mark.outline]
    if outlines:
        within = np.logical_or.reduce(outlines)
        outside_px = as_plane(cv2.distanceTransform(as_bytes(~within), cv2.DIST_L2, 3))
        drawn = any(not isinstance(mark.shape, Rectangle) for mark in on if mark.outline)
        said[outside_px > (_LOOSE * max(said.shape) if drawn else 0)] = BACK
        said[within] = PERHAPS_SUBJECT
        for mark, inside in zip([mark for mark in on if mark.outline], outlines, strict=True):
            said[_core(mark, inside)] = SUBJECT
    elif scribbles:
        not_there = [_inside(mark, picture) for mark in marks if mark.away and not mark.outline]
        _guess_around(said, picture, np.logical_or.reduce(scribbles), not_there)
    for inside in scribbles:
        said[inside] = SUBJECT
    for mark in marks:
        if mark.away:
            said[_inside(mark, picture)] = BACK
    return said


def _guess_around(
    said: NDArray[np.uint8],
    picture: Frame,
    scribble: NDArray[np.bool_],
    not_there: list[NDArray[np.bool_]],
) -> None:
    """What is more like a scribble than like the background may be the subject.

    What the background looks like is said by scribbles on it, or else by what is far from the subject's; and
    then what is further away has to be the more alike.
    """
    if not scribble.any():
        return
    lab = as_plane(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)) * np.array(
        [0.5, 1, 1], np.float32
    )  # shadows say little
    like_subject = _unlike(lab, lab[scribble])
    if not_there:
        back = np.logical_or.reduce(not_there)
        if back.any():
            said[like_subject < _unlike(lab, lab[back])] = PERHAPS_SUBJECT
            return
    reach_px = _NEAR * max(said.shape)
    away_px = as_plane(cv2.distanceTransform(as_bytes(~scribble), cv2.DIST_L2, 3))
    far = away_px > min(reach_px, float(np.percentile(away_px, 90)))
    if not far.any():
        return
    alike = like_subject + away_px / reach_px * _PER_REACH < _unlike(lab, lab[far])
    said[alike & ~far] = PERHAPS_SUBJECT
    said[away_px > 2 * reach_px] = BACK


def _unlike(lab: NDArray[np.float32], seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each pixel's colour is from the nearest of those seen."""
    middles = _clusters(seen)
    return np.min([np.sqrt(((lab - middle) ** 2).sum(axis=2)) for middle in middles], axis=0)


def _clusters(colours: NDArray[np.float32], most: int = 6) -> NDArray[np.float32]:
    """The middles of the colours of a part."""
    colours = colours[:: max(1, len(colours) // 2000)]
    count = min(most, len(colours))
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    found: Any = cv2.kmeans(colours, count, np.empty(0), criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore
    return np.asarray(found[2], np.float32)


def _inside(mark: Mark, picture: Frame) -> NDArray[np.bool_]:
    coverage = mark.shape.coverage(*picture.shape[:2])
    return coverage >= min(0.5, float(coverage.max()) or 1)  # a dot may be smaller than a pixel


def _core(mark: Mark, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What of an outline's inside is the subject for sure.

    A line is drawn along it, an ellipse loosely around it, and a box around anything: there nothing is sure.
    """
    if isinstance(mark.shape, Rectangle) or not inside.any():
        return np.zeros_like(inside)
    # Of what lies beyond the frame nothing is known, so its edges don't count.
    depth_px = as_plane(cv2.distanceTransform(as_bytes(inside), cv2.DIST_L2, 3))
    least_px = _CORE * float(depth_px[inside].max())
    if isinstance(mark.shape, Polygon):
        least_px = min(_ALONG * max(inside.shape), least_px)
    return depth_px > max(1.0, least_px)


def _touching(cut: NDArray[np.bool_], scribbles: list[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    count, found = cv2.connectedComponents(as_bytes(cut), connectivity=4)
    parts = np.asarray(found, np.intp)
    touched = np.unique(parts[np.logical_or.reduce(scribbles) & cut])
    return np.isin(parts, touched[touched > 0]) if count > 1 else cut


def largest(cut: NDArray[np.bool_], share: float = 0.1) -> NDArray[np.bool_]:
    """Without the crumbs: parts a tenth as large as the largest, or less."""
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(as_bytes(cut), connectivity=4)
    areas = np.asarray(sizes)[1:, cv2.CC_STAT_AREA]
    if not len(areas):
        return cut
    return np.isin(parts, 1 + np.flatnonzero(areas > share * areas.max()))


def without_holes(cut: NDArray[np.bool_], said: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Small holes are filled, unless a mark made them: they are badges and eyes more often than holes."""
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(as_bytes(~cut), connectivity=4)
    areas = np.asarray(sizes)[:, cv2.CC_STAT_AREA]
    small = np.flatnonzero(areas < max(4, _HOLE * cut.sum()))
    return cut | (np.isin(parts, small[small > 0]) & (said != BACK))
