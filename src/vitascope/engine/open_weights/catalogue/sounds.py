"""Models that make sounds alone, as data."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from vitascope.engine.open_weights.catalogue.model import STABILITY_REVENUE, Model, Pipeline


def _sound(name: str, summary: str, repo: str, kind: str, sizes_b: tuple[float, float], **more: Any) -> Model:
    return Model(
        name=name,
        family="sound",
        summary=summary,
        repo=repo,
        ways={"words": Pipeline(kind=kind)},
        parameters_b=sizes_b[0],
        text_parameters_b=sizes_b[1],
        rate_fps=None,
        **more,
    )


stable_audio_open = _sound(
    "stable-audio-open",
    "Stable Audio Open: noises and short music, in stereo",
    "stabilityai/stable-audio-open-1.0",
    "StableAudioPipeline",
    (1.2, 0.1),
    licence="Stability AI Community",
    terms=STABILITY_REVENUE,
    max_sound_s=Fraction(1024 * 2048, 44100),
    sound_rate_hz=44100,
    steps=100,
    guidance=7.0,
)
ace_step = _sound(
    "ace-step-1.5",
    "ACE-Step 1.5 XL: music in stereo, without voices",
    "ACE-Step/acestep-v15-xl-base-diffusers",
    "AceStepPipeline",
    (5.0, 0.6),
    licence="MIT",
    languages=("en", "zh"),
    max_sound_s=Fraction(600),
    min_sound_s=Fraction(10),
    sound_rate_hz=48000,
    negative=False,
    steps=50,
    guidance=7.0,
    options={"lyrics": "[Instrumental]"},
    leaves_out=False,
)
ace_step_turbo = _sound(
    "ace-step-1.5-turbo",
    "ACE-Step 1.5 XL Turbo: music in stereo in 8 steps, without voices",
    "ACE-Step/acestep-v15-xl-turbo-diffusers",
    "AceStepPipeline",
    (5.0, 0.6),
    licence="MIT",
    languages=("en", "zh"),
    max_sound_s=Fraction(600),
    min_sound_s=Fraction(10),
    sound_rate_hz=48000,
    negative=False,
    steps=8,
    guidance=1.0,
    options={"lyrics": "[Instrumental]"},
    leaves_out=False,
)
