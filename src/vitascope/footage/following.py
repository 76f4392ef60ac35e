"""A subject that was cut out of one frame, followed into the next ones, one at a time, in flat memory.

The cut-out is carried by optical flow; in a band along its edge, and wherever that tells it to, the colours
of the subject and of what is around it decide anew. What is hidden comes back in the shape that it had; a
subject that is gone is looked for by its looks. Knows neither files nor who marked it, and goes through time
either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Frame
from vitascope.footage.edges import Flow, Plane, as_bytes, as_plane, carried, grey, guided

LOST = 0.25
"""Below this confidence the subject isn't taken to be in the frame."""

_LEVELS = 32  # of each colour: fine enough to tell a shade, coarse enough for a few thousand pixels
_BAND = 0.015  # of the longest side: how far an edge may be from where the flow puts it
_RING = 0.08  # of the longest side: how far around the subject the background's colours are looked at
_LEARN = 0.08  # of the colours, in each frame
_GROW, _SHRINK, _FADE = 0.15, 0.1, 0.01  # of the remembered shape, in each frame; the last where it is hidden
_SHAPE_SAYS = 1.0  # log odds of the remembered shape, from one end to the other
_MOTION_SAYS = 1.0  # log odds of the motion, at most
_OWN = 0.25  # of a part: what is less in the shape isn't the subject's
_SAMPLES = 600
_MISFIT = 24.0  # levels: what differs so much from where the flow says it came from came from elsewhere
_SCALES = (0.8, 0.9, 1.0, 1.12, 1.25)
_ALIKE = 0.55  # correlation at which a lost subject is found again
_SETTLING = 12  # frames
_FACE_PX = 48  # longest side of the picture of a lost subject that is looked for


@dataclass(frozen=True)
class Seen:
    """Where the subject is in one frame: float32 [h, w] of 0..1, and how sure that is, 0..1."""

    alpha: Plane
    confidence: float


class Colours:
    """How often each colour was seen: a histogram in RGB, smoothed."""

    def __init__(self) -> None:
        self._count = np.zeros(_LEVELS**3, np.float32)

    def learn(self, bins: NDArray[np.intp], weights: NDArray[np.float32], share: float) -> None:
        """Take in pixels as so large a share of all that is known, the first ones whole."""
        seen = np.bincount(bins.ravel(), weights.ravel(), _LEVELS**3).astype(np.float32)
        if seen.sum() < 1:
            return
        for _ in range(3):  # along each colour in turn: the axes go round
            turned = cv2.GaussianBlur(seen.reshape(_LEVELS, -1), (1, 5), sigmaX=0.01, sigmaY=1.0)
            seen = np.ascontiguousarray(as_plane(turned).T)
        share = share if self._count.any() else 1.0
        self._count += share * (seen.ravel() / seen.sum() - self._count)

    def __getitem__(self, bins: NDArray[np.intp]) -> NDArray[np.float32]:
        return self._count[bins]


def bins_of(picture: Frame) -> NDArray[np.intp]:
    """Which bin of a histogram each pixel [h, w] falls into."""
    steps = (picture >> 3).astype(np.intp)
    return (steps[..., 0] * _LEVELS + steps[..., 1]) * _LEVELS + steps[..., 2]


