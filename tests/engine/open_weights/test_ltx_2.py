"""LTX-2 through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest

from vitascope.engine import fill
from vitascope.engine.open_weights.families.ltx_2 import placed
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_ltx_2 import ltx_2

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
