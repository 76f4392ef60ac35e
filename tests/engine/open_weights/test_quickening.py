"""Faster, for what loss: guidance in one batch gives the same sums, caching skips blocks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from vitascope.engine import FillSettings, fill
from vitascope.engine.open_weights.catalogue import MODELS
from vitascope.engine.open_weights.families.wan import join_guidance
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import text_to_video

from . import tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.wan(tmp_path_factory.mktemp("wan") / "t2v")


def paint(pipe) -> np.ndarray:
    asked = {"height": 32, "width": 32, "num_frames": 5, "num_inference_steps": 3, "guidance_scale": 4.0}
    return pipe(
        prompt="a fox", negative_prompt="a cat", generator=torch.Generator().manual_seed(0), **asked
    ).frames[0]


def test_guidance_in_one_batch_asks_once_a_step_and_gives_the_same(folder: Path) -> None:
    from diffusers import WanPipeline

    twice, once = (WanPipeline.from_pretrained(folder) for _ in range(2))
    asked: list[int] = []
    once.transformer.blocks[0].register_forward_hook(lambda block, given, out: asked.append(len(out)))
    join_guidance(once)
    assert np.abs(paint(twice) - paint(once)).max() < 1e-3
    assert asked == [2, 2, 2]


@pytest.mark.parametrize("speed", ["balanced", "draft"])
def test_caching_skips_blocks_and_still_paints_the_scene(folder: Path, speed: str) -> None:
    model = replace(MODELS["wan2.1-t2v-1.3b"], min_side_px=16, max_frames=17)
    canvas = text_to_video("a fox", size=(32, 32), duration_s=Fraction(5, 16), rate_fps=16)
    exact, quick = OpenWeights(model, folder), OpenWeights(model, folder)
    whole = fill(canvas, exact, FillSettings(steps=12)).pixels.astype(float)
    fill(canvas, quick, FillSettings(steps=12, speed=speed))  # loads it
    (loaded,) = quick._pipes.values()
    asked: list[int] = []
    last = loaded.pipe.transformer.blocks[-1]
    last = last if isinstance(last, torch.nn.Module) else last[-1]
    last.register_forward_hook(lambda *_: asked.append(1))
    again = fill(canvas, quick, FillSettings(steps=12, speed=speed)).pixels.astype(float)
    assert len(asked) < 24
    assert np.abs(whole - again).mean() < 30
