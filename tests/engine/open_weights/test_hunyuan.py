"""HunyuanVideo 1.5 through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from vitascope.engine import FillSettings, fill
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_hunyuan import hunyuan


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
