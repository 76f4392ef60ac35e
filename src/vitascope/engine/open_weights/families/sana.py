"""SANA-Video: words or a first picture. Its sizes are taken as they are, not binned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import picture, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


IN_32_BITS = ("vae",)
"""Networks that its makers run in 32 bits beside a denoiser in 16."""


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For SanaVideoPipeline and SanaImageToVideoPipeline."""
    asked = plain(request)
    asked["frames"] = asked.pop("num_frames")
    asked |= {"negative_prompt": request.negative, "use_resolution_binning": False}
    if request.first is not None:
        asked["image"] = picture(request.first)
    return asked
