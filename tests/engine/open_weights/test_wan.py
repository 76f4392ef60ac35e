"""Wan through the real library with tiny random weights: what it makes, what it is given, how it is
refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from vitascope.canvas import Canvas, Rectangle
from vitascope.engine import Cancelled, CannotFill, FillSettings, Progress, fill
from vitascope.engine.open_weights.catalogue import MODELS, Model
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.engine.open_weights.loading import NoWeights
from vitascope.tasks import between, extend, image_to_video, loop, restyle, text_to_video
from vitascope.tasks import replace as replaced

from . import tiny

FEW = FillSettings(steps=2, guidance=2.0)
SIZE = (32, 32)


def small(name: str) -> Model:
    """A model of the catalogue that may be as small as the tests' weights."""
    return replace(MODELS[name], min_side_px=16, size_multiple_px=16, max_frames=17)


@pytest.fixture(scope="module")
def t2v(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = tiny.wan(tmp_path_factory.mktemp("wan") / "t2v")
    return OpenWeights(small("wan2.1-t2v-1.3b"), folder)


@pytest.fixture(scope="module")
def i2v(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = tiny.wan(tmp_path_factory.mktemp("wan") / "i2v", "WanImageToVideoPipeline")
    return OpenWeights(small("wan2.2-i2v-a14b"), folder)


@pytest.fixture(scope="module")
def vace(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = tiny.wan(tmp_path_factory.mktemp("wan") / "vace", "WanVACEPipeline")
    return OpenWeights(small("wan2.1-vace-1.3b"), folder)


def words(frames: int = 9) -> Canvas:
    return text_to_video("a fox jumps", size=SIZE, duration_s=Fraction(frames, 16), rate_fps=16, seed=3)


def clip(frames: int = 5) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.repeat(np.repeat(rng.integers(256, size=(frames, 4, 4, 3), dtype=np.uint8), 8, 1), 8, 2)


def test_words_give_the_library_s_own_pixels_to_the_bit(t2v: OpenWeights) -> None:
    from diffusers import WanPipeline

    filled = fill(words(), t2v, FEW)
    pipe = WanPipeline.from_pretrained(t2v.where, dtype=torch.float32)
    direct = pipe(
        prompt="a fox jumps",
        height=32,
        width=32,
        num_frames=9,
        num_inference_steps=2,
        guidance_scale=2.0,
        generator=torch.Generator().manual_seed(3),
        output_type="np",
    ).frames[0]
    assert np.array_equal(filled.pixels, np.round(np.clip(direct, 0, 1) * 255).astype(np.uint8))
    assert filled.pixels.std() > 5


def test_any_length_is_made(t2v: OpenWeights) -> None:
    assert fill(words(7), t2v, FEW).frames == 7


def known_came_back(canvas: Canvas, filled: Canvas) -> bool:
    given = canvas.known == 1
    assert given.any()
    return np.array_equal(filled.pixels[given], canvas.pixels[given]) and filled.known.min() == 1


def every_pattern() -> dict[str, Canvas]:
    how = {"rate_fps": 16, "seed": 1}
    first, second = clip(2)
    box = Rectangle(0.25, 0.25, 0.5, 0.5)
    return {
        "first": image_to_video(first, "a fox", duration_s=Fraction(9, 16), **how),
        "extend": extend(clip(4), "a fox", duration_s=Fraction(5, 16), **how),
        "backward": extend(clip(4), "a fox", duration_s=Fraction(5, 16), direction="backward", **how),
        "between": between(first, second, "a fox", duration_s=Fraction(8, 16), **how),
        "loop": loop("a fox", picture=first, duration_s=Fraction(8, 16), size=SIZE, **how),
        "region": replaced(clip(5), box, "a fox", **how),
        "restyle": restyle(clip(5), "a fox", strength=0.5, **how),
    }


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between", "region"])
def test_what_is_known_comes_back_held_in_the_latents(t2v: OpenWeights, pattern: str) -> None:
    canvas = every_pattern()[pattern]
    assert known_came_back(canvas, fill(canvas, t2v, FEW))


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between", "loop"])
def test_what_is_known_comes_back_by_pictures_at_the_ends(i2v: OpenWeights, pattern: str) -> None:
    canvas = every_pattern()[pattern]
    assert known_came_back(canvas, fill(canvas, i2v, FEW))


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between", "loop", "region"])
def test_what_is_known_comes_back_from_a_model_that_takes_anything(vace: OpenWeights, pattern: str) -> None:
    canvas = every_pattern()[pattern]
    assert known_came_back(canvas, fill(canvas, vace, FEW))


def test_a_loop_from_words_is_closed(vace: OpenWeights) -> None:
    canvas = loop("a fox", duration_s=Fraction(8, 16), size=SIZE, rate_fps=16)
    assert fill(canvas, vace, FEW).frames == 8


def test_a_clip_is_redrawn_the_less_the_more_it_is_known(t2v: OpenWeights) -> None:
    near, far = (restyle(clip(5), "a fox", strength=s, rate_fps=16) for s in (0.1, 0.9))
    settings = FillSettings(steps=10, guidance=1.0)
    moved = [
        np.abs(fill(canvas, t2v, settings).pixels.astype(float) - canvas.pixels).mean()
        for canvas in (near, far)
    ]
    assert moved[0] != moved[1]


def test_the_same_seed_gives_the_same_pixels_and_another_others(t2v: OpenWeights) -> None:
    once, again = (fill(words(), t2v, FEW).pixels for _ in range(2))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, fill(words().with_seed(4), t2v, FEW).pixels)


def test_it_reports_each_step_and_stops_within_one(t2v: OpenWeights) -> None:
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.stage == "painting" and progress.done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        fill(words(), t2v, FillSettings(steps=4), report)
    assert [(p.done, p.total) for p in seen if p.stage == "painting"] == [(0, 4), (1, 4)]


def test_a_wrong_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoWeights, match=r"model_index\.json"):
        fill(words(), OpenWeights(small("wan2.1-t2v-1.3b"), tmp_path), FEW)


def test_a_folder_of_another_pipeline_is_named(i2v: OpenWeights) -> None:
    with pytest.raises(NoWeights, match="WanVACEPipeline"):
        fill(words(), OpenWeights(small("wan2.1-vace-1.3b"), i2v.where), FEW)


def test_what_was_never_pulled_says_how_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(NoWeights, match=r"vitascope pull wan2\.1-t2v-1\.3b"):
        fill(words(), OpenWeights(small("wan2.1-t2v-1.3b")), FEW)


def test_a_model_of_two_ends_refuses_one(i2v: OpenWeights) -> None:
    filler = OpenWeights(small("wan2.1-flf2v-14b"), i2v.where)
    with pytest.raises(CannotFill, match="give it both"):
        fill(every_pattern()["extend"], filler, FEW)
