"""Single pictures from words: Stable Diffusion, SDXL, Z-Image, Qwen-Image, FLUX.1 and FLUX.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For any text-to-image pipeline; Qwen-Image calls true guidance by another name, and FLUX.2 klein
    takes no negative words.
    """
    asked = plain(request)
    del asked["num_frames"]
    if pipeline.kind == "QwenImagePipeline":
        asked["true_cfg_scale"] = asked.pop("guidance_scale")
        asked["negative_prompt"] = request.negative or " "  # without one it leaves guidance out
    if pipeline.kind == "Flux2KleinPipeline":
        del asked["negative_prompt"]
    return asked
