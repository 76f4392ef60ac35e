"""Tiny models of single pictures: Stable Diffusion, SDXL, Z-Image, Qwen-Image, FLUX.1 and FLUX.2."""

from __future__ import annotations

from pathlib import Path

from transformers import Qwen3Config, Qwen3ForCausalLM, Qwen3Model

from .tiny import tokenizer
from .tiny_parts import (
    CHAT_VOCABULARY,
    begin,
    chat_tokenizer,
    clip_text,
    clip_tokenizer,
    picture_vae,
    qwen_vl,
    save,
    t5,
)


def stable_diffusion_parts() -> dict[str, object]:
    """What Stable Diffusion 1.5's folder holds, without its safety checker."""
    import diffusers

    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 8),
        layers_per_block=1,
        sample_size=8,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=32,
        norm_num_groups=2,
        attention_head_dim=4,
    )
    scheduler = diffusers.PNDMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        set_alpha_to_one=False,
        skip_prk_steps=True,
        steps_offset=1,
    )
    return {
        "unet": unet.eval(),
        "scheduler": scheduler,
        "vae": picture_vae(),
        "text_encoder": clip_text(),
        "tokenizer": clip_tokenizer(),
        "feature_extractor": None,
    }


def stable_diffusion(folder: Path) -> Path:
    """A folder with StableDiffusionPipeline."""
    begin()
    more = {"safety_checker": None, "requires_safety_checker": False}
    return save("StableDiffusionPipeline", folder, **stable_diffusion_parts(), **more)


def sdxl(folder: Path) -> Path:
    """A folder with StableDiffusionXLPipeline."""
    import diffusers

    begin()
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(16, 32),
        layers_per_block=1,
        sample_size=16,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 1),
        projection_class_embeddings_input_dim=80,
        cross_attention_dim=64,
        norm_num_groups=2,
    )
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        steps_offset=1,
        timestep_spacing="leading",
    )
    return save(
        "StableDiffusionXLPipeline",
        folder,
        unet=unet.eval(),
        scheduler=scheduler,
        vae=picture_vae(),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=clip_text(projected=True),
        tokenizer_2=clip_tokenizer(),
    )


def _qwen3(layers: int) -> Qwen3Config:
    return Qwen3Config(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        vocab_size=CHAT_VOCABULARY,
    )


def z_image(folder: Path) -> Path:
    """A folder with ZImagePipeline."""
    import diffusers
    import torch

    begin()
    transformer = diffusers.ZImageTransformer2DModel(
        in_channels=16,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[8, 4, 4],
        axes_lens=[512, 32, 32],
    )
    for pad in (transformer.x_pad_token, transformer.cap_pad_token):  # the library leaves them unset
        torch.nn.init.ones_(pad.data)
    return save(
        "ZImagePipeline",
        folder,
        transformer=transformer.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=picture_vae((8, 8, 8, 8), 16, shift_factor=0.1159, scaling_factor=0.3611),
        text_encoder=Qwen3Model(_qwen3(2)).eval(),
        tokenizer=chat_tokenizer(),
    )


def qwen_image(folder: Path) -> Path:
    """A folder with QwenImagePipeline."""
    import diffusers

    begin()
    transformer = diffusers.QwenImageTransformer2DModel(
        in_channels=16,
        out_channels=4,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        axes_dims_rope=(8, 4, 4),
    )
    vae = diffusers.AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )
    return save(
        "QwenImagePipeline",
        folder,
        transformer=transformer.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae.eval(),
        text_encoder=qwen_vl(),
        tokenizer=chat_tokenizer(),
    )


def flux(folder: Path) -> Path:
    """A folder with FluxPipeline."""
    import diffusers

    begin()
    transformer = diffusers.FluxTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8],
    )
    return save(
        "FluxPipeline",
        folder,
        transformer=transformer.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=picture_vae((8, 8), 4, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.0609),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=t5(),
        tokenizer_2=tokenizer(),
    )


def klein(folder: Path, distilled: bool = True) -> Path:
    """A folder with Flux2KleinPipeline."""
    import diffusers

    begin()
    transformer = diffusers.Flux2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * 16,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )
    vae = diffusers.AutoencoderKLFlux2(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 8),
        latent_channels=4,
        norm_num_groups=2,
    )
    return save(
        "Flux2KleinPipeline",
        folder,
        transformer=transformer.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae.eval(),
        text_encoder=Qwen3ForCausalLM(_qwen3(28)).eval(),  # words are read off its 9th, 18th and 27th layer
        tokenizer=chat_tokenizer(),
        is_distilled=distilled,
    )


def klein_base(folder: Path) -> Path:
    """The same as it was before it was distilled."""
    return klein(folder, distilled=False)
