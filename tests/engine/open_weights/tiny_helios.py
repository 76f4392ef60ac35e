"""Tiny Helios of both kinds."""

from __future__ import annotations

from pathlib import Path

from .tiny import tokenizer, umt5, wan_vae
from .tiny_parts import begin, save


def helios(folder: Path, layers: int = 2) -> Path:
    """A folder with HeliosPipeline."""
    import diffusers

    begin()
    scheduler = diffusers.HeliosScheduler(stage_range=[0, 1], stages=1, use_dynamic_shifting=True)
    return save("HeliosPipeline", folder, scheduler=scheduler, **_parts(layers))


def distilled(folder: Path, layers: int = 2) -> Path:
    """A folder with HeliosPyramidPipeline, distilled."""
    import diffusers

    begin()
    scheduler = diffusers.HeliosDMDScheduler(use_dynamic_shifting=True)
    return save("HeliosPyramidPipeline", folder, scheduler=scheduler, is_distilled=True, **_parts(layers))


def _parts(layers: int) -> dict[str, object]:
    import diffusers

    transformer = diffusers.HeliosTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        text_dim=32,
        ffn_dim=32,
        num_layers=layers,
        rope_dim=(4, 4, 4),
    )
    return {
        "tokenizer": tokenizer(),
        "text_encoder": umt5(),
        "vae": wan_vae(),
        "transformer": transformer.eval(),
    }
