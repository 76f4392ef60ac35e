"""HunyuanVideo 1.5 and 1.0 through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from vitascope.engine import CannotFill, FillSettings, fill
from vitascope.engine.open_weights.composing import Call
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.engine.open_weights.request import Request

from . import checks
from .tiny_hunyuan import hunyuan, hunyuan_1


@pytest.fixture(scope="module")
def t2v(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = hunyuan(tmp_path_factory.mktemp("hunyuan") / "t2v")
    return OpenWeights(checks.small("hunyuanvideo-1.5-480p-t2v"), folder)


@pytest.fixture(scope="module")
def i2v(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = tmp_path_factory.mktemp("hunyuan") / "i2v"
    return OpenWeights(
        checks.small("hunyuanvideo-1.5-480p-i2v"), hunyuan(folder, "HunyuanVideo15ImageToVideoPipeline")
    )


def test_words_give_the_library_s_own_pixels_to_the_bit(t2v: OpenWeights) -> None:
    filled = fill(checks.words(t2v), t2v, FillSettings(steps=2, guidance=1.0)).pixels
    asked = {"prompt": "a fox jumps", "height": 32, "width": 32, "num_frames": 9, "guidance_scale": None}
    assert np.array_equal(filled, checks.library(t2v, "HunyuanVideo15Pipeline", **asked))


def test_guidance_counts(t2v: OpenWeights) -> None:
    one, four = (fill(checks.words(t2v), t2v, FillSettings(steps=2, guidance=g)).pixels for g in (1.0, 4.0))
    assert not np.array_equal(one, four)


def test_a_picture_gives_the_library_s_own_pixels_to_the_bit(i2v: OpenWeights) -> None:
    canvas = checks.from_picture(i2v, side_px=48)
    filled = fill(canvas, i2v, FillSettings(steps=2, guidance=1.0)).pixels
    asked = {"prompt": "a fox jumps", "num_frames": 9, "guidance_scale": None}
    asked["image"] = Image.fromarray(canvas.pixels[0])
    assert np.array_equal(filled[1:], checks.library(i2v, "HunyuanVideo15ImageToVideoPipeline", **asked)[1:])


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between"])
def test_what_is_known_comes_back_though_the_model_chooses_its_size(i2v: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(i2v, checks.pattern(i2v, pattern))


def test_it_reports_each_step_and_stops_within_one(t2v: OpenWeights, i2v: OpenWeights) -> None:
    checks.reports_and_stops(t2v, checks.words(t2v))
    checks.reports_and_stops(i2v, checks.from_picture(i2v))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = hunyuan_1(tmp_path_factory.mktemp("hunyuan") / "1.0")
    return OpenWeights(checks.small("hunyuanvideo-t2v"), folder)


def test_words_give_1_0_s_own_pixels_to_the_bit(first: OpenWeights) -> None:
    filled = fill(checks.words(first), first, checks.FEW).pixels
    asked = {"prompt": "a fox jumps", "height": 32, "width": 32, "num_frames": 9}
    assert np.array_equal(filled, checks.library(first, "HunyuanVideoPipeline", **asked))


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between", "restyle"])
def test_what_is_known_is_held_in_1_0_s_latents(first: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(first, checks.pattern(first, pattern))


def test_a_clip_held_whole_is_what_the_autoencoder_alone_gives_back(first: OpenWeights) -> None:
    """So what is written into the latents has the scale that the pipeline's own have."""
    pixels = checks.clip(5)
    how = {"rate_fps": checks.rate(first), "text": "a fox", "negative": "", "steps": 2, "guidance": 1.0}
    known = np.ones(pixels.shape[:3], np.float32)
    request = Request(frames=5, height_px=32, width_px=32, seed=0, pixels=pixels, known=known, **how)
    made = first.make(Call("words", 0, 5, 5, hold=True), request, checks.FEW, lambda _: None, "").frames
    vae = first.awake("words", checks.FEW, lambda _: None).vae
    video = torch.from_numpy(pixels.astype(np.float32)).permute(3, 0, 1, 2)[None] / 127.5 - 1
    with torch.no_grad():
        back = vae.decode(vae.encode(video).latent_dist.mode()).sample[0].permute(1, 2, 3, 0)
    there = ((back / 2 + 0.5).clamp(0, 1) * 255).round().numpy()
    assert np.abs(made.astype(float) - there).max() <= 1
    assert made.std() > 1


def test_1_0_refuses_what_must_not_be_there(first: OpenWeights) -> None:
    with pytest.raises(CannotFill, match="takes no negative words"):
        fill(checks.words(first).with_negative("a cat"), first)


def test_1_0_reports_each_step_and_stops_within_one(first: OpenWeights) -> None:
    checks.reports_and_stops(first, checks.words(first))
