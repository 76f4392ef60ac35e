"""Move: the first frame is known, where its brushed parts should go, and that the rest stays as it is.

What stays is known in every frame: all that no brushed part passes over on its way, and no shadow of one.
Knows no filler.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import (
    Camera,
    Canvas,
    CanvasError,
    Heading,
    Region,
    Time,
    Track,
    fit_picture,
    frame_at,
    parse_path,
)
from vitascope.canvas.errors import inside
from vitascope.canvas.time import read_time

MOST_BRUSHES = 5
# How far around its way a brushed part may reach: painters stray by 2 % of the width (docs/measures.md).
MARGIN = 1 / 16
SHADOW = 0.1  # of the height: so far below a brushed part its shadow may lie, which goes with it

Path: TypeAlias = "str | Sequence[tuple[float, float] | tuple[Time | None, float, float]]"
"""Points (x, y) or (time, x, y) in order, or text for parse_path: "0.5,0.6 0.8,0.3@1.5s", "right 0.3"."""

Point: TypeAlias = tuple[Time, float, float]


def move(
    picture: NDArray[np.uint8],
    brushes: Sequence[tuple[Region, Path]],
    *,
    freeze: Sequence[Region] = (),
    text: str = "",
    duration_s: float | Fraction = 2,
    rate_fps: float | Fraction | str = 8,
    size: tuple[int, int] | None = None,
    seed: int = 0,
    camera: Camera | None = None,
    still: bool = True,
) -> Canvas:
    """A canvas that begins with a picture uint8 [H, W, 3] of which brushed regions go along paths.

    Each of up to five brushes is (region, path). Places are fractions of the frame. A path begins on its
    region, which follows it as a whole; a single point is where the region's middle goes. Points without a
    time come in even time, from the first frame to the last. What lies in `freeze` stays where it is.
    `still`: so does all else that nothing brushed passes over, to the bit; without it the rest may live. A
    camera moves everything, and then nothing is held. size is (width_px, height_px): None is the picture's
    own; another one scales it and crops what hangs over. Raises CanvasError, with the brush that is wrong.
    """
    if not 1 <= len(brushes) <= MOST_BRUSHES:
        raise CanvasError(f"1 to {MOST_BRUSHES} of them move a picture, not {len(brushes)}", "brushes")
    width_px, height_px = size or (picture.shape[1], picture.shape[0])
    canvas = Canvas.empty(duration_s, width_px, height_px, rate_fps, seed)
    if canvas.frames < 2:
        raise CanvasError("one frame shows no motion; ask for more time", "duration_s")
    canvas = canvas.with_picture(fit_picture(picture, width_px, height_px), at="first")
    tracks: list[Track] = []
    for number, (region, path) in enumerate(brushes):
        with inside(f"brushes[{number}]"):
            tracks.append(Track(tuple(_points(canvas, _seen(canvas, region), path)), region))
    for number, region in enumerate(freeze):
        with inside(f"freeze[{number}]"):
            tracks.append(Track.freeze(_seen(canvas, region)))
    canvas = replace(canvas, tracks=tuple(tracks))
    canvas = canvas.with_words(text) if text else canvas
    if camera:
        return canvas.with_camera(camera)
    return _with_the_rest_known(canvas) if still else canvas


def _with_the_rest_known(canvas: Canvas) -> Canvas:
    """The canvas with the picture known in every frame wherever nothing that moves comes, nor its shadow.

    That takes four bytes a pixel and frame; the picture itself is held once.
    """
    size = (canvas.height_px, canvas.width_px)
    touched, passed = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for track in canvas.tracks:
        if not track.frozen:
            passed |= track.swept(canvas.frames, canvas.rate_fps, *size)
            touched |= _with_shadow(
                track.swept(canvas.frames, canvas.rate_fps, *size, margin=MARGIN), track.region
            )
    for track in canvas.tracks:
        if track.frozen and track.region:
            touched &= ~((track.region.coverage(*size) == 1) & ~passed)
    if touched.all():
        return canvas
    known = np.empty((canvas.frames, *size), np.float32)
    known[0], known[1:] = 1, ~touched
    known.setflags(write=False)
    return replace(canvas, pixels=np.broadcast_to(canvas.pixels[0], canvas.pixels.shape), known=known)


def _with_shadow(touched_HW: NDArray[np.bool_], region: Region | None) -> NDArray[np.bool_]:
    """And the ground below, down to a little under where the region stands: its shadow goes there with it."""
    height = len(touched_HW)
    rows = np.flatnonzero(region.coverage(*touched_HW.shape).any(axis=1)) if region else range(0)
    if not len(rows):
        return touched_HW
    below = np.logical_or.accumulate(touched_HW, axis=0)
    below[int(rows[-1]) + 1 + round(SHADOW * height) :] = False
    return touched_HW | below


def _seen(canvas: Canvas, region: Region) -> Region:
    if not region.coverage(canvas.height_px, canvas.width_px).any():
        raise CanvasError("the region holds no pixel of the picture")
    return region


def _points(canvas: Canvas, region: Region, path: Path) -> list[Point]:
    """The path of a region's middle."""
    way = parse_path(path) if isinstance(path, str) else path
    if isinstance(way, Heading):
        return _straight(canvas, region, way)
    points = [point if len(point) == 3 else (None, *point) for point in way]
    middle_x, middle_y = region.centre
    if len(points) == 1:
        points = [(None, middle_x, middle_y), *points]
    elif not points:
        raise CanvasError("a path needs a point")
    elif not _holds(canvas, region, points[0][1], points[0][2]):
        raise CanvasError(
            f"the path begins at {points[0][1]:g},{points[0][2]:g}, beside its region; begin it on what moves"
        )
    aside_x, aside_y = middle_x - points[0][1], middle_y - points[0][2]
    frames = _frames(canvas, [time for time, _, _ in points])
    timed = zip(frames, points, strict=True)
    return [(frame, x + aside_x, y + aside_y) for frame, (_, x, y) in timed if frame is not None]


