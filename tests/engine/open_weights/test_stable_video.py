"""Stable Video Diffusion through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from vitascope.canvas import Canvas
from vitascope.engine import fill
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import image_to_video

from . import checks
from .tiny_stable_video import stable_video


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    return OpenWeights(checks.small("stable-video-diffusion"), stable_video(tmp_path_factory.mktemp("svd")))


def moving(filler: OpenWeights, frames: int = 5) -> Canvas:
    """A canvas whose first frame is known, and nothing is said."""
    how = {"rate_fps": checks.rate(filler), "seed": checks.SEED}
    return image_to_video(checks.clip(1)[0], duration_s=frames / checks.rate(filler), **how)


def test_a_picture_moves_as_in_the_library_to_the_bit(filler: OpenWeights) -> None:
    canvas = moving(filler)
    filled = checks.known_comes_back(filler, canvas)
    asked = {"image": Image.fromarray(canvas.pixels[0]), "height": 32, "width": 32, "num_frames": 5, "fps": 7}
    direct = checks.library(
        filler, "StableVideoDiffusionPipeline", guidance_scale=None, max_guidance_scale=2.0, **asked
    )
    assert np.array_equal(filled.pixels[1:], direct[1:])


def test_any_length_is_made(filler: OpenWeights) -> None:
    assert fill(moving(filler, 4), filler, checks.FEW).frames == 4


def test_it_reports_each_step_and_stops_within_one(filler: OpenWeights) -> None:
    checks.reports_and_stops(filler, moving(filler))
