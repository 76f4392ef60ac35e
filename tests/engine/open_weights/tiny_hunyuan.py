"""Tiny HunyuanVideos: 1.5, and 1.0."""

from __future__ import annotations

from pathlib import Path

from transformers import (
    ByT5Tokenizer,
    LlamaConfig,
    LlamaModel,
    SiglipImageProcessor,
    SiglipVisionConfig,
    SiglipVisionModel,
    T5Config,
    T5EncoderModel,
)

from .tiny_parts import CHAT_VOCABULARY, begin, chat_tokenizer, clip_text, clip_tokenizer, qwen_vl, save


def hunyuan(folder: Path, kind: str = "HunyuanVideo15Pipeline") -> Path:
    """A folder with that kind of pipeline; pictures are brought to 48 x 48 or about as many pixels."""
    import diffusers

    begin()
    from_picture = kind == "HunyuanVideo15ImageToVideoPipeline"
    transformer = diffusers.HunyuanVideo15Transformer3DModel(
        in_channels=9,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=8,
        num_layers=1,
        num_refiner_layers=1,
        mlp_ratio=2.0,
        text_embed_dim=32,
        text_embed_2_dim=32,
        image_embed_dim=12,
        rope_axes_dim=(2, 2, 4),
        target_size=48,
        task_type="i2v" if from_picture else "t2v",
    )
    vae = diffusers.AutoencoderKLHunyuanVideo15(
        latent_channels=4, block_out_channels=(8, 8, 8, 8, 8), layers_per_block=1
    )
    glyphs = {"d_model": 32, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2, "vocab_size": 384}
    parts: dict[str, object] = {
        "transformer": transformer.eval(),
        "vae": vae.eval(),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=5.0),
        "text_encoder": qwen_vl().model.language_model,
        "text_encoder_2": T5EncoderModel(T5Config(**glyphs)).eval(),
        "tokenizer": chat_tokenizer(),
        "tokenizer_2": ByT5Tokenizer(),
        "guider": diffusers.ClassifierFreeGuidance(guidance_scale=1.0),
    }
    said = {}
    if from_picture:
        sight = SiglipVisionConfig(
            hidden_size=12,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            image_size=32,
            patch_size=16,
        )
        parts["image_encoder"] = SiglipVisionModel(sight).eval()
        parts["feature_extractor"] = SiglipImageProcessor(size={"height": 32, "width": 32})
        said = {"feature_extractor": "SiglipImageProcessor"}
    return save(kind, folder, said, **parts)


def hunyuan_1(folder: Path) -> Path:
    """A folder with HunyuanVideoPipeline."""
    import diffusers

    begin()
    transformer = diffusers.HunyuanVideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=8,
        num_layers=1,
        num_single_layers=1,
        num_refiner_layers=1,
        mlp_ratio=2.0,
        text_embed_dim=32,
        pooled_projection_dim=32,
        rope_axes_dim=(2, 2, 4),
    )
    vae = diffusers.AutoencoderKLHunyuanVideo(
        latent_channels=4, block_out_channels=(8, 8, 8, 8), layers_per_block=1, norm_num_groups=4
    )
    words = LlamaConfig(
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        vocab_size=CHAT_VOCABULARY,
    )
    return save(
        "HunyuanVideoPipeline",
        folder,
        transformer=transformer.eval(),
        vae=vae.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder=LlamaModel(words).eval(),
        tokenizer=chat_tokenizer(),
        text_encoder_2=clip_text(),
        tokenizer_2=clip_tokenizer(),
    )
