"""AnimateDiff: words, or a clip redrawn, by a motion adapter in Stable Diffusion 1.5."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import plain, redrawn
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Model, Pipeline, Way


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For AnimateDiffPipeline and AnimateDiffVideoToVideoPipeline."""
    asked = plain(request)
    if way == "soft":
        del asked["num_frames"]
        asked |= redrawn(request)
    return asked


def parts(model: Model, folder: Path, dtype: Any) -> dict[str, Any]:
    """What the folder of a still model lacks: the motion, and the schedule that it was trained with.

    Nothing for a folder that holds the whole. Raises NoWeights where the adapter isn't on this machine.
    """
    from diffusers.models.unets.unet_motion_model import MotionAdapter
    from diffusers.schedulers.scheduling_ddim import DDIMScheduler

    from vitascope.engine.open_weights.loading import NoWeights, component_of

    if "motion_adapter" in json.loads((folder / "model_index.json").read_text(encoding="utf-8")):
        return {}
    place = component_of(model, model.adapter)
    try:
        adapter = MotionAdapter.from_pretrained(place, dtype=dtype, local_files_only=True)
    except (OSError, ValueError) as error:
        raise NoWeights(f"{place} doesn't hold a motion adapter: {error}") from error
    schedule = DDIMScheduler.from_pretrained(
        folder,
        subfolder="scheduler",
        local_files_only=True,
        clip_sample=False,
        timestep_spacing="linspace",
        beta_schedule="linear",
        steps_offset=1,
    )
    return {"motion_adapter": adapter, "scheduler": schedule}
