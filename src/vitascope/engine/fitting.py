"""A canvas made into one that a filler can take, and what it gives back made as it was asked for.

Size is scaled to the nearest that the filler makes (every position on a canvas is a fraction of its sides, so
nothing else moves), length is padded at the end with unknown frames, and a rate that the filler lacks is
replaced by its nearest: each frame asked for then shows the filler's frame of that moment, held until the
next. What was known is written back to the bit at the canvas's own size. Knows capabilities, not fillers.

Axes: T time, H height, W width, C colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, Span, Track, frame_at
from vitascope.engine.contracts import CannotFill, Capabilities

Pixels = NDArray[np.uint8]
Known = NDArray[np.float32]


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
    """The shape that the filler would work in. Raises CannotFill, worded to follow the filler's name."""
    width_px, height_px = _size(canvas, filler)
    if canvas.frames == 1 and filler.stills:
        return Shape(1, height_px, width_px, canvas.rate_fps)
    rate_fps = _rate(canvas.rate_fps, filler.rates_fps)
    exact = canvas.frames * rate_fps / canvas.rate_fps
    frames = math.ceil(exact / filler.frames_multiple) * filler.frames_multiple
    if canvas.loop and frames != exact:
        raise CannotFill(
            f"closes loops of whole multiples of {_s(filler.frames_multiple / rate_fps)} s only: "
            f"make it {_s(frames / rate_fps)} s"
        )
    if filler.max_frames is not None and frames > filler.max_frames:
        longest = filler.max_frames // filler.frames_multiple * filler.frames_multiple / rate_fps
        raise CannotFill(
            f"makes at most {_s(longest)} s at {_s(rate_fps)} fps, and this is {_s(canvas.duration_s)} s"
        )
    return Shape(frames, height_px, width_px, rate_fps)


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
    return Fitted(canvas, _timed(canvas, moved, frame_of), frame_of)


def unfit(fitted: Fitted, filled: Canvas) -> Canvas:
    """The filled canvas at the length, size and rate asked for, with what was known put back to the bit."""
    asked = fitted.asked
    pixels = np.empty(asked.pixels.shape, np.uint8)
    same_size = filled.size == asked.size
    made, shown = -1, pixels[0]
    for frame, source in enumerate(fitted.frame_of):
        if source != made:
            made = source
            image = filled.pixels[source]
            shown = image if same_size else _resized(image, asked.height_px, asked.width_px, "bicubic")
        given = asked.known[frame, :, :, None] == 1
        pixels[frame] = np.where(given, asked.pixels[frame], shown)
    pixels.setflags(write=False)
    everything = np.broadcast_to(np.float32(1), asked.known.shape)
    return replace(asked, pixels=pixels, known=everything)


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


def _rate(wanted: Fraction, offered: tuple[Fraction, ...] | None) -> Fraction:
    """The offered rate nearest to the wanted one, as a ratio; the faster of two that are as near."""
    if offered is None:
        return wanted
    return min(offered, key=lambda rate: (max(rate / wanted, wanted / rate), -rate))


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


def _timed(asked: Canvas, moved: Canvas, frame_of: tuple[int, ...]) -> Canvas:
    """`moved` with the words, camera moves and tracks of `asked`, at the frames where they now belong."""

    def at(span: Span) -> Span:
        held = span.frames(asked.frames, asked.rate_fps)
        start = frame_of[held.start]
        stop = moved.frames if held.stop == asked.frames else max(frame_of[held.stop], start + 1)
        return Span(start, stop)

    return replace(
        moved,
        words=tuple(replace(words, span=at(words.span)) for words in asked.words),
        camera=tuple(replace(camera, span=at(camera.span)) for camera in asked.camera),
        tracks=tuple(_retimed(track, asked, frame_of) for track in asked.tracks if moved.frames > 1),
    )


def _retimed(track: Track, asked: Canvas, frame_of: tuple[int, ...]) -> Track:
    """The track with its points at the fitted frames; of points that fall on one frame, the last stays."""
    points = {frame_of[frame_at(time, asked.frames, asked.rate_fps)]: (x, y) for time, x, y in track.points}
    if len(points) == 1:  # the whole path lies within one of the filler's frames: rest at its end
        (only, place), *_ = points.items()
        points = {only: place, only + 1 if only == 0 else only - 1: place}
    return replace(track, points=tuple((frame, *points[frame]) for frame in sorted(points)))


def _s(number: Fraction | float) -> str:
    return f"{float(number):g}"
