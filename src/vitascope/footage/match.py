"""The tool "match": a clip's colours made those of another clip or picture.

One look through each gathers a sample of pixels; from the two samples one map of colours is made, the same
for every frame, so nothing flickers. The map is the optimal transport between the two clouds of colours as
if they were Gaussian (Monge-Kantorovich; Pitié and Kokaram 2007, "The linear Monge-Kantorovitch linear
colour mapping"), followed by a gentle curve for each channel. Knows no scenes: what is seen in both should
be alike, or the map carries the difference of the things, not of the grades.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitascope.footage.contracts import Footage, FootageError, Frame, Made, Report, Tool

Colours = NDArray[np.float64]
"""float64 [N, 3]: RGB in 0..1, as it stands in the file (gamma-encoded)."""

_PER_FRAME = 2048  # pixels of a frame that are looked at
_KEPT = 1 << 18  # pixels that are kept of a clip
LEAST_VARIANCE = 1e-4  # (2.5 grey levels)²: a flat picture has no shape of colours to be stretched by

# Of the curves: where they are held, how steep they may be, and how much of them is applied. Chosen by the
# mean error (CIEDE2000) over three grades: of pictures matched to themselves 1.1 (with whole quantile curves
# 0.7, with none 1.8), of two shots of one film 2.6 (3.1 and 3.0).
_QUANTILES = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
_SLOPES = (0.5, 2.0)
_CURVE_SHARE = 0.75
_OVERSHOOT = 0.5  # the curves' tables reach so far below 0 and above 1
_TABLE = 1024


class Match(Tool):
    """Gives a clip the colours of a reference."""

    name: ClassVar[str] = "match"
    media: ClassVar[tuple[str, ...]] = ("reference",)

    reference: Annotated[
        str, Field(min_length=1, description="The clip or picture whose colours are wanted.")
    ]
    strength: Annotated[
        float, Field(ge=0, le=1, description="0 leaves the clip as it is, 1 goes all the way.")
    ] = 1.0

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """Frames of the same size, rate and number."""
        return Made(
            frames=self._matched(footage, report, others["reference"]),
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=footage.rate_fps,
            count=footage.count,
        )

    def _matched(self, footage: Footage, report: Report, reference: Footage) -> Iterator[Frame]:
        wanted = sample_of(reference, report, "looking at the reference")
        own = sample_of(footage, report, "looking at the clip")
        change = colour_map(own, wanted).weakened(self.strength)
        for done, frame in enumerate(footage, 1):
            yield change.apply(frame)
            report("matching", done, footage.count)


@dataclass(frozen=True, eq=False)
class ColourMap:
    """RGB -> matrix [3, 3] and offset [3] -> a curve for each channel, float32 [3, _TABLE] over -0.5..1.5."""

    matrix: Colours
    offset: Colours
    curves: NDArray[np.float32]

    def weakened(self, strength: float) -> ColourMap:
        """A share of the way from no change (0) to this map (1)."""
        plain = np.broadcast_to(_inputs(), self.curves.shape).astype(np.float32)
        return ColourMap(
            np.eye(3) + (self.matrix - np.eye(3)) * strength,
            self.offset * strength,
            (plain + (self.curves - plain) * strength).astype(np.float32),
        )

    def apply(self, frame: Frame) -> Frame:
        """The map on a frame uint8 [H, W, 3]; what leaves 0..255 is clipped."""
        import cv2

        whole = np.concatenate((self.matrix, self.offset[:, None]), axis=1)
        scale = (_TABLE - 1) / (1 + 2 * _OVERSHOOT)
        whole = whole * scale * np.array([1 / 255, 1 / 255, 1 / 255, 1.0])
        whole[:, 3] += _OVERSHOOT * scale + 0.5
        places = cv2.transform(frame.astype(np.float32), whole.astype(np.float32))
        np.clip(places, 0, _TABLE - 1, out=places)
        levels = np.rint(np.clip(self.curves, 0, 1) * 255).astype(np.uint8)
        indices = np.asarray(places).astype(np.uint16)
        return np.stack([levels[channel][indices[..., channel]] for channel in range(3)], axis=-1)

    def __call__(self, colours: Colours) -> Colours:
        """The map on colours [N, 3], not clipped to 0..1."""
        moved: Colours = colours @ self.matrix.T + self.offset
        inputs = _inputs()
        for channel in range(3):
            moved[:, channel] = np.interp(moved[:, channel], inputs, self.curves[channel])
        return moved


def sample_of(footage: Footage, report: Report, stage: str) -> Colours:
    """Some of the colours of all frames, evenly from all of its time: [N, 3], N up to 2^18.

    The same footage gives the same sample. Raises FootageError for no frames.
    """
    kept: list[NDArray[np.uint8]] = []
    every = 1
    chance = np.random.default_rng(0)
    for number, frame in enumerate(footage):
        if number % every == 0:
            pixels = frame[..., :3].reshape(-1, 3)
            chosen = chance.integers(0, len(pixels), min(_PER_FRAME, len(pixels)))
            kept.append(pixels[chosen])
        if len(kept) * _PER_FRAME > _KEPT:  # of a long clip, every second frame, every fourth ...
            kept, every = kept[::2], every * 2
        report(stage, number + 1, footage.count)
    if not kept:
        raise FootageError("there are no frames to take colours from")
    return np.concatenate(kept).astype(np.float64) / 255


def colour_map(own: Colours, wanted: Colours) -> ColourMap:
    """The map that gives the colours `own` the distribution of `wanted`."""
    matrix, offset = transport(own, wanted)
    moved = own @ matrix.T + offset
    curves = [_curve(moved[:, channel], wanted[:, channel]) for channel in range(3)]
    return ColourMap(matrix, offset, np.stack(curves).astype(np.float32))


def transport(own: Colours, wanted: Colours) -> tuple[Colours, Colours]:
    """(matrix, offset) that carry one Gaussian onto another by the shortest ways (Pitié and Kokaram 2007)."""
    least = LEAST_VARIANCE * np.eye(3)
    have, want = np.cov(own.T) + least, np.cov(wanted.T) + least
    half = _root(have)
    undone = np.linalg.inv(half)
    matrix = undone @ _root(half @ want @ half) @ undone
    return matrix, wanted.mean(0) - matrix @ own.mean(0)


def _root(matrix: Colours) -> Colours:
    """The square root of a symmetric positive matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _curve(have: Colours, want: Colours) -> Colours:
    """A rising curve that brings the quantiles of one channel near to those of another."""
    x: Colours = np.asarray(np.quantile(have, _QUANTILES), np.float64)
    y: Colours = np.asarray(np.quantile(want, _QUANTILES), np.float64)
    apart = np.concatenate(([True], np.diff(x) > 0.01))
    x, y = x[apart], y[apart]
    slopes = np.clip(np.diff(y) / np.diff(x), *_SLOPES)
    rise = np.concatenate(([0.0], np.cumsum(slopes * np.diff(x))))
    middle = len(x) // 2
    heights = rise - rise[middle] + y[middle]
    inputs = _inputs()
    # Outside of the quantiles it goes on at a slope of 1.
    beyond = np.minimum(inputs - x[0], 0) + np.maximum(inputs - x[-1], 0)
    curve: Colours = np.asarray(np.interp(inputs, x, heights), np.float64)
    return inputs + _CURVE_SHARE * (curve + beyond - inputs)


def _inputs() -> Colours:
    """The places of a curve's table."""
    return np.arange(_TABLE, dtype=np.float64) / (_TABLE - 1) * (1 + 2 * _OVERSHOOT) - _OVERSHOOT
