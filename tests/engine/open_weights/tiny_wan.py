"""Tiny Wans of other builds: two experts, one that is told time by latent, and with an eye for pictures."""

from __future__ import annotations

from pathlib import Path

from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel

from .tiny import tokenizer, umt5, wan_transformer, wan_vae
from .tiny_parts import begin, save

LATENTS = 8


def _parts(**more: object) -> dict[str, object]:
    import diffusers

    scheduler = diffusers.UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )
    parts = {"tokenizer": tokenizer(), "text_encoder": umt5(), "vae": wan_vae(), "scheduler": scheduler}
    return parts | more


def two_experts(folder: Path, kind: str = "WanPipeline") -> Path:
    """Wan 2.2 A14B: one expert for much noise, one for little."""
    begin()
    eye = {} if kind == "WanPipeline" else {"image_encoder": None, "image_processor": None}
    channels = 16 if kind == "WanPipeline" else 36
    experts = {name: wan_transformer(channels) for name in ("transformer", "transformer_2")}
    return save(kind, folder, **_parts(**experts, **eye, boundary_ratio=0.9))


def by_latent(folder: Path) -> Path:
    """Wan 2.2 TI2V 5B: 16 x 16 x 4 compression; what is given has a time of its own."""
    import diffusers

    begin()
    vae = diffusers.AutoencoderKLWan(
        base_dim=4,
        decoder_base_dim=4,
        z_dim=LATENTS,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        is_residual=True,
        in_channels=12,
        out_channels=12,
        patch_size=2,
        scale_factor_spatial=16,
        latents_mean=[0.0] * LATENTS,
        latents_std=[1.0] * LATENTS,
    )
    transformer = diffusers.WanTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=LATENTS,
        out_channels=LATENTS,
        text_dim=32,
        ffn_dim=32,
        num_layers=2,
        rope_max_seq_len=32,
    )
    parts = _parts(vae=vae.eval(), transformer=transformer.eval(), transformer_2=None)
    return save("WanPipeline", folder, **parts, expand_timesteps=True)


def with_an_eye(folder: Path, ends: int) -> Path:
    """Wan 2.1 I2V (one end) or FLF2V (two): a picture is looked at by CLIP too."""
    import diffusers

    begin()
    transformer = diffusers.WanTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=36,
        text_dim=32,
        ffn_dim=32,
        num_layers=2,
        rope_max_seq_len=32,
        image_dim=16,
        added_kv_proj_dim=24,
        pos_embed_seq_len=2 * 5 if ends == 2 else None,
    )
    sight = CLIPVisionConfig(
        hidden_size=16,
        projection_dim=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=32,
        intermediate_size=16,
        patch_size=16,
    )
    eye = {
        "image_encoder": CLIPVisionModel(sight).eval(),
        "image_processor": CLIPImageProcessor(
            crop_size={"height": 32, "width": 32}, size={"shortest_edge": 32}
        ),
    }
    said = {"image_processor": "CLIPImageProcessor"}
    return save("WanImageToVideoPipeline", folder, said, **_parts(transformer=transformer.eval(), **eye))
