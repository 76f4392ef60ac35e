"""A tiny CogVideoX: from words as the 2 B has it, from a picture with rotary positions as 1.5."""

from __future__ import annotations

from pathlib import Path

from .tiny import tokenizer
from .tiny_parts import begin, save, t5


def cogvideox(folder: Path, kind: str = "CogVideoXPipeline") -> Path:
    """A folder with that kind of pipeline."""
    import diffusers

    begin()
    from_picture = kind == "CogVideoXImageToVideoPipeline"
    more = {
        "in_channels": 8,
        "use_rotary_positional_embeddings": True,
        "patch_size_t": 2,
        "ofs_embed_dim": 16,
        "patch_bias": False,
    }
    transformer = diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        out_channels=4,
        time_embed_dim=16,
        text_embed_dim=32,
        num_layers=1,
        sample_width=4,
        sample_height=4,
        sample_frames=9,
        **(more if from_picture else {"in_channels": 4}),
    )
    vae = diffusers.AutoencoderKLCogVideoX(
        block_out_channels=(8, 8, 8, 8), latent_channels=4, layers_per_block=1, norm_num_groups=2
    )
    return save(
        kind,
        folder,
        vae=vae.eval(),
        transformer=transformer.eval(),
        scheduler=diffusers.CogVideoXDDIMScheduler(),
        text_encoder=t5(),
        tokenizer=tokenizer(),
    )
