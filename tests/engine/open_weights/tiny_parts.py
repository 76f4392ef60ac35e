"""Parts that several tiny pipelines share: tokenizers, text encoders, autoencoders of pictures."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    T5Config,
    T5EncoderModel,
)

from .tiny import WORDS

_PIECES = ["<pad>", "<unk>", "<|im_start|>", "<|im_end|>", "fox", "jump", "s", "the", "a", " ", "\n"]
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CHAT_VOCABULARY = len(_PIECES)


def t5() -> T5EncoderModel:
    """A text encoder 32 wide."""
    sizes = {"vocab_size": len(WORDS), "d_model": 32, "d_kv": 8, "num_heads": 4, "d_ff": 37, "num_layers": 1}
    return T5EncoderModel(T5Config(**sizes)).eval()


def chat_tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer of pieces of four letters, so that instructions have about as many as in real ones."""
    plain = Tokenizer(WordLevel({piece: i for i, piece in enumerate(_PIECES)}, unk_token="<unk>"))
    plain.pre_tokenizer = Split(Regex(r"\w{1,4}|[^\w\s]|\s+"), "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=plain,
        pad_token="<pad>",
        unk_token="<unk>",
        additional_special_tokens=["<|im_start|>", "<|im_end|>"],
        chat_template=_TEMPLATE,
    )


def clip_text(width: int = 32, projected: bool = False) -> CLIPTextModel | CLIPTextModelWithProjection:
    """A text encoder that reads 77 words."""
    config = CLIPTextConfig(
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=0,
        hidden_size=width,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=len(WORDS),
        projection_dim=width,
        max_position_embeddings=77,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def clip_tokenizer() -> PreTrainedTokenizerFast:
    """The tiny tokenizer at CLIP's length."""
    from .tiny import tokenizer

    words = tokenizer()
    words.model_max_length = 77
    return words


def qwen_vl(width: int = 32) -> Qwen2_5_VLForConditionalGeneration:
    """A language model that could look at pictures; only its words count here."""
    config = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": width,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "rope_parameters": {
                "mrope_section": [2, 3, 3],
                "rope_type": "default",
                "rope_theta": 1000000.0,
            },
            "vocab_size": CHAT_VOCABULARY,
            "bos_token_id": 2,
            "eos_token_id": 3,
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": width,
        },
        image_token_id=4,
        video_token_id=4,
        vision_start_token_id=4,
        vision_end_token_id=4,
    )
    return Qwen2_5_VLForConditionalGeneration(config).eval()


def picture_vae(channels: tuple[int, ...] = (8, 8), latents: int = 4, **more: object):
    """An autoencoder of single pictures; every block but the last halves them."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=channels,
        down_block_types=["DownEncoderBlock2D"] * len(channels),
        up_block_types=["UpDecoderBlock2D"] * len(channels),
        latent_channels=latents,
        norm_num_groups=2,
        **more,
    ).eval()


def save(kind: str, folder: Path, said: dict[str, str] | None = None, **parts: object) -> Path:
    """A folder with that pipeline; `said` are the classes that a hub's index names for some of its parts."""
    import diffusers

    getattr(diffusers, kind)(**parts).save_pretrained(folder)
    index = folder / "model_index.json"
    known = json.loads(index.read_text())
    for name, cls in (said or {}).items():
        known[name] = ["transformers", cls]
    index.write_text(json.dumps(known, indent=2))
    return folder


def begin() -> None:
    """The same weights in every run."""
    torch.manual_seed(0)
