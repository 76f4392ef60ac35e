"""Real pipelines with tiny random weights, built by the library's own classes and saved as folders.

What a hub would hold, in a few kilobytes: tests load them by the same path as real weights.
"""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast, UMT5Config, UMT5EncoderModel

WORDS = ["<pad>", "</s>", "<unk>", *["a", "fox", "jumps", "on", "the", "beach", "cat", "sleeps"]]


def tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer of ten words that ends each text, as T5's does."""
    plain = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    plain.pre_tokenizer = Whitespace()
    plain.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=plain, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=32
    )


def umt5() -> UMT5EncoderModel:
    """A text encoder 32 wide."""
    sizes = {"vocab_size": len(WORDS), "d_model": 32, "d_kv": 8, "num_heads": 4, "d_ff": 37, "num_layers": 1}
    return UMT5EncoderModel(UMT5Config(**sizes)).eval()


def wan_vae():
    """An autoencoder with 8 x 8 x 4 compression and 16 channels."""
    from diffusers import AutoencoderKLWan

    return AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    ).eval()


def wan_transformer(in_channels: int = 16, vace: bool = False):
    """A denoiser of two blocks, 24 wide."""
    from diffusers import WanTransformer3DModel, WanVACETransformer3DModel

    sizes = {
        "patch_size": (1, 2, 2),
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "in_channels": in_channels,
        "out_channels": 16,
        "text_dim": 32,
        "freq_dim": 256,
        "ffn_dim": 32,
        "num_layers": 2,
        "cross_attn_norm": True,
        "qk_norm": "rms_norm_across_heads",
        "rope_max_seq_len": 32,
    }
    if vace:
        return WanVACETransformer3DModel(**sizes, vace_layers=[0], vace_in_channels=96).eval()
    return WanTransformer3DModel(**sizes).eval()


def wan(folder: Path, kind: str = "WanPipeline") -> Path:
    """A folder with a tiny Wan of that kind of pipeline."""
    import diffusers

    torch.manual_seed(0)
    parts = {
        "tokenizer": tokenizer(),
        "text_encoder": umt5(),
        "vae": wan_vae(),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        "transformer": wan_transformer(36 if kind == "WanImageToVideoPipeline" else 16, "VACE" in kind),
    }
    if kind == "WanImageToVideoPipeline":
        parts |= {"image_encoder": None, "image_processor": None}
    getattr(diffusers, kind)(**parts).save_pretrained(folder)
    return folder
