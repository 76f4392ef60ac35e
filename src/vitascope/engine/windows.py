"""A long canvas cut into windows of time: canvases of their own, each of which begins as the one before ends.

So a length that no filler takes at once is painted with the memory of one window. Knows how long a filler's
canvases may be; not how any is filled, and no feature.

Axes: T time, H height, W width, C colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, MaskPicture, Region, Sound, Track, frame_at, frames_in
from vitascope.engine.contracts import Capabilities, EngineError
from vitascope.engine.fitting import Pixels, longest, retimed, working_rate

WINDOW_S = Fraction(16)  # 1 GB of pixels at 720p and 24 fps; a minute would be 4 GB, before any copy
OVERLAP_S = Fraction(1, 2)
FEWEST_GIVEN = 2  # one frame says where things are, two say where they go


@dataclass(frozen=True)
class Rolling:
    """How a canvas is cut, in its own frames: how long windows are, how many frames two of them share.

    They begin on whole multiples of `grid`, where the canvas's frames and the filler's lie on each other.
    """

    frames: int
    overlap: int
    grid: int = 1


def can_roll(canvas: Canvas, filler: Capabilities) -> bool:
    """Whether the filler can go on from one window to the next: by given frames, on a line of time."""
    most = longest(canvas, filler)
    return not canvas.loop and "frames" in filler.known and (most is None or most >= FEWEST_GIVEN)


def rolling(
    canvas: Canvas,
    filler: Capabilities,
    window_s: float | Fraction | None = None,
    overlap_s: float | Fraction | None = None,
) -> Rolling:
    """How to cut the canvas for that filler: 16 s, or as much as it takes, and half a second shared.

    Raises EngineError where the wished overlap leaves no room in the window for anything new.
    """
    per_frame = working_rate(canvas, filler) / canvas.rate_fps
    frames = frames_in(WINDOW_S if window_s is None else window_s, canvas.rate_fps)
    if (most := longest(canvas, filler)) is not None:
        frames = max(1, min(frames, most))
    if overlap_s is None:
        least = max(FEWEST_GIVEN, math.ceil(filler.frames_multiple / per_frame))
        overlap = max(1, min(max(frames_in(OVERLAP_S, canvas.rate_fps), least), frames // 2))
    else:
        overlap = frames_in(overlap_s, canvas.rate_fps)
    if overlap_s is not None and 2 * overlap > frames:
        raise EngineError(
            f"{_s(overlap / canvas.rate_fps)} s shared by windows of {_s(frames / canvas.rate_fps)} s leave "
            "too little that is new: let them share half of a window at most"
        )
    grid = per_frame.denominator
    return Rolling(frames, overlap, grid if grid <= frames - overlap else 1)


def windows(canvas: Canvas, how: Rolling) -> list[range]:
    """The frames of each window, in order. One for a canvas that fits.

    Where frames are given beyond a window's middle, it ends on the last of them, and where some follow soon
    after its end, it is shortened so that the next one reaches them with room: whatever leads up to given
    frames is painted by a window that sees them. The same holds for the end of the canvas.
    """
    result = [range(_stop(canvas, how, 0, 0))]
    while (stop := result[-1].stop) < canvas.frames:
        start = (stop - how.overlap) // how.grid * how.grid
        start = start if start > result[-1].start else stop - how.overlap
        result.append(range(start, _stop(canvas, how, start, stop)))
    return result


def roll(canvas: Canvas, held: Sequence[range], paint: Callable[[Canvas, int], Canvas]) -> Iterator[Pixels]:
    """Paint window after window, paint(window, number), and yield what is new in each: uint8 [t,H,W,3].

    Holds the window being painted and, of the one before, only the frames that both share.
    """
    past = np.empty((0, canvas.height_px, canvas.width_px, 3), np.uint8)
    for number, frames in enumerate(held):
        shared = held[number + 1].start if number + 1 < len(held) else frames.stop
        new, past = _painted(canvas, frames, number, past, shared, paint)
        yield new
        del new  # the next one needs the room


def cut(canvas: Canvas, held: range, past: Pixels, number: int) -> Canvas:
    """The frames `held` as a canvas of its own, of which the first are `past`.

    Words, camera moves, tracks and sound come along, at their time; its seed follows from the canvas's seed
    and the window's number.
    """
    if held == range(canvas.frames):
        return canvas
    frames = slice(held.start, held.stop)
    window = replace(
        canvas,
        pixels=canvas.pixels[frames],
        known=canvas.known[frames],
        words=(),
        camera=(),
        tracks=(),
        sound=_heard(canvas, held),
        seed=window_seed(canvas.seed, number),
    )
    window = window.with_clip(past) if len(past) else window

    def place(span: range) -> range:
        return range(max(span.start, held.start) - held.start, min(span.stop, held.stop) - held.start)

    return retimed(canvas, window, place, lambda track: _part_of(track, canvas, held))


def window_seed(seed: int, number: int) -> int:
    """The chance of a window; that of the first is the canvas's own, so a short canvas is filled as ever."""
    if not number:
        return seed
    return int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _painted(
    canvas: Canvas,
    held: range,
    number: int,
    past: Pixels,
    shared: int,
    paint: Callable[[Canvas, int], Canvas],
) -> tuple[Pixels, Pixels]:
    """What is new in a window, and a copy of what it shares with the next, from the frame `shared` on."""
    pixels = paint(cut(canvas, held, past, number), number).pixels
    return pixels[len(past) :], pixels[shared - held.start :].copy()


