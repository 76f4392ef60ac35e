"""Helios: words or a first picture, made in chunks of 33 frames; what is over is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import picture, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


CHUNK_FRAMES = 33


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For HeliosPipeline."""
    asked = plain(request)
    asked["num_frames"] = CHUNK_FRAMES * chunks(request.frames)
    if request.first is not None:
        asked["image"] = picture(request.first)
    return asked


def chunks(frames: int) -> int:
    """How many have so many frames; of several together the last few are cut to 1 + 4 n."""
    count = 1
    while (CHUNK_FRAMES * count - 1) // 4 * 4 + 1 < frames:
        count += 1
    return count
