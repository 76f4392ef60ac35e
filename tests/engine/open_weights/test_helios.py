"""Helios through the real library with tiny random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vitascope.engine import CannotFill, FillSettings, Progress, fill
from vitascope.engine.open_weights.families.helios import REGULAR_GAMMA, STAGES, chunks, dealt_out
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks
from .tiny_helios import distilled, helios

ONE = FillSettings(steps=1, guidance=1.0)


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = helios(tmp_path_factory.mktemp("helios"))
    return OpenWeights(checks.small("helios", max_frames=65), folder)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = distilled(tmp_path_factory.mktemp("helios-distilled"))
    return OpenWeights(checks.small("helios-distilled", size_multiple_px=64, max_frames=65), folder)


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


def test_the_longest_are_four_chunks_and_eight(filler: OpenWeights) -> None:
    assert [chunks(frames) for frames in (1, 33, 34, 65, 66, 129)] == [1, 1, 2, 2, 3, 4]
    assert chunks(261) == 8


def test_it_reports_each_step_and_stops_within_one(filler: OpenWeights) -> None:
    checks.reports_and_stops(filler, checks.words(filler, side_px=16))


def library_s_own(filler: OpenWeights, **asked: object) -> np.ndarray:
    """What the library makes as the distilled model's makers ask it to, where its noise can be drawn."""
    import diffusers

    pipe = diffusers.HeliosPyramidPipeline.from_pretrained(filler.where, dtype=torch.float32)
    pipe.scheduler.register_to_config(gamma=REGULAR_GAMMA)
    said = {"prompt": "a fox jumps", "height": 64, "width": 64, "num_frames": 33, "guidance_scale": 1.0}
    stages = {"pyramid_num_inference_steps_list": [2, 2, 2], "is_amplify_first_chunk": True}
    return checks.called(pipe, **said | stages | {"num_inference_steps": None} | asked)


def test_distilled_words_give_the_library_s_own_pixels_to_the_bit(quick: OpenWeights) -> None:
    assert np.array_equal(
        fill(checks.words(quick, side_px=64), quick).pixels,  # nothing is asked for but what is the default
        library_s_own(quick)[:9],
    )


def test_a_given_number_of_steps_is_dealt_out_to_the_bit(quick: OpenWeights) -> None:
    filled = fill(checks.words(quick, side_px=64), quick, FillSettings(steps=4)).pixels
    stages = {"pyramid_num_inference_steps_list": [2, 1, 1]}
    assert np.array_equal(filled, library_s_own(quick, **stages)[:9])
    assert not np.array_equal(filled, library_s_own(quick)[:9])


@given(st.integers(1, 200))
def test_stages_share_the_steps_evenly_and_none_goes_without(steps: int) -> None:
    each = dealt_out(steps)
    assert sum(each) == max(steps, STAGES)
    assert sorted(each, reverse=True) == each
    assert 1 <= min(each) <= max(each) <= min(each) + 1


def test_distilled_from_a_picture_gives_the_library_s_own_pixels_to_the_bit(quick: OpenWeights) -> None:
    canvas = checks.from_picture(quick, side_px=64)
    image = Image.fromarray(canvas.pixels[0])
    assert np.array_equal(fill(canvas, quick).pixels[1:], library_s_own(quick, image=image)[1:9])


@pytest.mark.parametrize("pattern", ["first", "extend", "backward"])
def test_what_is_known_comes_back_from_the_distilled_one(quick: OpenWeights, pattern: str) -> None:
    checks.known_comes_back(quick, checks.pattern(quick, pattern, 64), FillSettings(steps=3))


def test_the_distilled_one_reports_each_step_and_stops_within_one(quick: OpenWeights) -> None:
    """The first chunk takes twice the steps: four are two, one and one, and then two, one and one again."""
    checks.reports_and_stops(quick, checks.words(quick, side_px=64), told=8)


def test_only_the_first_chunk_takes_more_steps(quick: OpenWeights) -> None:
    seen: list[Progress] = []
    assert fill(checks.words(quick, 65, 64), quick, FillSettings(), seen.append).frames == 65
    told = [(p.done, p.total) for p in seen if p.stage == "painting"]
    assert told == [(done, total) for total in (12, 6) for done in range(total + 1)]


def test_what_must_not_be_there_counts_once_there_is_guidance(quick: OpenWeights) -> None:
    def painted(negative: str, guidance: float) -> np.ndarray:
        canvas = checks.words(quick, side_px=64).with_negative(negative)
        return fill(canvas, quick, FillSettings(steps=3, guidance=guidance)).pixels

    assert np.array_equal(painted("", 1.0), painted("the fox", 1.0))
    assert not np.array_equal(painted("", 4.0), painted("the fox", 4.0))


def test_the_library_still_cannot_draw_its_noise_on_a_processor(quick: OpenWeights) -> None:
    """Once it can, prepare() has done its work."""
    with pytest.raises(torch.linalg.LinAlgError, match="not positive-definite"):
        library_s_own_as_saved(quick)


def library_s_own_as_saved(filler: OpenWeights) -> np.ndarray:
    stages = {"pyramid_num_inference_steps_list": [1, 1, 1], "num_inference_steps": None}
    asked = {"prompt": "a fox", "height": 64, "width": 64, "num_frames": 33, "guidance_scale": 1.0} | stages
    return checks.library(filler, "HeliosPyramidPipeline", **asked)


def test_no_other_scheduler_is_for_its_stages(quick: OpenWeights) -> None:
    with pytest.raises(CannotFill, match="from coarse to fine"):
        fill(checks.words(quick, side_px=64), quick, FillSettings(scheduler="flow-euler"))
