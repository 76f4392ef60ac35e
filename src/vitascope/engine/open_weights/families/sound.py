"""Sound from words: Stable Audio Open, ACE-Step; and for every family, samples into a sound."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Sound

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One call, in our words."""

    text: str
    negative: str
    duration_s: Fraction
    steps: int
    guidance: float


def arguments(wish: Wish, pipeline: Pipeline, rate_hz: int) -> dict[str, Any]:
    """For StableAudioPipeline and AceStepPipeline, which has no negative words."""
    asked: dict[str, Any] = {
        "prompt": wish.text,
        "num_inference_steps": wish.steps,
        "guidance_scale": wish.guidance,
    }
    if pipeline.kind == "AceStepPipeline":
        return asked | {"audio_duration": float(wish.duration_s)}
    return asked | {
        "negative_prompt": wish.negative or None,
        "audio_end_in_s": _seconds(wish.duration_s, rate_hz),
    }


def rate_hz(pipe: Any) -> int:
    """Samples a second of what it makes."""
    return int(pipe.vae.config.sampling_rate)


def longest_s(pipe: Any) -> Fraction | None:
    """The longest that these weights make at once; None: they don't say."""
    latents = getattr(pipe.transformer.config, "sample_size", None)
    return None if latents is None else Fraction(latents * pipe.vae.hop_length, rate_hz(pipe))


def sound_of(made_CN: NDArray[Any], rate_hz: int) -> Sound:
    """Channels of samples as a sound: softer as a whole where it would clip."""
    samples = np.nan_to_num(np.asarray(made_CN, np.float32).T)
    loudest = float(np.abs(samples).max(initial=0))
    return Sound(samples / loudest if loudest > 1 else samples, rate_hz)


def _seconds(duration_s: Fraction, rate_hz: int) -> float:
    """As a float that the pipeline, which rounds down, turns into no sample less."""
    seconds = float(duration_s)
    return seconds if int(seconds * rate_hz) >= duration_s * rate_hz else seconds + 0.5 / rate_hz
