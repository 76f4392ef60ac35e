"""What every family does with pictures: arrays into what pipelines take, and what they give back into
arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vitascope.engine.open_weights.request import Pixels, Request

if TYPE_CHECKING:
    from PIL.Image import Image


_SMOOTH = 3  # PIL's Resampling.BICUBIC; PIL is only imported where it is used


def picture(pixels_HWC: Pixels) -> Image:
    """A picture as the library takes it."""
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(pixels_HWC))


def pictures(pixels_THWC: Pixels) -> list[Image]:
    """A clip as the library takes it."""
    return [picture(frame) for frame in pixels_THWC]


def repaint(known_THW: NDArray[np.float32]) -> list[Image]:
    """Our `known` as the masks of this library, whose white is what is painted anew: 255 * (1 - known)."""
    from PIL import Image

    return [Image.fromarray(np.round(255 * (1 - plane)).astype(np.uint8)) for plane in known_THW]


def plain(request: Request) -> dict[str, Any]:
    """The arguments that nearly all pipelines share."""
    return {
        "prompt": request.text,
        "negative_prompt": request.negative or None,
        "height": request.height_px,
        "width": request.width_px,
        "num_frames": request.frames,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
    }


def redrawn(request: Request) -> dict[str, Any]:
    """The arguments of pipelines that redraw a clip; of the steps they take their share, at least one."""
    assert request.pixels is not None
    steps = max(request.steps, math.ceil(1 / request.strength))
    if int(steps * request.strength) < 1:
        steps += 1  # 1 / strength was rounded down
    return {
        "video": pictures(request.pixels),
        "strength": request.strength,
        "num_inference_steps": steps,
    }


def frames_of(answer: Any, request: Request) -> Pixels:
    """The frames, uint8 [T, H, W, 3], of what a pipeline gave back for output_type "np".

    Some choose a size near the one that was asked for, or make whole chunks of frames.
    """
    made = answer.frames[0] if hasattr(answer, "frames") else answer.images
    frames = np.clip(np.round(np.asarray(made, np.float32) * 255), 0, 255).astype(np.uint8)[: request.frames]
    size = (request.width_px, request.height_px)
    if frames.shape[1:3] == size[::-1]:
        return frames
    return np.stack([np.asarray(frame.resize(size, _SMOOTH)) for frame in pictures(frames)])
