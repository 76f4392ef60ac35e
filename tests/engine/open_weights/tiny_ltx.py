"""A tiny LTX-Video 0.9.5: 32 x 32 x 8 compression, conditions at any frame."""

from __future__ import annotations

from pathlib import Path

from .tiny import tokenizer
from .tiny_parts import begin, save, t5


def ltx(folder: Path) -> Path:
    """A folder with LTXConditionPipeline."""
    import diffusers

    begin()
    vae = diffusers.AutoencoderKLLTXVideo(
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        timestep_conditioning=True,
    )
    transformer = diffusers.LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=4,
        attention_head_dim=8,
        cross_attention_dim=32,
        num_layers=1,
        caption_channels=32,
    )
    return save(
        "LTXConditionPipeline",
        folder,
        vae=vae.eval(),
        transformer=transformer.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        text_encoder=t5(),
        tokenizer=tokenizer(),
    )
