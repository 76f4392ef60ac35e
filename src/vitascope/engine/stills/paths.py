"""Where the camera is at every frame, from the wishes of a canvas: eased, and kept within the picture.

A slider means what it means in the world that taught the built-in model: at 100 a pan goes 0.46 shorter sides
of the frame in a second, a tilt 0.42, a zoom grows things by a factor of e^0.58, a roll turns by 22.5
degrees. But a picture ends at its edges: moves that would lead out of it are slowed, all by the same share,
until they don't, and the camera comes nearer as far as it must. Knows frames and numbers; no pictures.

A view is relative to a given frame, where it is exactly at rest on the picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas
from vitascope.engine.stills.layers import BEYOND
from vitascope.engine.stills.wishes import MOVES, Wish, wishes

Numbers = NDArray[np.float64]

# Of each move: how far it goes in a second at 1, and how far at most from a given frame. Pan, tilt and orbit
# in shorter sides, zoom as a logarithm, roll in radians, push as the share of the way to the nearest things.
PACE = (0.46, 0.42, 0.58, math.pi / 8, 0.1, 0.06)
FURTHEST = (1.0, 1.0, math.log(2), math.pi / 4, 0.35, 0.2)
NEARER = math.log(1.4)  # how much the camera may come nearer only to stay within the picture
SLACK = math.log(1 + 2 * BEYOND)
EASE_S, EASE_SHARE = 0.75, 0.35  # how long a move takes to reach its pace, and at most of its length
SWEEP_S, BOB_S = 4.0, 3.5  # how long light takes to pass, and a floating thing to rise and sink
FAR_PUSH = 0.5  # of what a push does to the nearest things it does this to the farthest
PARALLAX = 0.3  # in a pan the nearest things go faster than the farthest by this share


@dataclass(frozen=True)
class View:
    """How a picture is seen: right and down in pixels, clockwise, and the events of the moment.

    zoom and push are 0, as all else is, where the picture is seen as it is.
    """

    right_px: float = 0.0
    down_px: float = 0.0
    orbit_px: float = 0.0
    log_zoom: float = 0.0
    roll: float = 0.0
    push: float = 0.0
    lift: float = 0.0
    """How high a floating thing is, 0..1."""
    sway: float = 0.0
    """How far it is turned, -1..1."""
    light: float | None = None
    """Where the middle of the light is, 0 at one side and 1 at the other; None: there is none."""


class Path:
    """The views of one canvas; `keys` are the frames that are given, in order."""

    def __init__(self, canvas: Canvas, keys: Sequence[int]) -> None:
        self.frames, self.loop = canvas.frames, canvas.loop
        self.rate_fps = float(canvas.rate_fps)
        self.size_px = (canvas.width_px, canvas.height_px)
        self.keys = list(keys)
        found = wishes(canvas, canvas.seed)
        self.events = [wish for wish in found if wish.kind in ("light", "float")]
        self.way = self._way([wish for wish in found if wish.kind in MOVES])
        self.way *= self._slowing()

    def neighbours(self, frame: int) -> tuple[int | None, int | None]:
        """The last given frame at or before this one, and the next; in a loop they are never None.

        There one may lie before frame 0 or after the last.
        """
        before = max((key for key in self.keys if key <= frame), default=None)
        after = min((key for key in self.keys if key > frame), default=None)
        if self.loop:
            before = self.keys[-1] - self.frames if before is None else before
            after = self.keys[0] + self.frames if after is None else after
        return before, after

    def view(self, frame: int, key: int) -> View:
        """How the picture of a given frame is seen at another; key may lie outside of a loop's frames."""
        moved = self.way[frame] - self.way[key % self.frames]
        pan, tilt, zoom, roll, push, orbit = moved.tolist()
        unit = min(self.size_px)
        nearer = _nearer(moved[None], self.size_px)[0]
        lift, sway, light = self._events(frame)
        return View(
            right_px=pan * unit,
            down_px=-tilt * unit,
            orbit_px=orbit * unit,
            log_zoom=_smooth_max(np.array(zoom), nearer, SLACK).item(),
            roll=roll,
            push=push,
            lift=lift,
            sway=sway,
            light=light,
        )

    def _way(self, moves: Sequence[Wish]) -> Numbers:
        """How far each move has gone by each frame, float64 [T, 6]."""
        way = np.zeros((self.frames, len(MOVES)))
        now = np.arange(self.frames)
        for wish in moves:
            length_s = (wish.stop - wish.start) / self.rate_fps
            column = MOVES.index(wish.kind)
            total = wish.amount * PACE[column] * length_s
            if self.loop:  # there and back: half of the time each
                way[:, column] += total / 4 * (1 - np.cos(2 * math.pi * now / self.frames))
            else:
                way[:, column] += total * eased((now - wish.start) / max(wish.stop - wish.start, 1), length_s)
        return way

    def _slowing(self) -> Numbers:
        """The share of each move that can be had, [6]."""
        away = self._ways_from_keys()
        furthest = np.abs(away).max(0)
        share = np.minimum(1, np.array(FURTHEST) / np.maximum(furthest, 1e-9))
        if self._within(away * share):
            return share
        low, high = 0.0, 1.0
        for _ in range(20):
            middle = (low + high) / 2
            if self._within(away * share * _together(middle)):
                low = middle
            else:
                high = middle
        return share * _together(low)

    def _within(self, away: Numbers) -> bool:
        nearer = _nearer(away, self.size_px)
        # What a zoom of their own brings counts, but a zoom out may not go beyond what there is.
        return bool((nearer <= np.maximum(away[:, 2], 0) + NEARER).all() and (away[:, 2] >= -SLACK / 2).all())

    def _ways_from_keys(self) -> Numbers:
        """Of every frame, how far each move has gone from the given frames beside it, [N, 6]."""
        bounds = [0, *self.keys, self.frames - 1]
        parts: list[Numbers] = []
        for start, stop in pairwise(bounds):
            part = self.way[start : stop + 1]
            parts += [part - self.way[key] for key in {start, stop} & set(self.keys)]
        if self.loop:
            parts += [self.way - self.way[key] for key in (self.keys[0], self.keys[-1])]
        return np.concatenate(parts)

    def _events(self, frame: int) -> tuple[float, float, float | None]:
        """Lift, sway and light: all at rest at every given frame, and where they begin and end."""
        before, after = self.neighbours(frame)
        lift = sway = 0.0
        light: float | None = None
        for wish in self.events:
            start = max(wish.start, wish.start if before is None else before)
            stop = min(wish.stop, wish.stop if after is None else after)
            if self.loop and (wish.start, wish.stop) == (0, self.frames):
                start, stop = before or 0, self.frames if after is None else after
            if not start < frame < stop:
                continue
            length_s, part = (stop - start) / self.rate_fps, (frame - start) / (stop - start)
            if wish.kind == "float":
                turns = max(1, round(length_s / BOB_S * 2 * abs(wish.amount)))
                lift = (1 - math.cos(2 * math.pi * turns * part)) / 2
                sway = math.sin(2 * math.pi * turns * part) * math.sin(math.pi * part) ** 2
            else:
                turns = max(1, round(length_s / SWEEP_S * 2 * abs(wish.amount)))
                light = (part * turns) % 1
        return lift, sway, light


