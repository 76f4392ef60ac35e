"""A canvas made into one that a filler can take, and what it gives back made as it was asked for.

Size is scaled to the nearest that the filler makes (every position on a canvas is a fraction of its sides, so
nothing else moves), length is padded at the end with unknown frames, and a rate that the filler lacks is
replaced by its nearest: a frame asked for between two of the filler's is then made of both (inbetween.py).
What was known is written back to the bit at the canvas's own size. Knows capabilities, not fillers.

Axes: T time, H height, W width, C colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Camera, Canvas, Span, Track, Words, frame_at
from vitascope.engine.contracts import CannotFill, Capabilities, Progress, Report

if TYPE_CHECKING:
    from vitascope.engine.inbetween import Pair

Pixels = NDArray[np.uint8]
Known = NDArray[np.float32]
Timed = TypeVar("Timed", Words, Camera)

NEAR = Fraction(1, 20)  # so near to one of the filler's frames, in its own steps, that one is shown
ALIKE = Fraction(1, 50)  # 23.976 and 24 fps: better a frame twice in 40 s than hardly one as it was painted


class TooLong(CannotFill):
    """All but the length would fit."""


@dataclass(frozen=True)
class Shape:
    """Length, size and rate of a canvas."""

    frames: int
    height_px: int
    width_px: int
    rate_fps: Fraction


@dataclass(frozen=True)
class Fitted:
    """A canvas as asked for and as the filler gets it; its frame frame_of[i] shows the asked frame i."""

    asked: Canvas
    canvas: Canvas
    frame_of: tuple[int, ...]


def fitted_shape(canvas: Canvas, filler: Capabilities) -> Shape:
    """The shape that the filler would work in. Raises CannotFill, worded to follow the filler's name.

    Only where nothing but the length is wrong is it TooLong.
    """
    width_px, height_px = _size(canvas, filler)
    if canvas.frames == 1 and filler.stills:
        return Shape(1, height_px, width_px, canvas.rate_fps)
    rate_fps = working_rate(canvas, filler)
    exact = canvas.frames * rate_fps / canvas.rate_fps
    frames = math.ceil(exact / filler.frames_multiple) * filler.frames_multiple
    if canvas.loop and frames != exact:
        raise CannotFill(
            f"closes loops of whole multiples of {_s(filler.frames_multiple / rate_fps)} s only: "
            f"make it {_s(frames / rate_fps)} s"
        )
    if filler.max_frames is not None and frames > filler.max_frames:
        longest_s = filler.max_frames // filler.frames_multiple * filler.frames_multiple / rate_fps
        raise TooLong(
            f"makes at most {_s(longest_s)} s at {_s(rate_fps)} fps, and this is {_s(canvas.duration_s)} s"
        )
    return Shape(frames, height_px, width_px, rate_fps)


def working_rate(canvas: Canvas, filler: Capabilities) -> Fraction:
    """The rate that the filler works at: its own, unless it takes the canvas's and frames are asked between
    given ones that stand closer than two of its own steps; else its nearest as a ratio, the faster of two as
    near.
    """
    wanted, own = canvas.rate_fps, filler.own_rate_fps
    if own is not None:
        return wanted if _asks_between(canvas, own) else own
    if filler.rates_fps is None:
        return wanted
    return min(filler.rates_fps, key=lambda rate: (max(rate / wanted, wanted / rate), -rate))


def _asks_between(canvas: Canvas, rate_fps: Fraction) -> bool:
    """Whether frames are missing between whole given ones that are less than two steps of that rate apart."""
    if not canvas.known.strides[0]:  # all frames are one
        return False
    # One corner settles it for nearly all frames that aren't given.
    given = [frame for frame, known in enumerate(canvas.known) if known[0, 0] == 1 and known.min() == 1]
    nearest = 2 * canvas.rate_fps / rate_fps
    return any(1 < then - now < nearest for now, then in pairwise(given))


def longest(canvas: Canvas, filler: Capabilities) -> int | None:
    """The most frames, at the canvas's own rate, that the filler takes at once; None: any number."""
    if filler.max_frames is None:
        return None
    most = filler.max_frames // filler.frames_multiple * filler.frames_multiple
    return math.floor(most * canvas.rate_fps / working_rate(canvas, filler))


