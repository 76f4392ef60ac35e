"""Tiny Stable Audio Open and ACE-Step: 800 samples a second, of which a latent stands for eight."""

from __future__ import annotations

from pathlib import Path

from transformers import Qwen3Config, Qwen3Model

from .tiny import tokenizer
from .tiny_parts import CHAT_VOCABULARY, begin, chat_tokenizer, save, t5

RATE_HZ, HOP = 800, 8


def oobleck(latents: int):
    """An autoencoder of stereo sound."""
    from diffusers import AutoencoderOobleck

    return AutoencoderOobleck(
        encoder_hidden_size=8,
        downsampling_ratios=[2, 4],
        channel_multiples=[1, 2],
        decoder_channels=8,
        decoder_input_channels=latents,
        audio_channels=2,
        sampling_rate=RATE_HZ,
    ).eval()


def stable_audio(folder: Path, latents: int = 200) -> Path:
    """A folder with a tiny Stable Audio Open, of so many latents at most: two seconds."""
    from diffusers import CosineDPMSolverMultistepScheduler, StableAudioDiTModel
    from diffusers.pipelines.stable_audio import StableAudioProjectionModel

    begin()
    return save(
        "StableAudioPipeline",
        folder,
        tokenizer=tokenizer(),
        text_encoder=t5(),
        projection_model=StableAudioProjectionModel(32, 32, 0, 512).eval(),
        transformer=StableAudioDiTModel(
            sample_size=latents,
            in_channels=4,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=2,
            num_key_value_attention_heads=1,
            out_channels=4,
            cross_attention_dim=32,
            time_proj_dim=16,
            global_states_input_dim=64,
            cross_attention_input_dim=32,
        ).eval(),
        scheduler=CosineDPMSolverMultistepScheduler(),
        vae=oobleck(4),
    )


def ace_step(folder: Path, turbo: bool = False) -> Path:
    """A folder with a tiny ACE-Step 1.5."""
    from diffusers import AceStepTransformer1DModel, FlowMatchEulerDiscreteScheduler
    from diffusers.pipelines.ace_step import AceStepConditionEncoder

    begin()
    sizes = {
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "sliding_window": 16,
    }
    return save(
        "AceStepPipeline",
        folder,
        tokenizer=chat_tokenizer(),
        text_encoder=Qwen3Model(
            Qwen3Config(
                vocab_size=CHAT_VOCABULARY,
                hidden_size=16,
                intermediate_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                num_key_value_heads=1,
                head_dim=8,
            )
        ).eval(),
        transformer=AceStepTransformer1DModel(
            **sizes, num_hidden_layers=2, in_channels=12, audio_acoustic_hidden_dim=4, is_turbo=turbo
        ).eval(),
        condition_encoder=AceStepConditionEncoder(
            **sizes,
            text_hidden_dim=16,
            timbre_hidden_dim=4,
            num_lyric_encoder_hidden_layers=1,
            num_timbre_encoder_hidden_layers=1,
        ).eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
        vae=oobleck(4),
    )
