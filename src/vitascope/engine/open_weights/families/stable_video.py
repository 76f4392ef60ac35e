"""Stable Video Diffusion: a picture moves; there are no words, and guidance rises from 1 over the frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import picture
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For StableVideoDiffusionPipeline."""
    assert request.first is not None
    return {
        "image": picture(request.first),
        "height": request.height_px,
        "width": request.width_px,
        "num_frames": request.frames,
        "num_inference_steps": request.steps,
        "max_guidance_scale": request.guidance,
        "fps": round(request.rate_fps),
    }
