"""Kandinsky 5 through the real library with tiny random weights; its words are read without torchvision."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vitascope.engine import fill
from vitascope.engine.open_weights.families.kandinsky import parts
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_kandinsky import kandinsky


@pytest.fixture(scope="module")
def t2v(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = kandinsky(tmp_path_factory.mktemp("kandinsky") / "t2v")
    return OpenWeights(checks.small("kandinsky-5-lite-t2v"), folder)


@pytest.fixture(scope="module")
def i2v(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = kandinsky(tmp_path_factory.mktemp("kandinsky") / "i2v", "Kandinsky5I2VPipeline")
    return OpenWeights(checks.small("kandinsky-5-pro-i2v"), folder)


def test_words_give_the_library_s_own_pixels_to_the_bit(t2v: OpenWeights) -> None:
    from diffusers import Kandinsky5T2VPipeline

    filled = fill(checks.words(t2v), t2v, checks.FEW).pixels
    assert t2v.where is not None
    words = parts(t2v.model, t2v.where, torch.float32)
    pipe = Kandinsky5T2VPipeline.from_pretrained(t2v.where, **words)
    asked = {"prompt": "a fox jumps", "height": 32, "width": 32, "num_frames": 9}
    assert np.array_equal(filled, checks.called(pipe, **asked))


def test_what_is_said_counts(t2v: OpenWeights) -> None:
    canvas = checks.words(t2v)
    assert not np.array_equal(
        fill(canvas, t2v, checks.FEW).pixels,
        fill(canvas.with_words("the house"), t2v, checks.FEW).pixels,
    )


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between"])
def test_what_is_known_comes_back(i2v: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(i2v, checks.pattern(i2v, pattern))


def test_it_reports_each_step_and_stops_within_one(t2v: OpenWeights, i2v: OpenWeights) -> None:
    checks.reports_and_stops(t2v, checks.words(t2v))
    checks.reports_and_stops(i2v, checks.from_picture(i2v))
