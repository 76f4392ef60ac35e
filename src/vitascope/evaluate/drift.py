"""Drift: is a long clip after a minute still what it was in its first second?

Looks at moments of a stream and forgets the rest, so four minutes take no more memory than two seconds.
Colour (the mean picture's) and sharpness (the energy of the Laplacian) are compared with the first
moment's; whoever reads clips can be asked the same of the moments that are kept. Does not know who paints.

Axes: T frames, H, W pixels, C colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Drift", "drift", "moments", "sharpness"]

Clip = NDArray[np.uint8]


@dataclass(frozen=True)
class Drift:
    """How a later moment differs: mean colour in levels of 255, sharpness over the first moment's."""

    colour: float
    sharpness: float


def moments(chunks: Iterable[Clip], starts: Sequence[int], frames: int) -> list[Clip]:
    """The clips [frames, H, W, 3] that begin at frames `starts` of a stream of chunks [t, H, W, 3].

    Reads no further than it must. A moment that the stream doesn't reach wholly is left out.
    """
    kept: list[list[Clip]] = [[] for _ in starts]
    at = 0
    end = max(starts, default=0) + frames
    for chunk in chunks:
        for start, parts in zip(starts, kept, strict=True):
            low, high = max(start, at), min(start + frames, at + len(chunk))
            if low < high:
                parts.append(chunk[low - at : high - at].copy())
        at += len(chunk)
        if at >= end:
            break
    clips = [np.concatenate(parts) for parts in kept if parts]
    return [clip for clip in clips if len(clip) == frames]


def drift(first_THWC: Clip, later_THWC: Clip) -> Drift:
    """Two moments of one stream."""
    colours = [clip.reshape(-1, 3).mean(axis=0, dtype=np.float64) for clip in (first_THWC, later_THWC)]
    return Drift(
        colour=float(np.abs(colours[1] - colours[0]).mean()),
        sharpness=sharpness(later_THWC) / max(sharpness(first_THWC), 1e-6),
    )


def sharpness(clip_THWC: Clip) -> float:
    """The mean square of the grey frames' Laplacian."""
    grey = [cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY) for frame in clip_THWC]
    return float(np.mean([np.square(cv2.Laplacian(frame, cv2.CV_32F)).mean() for frame in grey]))
