"""HunyuanVideo: words, or with 1.5 a first picture, whose size decides. Guidance is a part of 1.5's pipeline.

1.0's latents are [B, C, F, h, w], scaled by one number; the first stands for one frame, every other for four.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitascope.engine.open_weights.families.pictures import picture, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from torch import Tensor

    from vitascope.engine.open_weights.catalogue import Pipeline, Way


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For HunyuanVideoPipeline, HunyuanVideo15Pipeline and HunyuanVideo15ImageToVideoPipeline."""
    asked = plain(request)
    if pipeline.kind == "HunyuanVideoPipeline":
        del asked["negative_prompt"]
        return asked
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
    if not hasattr(pipe, "guider"):
        return request
    pipe.guider.guidance_scale = request.guidance
    if request.first is None:
        return request
    height_px, width_px = pipe.video_processor.calculate_default_height_width(
        height=request.height_px, width=request.width_px, target_size=pipe.target_size
    )
    fitted = np.asarray(picture(request.first).resize((width_px, height_px)))
    return replace(request, first=fitted, height_px=height_px, width_px=width_px)


def encode(pipe: Any, video_BCTHW: Tensor) -> Tensor:
    """Latents [B, C, F, h, w] of a clip in -1..1, as they come out of 1.0's last step."""
    z = pipe.vae.encode(video_BCTHW.to(pipe._execution_device, pipe.vae.dtype)).latent_dist.mode()
    return z.float() * pipe.vae.config.scaling_factor