class Follower:
    """Follows one subject from a frame where it is known, into frames before or after it.

    Give it the pictures in order, uint8 [h, w, 3], small (edges.WORKING_PX a side).
    """

    def __init__(self, picture: Frame, cut: Plane) -> None:
        self._flow = Flow()
        self._longest_px = max(picture.shape[:2])
        self._subject, self._around = Colours(), Colours()
        self._picture, self._grey = picture, grey(picture)
        self._alpha = guided(cut, picture, picture)
        self._beyond_px = self._longest_px // 4
        self._shape = np.pad(self._alpha, self._beyond_px)  # with what is hidden, or has left the frame
        self._marked_subject, self._marked_around = Colours(), Colours()
        bins = bins_of(picture)
        for subject, around in (
            (self._subject, self._around),
            (self._marked_subject, self._marked_around),
        ):
            self._learn(bins, subject, around, 1.0)
        self._face = _Face.of(picture, self._alpha)
        self._lost = False
        self._alike = 1.0  # the correlation at which it was found again
        self._settling = 0  # frames in which a better place for it may still be found

    @property
    def first(self) -> Seen:
        """The cut-out in the frame where it is known."""
        return Seen(self._alpha, 1.0)

    def step(self, picture: Frame) -> Seen:
        """Where the subject is in the next frame."""
        light = grey(picture)
        places = self._flow.between(light, self._grey)
        bins = bins_of(picture)
        likely = self._likely(bins)
        seen = None if self._lost else self._carry(picture, places, likely)
        if self._lost or self._settling:
            seen = self._search(picture, likely) or seen or Seen(np.zeros_like(likely), 0.0)
        assert seen is not None
        self._picture, self._grey, self._alpha = picture, light, seen.alpha
        self._lost = seen.confidence < LOST
        if self._lost:
            self._alpha = np.zeros_like(seen.alpha)
            return Seen(self._alpha, seen.confidence)
        if seen.confidence > 0.5:
            self._learn(bins, self._subject, self._around, _LEARN)
            if not self._settling and seen.alpha.sum() > 0.8 * self._shape.sum():
                self._face = _Face.of(picture, seen.alpha) or self._face
        return seen

    def _carry(self, picture: Frame, places: NDArray[np.float32], likely: Plane) -> Seen:
        before = as_plane(carried(self._alpha, places))
        misfit = _misfit(as_bytes(carried(self._picture, places)), picture)
        fits = as_plane(np.exp(-((misfit / _MISFIT) ** 2)))
        subject = _motion(places, (before > 0.7) & (fits > 0.5))
        self._shape = as_plane(_turned(self._shape, _beyond(subject, self._beyond_px)))
        alpha = self._decided(picture, before, likely, fits, self._moves(picture, places, before, subject))
        # What is hidden stays in the shape; what came in belongs to it once it has gone along for a while.
        shape = self._shape_within()
        rate = np.where(alpha > shape, _GROW, np.where(likely > 0.5, _SHRINK, _FADE))
        shape += rate.astype(np.float32) * (alpha - shape)
        whole = float(shape.sum())
        there = float(alpha.sum())
        if there < 4 or whole < 4:
            return Seen(alpha, 0.0)
        sure = float((alpha * np.maximum(2 * likely - 1, fits)).sum()) / there
        # Little of it left is little to go by: half of it is enough to be sure, a tenth isn't.
        return Seen(alpha, sure * min(1.0, 2.5 * there / whole))

    def _shape_within(self) -> Plane:
        """The remembered shape inside the frame: a view that may be drawn into."""
        edge = self._beyond_px
        return self._shape[edge:-edge, edge:-edge] if edge else self._shape

    def _moves(
        self, picture: Frame, places: NDArray[np.float32], before: Plane, subject: NDArray[np.float32]
    ) -> Plane:
        """What motion says of each pixel: above 0 it goes with the subject, below 0 with what is around."""
        around = _motion(places, _depth(before > 0.3) < -2)
        with_subject, with_around = (
            _misfit(as_bytes(_turned(self._picture, motion)), picture) for motion in (subject, around)
        )
        odds = (with_around**2 - with_subject**2) / _MISFIT**2
        return as_plane(np.clip(cv2.blur(odds, (3, 3)), -_MOTION_SAYS, _MOTION_SAYS))

    def _decided(self, picture: Frame, before: Plane, likely: Plane, fits: Plane, moves: Plane) -> Plane:
        """The carried alpha, with the colours' and the motion's word in the band, where the flow broke, and
        where the subject may return.
        """
        solid = before > 0.5
        band_px = max(2.0, _BAND * self._longest_px)
        depth_px = _depth(solid)
        near = np.abs(depth_px) < band_px
        remembered = self._shape_within()
        returning = (remembered > 0.5) & ~solid
        broken = (fits < 0.3) & (depth_px > 0)
        unsure = near | returning | broken
        # How sure the flow is: fully a band's width from the edge, less where it doesn't fit.
        flow = np.clip(depth_px / band_px, -1, 1) * 2.5
        flow = np.where(broken, np.minimum(flow, 0.5), np.where(returning & ~near, -0.5, flow))
        shape = (remembered - 0.5) * _SHAPE_SAYS
        odds = flow + shape + moves + np.log((likely + 0.02) / (1.02 - likely))
        rough = np.where(unsure, 1 / (1 + np.exp(-odds)), solid).astype(np.float32)
        rough = as_plane(cv2.medianBlur(as_bytes(np.rint(rough * 255)), 5)) / np.float32(255)
        alpha = guided(rough, picture, picture)
        return _of_the_shape(np.clip((alpha - 0.1) / 0.8, 0, 1), remembered)

    def _likely(self, bins: NDArray[np.intp]) -> Plane:
        """How likely each pixel is the subject's by its colour alone: as marked and as it looks of late."""
        subject = self._subject[bins] + self._marked_subject[bins]
        around = self._around[bins] + self._marked_around[bins]
        floor = 0.05 / _LEVELS**3
        return as_plane(cv2.blur((subject + floor) / (subject + around + 2 * floor), (3, 3)))

    def _learn(self, bins: NDArray[np.intp], subject: Colours, around: Colours, share: float) -> None:
        solid = self._alpha > 0.9
        outside_px = -_depth(self._alpha > 0.1)
        ring = (outside_px > 1) & (outside_px < _RING * self._longest_px)
        away = outside_px >= _RING * self._longest_px
        subject.learn(bins, solid.astype(np.float32), share)
        around.learn(bins, ring + np.float32(0.1) * away, share)

    def _search(self, picture: Frame, likely: Plane) -> Seen | None:
        """Look for the subject by its looks, all over the frame; None where nothing looks enough like it.

        One that comes in over the edge is first found where little of it is seen, so for a while it is looked
        for on, and the place where it looks most like itself counts.
        """
        self._settling = max(0, self._settling - 1)
        least = _ALIKE if self._lost else self._alike
        found, alike = self._face.found_in(picture, least) if self._face else (None, 0.0)
        if found is None:
            return None
        self._shape = np.pad(found, self._beyond_px)
        nothing = np.zeros_like(found)
        alpha = self._decided(picture, found, likely, np.ones_like(likely), nothing)
        there = float(alpha.sum())
        sure = 2 * float((alpha * likely).sum()) / max(there, 1) - 1  # what was never seen is neither nor
        if there < 0.3 * float(found.sum()) or sure < 0.4:
            return None
        self._alike = alike
        self._settling = _SETTLING if self._lost else self._settling
        return Seen(alpha, sure)