def fit(canvas: Canvas, filler: Capabilities) -> Fitted:
    """The canvas as the filler can take it; the very same one where it fits already."""
    shape = fitted_shape(canvas, filler)
    if shape == Shape(canvas.frames, canvas.height_px, canvas.width_px, canvas.rate_fps):
        return Fitted(canvas, canvas, tuple(range(canvas.frames)))
    ratio = shape.rate_fps / canvas.rate_fps
    frame_of = tuple(math.floor(frame * ratio) for frame in range(canvas.frames))
    pixels, known = _resampled(canvas, shape, frame_of, soft="soft" in filler.known)
    moved = replace(
        canvas, pixels=pixels, known=known, rate_fps=shape.rate_fps, words=(), camera=(), tracks=()
    )

    def place(span: range) -> range:
        start = frame_of[span.start]
        last = span.stop == canvas.frames
        return range(start, shape.frames if last else max(frame_of[span.stop], start + 1))

    fitted = retimed(canvas, moved, place, lambda track: _sampled(track, canvas, frame_of))
    return Fitted(canvas, fitted, frame_of)


def unfit(fitted: Fitted, filled: Canvas, report: Report | None = None) -> Canvas:
    """The filled canvas at the length, size and rate asked for, with what was known put back to the bit.

    Between two of the filler's frames, things are seen on their way from one to the other. Its last frame is
    held, or in a loop leads to the first. The report hears of it only where such frames are made.
    """
    asked, shown = fitted.asked, _Shown(fitted, filled)
    pixels = np.empty(asked.pixels.shape, np.uint8)
    for frame in range(asked.frames):
        given = asked.known[frame] == 1
        pixels[frame] = asked.pixels[frame] if given.all() else shown.at(frame)
        np.copyto(pixels[frame], asked.pixels[frame], where=given[:, :, None])
        if report and shown.pair:
            report(Progress("in-betweens", frame + 1, asked.frames))
    pixels.setflags(write=False)
    everything = np.broadcast_to(np.float32(1), asked.known.shape)
    return replace(asked, pixels=pixels, known=everything)


class _Shown:
    """What a filler's frames show at the times and the size asked for. Holds no more than two of them."""

    def __init__(self, fitted: Fitted, filled: Canvas) -> None:
        self.asked, self.frame_of, self.filled = fitted.asked, fitted.frame_of, filled
        self.step = fitted.canvas.rate_fps / fitted.asked.rate_fps
        self.held: dict[int, Pixels] = {}
        self.pair: tuple[int, Pair] | None = None

    def at(self, frame: int) -> Pixels:
        """uint8 [H,W,3] at the time of a frame asked for."""
        source = self.frame_of[frame]
        share = frame * self.step - source
        after = source + 1 if source + 1 < self.filled.frames else 0 if self.asked.loop else None
        if after is None or share < NEAR or abs(self.step - 1) < ALIKE:
            return self._frame(source)
        if share > 1 - NEAR:
            return self._frame(after)
        if self.pair is None or self.pair[0] != source:
            from vitascope.engine.inbetween import Pair  # here: it takes a fifth of a second to import

            self.pair = source, Pair(self._frame(source), self._frame(after))
        return self.pair[1].at(float(share))

    def _frame(self, source: int) -> Pixels:
        """One of the filler's frames; what is given at its time is as sharp as it was given."""
        if source not in self.held:
            if len(self.held) == 2:
                self.held.pop(next(iter(self.held)))
            image, time = self.filled.pixels[source], source / self.step
            if self.filled.size != self.asked.size:
                image = _resized(image, self.asked.height_px, self.asked.width_px, "bicubic")
            if time.denominator == 1 and time < self.asked.frames:
                given = self.asked.known[int(time), :, :, None] == 1
                image = np.where(given, self.asked.pixels[int(time)], image)
            self.held[source] = image
        return self.held[source]


def _size(canvas: Canvas, filler: Capabilities) -> tuple[int, int]:
    """(width_px, height_px) that the filler makes, nearest in shape to the canvas's, then in area."""
    width, height, multiple = canvas.width_px, canvas.height_px, filler.size_multiple_px
    longest, largest = filler.max_side_px or math.inf, filler.max_area_px or math.inf
    scale = min(1.0, longest / max(width, height), math.sqrt(largest / (width * height)))
    scale = max(scale, filler.min_side_px / min(width, height))
    choices = [
        (w, h)
        for w in _around(width * scale, multiple)
        for h in _around(height * scale, multiple)
        if min(w, h) >= filler.min_side_px and max(w, h) <= longest and w * h <= largest
    ]
    if not choices:
        raise CannotFill(
            f"makes pictures with sides of {filler.min_side_px} to {filler.max_side_px or 'any'} px, "
            f"and no scaling makes {width}x{height} px one"
        )

    def distance(size: tuple[int, int]) -> tuple[float, float]:
        """How far it is in shape (to a tenth of a percent), then in area."""
        across, down = math.log(size[0] / (width * scale)), math.log(size[1] / (height * scale))
        return round(abs(across - down), 3), abs(across + down)

    return min(choices, key=distance)


