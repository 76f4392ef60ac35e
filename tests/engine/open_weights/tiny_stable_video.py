"""A tiny Stable Video Diffusion."""

from __future__ import annotations

from pathlib import Path

from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

from .tiny_parts import begin, save


def stable_video(folder: Path) -> Path:
    """A folder with StableVideoDiffusionPipeline."""
    import diffusers

    begin()
    unet = diffusers.UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=32,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        cross_attention_dim=32,
        num_attention_heads=(4, 8),
        projection_class_embeddings_input_dim=96,
        addition_time_embed_dim=32,
        num_frames=5,
    )
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        sigma_max=700.0,
        sigma_min=0.002,
        timestep_spacing="leading",
        timestep_type="continuous",
        steps_offset=1,
        use_karras_sigmas=True,
    )
    vae = diffusers.AutoencoderKLTemporalDecoder(
        block_out_channels=(32, 32), down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D")
    )
    sight = CLIPVisionConfig(
        hidden_size=32,
        projection_dim=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        image_size=224,
        intermediate_size=37,
        patch_size=56,
    )
    return save(
        "StableVideoDiffusionPipeline",
        folder,
        {"feature_extractor": "CLIPImageProcessor"},
        unet=unet.eval(),
        vae=vae.eval(),
        scheduler=scheduler,
        image_encoder=CLIPVisionModelWithProjection(sight).eval(),
        feature_extractor=CLIPImageProcessor(crop_size=224, size=224),
    )
