"""How a piece of a surface looked once, and where that is seen in another frame: a warp fitted to many
points.

Places and warps are as in footage/warps.py. Knows single frames and pairs; not what came before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from vitascope.footage.warps import (
    FEWEST,
    Fit,
    Flags,
    Grey,
    Model,
    Places,
    Plane,
    Rect,
    Warp,
    around,
    carried,
    evened,
    fitted,
    in_frame,
    led,
    led_between,
    noise,
    possible,
    warped_back,
)

MATCH_PX = 13  # the side of the square around a point that must look alike
ALIKE = 0.6  # normalised correlation from which it does
MARGIN_PX = 6.0  # a look reaches so far beyond its corners
SETTLED_PX = 0.3  # a mending that moves no point farther is the last
WHOLE = 0.7  # of the points must agree on a perspective
ASKED = 6  # so many points must have been in sight for the others to be left unasked


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """A patch as it looked in one frame, and the points in it that can be told from their surroundings."""

    patch: Grey
    texture: Grey
    rect: Rect
    points: Places
    model: Model
    from_first: Warp
    """From the frame that the mark was made in to the frame of this patch."""
    strength: float = 1.0

    def stepped(
        self, good: Flags, greys: tuple[Grey, Grey], warp: Warp, guess: Warp
    ) -> tuple[Warp, float] | None:
        """From one frame to the next: the warp into the next, and the share of the points that agree on it.

        `warp` leads into the first of `greys`, `guess` perhaps into the second. Only points that were in
        sight (`good`) are asked. None if too few agree.
        """
        chosen = self.points[good] if good.sum() >= ASKED else self.points
        there, ok = led_between(greys, carried(warp, chosen), carried(guess, chosen))
        return self._fitted(chosen[ok], there[ok], warp, len(chosen))

    def registered(self, grey: Grey, guess: Warp, rounds: int = 2) -> Fit:
        """The patch sought near a guessed warp, from its own look alone, so that nothing adds up over time.

        The frame is warped back onto the patch by the guess, what still differs is measured point by point
        (Lucas-Kanade on the local contrast), and the warp mended; `rounds` times at most.
        """
        back = warped_back(self.rect, grey, guess)
        fit = self._compared(back, grey, guess)
        for _ in range(rounds):
            mended = self._mended(back, grey, fit.warp)
            if mended is None:
                break
            back = warped_back(self.rect, grey, mended)
            other = self._compared(back, grey, mended)
            if other.alike < fit.alike:
                break
            shift = carried(mended, self.points) - carried(fit.warp, self.points)
            fit = other
            if np.abs(shift).max() < SETTLED_PX:
                break
        return fit

    def _mended(self, back: Grey, grey: Grey, warp: Warp) -> Warp | None:
        local = self.points - self.rect.offset
        there, ok = led((self.texture, evened(back)), local, local, levels=2)
        use = ok & in_frame(carried(warp, self.points), grey.shape)
        target = carried(warp, there[use] + self.rect.offset)
        found = self._fitted(self.points[use], target, warp, len(self.points))
        return None if found is None else found[0]

    def _fitted(self, start: Places, end: Places, before: Warp, asked: int) -> tuple[Warp, float] | None:
        """The warp that points agree on, and the share of those asked that do.

        Where part of the patch is hidden, the rest says little about the perspective: then what changed since
        `before` is taken as a shift, a turn and a stretch.
        """
        fit = fitted(self.model, start, end)
        if fit is not None and self.model == "homography" and fit[1].sum() < WHOLE * asked:
            fit = fitted("similarity", carried(before, start), end)
            fit = None if fit is None else (fit[0] @ before, fit[1])
        if fit is None or not possible(fit[0], self.rect.corners):
            return None
        return fit[0] / fit[0][2, 2], float(fit[1].sum()) / asked

    def _compared(self, back: Grey, grey: Grey, warp: Warp) -> Fit:
        """How well the frame, seen through the warp, looks like the patch at its points."""
        inside = in_frame(carried(warp, self.points), grey.shape)
        if not inside.any():
            return Fit(warp, 0.0, 0.0, 0.0, inside)
        columns, rows = np.round(self.points - self.rect.offset).astype(int).T
        alike = _alikeness(self.patch, back)[rows, columns]
        good = inside & (alike > ALIKE)
        likeness = float(np.clip(alike[inside], 0, 1).mean())
        return Fit(warp, likeness, float(good.sum() / inside.sum()), float(inside.mean()), good)


def surface(grey: Grey, corners: Places, model: Model, *, from_first: Warp, most: int) -> Surface | None:
    """How the patch within corners [4, 2] looks, with `most` points at most; None if too few can be told
    apart.
    """
    rect = around(corners, MARGIN_PX, grey.shape)
    if rect is None:
        return None
    patch = rect.of(grey).copy()
    texture = evened(patch)
    within = np.zeros(patch.shape, np.uint8)
    cv2.fillConvexPoly(within, np.round(corners - rect.offset).astype(np.int32), 255)
    apart_px = max(3.0, float(np.sqrt(rect.width * rect.height / (2 * most))))
    found: Any = cv2.goodFeaturesToTrack(texture, most, 0.02, apart_px, mask=within, blockSize=5)
    if found is None:
        return None
    local = np.asarray(found[:, 0], np.float64)
    local = local[_stand_out(patch, local)]
    if len(local) < FEWEST[model]:
        return None
    points = local + rect.offset
    return Surface(patch=patch, texture=texture, rect=rect, points=points, model=model, from_first=from_first)


def _stand_out(patch: Grey, points: Places) -> Flags:
    """Which points have enough around them to be known again in other noise."""
    plane = cv2.GaussianBlur(patch, (3, 3), 0).astype(np.float32)
    deviation = np.sqrt(np.maximum(_mean(plane * plane) - _mean(plane) ** 2, 0))
    columns, rows = np.round(points).astype(int).T
    return deviation[rows, columns] > max(3.0, 1.2 * noise(patch))


def _alikeness(one: Grey, other: Grey) -> Plane:
    """Normalised correlation of the squares around every pixel; a little noise is smoothed away first."""
    first, second = (cv2.GaussianBlur(each, (3, 3), 0).astype(np.float32) for each in (one, other))
    mean_1, mean_2 = _mean(first), _mean(second)
    covariance = _mean(first * second) - mean_1 * mean_2
    variance_1, variance_2 = _mean(first * first) - mean_1**2, _mean(second * second) - mean_2**2
    # Two levels of deviation are added: what has less is noise, and like nothing.
    return np.asarray(covariance / (np.sqrt(np.maximum(variance_1 * variance_2, 0)) + 4), np.float32)


def _mean(plane: Plane) -> Plane:
    return np.asarray(cv2.blur(plane, (MATCH_PX, MATCH_PX)), np.float32)
