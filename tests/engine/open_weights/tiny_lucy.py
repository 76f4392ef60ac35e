"""A tiny Lucy Edit: Wan's parts, with the clip's latents beside the noise."""

from __future__ import annotations

from pathlib import Path

from .tiny import tokenizer, umt5, wan_transformer, wan_vae
from .tiny_parts import begin, save


def lucy(folder: Path) -> Path:
    """A folder with LucyEditPipeline."""
    import diffusers

    begin()
    return save(
        "LucyEditPipeline",
        folder,
        tokenizer=tokenizer(),
        text_encoder=umt5(),
        vae=wan_vae(),
        scheduler=diffusers.UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0
        ),
        transformer=wan_transformer(32),
        transformer_2=None,
        expand_timesteps=True,
    )
