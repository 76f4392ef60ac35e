"""Stable Audio Open and ACE-Step through the real library with tiny random weights."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vitascope.canvas import Span
from vitascope.engine import Cancelled, CannotFill, FillSettings, Progress, fill
from vitascope.engine.open_weights.catalogue import MODELS
from vitascope.engine.open_weights.loading import NoWeights
from vitascope.engine.open_weights.naming import entry_for
from vitascope.engine.open_weights.sounding import SoundWeights
from vitascope.tasks import sound, text_to_video

from . import checks
from .tiny_sound import RATE_HZ, ace_step, stable_audio

CLIP = checks.clip(7)


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> SoundWeights:
    return SoundWeights(MODELS["stable-audio-open"], stable_audio(tmp_path_factory.mktemp("audio")))


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> SoundWeights:
    model = replace(MODELS["ace-step-1.5"], min_sound_s=Fraction(1))
    return SoundWeights(model, ace_step(tmp_path_factory.mktemp("music")))


def library(filler: SoundWeights, kind: str, **asked: Any) -> np.ndarray:
    """What the library's own pipeline makes of the same folder and seed: float32 [N, 2]."""
    import diffusers

    pipe = getattr(diffusers, kind).from_pretrained(filler.where, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    how = {"num_inference_steps": 2, "guidance_scale": 2.0}
    out = pipe(**how, **asked, generator=torch.Generator().manual_seed(checks.SEED), output_type="np")
    return np.asarray(out.audios[0]).T


def heard(filler: SoundWeights, duration_s: Fraction | float, **more: Any) -> np.ndarray:
    """What a fill makes: float32 [N, 2]."""
    canvas = sound("a fox jumps", duration_s=duration_s, seed=checks.SEED, **more)
    filled = fill(canvas, filler, checks.FEW)
    assert filled.sound is not None
    assert filled.sound.rate_hz == RATE_HZ
    return filled.sound.samples


def test_words_give_the_library_s_own_sound_to_the_bit(audio: SoundWeights, music: SoundWeights) -> None:
    made = heard(audio, 1.5)
    direct = library(audio, "StableAudioPipeline", prompt="a fox jumps", audio_end_in_s=1.5)
    assert made.std() > 0.01
    assert np.array_equal(made, direct)
    asked = {"prompt": "a fox jumps", "lyrics": "[Instrumental]", "audio_duration": 1.5}
    made = heard(music, 1.5)
    assert made.std() > 0.01
    assert np.array_equal(made, library(music, "AceStepPipeline", **asked))


def test_negative_words_reach_the_library(audio: SoundWeights) -> None:
    asked = {"prompt": "a fox jumps", "negative_prompt": "cat sleeps", "audio_end_in_s": 1.0}
    made = heard(audio, 1, negative="cat sleeps")
    assert np.array_equal(made, library(audio, "StableAudioPipeline", **asked))
    assert not np.array_equal(made, heard(audio, 1))


@pytest.mark.parametrize(
    "duration_s", [Fraction(1, RATE_HZ), Fraction(1, 3), Fraction(1001, 1000), Fraction(7, 5), Fraction(2)]
)
def test_it_is_as_long_as_the_canvas_to_the_sample(
    audio: SoundWeights, music: SoundWeights, duration_s: Fraction
) -> None:
    for filler in (audio, music):
        assert len(heard(filler, duration_s)) == round(duration_s * RATE_HZ)


def test_what_is_shorter_than_a_model_learnt_is_cut_off_that(music: SoundWeights) -> None:
    asked = {"prompt": "a fox jumps", "lyrics": "[Instrumental]", "audio_duration": 1.0}
    direct = library(music, "AceStepPipeline", **asked)
    assert np.array_equal(heard(music, 0.5), direct[: RATE_HZ // 2])


def test_known_pixels_come_back(audio: SoundWeights) -> None:
    canvas = sound("a fox jumps", CLIP, rate_fps=12, seed=checks.SEED)
    filled = fill(canvas, audio, checks.FEW)
    assert np.array_equal(filled.pixels, CLIP)
    assert filled.sound is not None
    assert len(filled.sound.samples) == round(Fraction(7, 12) * RATE_HZ)


def test_the_same_seed_is_the_same_sound_and_another_another(audio: SoundWeights) -> None:
    canvas = sound("a fox jumps", duration_s=1)
    once, again = (fill(canvas, audio, checks.FEW) for _ in range(2))
    assert once == again
    assert once.sound != fill(canvas.with_seed(8), audio, checks.FEW).sound


def test_words_of_all_times_are_said(audio: SoundWeights) -> None:
    canvas = sound("", duration_s=1, seed=checks.SEED)
    canvas = canvas.with_words("a fox jumps", Span(None, 0.5)).with_words("cat sleeps", Span(0.5))
    made = fill(canvas, audio, checks.FEW).sound
    both = library(audio, "StableAudioPipeline", prompt="a fox jumps. cat sleeps", audio_end_in_s=1.0)
    assert made is not None
    assert np.array_equal(made.samples, both)


@pytest.mark.parametrize("which", ["audio", "music"])
def test_it_reports_each_step_and_stops_within_one(which: str, request: pytest.FixtureRequest) -> None:
    filler: SoundWeights = request.getfixturevalue(which)
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.stage == "making the sound" and progress.done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        fill(sound("a fox", duration_s=1), filler, FillSettings(steps=4, guidance=2.0), report)
    assert [(p.done, p.total) for p in seen if p.stage == "making the sound"] == [(0, 4), (1, 4)]
    seen.clear()
    fill(sound("a fox", duration_s=1), filler, FillSettings(steps=4, guidance=2.0), seen.append)
    assert [p.done for p in seen if p.stage == "making the sound"] == list(range(5))


def test_too_long_is_refused_with_what_would_be_right(audio: SoundWeights) -> None:
    with pytest.raises(CannotFill, match=r"at most 47\.5\d* s of sound, and this is 48 s; these can: ace"):
        fill(sound("rain", duration_s=48), audio, checks.FEW)
    with pytest.raises(CannotFill, match="these weights of stable-audio-open make at most 2 s"):
        fill(sound("rain", duration_s=2.01), audio, checks.FEW)
    with pytest.raises(CannotFill, match="at most 600 s of sound"):
        fill(sound("rain", duration_s=601), "ace-step-1.5")


def test_pictures_and_sounds_are_not_mixed_up(audio: SoundWeights, music: SoundWeights) -> None:
    with pytest.raises(CannotFill, match="makes sound and no pictures"):
        fill(text_to_video("a fox"), audio)
    with pytest.raises(CannotFill, match="makes no sound, and this canvas asks for one"):
        fill(sound("rain"), "wan2.1-t2v-1.3b")
    with pytest.raises(CannotFill, match="takes no negative words; these can: stable-audio-open"):
        fill(sound("rain", negative="wind"), music)


def test_a_folder_of_another_kind_is_refused(tmp_path: Path, audio: SoundWeights) -> None:
    assert audio.where is not None
    other = SoundWeights(MODELS["ace-step-1.5"], audio.where)
    with pytest.raises(NoWeights, match="doesn't hold AceStepPipeline"):
        fill(sound("rain", duration_s=1), other, checks.FEW)
    with pytest.raises(NoWeights, match=r"no model_index\.json"):
        fill(sound("rain", duration_s=1), SoundWeights(MODELS["stable-audio-open"], tmp_path), checks.FEW)


def test_a_folder_is_known_by_its_index(audio: SoundWeights, music: SoundWeights) -> None:
    for filler, like in ((audio, "stable-audio-open"), (music, "ace-step-1.5")):
        entry = entry_for(str(filler.where))
        assert entry is not None
        assert entry.capabilities.summary == f"like {like}"
        assert entry.capabilities.makes_sound
        assert isinstance(entry(), SoundWeights)


def test_what_the_library_can_t_cache_is_said(music: SoundWeights) -> None:
    with pytest.raises(CannotFill, match="say --speed exact"):
        fill(sound("rain", duration_s=1), music, FillSettings(steps=2, speed="balanced"))


def test_compiled_whole_it_sounds_the_same(
    audio: SoundWeights, music: SoundWeights, as_on_a_gpu: None
) -> None:
    for filler in (audio, music):
        quick = SoundWeights(filler.model, filler.where)
        assert np.abs(heard(quick, 1) - heard(filler, 1)).max() < 1e-4


def test_blocks_are_left_out_where_the_caching_library_knows_them(
    audio: SoundWeights, music: SoundWeights
) -> None:
    canvas, draft = sound("a fox", duration_s=1), FillSettings(steps=12, speed="draft")
    quick = SoundWeights(audio.model, audio.where)
    first, second = (fill(canvas, quick, draft).sound for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.samples, second.samples)
    with pytest.raises(CannotFill, match="--speed exact"):
        fill(canvas, music, draft)
