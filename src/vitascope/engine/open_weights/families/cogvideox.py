"""CogVideoX: words, a first picture, a clip redrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import picture, plain, redrawn
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For CogVideoXPipeline, CogVideoXImageToVideoPipeline and CogVideoXVideoToVideoPipeline."""
    asked = plain(request)
    if request.first is not None:
        asked["image"] = picture(request.first)
    if way == "soft":
        del asked["num_frames"]
        asked |= redrawn(request)
    return asked