def _stop(canvas: Canvas, how: Rolling, start: int, done: int) -> int:
    """Where the window ends that begins at `start`, when all before `done` is painted; see windows()."""
    reach = start + how.frames
    if reach >= canvas.frames:
        return canvas.frames
    for frame in range(reach - 1, max(done, start + how.frames // 2) - 1, -1):
        if _given(canvas.known[frame]):
            return frame + 1
    beyond = min(reach + how.frames - how.overlap - how.grid, canvas.frames)
    target = next((frame + 1 for frame in range(reach, beyond) if _given(canvas.known[frame])), canvas.frames)
    if target <= beyond:
        done = max(done, start + how.overlap)
        return min(done + math.ceil((target - done) / 2), reach)
    return reach


def _given(known_HW: NDArray[np.float32]) -> bool:
    """Whether a whole frame is given. One corner settles it for nearly all that aren't."""
    return bool(known_HW[0, 0] == 1 and known_HW.min() == 1)


def _heard(canvas: Canvas, held: range) -> Sound | None:
    """What sounds during these frames."""
    if canvas.sound is None:
        return None
    start, stop = (round(frame / canvas.rate_fps * canvas.sound.rate_hz) for frame in (held.start, held.stop))
    return Sound(canvas.sound.samples[start:stop], canvas.sound.rate_hz)


def _part_of(track: Track, canvas: Canvas, held: range) -> Track | None:
    """The part of a track in these frames, its region moved along; None once that has left the picture."""
    places = track.positions(canvas.frames, canvas.rate_fps)
    turns = {frame_at(time, canvas.frames, canvas.rate_fps) for time, _, _ in track.points}
    times = sorted(turns & set(held) | {held.start, held.stop - 1})
    points = [(time - held.start, float(places[time, 0]), float(places[time, 1])) for time in times]
    if track.region is None:
        return Track(tuple(points))
    region = _moved(track.region, places[held.start] - places[0], canvas)
    return None if region is None else Track(tuple(points), region)


def _moved(region: Region, by_xy: NDArray[np.float32], canvas: Canvas) -> Region | None:
    """The region shifted by fractions of the picture's sides; None if it has left the picture."""
    if not by_xy.any():
        return region
    height, width = canvas.height_px, canvas.width_px
    across = round(min(max(float(by_xy[0]), -1), 1) * width)
    down = round(min(max(float(by_xy[1]), -1), 1) * height)
    whole = region.coverage(height, width)
    part = np.zeros_like(whole)
    there = part[max(down, 0) : height + min(down, 0), max(across, 0) : width + min(across, 0)]
    there[...] = whole[max(-down, 0) : height - max(down, 0), max(-across, 0) : width - max(across, 0)]
    return MaskPicture(part) if part.any() else None


def _s(number: Fraction) -> str:
    return f"{float(number):g}"
