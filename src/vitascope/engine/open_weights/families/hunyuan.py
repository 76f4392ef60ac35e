"""HunyuanVideo 1.5: words, or a first picture, whose size decides. Its guidance is a part of the pipeline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitascope.engine.open_weights.families.pictures import picture, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For HunyuanVideo15Pipeline and HunyuanVideo15ImageToVideoPipeline."""
    asked = plain(request)
    del asked["guidance_scale"]
    if request.first is not None:
        del asked["height"], asked["width"]
        asked["image"] = picture(request.first)
    return asked


def prepare(pipe: Any, request: Request) -> Request:
    """Set what isn't an argument of the call, and bring a picture to the size that the pipeline will choose.

    It would cut the picture to that size, and what it makes is stretched back to the canvas: nothing may be
    cut.
    """
    pipe.guider.guidance_scale = request.guidance
    if request.first is None:
        return request
    height_px, width_px = pipe.video_processor.calculate_default_height_width(
        height=request.height_px, width=request.width_px, target_size=pipe.target_size
    )
    fitted = np.asarray(picture(request.first).resize((width_px, height_px)))
    return replace(request, first=fitted, height_px=height_px, width_px=width_px)
