"""Expand: the middle is known, what lies around it is not. Knows no filler."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError
from vitascope.canvas.errors import quoted

_SIDES = {"left": (0, 0.0), "right": (0, 1.0), "top": (1, 0.0), "bottom": (1, 1.0)}  # (axis, share)
_CENTRE = ("centre", "center", "middle")
_POINT = re.compile(r"\s*(\d?\.?\d{1,9})\s*,\s*(\d?\.?\d{1,9})\s*", re.ASCII)


def expand(
    clip_or_picture: NDArray[np.uint8],
    *,
    size: tuple[int, int],
    rate_fps: float | Fraction | str = 8,
    text: str = "",
    at: str | tuple[float, float] = "centre",
    duration_s: float | Fraction | None = None,
    seed: int = 0,
) -> Canvas:
    """A canvas of another size around a clip uint8 [T, H, W, 3] or a picture [H, W, 3]; nothing is scaled.

    size is (width_px, height_px). at is where the given part lies: "left", "top right", "centre" ..., or
    (x, y) from (0, 0), the top left corner, to (1, 1), the bottom right one. A picture gives one frame or,
    with duration_s, a video that begins with it. Raises CanvasError for a size that is too small, naming one
    that isn't.
    """
    if clip_or_picture.ndim not in (3, 4):
        raise CanvasError(f"wanted a clip [T, H, W, 3] or a picture [H, W, 3], not {clip_or_picture.shape}")
    clip = clip_or_picture[None] if clip_or_picture.ndim == 3 else clip_or_picture
    if duration_s is not None and clip is clip_or_picture:
        raise CanvasError("a clip keeps its own length; only a picture is given one", "duration_s")
    sides = edges(size, (clip.shape[2], clip.shape[1]), at)
    if duration_s is None:
        canvas = Canvas.blank(len(clip), size[1], size[0], rate_fps, seed)
    else:
        canvas = Canvas.empty(duration_s, *size, rate_fps, seed)
    known = np.pad(np.ones(clip.shape[1:3], np.float32), sides)
    canvas = canvas.with_clip(np.pad(clip, ((0, 0), *sides, (0, 0))), "first", known)
    return canvas.with_words(text) if text else canvas


def smallest_size(across: Fraction, down: Fraction, width_px: int, height_px: int) -> tuple[int, int]:
    """The smallest (width_px, height_px) in the shape across:down that holds so many pixels.

    A side that has to grow becomes even, which every video codec takes.
    """
    return _grown(width_px, height_px * across / down), _grown(height_px, width_px * down / across)


def _grown(side_px: int, wanted_px: Fraction) -> int:
    return side_px if wanted_px <= side_px else math.ceil(wanted_px / 2) * 2


def edges(
    size: tuple[int, int], inner: tuple[int, int], at: str | tuple[float, float]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """How many pixels are new around `inner` (width_px, height_px): ((above, below), (left, right))."""
    free_x, free_y = size[0] - inner[0], size[1] - inner[1]
    if min(size) < 1:
        raise CanvasError("each side must be 1 or more, not {}x{}".format(*size), "size")
    if free_x < 0 or free_y < 0:
        least = smallest_size(Fraction(size[0]), Fraction(size[1]), *inner)
        raise CanvasError(
            "{}x{} can't hold {}x{} px; the smallest in its shape that can is {}x{}".format(
                *size, *inner, *least
            ),
            "size",
        )
    x, y = read_place(at) if isinstance(at, str) else at
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise CanvasError(f"{x:g},{y:g} is not in 0..1: 0,0 is the top left, 1,1 the bottom right", "at")
    left, above = round(x * free_x), round(y * free_y)
    return (above, free_y - above), (left, free_x - left)


def read_place(text: str) -> tuple[float, float]:
    """(x, y) of "left", "bottom right", "centre" or "0.3,0.7"."""
    if match := _POINT.fullmatch(text):
        return float(match[1]), float(match[2])
    place = [0.5, 0.5]
    words = text.lower().replace("-", " ").split()
    axes = [_SIDES[word][0] for word in words if word in _SIDES]
    if not words or len(set(axes)) < len(axes) or any(word not in (*_SIDES, *_CENTRE) for word in words):
        raise CanvasError(
            f'{quoted(text)} is no place; write "left", "top right", "centre" ... or "0.3,0.7"', "at"
        )
    for word in words:
        if word in _SIDES:
            axis, share = _SIDES[word]
            place[axis] = share
    return place[0], place[1]
