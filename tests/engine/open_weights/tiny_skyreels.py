"""A tiny SkyReels V2 with diffusion forcing."""

from __future__ import annotations

from pathlib import Path

from .tiny import tokenizer, umt5, wan_vae
from .tiny_parts import begin, save


def skyreels(folder: Path) -> Path:
    """A folder with SkyReelsV2DiffusionForcingPipeline; its image-to-video sibling has the same parts."""
    import diffusers

    begin()
    transformer = diffusers.SkyReelsV2Transformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        text_dim=32,
        ffn_dim=32,
        num_layers=2,
        rope_max_seq_len=32,
        inject_sample_info=True,
    )
    return save(
        "SkyReelsV2DiffusionForcingPipeline",
        folder,
        vae=wan_vae(),
        transformer=transformer.eval(),
        scheduler=diffusers.UniPCMultistepScheduler(flow_shift=8.0, use_flow_sigmas=True),
        text_encoder=umt5(),
        tokenizer=tokenizer(),
    )