def _around(side: float, multiple: int) -> tuple[int, int]:
    return max(1, math.floor(side / multiple)) * multiple, max(1, math.ceil(side / multiple)) * multiple


def _resampled(canvas: Canvas, shape: Shape, frame_of: tuple[int, ...], soft: bool) -> tuple[Pixels, Known]:
    """Pixels and known in the fitted shape. Of several frames that share one, the best known counts."""
    size = (shape.height_px, shape.width_px)
    pixels = np.zeros((shape.frames, *size, 3), np.uint8)
    known = np.zeros((shape.frames, *size), np.float32)
    best = [0.0] * shape.frames
    for frame, target in enumerate(frame_of):
        given = canvas.known[frame]
        if (worth := float(given.mean())) <= best[target]:
            continue
        best[target] = worth
        pixels[target], known[target] = _scaled(canvas.pixels[frame], given, size, soft)
    pixels.setflags(write=False)
    known.setflags(write=False)
    return pixels, known


def _scaled(pixels: Pixels, known: Known, size: tuple[int, int], soft: bool) -> tuple[Pixels, Known]:
    """One frame [H,W,3] and its known [H,W] at another size. What isn't known doesn't bleed into what is."""
    if known.shape == size:
        return pixels, known
    if known.min() == 1:
        return _resized(pixels, *size, "bicubic"), np.ones(size, np.float32)
    # The triangle filter has no negative lobes, so a weighted mean by it stays a mean.
    covered = _resampled_plane(known[:, :, None], size, "bilinear")
    weighted = _resampled_plane(pixels * known[:, :, None], size, "bilinear")
    mean = weighted / np.maximum(covered, 1e-6)
    level = np.clip(covered[:, :, 0], 0, 1)
    level[level > 1 - 1e-4] = 1  # resampled ones, give or take float32
    level[level < 1e-4] = 0
    if not soft:
        level[level < 1] = (
            0  # partly known is unknown to a filler that has no between; unfit() puts it back anyway
        )
    return np.clip(mean.round(), 0, 255).astype(np.uint8), level


def _resized(pixels: Pixels, height_px: int, width_px: int, mode: Literal["bicubic", "bilinear"]) -> Pixels:
    plane = _resampled_plane(pixels, (height_px, width_px), mode)
    return np.clip(plane.round(), 0, 255).astype(np.uint8)


def _resampled_plane(
    plane_HWC: NDArray[np.float32] | Pixels, size: tuple[int, int], mode: Literal["bicubic", "bilinear"]
) -> NDArray[np.float32]:
    """float32 [H,W,C] at another (height_px, width_px), anti-aliased."""
    import torch  # here, so that choosing and refusing a filler doesn't wait for it

    x_1CHW = torch.as_tensor(np.array(plane_HWC, np.float32)).permute(2, 0, 1)[None]
    y_1CHW = torch.nn.functional.interpolate(x_1CHW, size, mode=mode, antialias=True, align_corners=False)
    return y_1CHW[0].permute(1, 2, 0).numpy()


def retimed(
    asked: Canvas, moved: Canvas, place: Callable[[range], range], path: Callable[[Track], Track | None]
) -> Canvas:
    """`moved` with the words, camera moves and tracks of `asked`, at the times where they now belong.

    place: the frames of `moved` for frames of `asked`; what has none left is dropped, and so is a track for
    which `path` has none.
    """

    def placed(items: tuple[Timed, ...]) -> Iterator[Timed]:
        for item in items:
            if now := place(item.span.frames(asked.frames, asked.rate_fps)):
                yield replace(item, span=Span(now.start, now.stop))

    tracks = (path(track) for track in asked.tracks if moved.frames > 1)
    return replace(
        moved,
        words=tuple(placed(asked.words)),
        camera=tuple(placed(asked.camera)),
        tracks=tuple(track for track in tracks if track),
    )


def _sampled(track: Track, asked: Canvas, frame_of: tuple[int, ...]) -> Track:
    """The track with its points at the fitted frames; of points that fall on one frame, the last stays."""
    points = {frame_of[frame_at(time, asked.frames, asked.rate_fps)]: (x, y) for time, x, y in track.points}
    if len(points) == 1:  # the whole path lies within one of the filler's frames: rest at its end
        (only, place), *_ = points.items()
        points = {only: place, only + 1 if only == 0 else only - 1: place}
    return replace(track, points=tuple((frame, *points[frame]) for frame in sorted(points)))


def _s(number: Fraction | float) -> str:
    return f"{float(number):g}"
