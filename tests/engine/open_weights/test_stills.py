"""Models of single pictures through the real library with tiny random weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vitascope.canvas import Canvas
from vitascope.engine import CannotFill, FillSettings, fill
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import text_to_image

from . import checks, tiny_stills

BUILDERS: dict[str, Callable[[Path], Path]] = {
    "stable-diffusion-1.5": tiny_stills.stable_diffusion,
    "sdxl": tiny_stills.sdxl,
    "z-image-turbo": tiny_stills.z_image,
    "qwen-image": tiny_stills.qwen_image,
    "flux.1-schnell": tiny_stills.flux,
    "flux.2-klein-4b": tiny_stills.klein,
    "flux.2-klein-base-4b": tiny_stills.klein_base,
}


@pytest.fixture(scope="module", params=BUILDERS)
def filler(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = BUILDERS[request.param](tmp_path_factory.mktemp("stills") / "weights")
    return OpenWeights(checks.small(request.param), folder)


def picture(negative: str = "") -> Canvas:
    return text_to_image("a fox jumps", size=(32, 32), seed=checks.SEED, negative=negative)


def test_words_give_the_library_s_own_pixels_to_the_bit(filler: OpenWeights) -> None:
    filled = fill(picture(), filler, checks.FEW).pixels
    kind = filler.model.ways["words"].kind
    asked = {"prompt": "a fox jumps", "height": 32, "width": 32}
    if kind == "QwenImagePipeline":
        asked |= {"true_cfg_scale": 2.0, "guidance_scale": None, "negative_prompt": " "}
    assert np.array_equal(filled, checks.library(filler, kind, **asked))
    assert filled.std() > 1


def test_what_must_not_be_there_counts_or_is_refused(filler: OpenWeights) -> None:
    if filler.model.name.startswith("flux.2"):
        with pytest.raises(CannotFill, match="takes no negative words"):
            fill(picture("the fox"), filler)
        return
    with_and_without = [
        fill(picture(negative), filler, FillSettings(steps=2, guidance=4.0)) for negative in ("", "the fox")
    ]
    same = np.array_equal(*(filled.pixels for filled in with_and_without))
    assert same == (filler.model.name == "flux.1-schnell")  # it was distilled: there is no guidance in it


def test_it_reports_each_step_and_stops_within_one(filler: OpenWeights) -> None:
    checks.reports_and_stops(filler, picture())


@pytest.mark.parametrize("distilled", [True, False])
def test_guidance_counts_for_klein_before_it_was_distilled(tmp_path: Path, distilled: bool) -> None:
    name = "flux.2-klein-4b" if distilled else "flux.2-klein-base-4b"
    filler = OpenWeights(checks.small(name), tiny_stills.klein(tmp_path / "weights", distilled))
    one, four = (fill(picture(), filler, FillSettings(steps=2, guidance=g)).pixels for g in (1.0, 4.0))
    assert np.array_equal(one, four) == distilled
