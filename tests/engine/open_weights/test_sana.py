"""SANA-Video through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest

from vitascope.engine import fill
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_sana import sana


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    return OpenWeights(checks.small("sana-video-2b"), sana(tmp_path_factory.mktemp("sana")))


def test_words_give_the_library_s_own_pixels_to_the_bit(filler: OpenWeights) -> None:
    filled = fill(checks.words(filler), filler, checks.FEW).pixels
    asked = {"prompt": "a fox jumps", "height": 32, "width": 32, "frames": 9, "use_resolution_binning": False}
    assert np.array_equal(filled, checks.library(filler, "SanaVideoPipeline", **asked))


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between"])
def test_what_is_known_comes_back(filler: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(filler, checks.pattern(filler, pattern))


def test_it_reports_each_step_and_stops_within_one(filler: OpenWeights) -> None:
    checks.reports_and_stops(filler, checks.words(filler))
    checks.reports_and_stops(filler, checks.from_picture(filler))
