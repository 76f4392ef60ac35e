"""LTX-2 through the real library with tiny random weights."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from vitascope.canvas import Sound
from vitascope.engine import CannotFill, fill
from vitascope.engine.open_weights.families.ltx_2 import placed
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import sound, text_to_image, text_to_video

from . import checks
from .tiny_ltx_2 import RATE_HZ, ltx_2

SIDE_PX = 64  # what pads its latents by reflection needs two of them on a side


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    return OpenWeights(checks.small("ltx-2", size_multiple_px=32), ltx_2(tmp_path_factory.mktemp("ltx2")))


def test_words_give_the_library_s_own_pixels_to_the_bit(filler: OpenWeights) -> None:
    filled = fill(checks.words(filler, side_px=SIDE_PX), filler, checks.FEW).pixels
    asked = {
        "prompt": "a fox jumps",
        "height": SIDE_PX,
        "width": SIDE_PX,
        "num_frames": 9,
        "frame_rate": 24.0,
    }
    assert np.array_equal(filled, checks.library(filler, "LTX2ConditionPipeline", **asked))


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between"])
def test_what_is_known_comes_back(filler: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(filler, checks.pattern(filler, pattern, SIDE_PX))


def direct(filler: OpenWeights, **asked: Any) -> tuple[np.ndarray, np.ndarray]:
    """What the library's own pipeline makes of the same folder and seed: uint8 [T, H, W, 3], float [N, 2]."""
    import diffusers

    pipe = diffusers.LTX2ConditionPipeline.from_pretrained(filler.where, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    how = {"prompt": "a fox jumps", "height": SIDE_PX, "width": SIDE_PX, "frame_rate": 24.0}
    how |= {"num_inference_steps": 2, "guidance_scale": 2.0} | asked
    out = pipe(**how, generator=torch.Generator().manual_seed(checks.SEED), output_type="np")
    pixels = np.round(np.clip(np.asarray(out.frames[0], np.float32), 0, 1) * 255).astype(np.uint8)
    return pixels, out.audio[0].numpy().T


def test_asked_for_both_it_gives_the_library_s_own_pixels_and_sound_to_the_bit(filler: OpenWeights) -> None:
    canvas = checks.words(filler, side_px=SIDE_PX)
    filled = fill(canvas.with_unknown_sound(), filler, checks.FEW)
    pixels, samples = direct(filler, num_frames=9)
    assert filled.sound is not None
    assert filled.sound.rate_hz == RATE_HZ
    assert samples.std() > 0.01
    assert np.abs(samples).max() <= 1  # else it is made softer as a whole
    assert np.array_equal(filled.pixels, pixels)
    count = round(canvas.duration_s * RATE_HZ)
    there = min(count, len(samples))
    assert count - there < 0.05 * RATE_HZ
    assert len(filled.sound.samples) == count
    assert np.array_equal(filled.sound.samples[:there], samples[:there])
    assert not filled.sound.samples[there:].any()
    # Not asked, it is as ever: the same pictures, and the canvas's own sound or none.
    assert fill(canvas, filler, checks.FEW) == filled.with_sound(None)
    own = canvas.with_sound(Sound(np.zeros((80, 1), np.float32), 200))
    assert fill(own, filler, checks.FEW).sound == own.sound


@pytest.mark.parametrize(("frames", "rate_fps"), [(2, 24), (3, 8), (17, 24), (7, Fraction(30000, 1001))])
def test_the_sound_is_as_long_as_the_canvas_to_the_sample(
    filler: OpenWeights, frames: int, rate_fps: Fraction
) -> None:
    how = {"rate_fps": rate_fps, "seed": checks.SEED}
    canvas = text_to_video("a fox", size=(SIDE_PX, SIDE_PX), duration_s=frames / Fraction(rate_fps), **how)
    made = fill(canvas.with_unknown_sound(), filler, checks.FEW).sound
    assert made is not None
    assert len(made.samples) == round(canvas.duration_s * RATE_HZ)
    assert made.samples.std() > 0.01


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between"])
def test_what_is_known_comes_back_beside_its_sound(filler: OpenWeights, pattern: str) -> None:
    canvas = checks.pattern(filler, pattern, SIDE_PX).with_unknown_sound()
    filled = checks.known_comes_back(filler, canvas)
    assert filled.sound is not None
    assert filled.sound.samples.std() > 0.01


def test_a_sound_that_it_can_t_make_is_refused(filler: OpenWeights) -> None:
    clip = sound("rain", checks.clip(9, SIDE_PX), rate_fps=24)
    with pytest.raises(CannotFill, match="only with pictures that it paints, and these are all known"):
        fill(clip, filler)
    canvas = checks.words(filler, side_px=SIDE_PX).with_unknown_sound()
    with pytest.raises(CannotFill, match="makes no sound whose end leads to its beginning"):
        fill(canvas.with_loop(), filler)
    long = text_to_video("a fox", duration_s=2, rate_fps=24).with_unknown_sound()
    with pytest.raises(CannotFill, match="longer only without a sound"):
        fill(long, filler)
    with pytest.raises(CannotFill, match="makes no single pictures"):
        fill(text_to_image("a fox").with_unknown_sound(), filler)
    with pytest.raises(CannotFill, match=r"makes no sound, .*; these can: ltx-2"):
        fill(canvas, "wan2.1-t2v-1.3b")


def test_conditions_begin_where_latents_do() -> None:
    clip = checks.clip(17)
    one = clip[:1]
    assert [latent for latent, _ in placed([(0, one), (8, one), (16, one)], 17)] == [0, 2]
    assert [latent for latent, _ in placed([(0, one), (8, one), (16, one)], 25)] == [0, 2, 3]
    ((latent, rest),) = placed([(3, clip)], 25)
    assert latent == 2  # it begins at frame 9
    assert np.array_equal(rest, clip[6:])
    ((latent, nearest),) = placed([(7, clip[1:2]), (8, clip[2:3]), (11, clip[3:4])], 25)
    assert latent == 2
    assert np.array_equal(nearest, clip[2:3])


def test_it_reports_each_step_and_stops_within_one(filler: OpenWeights) -> None:
    checks.reports_and_stops(filler, checks.words(filler, side_px=SIDE_PX))
