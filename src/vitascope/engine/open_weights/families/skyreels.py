"""SkyReels V2 with diffusion forcing: words, or a first and a last picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import picture, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


IN_32_BITS = ("vae",)
"""Networks that its makers run in 32 bits beside a denoiser in 16."""


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For SkyReelsV2DiffusionForcingPipeline and its image-to-video sibling."""
    asked = plain(request) | {"base_num_frames": request.frames, "fps": round(request.rate_fps)}
    if request.first is not None:
        asked["image"] = picture(request.first)
    if request.last is not None:
        asked["last_image"] = picture(request.last)
    return asked
