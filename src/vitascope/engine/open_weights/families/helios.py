"""Helios: words or a first picture, made in chunks of 33 frames; what is over is left out.

The distilled one makes each chunk three times over, from coarse to fine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import picture, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


IN_32_BITS = ("vae",)
"""Networks that its makers run in 32 bits beside a denoiser in 16."""

CHUNK_FRAMES = 33
STAGES = 3
"""What HeliosPyramidPipeline's scheduler was made for: a quarter of the sides, half of them, all."""

REGULAR_GAMMA = 1 / 3 - 1e-6


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For HeliosPipeline and HeliosPyramidPipeline."""
    asked = plain(request)
    asked["num_frames"] = CHUNK_FRAMES * chunks(request.frames)
    if pipeline.kind == "HeliosPyramidPipeline":
        asked["pyramid_num_inference_steps_list"] = dealt_out(asked.pop("num_inference_steps"))
    if request.first is not None:
        asked["image"] = picture(request.first)
    return asked


def prepare(pipe: Any, request: Request) -> Request:
    """Let it run on a processor: between its stages it draws noise whose covariance, at its makers' gamma of
    1/3, is singular, and what keeps it from that is below float32's last bit. A GPU's Cholesky lets that
    pass, LAPACK's raises. A millionth less is enough, and no picture shows it.
    """
    if hasattr(pipe, "sample_block_noise") and pipe._execution_device.type != "cuda":
        pipe.scheduler.register_to_config(gamma=min(pipe.scheduler.config.gamma, REGULAR_GAMMA))
    return request


def chunks(frames: int) -> int:
    """How many have so many frames; of several together the last few are cut to 1 + 4 n."""
    count = 1
    while (CHUNK_FRAMES * count - 1) // 4 * 4 + 1 < frames:
        count += 1
    return count


def dealt_out(steps: int) -> list[int]:
    """The steps of each stage, so many together: as even as can be, the coarse ones first, for they are
    cheap. At least one each: fewer than three are three.
    """
    return [max(1, (steps + STAGES - 1 - stage) // STAGES) for stage in range(STAGES)]
