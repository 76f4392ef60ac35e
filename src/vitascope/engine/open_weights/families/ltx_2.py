"""LTX-2: picture and sound together, clips given at any frame.

Conditions begin at latents, of which the first stands for one frame and every other for eight: latent n > 0
begins at frame 8 n - 7.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import pictures, plain
from vitascope.engine.open_weights.families.sound import sound_of
from vitascope.engine.open_weights.request import Pixels, Request

if TYPE_CHECKING:
    from vitascope.canvas import Sound
    from vitascope.engine.open_weights.catalogue import Pipeline, Way

STRIDE = 8


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For LTX2ConditionPipeline. What is given isn't compressed first: it is to come back as it is."""
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    asked = plain(request) | {"frame_rate": float(request.rate_fps)}
    conditions = [
        LTX2VideoCondition(frames=pictures(clip), index=latent, crf=0)
        for latent, clip in placed(request.given, request.frames)
    ]
    return asked | ({"conditions": conditions} if conditions else {})


def heard(pipe: Any, answer: Any) -> Sound:
    """What is heard with the frames; it comes in pieces of 1/25 s, so it may end a little before them."""
    return sound_of(answer.audio[0].float().cpu().numpy(), pipe.vocoder.config.output_sampling_rate)


def placed(given: Sequence[tuple[int, Pixels]], frames: int) -> list[tuple[int, Pixels]]:
    """Clips by the latent where they begin.

    Of a clip what lies before a latent's beginning is left out; a single picture goes to the nearest latent,
    and of several for one that which lies nearest.
    """
    best: dict[int, tuple[int, Pixels]] = {}
    for frame, clip in given:
        long = len(clip) > STRIDE
        steps = (frame - 1) / STRIDE
        latent = 1 + (math.ceil(steps) if long else round(steps)) if frame else 0
        latent = min(latent, (frames - 1) // STRIDE)
        off = max(0, STRIDE * (latent - 1) + 1) - frame
        if long:
            clip, off = clip[off:], 0
        if latent not in best or abs(off) < best[latent][0]:
            best[latent] = abs(off), clip
    return [(latent, best[latent][1]) for latent in sorted(best)]
