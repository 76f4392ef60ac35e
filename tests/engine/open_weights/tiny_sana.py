"""A tiny SANA-Video."""

from __future__ import annotations

from pathlib import Path

from transformers import Gemma2Config, Gemma2Model

from .tiny import WORDS, tokenizer, wan_vae
from .tiny_parts import begin, save


def sana(folder: Path) -> Path:
    """A folder with SanaVideoPipeline; its image-to-video sibling has the same parts."""
    import diffusers

    begin()
    transformer = diffusers.SanaVideoTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        num_layers=2,
        num_cross_attention_heads=2,
        cross_attention_head_dim=12,
        cross_attention_dim=24,
        caption_channels=16,
        rope_max_seq_len=32,
    )
    words = Gemma2Config(
        head_dim=8,
        hidden_size=16,
        intermediate_size=16,
        num_attention_heads=2,
        num_key_value_heads=2,
        num_hidden_layers=1,
        vocab_size=len(WORDS),
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=1,
    )
    scheduler = diffusers.DPMSolverMultistepScheduler(
        use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=8.0
    )
    return save(
        "SanaVideoPipeline",
        folder,
        vae=wan_vae(),
        transformer=transformer.eval(),
        scheduler=scheduler,
        text_encoder=Gemma2Model(words).eval(),
        tokenizer=tokenizer(),
    )
