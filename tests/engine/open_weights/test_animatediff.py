"""AnimateDiff through the real library with tiny random weights, whole and put together of two folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from vitascope.engine import FillSettings, Progress, fill
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.engine.open_weights.loading import NoWeights

from . import checks
from .tiny_animatediff import adapter, animatediff
from .tiny_stills import stable_diffusion

ASKED = {"prompt": "a fox jumps", "height": 32, "width": 32, "num_frames": 5}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    return OpenWeights(checks.small("animatediff"), animatediff(tmp_path_factory.mktemp("animatediff")))


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a person keeps repositories, with a still model in it."""
    model = checks.small("animatediff")
    monkeypatch.setenv("VITASCOPE_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "none"))
    stable_diffusion(tmp_path / model.repo.replace("/", "--"))
    return tmp_path


def test_words_give_the_library_s_own_pixels_to_the_bit(whole: OpenWeights) -> None:
    filled = fill(checks.words(whole, 5), whole, checks.FEW).pixels
    assert np.array_equal(filled, checks.library(whole, "AnimateDiffPipeline", **ASKED))


def test_a_still_model_is_put_together_with_the_adapter(weights: Path) -> None:
    from diffusers import AnimateDiffPipeline, DDIMScheduler, MotionAdapter

    filler = OpenWeights(checks.small("animatediff"))
    place = adapter(weights / filler.model.adapter.replace("/", "--"))
    filled = fill(checks.words(filler, 5), filler, checks.FEW).pixels
    still = weights / filler.model.repo.replace("/", "--")
    how = {"beta_schedule": "linear", "clip_sample": False, "timestep_spacing": "linspace", "steps_offset": 1}
    pipe = AnimateDiffPipeline.from_pretrained(
        still,
        motion_adapter=MotionAdapter.from_pretrained(place),
        scheduler=DDIMScheduler.from_pretrained(still, subfolder="scheduler", **how),
        dtype=torch.float32,
    )
    assert np.array_equal(filled, checks.called(pipe, **ASKED))


def test_without_the_adapter_it_says_how_to_get_it(weights: Path) -> None:
    filler = OpenWeights(checks.small("animatediff"))
    with pytest.raises(NoWeights, match="vitascope pull animatediff"):
        fill(checks.words(filler, 5), filler, checks.FEW)


def test_a_clip_is_redrawn(whole: OpenWeights) -> None:
    canvas = checks.pattern(whole, "restyle")
    filled = fill(canvas, whole, checks.FEW)
    assert filled.known.min() == 1
    assert not np.array_equal(filled.pixels, canvas.pixels)


def test_one_step_is_enough_to_redraw(whole: OpenWeights) -> None:
    canvas = checks.pattern(whole, "restyle")
    assert not np.array_equal(fill(canvas, whole, FillSettings(steps=1)).pixels, canvas.pixels)


def test_it_reports_each_step_and_stops_within_one(whole: OpenWeights) -> None:
    checks.reports_and_stops(whole, checks.words(whole, 5))
    seen: list[Progress] = []
    fill(checks.pattern(whole, "restyle"), whole, FillSettings(steps=4), seen.append)
    assert [p.done for p in seen if p.stage == "painting"] == [
        0,
        1,
        2,
    ]  # half of the steps, for it is half new
