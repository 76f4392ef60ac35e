"""A tiny LTX-2: 32 x 32 x 8 compression, sound beside the picture."""

from __future__ import annotations

from pathlib import Path

from transformers import Gemma3Config, Gemma3ForConditionalGeneration

from .tiny import WORDS, tokenizer
from .tiny_parts import begin, save

RATE_HZ = 400
"""Of its sound: a hundred pieces a second come to its vocoder, which makes four samples of each."""


def _words() -> Gemma3ForConditionalGeneration:
    config = Gemma3Config(
        text_config={
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 8,
            "num_hidden_layers": 2,
            "vocab_size": len(WORDS) + 3,
            "pad_token_id": 0,
            "bos_token_id": 1,
            "eos_token_id": 1,
        },
        vision_config={
            "hidden_size": 8,
            "intermediate_size": 8,
            "num_attention_heads": 2,
            "num_hidden_layers": 1,
            "image_size": 16,
            "patch_size": 8,
        },
        mm_tokens_per_image=4,
        boi_token_index=len(WORDS),
        eoi_token_index=len(WORDS) + 1,
        image_token_index=len(WORDS) + 2,
    )
    return Gemma3ForConditionalGeneration(config).eval()


def _denoiser():
    import diffusers

    return diffusers.LTX2VideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=2,
        attention_head_dim=8,
        cross_attention_dim=16,
        audio_in_channels=4,
        audio_out_channels=4,
        audio_num_attention_heads=2,
        audio_attention_head_dim=4,
        audio_cross_attention_dim=8,
        num_layers=1,
        caption_channels=16,
        rope_double_precision=False,
        rope_type="split",
    ).eval()


def _hearing():
    import diffusers

    return diffusers.AutoencoderKLLTX2Audio(
        base_channels=4, ch_mult=(1, 1, 1), num_res_blocks=1, latent_channels=2, mel_bins=8, resolution=32
    ).eval()


def ltx_2(folder: Path) -> Path:
    """A folder with LTX2ConditionPipeline."""
    import diffusers
    from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
    from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder

    begin()
    vae = diffusers.AutoencoderKLLTX2Video(
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1),
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )
    connectors = LTX2TextConnectors(
        caption_channels=16,
        text_proj_in_factor=3,
        video_connector_num_attention_heads=2,
        video_connector_attention_head_dim=8,
        video_connector_num_layers=1,
        audio_connector_num_attention_heads=2,
        audio_connector_attention_head_dim=8,
        audio_connector_num_layers=1,
        rope_double_precision=False,
        rope_type="split",
    )
    vocoder = LTX2Vocoder(
        in_channels=16,
        hidden_channels=8,
        upsample_kernel_sizes=[4, 4],
        upsample_factors=[2, 2],
        resnet_kernel_sizes=[3],
        resnet_dilations=[[1, 3, 5]],
        output_sampling_rate=RATE_HZ,
    )
    return save(
        "LTX2ConditionPipeline",
        folder,
        vae=vae.eval(),
        audio_vae=_hearing(),
        text_encoder=_words(),
        tokenizer=tokenizer(),
        connectors=connectors.eval(),
        transformer=_denoiser(),
        vocoder=vocoder.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=0.1),
    )
