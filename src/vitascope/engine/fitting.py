"""A canvas made into one that a filler can take, and what it gives back made as it was asked for.

Size is scaled to the nearest that the filler makes (every position on a canvas is a fraction of its sides, so
nothing else moves), length is padded at the end with unknown frames, and a rate that the filler lacks is
replaced by its nearest: a frame asked for between two of the filler's is then made of both (inbetween.py).
What was known is written back to the bit at the canvas's own size. Knows capabilities, not fillers.

Axes: T time, H height, W width, C colour.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
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


def fits(canvas: Canvas, filler: Capabilities) -> bool:
    """Whether the filler takes the canvas as it is: its size, length and rate."""
    try:
        return fitted_shape(canvas, filler) == _own_shape(canvas)
    except CannotFill:
        return False


def _own_shape(canvas: Canvas) -> Shape:
    return Shape(canvas.frames, canvas.height_px, canvas.width_px, canvas.rate_fps)


def working_rate(canvas: Canvas, filler: Capabilities) -> Fraction:
    """The rate that the filler works at: its own; else its nearest as a ratio, the faster of two as near.

    It is not asked for what lies between given frames closer than two steps of its own: unfit() makes that of
    the frames themselves. Measured on clips of 8 frames a second: 32 dB by flow, 23 dB by the network.
    """
    wanted = canvas.rate_fps
    if filler.own_rate_fps is not None:
        return filler.own_rate_fps
    if filler.rates_fps is None:
        return wanted
    return min(filler.rates_fps, key=lambda rate: (max(rate / wanted, wanted / rate), -rate))


def longest(canvas: Canvas, filler: Capabilities) -> int | None:
    """The most frames, at the canvas's own rate, that the filler takes at once; None: any number."""
    if filler.max_frames is None:
        return None
    most = filler.max_frames // filler.frames_multiple * filler.frames_multiple
    return math.floor(most * canvas.rate_fps / working_rate(canvas, filler))


def fit(canvas: Canvas, filler: Capabilities) -> Fitted:
    """The canvas as the filler can take it; the very same one where it fits already."""
    shape = fitted_shape(canvas, filler)
    if shape == _own_shape(canvas):
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


def settled(fitted: Fitted) -> bool:
    """Whether nothing is left to paint, nor to be heard: unfit() needs only what is given.

    So it is where every frame of the filler's is given, or comes less than a step of its own after the last.
    """
    asked = fitted.asked
    if fitted.canvas is asked or not asked.known.strides[0] or not asked.sound_known:
        return False
    open_from = next((i for i in reversed(range(asked.frames)) if asked.known[i].min() == 1), -1)
    if open_from < 0 or (asked.frames - open_from) * fitted.canvas.rate_fps > asked.rate_fps:
        return False
    needed = fitted.canvas.known[: fitted.frame_of[open_from] + 1]
    return all(known.min() == 1 for known in needed)


def unfit(fitted: Fitted, filled: Canvas, report: Report | None = None) -> Canvas:
    """The filled canvas at the length, size and rate asked for, with what was known put back to the bit.

    Between two frames, given or painted, things are seen on their way from one to the other. The last is
    held, or in a loop leads to the first. The report hears of it only where such frames are made.
    """
    asked, shown = fitted.asked, _Shown(fitted, filled)
    pixels = np.empty(asked.pixels.shape, np.uint8)
    for frame in range(asked.frames):
        given = asked.known[frame] == 1
        pixels[frame] = asked.pixels[frame] if given.all() else shown.at(frame)
        np.copyto(pixels[frame], asked.pixels[frame], where=given[:, :, None])
        if report and shown.pairs:
            report(Progress("in-betweens", frame + 1, asked.frames))
    pixels.setflags(write=False)
    everything = np.broadcast_to(np.float32(1), asked.known.shape)
    return replace(asked, pixels=pixels, known=everything)


