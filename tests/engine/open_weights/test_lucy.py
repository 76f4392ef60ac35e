"""Lucy Edit through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from vitascope.engine import CannotFill, fill
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_lucy import lucy


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    return OpenWeights(checks.small("lucy-edit"), lucy(tmp_path_factory.mktemp("lucy")))


def test_a_clip_is_redrawn_as_in_the_library_to_the_bit(filler: OpenWeights) -> None:
    canvas = checks.pattern(filler, "restyle")
    filled = fill(canvas, filler, checks.FEW)
    asked = {"prompt": "a fox jumps", "height": 32, "width": 32, "num_frames": 9}
    asked["video"] = [Image.fromarray(frame) for frame in canvas.pixels]
    pixels = checks.library(filler, "LucyEditPipeline", **asked)
    assert np.array_equal(filled.pixels, pixels)
    assert not np.array_equal(filled.pixels, canvas.pixels)


def test_it_needs_a_clip(filler: OpenWeights) -> None:
    with pytest.raises(CannotFill):
        fill(checks.words(filler), filler, checks.FEW)


def test_it_reports_each_step_and_stops_within_one(filler: OpenWeights) -> None:
    checks.reports_and_stops(filler, checks.pattern(filler, "restyle"))
