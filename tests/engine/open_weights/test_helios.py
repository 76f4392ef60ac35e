"""Helios through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest

from vitascope.engine import FillSettings, Progress, fill
from vitascope.engine.open_weights.families.helios import chunks
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_helios import helios

ONE = FillSettings(steps=1, guidance=1.0)


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = helios(tmp_path_factory.mktemp("helios"))
    return OpenWeights(checks.small("helios", max_frames=65), folder)


def test_words_give_the_library_s_own_pixels_to_the_bit(filler: OpenWeights) -> None:
    filled = fill(checks.words(filler, side_px=16), filler, checks.FEW).pixels
    asked = {"prompt": "a fox jumps", "height": 16, "width": 16, "num_frames": 33}
    assert np.array_equal(filled, checks.library(filler, "HeliosPipeline", **asked)[:9])


@pytest.mark.parametrize("pattern", ["first", "extend", "backward"])
def test_what_is_known_comes_back(filler: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(filler, checks.pattern(filler, pattern, 16), ONE)


def test_several_chunks_are_enough_and_each_is_told(filler: OpenWeights) -> None:
    seen: list[Progress] = []
    assert fill(checks.words(filler, 65, 16), filler, ONE, seen.append).frames == 65
    assert [p.done for p in seen if p.stage == "painting"] == [0, 1, 0, 1]


def test_the_longest_is_four_chunks(filler: OpenWeights) -> None:
    assert [chunks(frames) for frames in (1, 33, 34, 65, 66, 129)] == [1, 1, 2, 2, 3, 4]


def test_it_reports_each_step_and_stops_within_one(filler: OpenWeights) -> None:
    checks.reports_and_stops(filler, checks.words(filler, side_px=16))
