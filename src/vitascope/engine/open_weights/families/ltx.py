"""LTX-Video: clips given at any frame, as conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import pictures, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For LTXConditionPipeline."""
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    asked = plain(request) | {"frame_rate": float(request.rate_fps)}
    conditions = [LTXVideoCondition(video=pictures(clip), frame_index=start) for start, clip in request.given]
    return asked | ({"conditions": conditions} if conditions else {})
