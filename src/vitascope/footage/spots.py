"""How the surroundings of a single point looked once, and where that is seen in another frame.

All pixels of a small square speak together, so that edges which lead nowhere by themselves help: Gauss-Newton
on the inverse composition (Baker & Matthews, "Lucas-Kanade 20 years on", 2004) with the light's level and
contrast taken out. Places and warps are as in footage/warps.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.footage.warps import (
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
    in_frame,
    led_between,
    moved,
    noise,
    warped_back,
)

ROUNDS = 12
STILL_PX = 0.01  # a step below this ends it
STIFF = 0.02  # of the gradients' energy: holds turn and scale where a patch says little about them
FARTHEST = 0.7  # of the patch's reach: what is farther is another place
EVEN, CLEAR = (
    0.4,
    1.5,
)  # levels a pixel, beside the noise's: a gradient that can be seen, and one that is sure
GRAIN = 0.35  # of the noise is in the gradient of the smoothed patch, and half as much again
_HERE = np.ones(1, bool)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spot:
    """A square around a point, how it is weighed, and what a small motion of it changes."""

    patch: Grey
    rect: Rect
    point: Places
    weights: Plane
    wanted: Plane
    changes: NDArray[np.float64]
    solver: NDArray[np.float64]
    strength: float
    """How well the point can be told from its neighbours along the worst direction: 0..1."""
    from_first: Warp

    model: Model = "similarity"

    @property
    def points(self) -> Places:
        """The point itself [1, 2]."""
        return self.point

    def stepped(
        self, good: Flags, greys: tuple[Grey, Grey], warp: Warp, guess: Warp
    ) -> tuple[Warp, float] | None:
        """From one frame to the next, as Surface.stepped; here it is only shifted."""
        old, new = carried(warp, self.point), carried(guess, self.point)
        side_px = min(31, max(15, min(self.rect.width, self.rect.height) | 1))
        there, ok = led_between(greys, old, new, side_px=side_px)
        return (moved((there - old)[0]) @ warp, 1.0) if ok[0] else None

    def registered(self, grey: Grey, guess: Warp, rounds: int = 2) -> Fit:
        """The patch sought near a guessed warp; a shift beyond two thirds of its reach isn't believed."""
        warp = guess
        for _ in range(ROUNDS if rounds else 0):
            seen, inside = self._seen(grey, warp)
            if inside < 0.3:
                break
            off = (self.weights * (seen - self.wanted)).ravel()
            change = self.solver @ (self.changes.T @ off)
            warp = warp @ self._motion(-change)
            if np.hypot(change[0], change[1]) < STILL_PX:
                break
        shift = np.linalg.norm(carried(warp, self.point) - carried(guess, self.point))
        if not np.isfinite(warp).all() or shift > FARTHEST * self.rect.width / 2:
            warp = guess
        seen, _ = self._seen(grey, warp)
        here = in_frame(carried(warp, self.point), grey.shape)
        if not here[0]:
            return Fit(warp, 0.0, 0.0, 0.0, _HERE)
        alike = float((self.weights * seen * self.wanted).sum())
        alike = max(0.0, alike / max(1e-6, float((self.weights * self.wanted**2).sum())))
        return Fit(warp, min(1.0, alike), min(1.0, alike), 1.0, _HERE)

    def _seen(self, grey: Grey, warp: Warp) -> tuple[Plane, float]:
        """The patch as the frame shows it, its light evened to the wanted; and how much of it is in the
        frame.
        """
        back = cv2.GaussianBlur(warped_back(self.rect, grey, warp), (3, 3), 0).astype(np.float32)
        inside = in_frame(carried(warp, self.rect.corners), grey.shape)
        return _level(back, self.weights), float(inside.mean())

    def _motion(self, change: NDArray[np.float64]) -> Warp:
        """Shift (x, y), stretch and turn about the point, as a warp."""
        x, y, stretch, turn = change
        motion = np.array([[1 + stretch, -turn, x], [turn, 1 + stretch, y], [0, 0, 1]], np.float64)
        return moved(self.point[0]) @ motion @ moved(-self.point[0])


def spot(grey: Grey, point: Places, *, reach_px: float, from_first: Warp) -> Spot | None:
    """How a point's surroundings look, or None if they are even."""
    rect = around(point, reach_px, grey.shape)
    if rect is None or not in_frame(point, grey.shape)[0]:
        return None
    patch = rect.of(grey).copy()
    columns, rows = np.meshgrid(np.arange(rect.width), np.arange(rect.height))
    x, y = columns + rect.left - point[0, 0], rows + rect.top - point[0, 1]
    weights = np.exp(-2 * (x**2 + y**2) / reach_px**2).astype(np.float32)
    weights /= weights.sum()
    smooth = cv2.GaussianBlur(patch, (3, 3), 0).astype(np.float32)
    wanted = _level(smooth, weights)
    down, across = np.gradient(wanted)
    changes = np.stack([across, down, across * x + down * y, down * x - across * y], -1).reshape(-1, 4)
    energy = (changes * weights.reshape(-1, 1)).T @ changes
    # In levels of grey: what a pixel's step along the worst direction changes, beside what noise would.
    contrast = float(np.sqrt((weights * (smooth - (weights * smooth).sum()) ** 2).sum()))
    worst, best = np.sqrt(np.maximum(np.linalg.eigvalsh(energy[:2, :2]), 0)) * contrast
    grain = GRAIN * noise(patch)
    if best < EVEN + grain:
        return None
    scale = np.array([1, 1, reach_px, reach_px]) ** 2 * STIFF * (energy[0, 0] + energy[1, 1]) / 2
    damped: NDArray[np.float64] = energy + np.diag(scale * (0.01, 0.01, 1, 1))
    solver = np.linalg.inv(damped)
    return Spot(
        patch=patch,
        rect=rect,
        point=point,
        weights=weights,
        wanted=wanted,
        changes=np.asarray(changes, np.float64),
        solver=np.asarray(solver, np.float64),
        strength=float(np.clip(worst / (CLEAR + grain), 0, 1)),
        from_first=from_first,
    )


def _level(plane: Plane, weights: Plane) -> Any:
    """Without its mean, and with a deviation of 1, by the weights; two levels of deviation are noise."""
    centred = plane - (weights * plane).sum()
    return centred / (np.sqrt((weights * centred**2).sum()) + 2)
