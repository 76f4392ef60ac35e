"""A tiny Kandinsky 5."""

from __future__ import annotations

from pathlib import Path

import torch

from .tiny_parts import begin, chat_tokenizer, clip_text, clip_tokenizer, qwen_vl, save


def kandinsky(folder: Path, kind: str = "Kandinsky5T2VPipeline") -> Path:
    """A folder with that kind of pipeline."""
    import diffusers

    begin()
    transformer = diffusers.Kandinsky5Transformer3DModel(
        in_visual_dim=4,
        out_visual_dim=4,
        in_text_dim=32,
        in_text_dim2=32,
        time_dim=16,
        model_dim=16,
        ff_dim=32,
        num_text_blocks=1,
        num_visual_blocks=1,
        axes_dims=(4, 6, 6),
        visual_cond=True,
    )
    for weights in transformer.parameters():
        if not weights.any():  # untrained gates are shut: nothing that is said would count
            torch.nn.init.normal_(weights, std=0.2)
    vae = diffusers.AutoencoderKLHunyuanVideo(
        latent_channels=4, block_out_channels=(8, 8, 8, 8), layers_per_block=1, norm_num_groups=2
    )
    return save(
        kind,
        folder,
        {"tokenizer": "Qwen2VLProcessor"},
        transformer=transformer.eval(),
        vae=vae.eval(),
        text_encoder=qwen_vl(),
        tokenizer=chat_tokenizer(),
        text_encoder_2=clip_text(),
        tokenizer_2=clip_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=5.0),
    )