@dataclass(frozen=True)
class _Face:
    """A small picture of the subject, and where in it the subject is."""

    picture: Frame
    alpha: Plane
    scale: float

    @classmethod
    def of(cls, picture: Frame, alpha: Plane) -> _Face | None:
        rows, columns = (np.flatnonzero((alpha > 0.5).any(axis=axis)) for axis in (1, 0))
        if len(rows) < 4 or len(columns) < 4:
            return None
        window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        scale = min(1.0, _FACE_PX / max(len(rows), len(columns)))
        size = max(3, round(len(columns) * scale)), max(3, round(len(rows) * scale))
        small = as_bytes(cv2.resize(picture[window], size, interpolation=cv2.INTER_AREA))
        return cls(small, as_plane(cv2.resize(alpha[window], size, interpolation=cv2.INTER_AREA)), scale)

    def found_in(self, picture: Frame, least: float) -> tuple[Plane | None, float]:
        """Its alpha where the picture looks most like it, and how much that is; None below the least."""
        height_px, width_px = picture.shape[:2]
        size = max(1, round(width_px * self.scale)), max(1, round(height_px * self.scale))
        field = as_bytes(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
        best: tuple[float, Any, Any] = (least, None, None)
        for scale in _SCALES:
            face = as_bytes(cv2.resize(self.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
            there = as_plane(cv2.resize(self.alpha, face.shape[1::-1], interpolation=cv2.INTER_AREA))
            if face.shape[0] > field.shape[0] or face.shape[1] > field.shape[1]:
                continue
            mask = np.repeat(there[..., None], 3, axis=2)
            alike = cv2.matchTemplate(
                field.astype(np.float32), face.astype(np.float32), cv2.TM_CCOEFF_NORMED, mask=mask
            )
            alike = np.nan_to_num(as_plane(alike), nan=0, posinf=0, neginf=0)
            _, score, _, place = cv2.minMaxLoc(alike)
            if score > best[0]:
                best = float(score), place, there
        score, place, there = best
        if there is None:
            return None, 0.0
        whole = np.zeros(field.shape[:2], np.float32)
        whole[place[1] : place[1] + there.shape[0], place[0] : place[0] + there.shape[1]] = there
        return as_plane(cv2.resize(whole, (width_px, height_px), interpolation=cv2.INTER_LINEAR)), score


def _depth(inside: NDArray[np.bool_]) -> Plane:
    """How deep each pixel is inside, in pixels; below 0, how far outside."""
    within = as_plane(cv2.distanceTransform(as_bytes(inside), cv2.DIST_L2, 3))
    without = as_plane(cv2.distanceTransform(as_bytes(~inside), cv2.DIST_L2, 3))
    return within - without


def _of_the_shape(alpha: Plane, shape: Plane) -> Plane:
    """Without parts that the subject never had: what was left behind, or looks like it and lies nearby."""
    count, found = cv2.connectedComponents(as_bytes(alpha > 0.1), connectivity=4)
    parts = np.asarray(found, np.intp)
    sizes = np.bincount(parts.ravel(), minlength=count)
    own = np.bincount(parts.ravel(), shape.ravel(), minlength=count) / np.maximum(sizes, 1)
    strange = own < _OWN
    strange[0] = False
    return np.where(strange[parts], np.float32(0), alpha)


def _misfit(one: Frame, other: Frame) -> Plane:
    """How far two pictures are apart at each pixel, in levels."""
    return as_plane(cv2.transform(cv2.absdiff(one, other), np.full((1, 3), 1 / 3)))


def _motion(places: NDArray[np.float32], where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The shift, turn and scale that most of a part went through: a matrix [2, 3], new places to old ones."""
    down, across = np.nonzero(where)
    step = max(1, len(down) // _SAMPLES)
    now = np.stack([across[::step], down[::step]], axis=1).astype(np.float32)
    if len(now) < 8:
        return np.eye(2, 3, dtype=np.float32)
    before = places[down[::step], across[::step]]
    cv2.setRNGSeed(0)
    matrix: Any = cv2.estimateAffinePartial2D(now, before, ransacReprojThreshold=1.5, maxIters=200)[0]
    if matrix is None:
        middle = np.median(before - now, axis=0)
        return np.array([[1, 0, middle[0]], [0, 1, middle[1]]], np.float32)
    return np.asarray(matrix, np.float32)


def _beyond(motion: NDArray[np.float32], edge_px: int) -> NDArray[np.float32]:
    """The same motion for planes with so wide an edge around them."""
    shifted = motion.copy()
    shifted[:, 2] += edge_px - motion[:, :2] @ np.full(2, edge_px, np.float32)
    return shifted


def _turned(plane: NDArray[Any], motion: NDArray[np.float32]) -> NDArray[Any]:
    """A plane or picture after that motion; 0 comes in from outside."""
    size = plane.shape[1], plane.shape[0]
    return cv2.warpAffine(plane, motion, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
