"""LTX-Video through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest

from vitascope.engine import fill
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_ltx import ltx


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    return OpenWeights(checks.small("ltx-video", size_multiple_px=32), ltx(tmp_path_factory.mktemp("ltx")))


def test_words_give_the_library_s_own_pixels_to_the_bit(filler: OpenWeights) -> None:
    filled = fill(checks.words(filler), filler, checks.FEW).pixels
    asked = {"prompt": "a fox jumps", "height": 32, "width": 32, "num_frames": 9, "frame_rate": 25}
    assert np.array_equal(filled, checks.library(filler, "LTXConditionPipeline", **asked))


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between"])
def test_what_is_known_comes_back(filler: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(filler, checks.pattern(filler, pattern))


def test_it_reports_each_step_and_stops_within_one(filler: OpenWeights) -> None:
    checks.reports_and_stops(filler, checks.words(filler))
