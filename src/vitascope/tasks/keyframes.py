"""Keyframes: pictures are known at their times, what leads from one to the next is not. Knows no filler."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, Time, exact_rate, fit_picture, frame_at, frames_in
from vitascope.canvas.time import read_time, write_time

Key = tuple[Time, NDArray[np.uint8]]


def keyframes(
    pictures: Sequence[Key],
    text: str = "",
    *,
    duration_s: float | Fraction | None = None,
    rate_fps: float | Fraction | str = 8,
    size: tuple[int, int] | None = None,
    seed: int = 0,
) -> Canvas:
    """A canvas with pictures (time, uint8 [H, W, 3]) in it, each on the frame that is on screen at its time.

    A time is seconds, a frame, "first" or "last". duration_s None ends with the last key. size is (width_px,
    height_px): None is the first picture's own; others are scaled, and what hangs over is cropped. Raises
    CanvasError for no pictures, a time outside the canvas, or two pictures on one frame.
    """
    if not pictures:
        raise CanvasError("there are no pictures; give at least one, each with its time", "pictures")
    rate = exact_rate(rate_fps)
    times = [time for time, _ in pictures]
    frames = _frames_until(times, rate) if duration_s is None else frames_in(duration_s, rate)
    _check_apart(times, frames, rate)
    height_px, width_px = pictures[0][1].shape[:2]
    width_px, height_px = size or (width_px, height_px)
    canvas = Canvas.blank(frames, height_px, width_px, rate, seed)
    fitted = [(fit_picture(picture, width_px, height_px)[None], time, 1.0) for time, picture in pictures]
    canvas = canvas.with_clips(fitted)
    return canvas.with_words(text) if text else canvas


def _frames_until(times: Sequence[Time], rate_fps: Fraction) -> int:
    """How many frames there are up to the last of these times, if they say so."""
    last = 0
    for time in times:
        moment = read_time(time)
        if moment == "last" or (isinstance(moment, int) and moment < 0):
            raise CanvasError(f"must be given, for there is a picture at {write_time(time)}", "duration_s")
        if isinstance(moment, Fraction):
            last = max(last, math.floor(moment * rate_fps))
        elif isinstance(moment, int):
            last = max(last, moment)
    if last == 0 and len(times) == 1:
        raise CanvasError("must be given, for the only picture is at the beginning", "duration_s")
    return last + 1


def _check_apart(times: Sequence[Time], frames: int, rate_fps: Fraction) -> None:
    """Refuse two pictures for one frame: one of them would be lost."""
    taken: dict[int, Time] = {}
    for time in times:
        frame = frame_at(time, frames, rate_fps)
        if frame in taken:
            raise CanvasError(
                f"the pictures at {write_time(taken[frame])} and {write_time(time)} fall on the same frame "
                f"({frame}) at {float(rate_fps):g} fps; move one, or take a faster rate",
                "pictures",
            )
        taken[frame] = time
