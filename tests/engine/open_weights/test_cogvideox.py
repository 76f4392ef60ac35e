"""CogVideoX through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest

from vitascope.engine import fill
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_cogvideox import cogvideox


@pytest.fixture(scope="module")
def t2v(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    return OpenWeights(checks.small("cogvideox-2b"), cogvideox(tmp_path_factory.mktemp("cog") / "t2v"))


@pytest.fixture(scope="module")
def i2v(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = tmp_path_factory.mktemp("cog") / "i2v"
    return OpenWeights(
        checks.small("cogvideox-1.5-5b-i2v"), cogvideox(folder, "CogVideoXImageToVideoPipeline")
    )


def test_words_give_the_library_s_own_pixels_to_the_bit(t2v: OpenWeights) -> None:
    filled = fill(checks.words(t2v), t2v, checks.FEW).pixels
    asked = {"prompt": "a fox jumps", "height": 32, "width": 32, "num_frames": 9}
    assert np.array_equal(filled, checks.library(t2v, "CogVideoXPipeline", **asked))


def test_five_frames_are_the_first_of_nine(t2v: OpenWeights) -> None:
    assert np.array_equal(
        fill(checks.words(t2v, 5), t2v, checks.FEW).pixels,
        fill(checks.words(t2v), t2v, checks.FEW).pixels[:5],
    )


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between"])
def test_what_is_known_comes_back(i2v: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(i2v, checks.pattern(i2v, pattern))


def test_a_clip_is_redrawn(t2v: OpenWeights) -> None:
    canvas = checks.pattern(t2v, "restyle")
    filled = fill(canvas, t2v, checks.FEW)
    assert filled.known.min() == 1
    assert not np.array_equal(filled.pixels, canvas.pixels)


def test_it_reports_each_step_and_stops_within_one(t2v: OpenWeights, i2v: OpenWeights) -> None:
    checks.reports_and_stops(t2v, checks.words(t2v))
    checks.reports_and_stops(i2v, checks.from_picture(i2v))