def eased(part: Numbers, length_s: float) -> Numbers:
    """How much of a move is over when `part` of its time is: 0 to 1, starting and ending at rest.

    Its pace rises as a smoothstep does, stays, and falls.
    """
    ramp = min(EASE_SHARE, EASE_S / max(length_s, 1e-9))
    t = np.clip(part, 0, 1)

    def rising(u: Numbers) -> Numbers:
        """The way over a ramp of length 1 from rest to pace 1: the integral of 3u^2 - 2u^3."""
        return u**3 - u**4 / 2

    up = ramp * rising(np.clip(t / ramp, 0, 1))
    level = np.clip(t - ramp, 0, 1 - 2 * ramp)
    down = ramp * (0.5 - rising(np.clip((1 - t) / ramp, 0, 1)))
    return (up + level + down) / (1 - ramp)


def _together(share: float) -> Numbers:
    """Pan, tilt, zoom out and roll by the same share, so that a move keeps its direction."""
    return np.array([share, share, share, share, 1.0, share])


def _nearer(away: Numbers, size_px: tuple[int, int]) -> Numbers:
    """The log zoom at which nothing beyond the picture's (extended) edges is seen, [N]; below 0: none needed.

    Worst case over all depths: the farthest things when pushing in, the nearest when pulling back.
    """
    pan, tilt, _, roll, push, orbit = away.T
    unit, (width, height) = min(size_px), size_px
    shown = np.minimum(1 / (1 - FAR_PUSH * push), 1 / (1 - push))
    right = (np.abs(pan) * (1 + PARALLAX / 2) + 0.75 * np.abs(orbit)) * unit
    down = np.abs(tilt) * (1 + PARALLAX / 2) * unit
    cos, sin = np.abs(np.cos(roll)), np.abs(np.sin(roll))
    across = (width * cos + height * sin) / 2
    upright = (height * cos + width * sin) / 2
    room_x = np.maximum((0.5 + BEYOND) * width - right, 1e-3 * width)
    room_y = np.maximum((0.5 + BEYOND) * height - down, 1e-3 * height)
    return np.log(np.maximum(across / room_x, upright / room_y) / shown)


def _smooth_max(a: Any, b: Any, over: float) -> Any:
    """The larger of two, rounded where they are nearer than `over`: exactly a where a >= b + over."""
    near = np.maximum(over - np.abs(a - b), 0) / over
    return np.maximum(a, b) + near * near * over / 4