class _Shown:
    """What can be seen at the times asked for: given frames, the filler's, and what lies between two of them.

    Times are in frames of the canvas that was asked for. Holds no more than four pictures.
    """

    def __init__(self, fitted: Fitted, filled: Canvas) -> None:
        self.asked, self.filled = fitted.asked, filled
        self.step = fitted.canvas.rate_fps / fitted.asked.rate_fps
        self.alike = abs(self.step - 1) < ALIKE
        self.frame_of = fitted.frame_of
        self.sources = self._sources(fitted)
        self.times = sorted(self.sources)
        self.held: dict[Fraction, Pixels] = {}
        self.pairs: dict[int, Pair] = {}

    def _sources(self, fitted: Fitted) -> dict[Fraction, int | None]:
        """When there is a picture, and which of the filler's it is; None where it is given whole."""
        asked, near = self.asked, NEAR / self.step
        given = range(asked.frames if asked.known.strides[0] else 0)
        times: dict[Fraction, int | None] = {
            Fraction(frame): None for frame in given if asked.known[frame].min() == 1
        }
        end = max(times, default=Fraction(0)) if settled(fitted) else Fraction(asked.frames)
        for frame in range(self.filled.frames):
            time = frame / self.step
            painted = not times or fitted.canvas.known[frame].min() < 1
            if painted and time <= end and all(abs(time - at) >= near for at in times):
                times[time] = frame
        return times

    def at(self, frame: int) -> Pixels:
        """uint8 [H,W,3] at the time of a frame asked for."""
        if self.alike:
            return self._filled(self.frame_of[frame])
        number = bisect_right(self.times, frame) - 1
        before, after = self.times[max(number, 0)], self._time(number + 1)
        if after is None or number < 0 or (frame - before) * self.step < NEAR:
            return self._picture(before)
        if (after - frame) * self.step < NEAR:
            return self._picture(after)
        share = float((frame - before) / (after - before))
        return self._pair(number).at(share, self._beside(number, -1), self._beside(number, 1))

    def _time(self, number: int) -> Fraction | None:
        """Of the picture with that number, counted on in a loop; None where there is none."""
        laps, number = divmod(number, len(self.times))
        return self.times[number] + laps * self.asked.frames if self.asked.loop or not laps else None

    def _pair(self, number: int) -> Pair:
        """That picture and the next; with those on both sides it is kept, for their flows are dear."""
        if number not in self.pairs:
            from vitascope.engine.inbetween import Pair  # here: it takes a fifth of a second to import

            before, after = self._time(number), self._time(number + 1)
            assert before is not None
            assert after is not None
            self.pairs = {other: pair for other, pair in self.pairs.items() if abs(other - number) <= 2}
            self.pairs[number] = Pair(self._picture(before), self._picture(after))
        return self.pairs[number]

    def _beside(self, number: int, side: int) -> Pair | None:
        """The pair before (-1) or after (1), where its frames are as far apart: only then do they say how
        things speed up.
        """
        ends = [self._time(number + i) for i in (0, 1, side, side + 1)]
        before, after, its_before, its_after = ends
        if before is None or after is None or its_before is None or its_after is None:
            return None
        return self._pair(number + side) if its_after - its_before == after - before else None

    def _picture(self, time: Fraction) -> Pixels:
        time = time % self.asked.frames if self.asked.loop else time
        if time not in self.held:
            if len(self.held) == 4:
                self.held.pop(next(iter(self.held)))
            source = self.sources[time]
            self.held[time] = self.asked.pixels[int(time)] if source is None else self._filled(source)
        return self.held[time]

    def _filled(self, source: int) -> Pixels:
        """One of the filler's frames; what is given at its time is as sharp as it was given."""
        image, time = self.filled.pixels[source], source / self.step
        if self.filled.size != self.asked.size:
            image = _resized(image, self.asked.height_px, self.asked.width_px, "bicubic")
        if time.denominator == 1 and time < self.asked.frames:
            given = self.asked.known[int(time), :, :, None] == 1
            image = np.where(given, self.asked.pixels[int(time)], image)
        return image


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