def _straight(canvas: Canvas, region: Region, way: Heading) -> list[Point]:
    x, y = region.centre
    times = float((canvas.frames - 1) / canvas.rate_fps) if way.per_second else 1.0
    across = x + way.right * times
    down = y + way.down * times * canvas.width_px / canvas.height_px  # a heading is in widths
    return [("first", x, y), ("last", across, down)]


def _holds(canvas: Canvas, region: Region, x: float, y: float) -> bool:
    """Whether a place is in the region, or as near to it as a pixel; a ring's middle counts, too."""
    if math.dist((x, y), region.centre) < 1 / max(canvas.size):
        return True
    if not (0 <= x <= 1 and 0 <= y <= 1):
        return False
    row, column = int(y * canvas.height_px), int(x * canvas.width_px)
    there = region.coverage(canvas.height_px, canvas.width_px)
    return bool(there[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].any())


def _frames(canvas: Canvas, times: list[Time | None]) -> list[int | None]:
    """The frame of each point; None for one that has no time and shares its frame with another."""
    said = {place: _frame(canvas, time) for place, time in enumerate(times) if time is not None}
    ends = {0: 0, len(times) - 1: canvas.frames - 1}
    said = dict(sorted({**ends, **said}.items()))
    for (_, before), (place, frame) in pairwise(said.items()):
        if frame <= before:
            raise CanvasError(
                f"point {place + 1} of the path (frame {frame}) does not come after those before it "
                f"(frame {before})"
            )
    even = np.rint(np.interp(range(len(times)), list(said), list(said.values()))).astype(int).tolist()
    taken: set[int] = set(said.values())
    frames: list[int | None] = []
    for place, frame in enumerate(even):
        frames.append(frame if place in said or frame not in taken else None)
        taken.add(frame)
    return frames


def _frame(canvas: Canvas, time: Time) -> int:
    """The frame at a time; the very end is the last frame."""
    moment = read_time(time)
    at_the_end = isinstance(moment, Fraction) and moment == canvas.duration_s
    return canvas.frames - 1 if at_the_end else frame_at(moment, canvas.frames, canvas.rate_fps)
