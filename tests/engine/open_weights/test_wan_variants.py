"""Wan's other builds through the real library with tiny random weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vitascope.canvas import Canvas, Rectangle
from vitascope.engine import CannotFill, fill
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import loop
from vitascope.tasks import replace as replaced

from . import checks, tiny, tiny_wan

ASKED = {"prompt": "a fox jumps", "height": 32, "width": 32, "num_frames": 9}
Make = Callable[[str], OpenWeights]
BUILDS: dict[str, Callable[[Path], Path]] = {
    "wan2.1-vace-1.3b": lambda folder: tiny.wan(folder, "WanVACEPipeline"),
    "wan2.1-i2v-14b-480p": lambda folder: tiny_wan.with_an_eye(folder, 1),
    "wan2.1-flf2v-14b": lambda folder: tiny_wan.with_an_eye(folder, 2),
    "wan2.2-t2v-a14b": tiny_wan.two_experts,
    "wan2.2-i2v-a14b": lambda folder: tiny_wan.two_experts(folder, "WanImageToVideoPipeline"),
    "wan2.2-ti2v-5b": tiny_wan.by_latent,
}


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    made: dict[str, OpenWeights] = {}

    def filler(name: str) -> OpenWeights:
        if name not in made:
            folder = BUILDS[name](tmp_path_factory.mktemp("wan") / "weights")
            size = 32 if name == "wan2.2-ti2v-5b" else 16
            made[name] = OpenWeights(checks.small(name, size_multiple_px=size), folder)
        return made[name]

    return filler


@pytest.mark.parametrize(
    ("name", "more"), [("wan2.2-t2v-a14b", {"guidance_scale_2": 3.0}), ("wan2.2-ti2v-5b", {})]
)
def test_words_give_the_library_s_own_pixels_to_the_bit(
    make: Make, name: str, more: dict[str, float]
) -> None:
    filler = make(name)
    filled = fill(checks.words(filler), filler, checks.FEW).pixels
    assert np.array_equal(filled, checks.library(filler, "WanPipeline", **ASKED, **more))


def test_both_experts_are_asked(make: Make) -> None:
    filler = make("wan2.2-t2v-a14b")
    fill(checks.words(filler), filler, checks.FEW)
    (loaded,) = filler._pipes.values()
    asked: list[str] = []
    for name in ("transformer", "transformer_2"):
        part = getattr(loaded.pipe, name)
        part.register_forward_hook(lambda *_, name=name: asked.append(name))
    fill(checks.words(filler), filler, checks.FEW)
    assert set(asked) == {"transformer", "transformer_2"}


@pytest.mark.parametrize("pattern", ["first", "extend", "backward", "between"])
@pytest.mark.parametrize("name", ["wan2.1-i2v-14b-480p", "wan2.2-i2v-a14b", "wan2.2-ti2v-5b"])
def test_what_is_known_comes_back(make: Make, name: str, pattern: str) -> None:
    checks.known_comes_back(make(name), checks.pattern(make(name), pattern))


@pytest.mark.parametrize("name", ["wan2.2-t2v-a14b", "wan2.2-ti2v-5b"])
def test_parts_of_frames_are_held(make: Make, name: str) -> None:
    how = {"rate_fps": checks.rate(make(name)), "seed": checks.SEED}
    canvas = replaced(checks.clip(5), Rectangle(0.25, 0.25, 0.5, 0.5), "a fox", **how)
    checks.known_comes_back(make(name), canvas)


def test_a_first_and_a_last_picture(make: Make) -> None:
    filler = make("wan2.1-flf2v-14b")
    checks.known_comes_back(filler, checks.pattern(filler, "between"))
    how = {"rate_fps": checks.rate(filler), "size": (32, 32)}
    canvas = loop("a fox", picture=checks.clip(1)[0], duration_s=9 / checks.rate(filler), **how)
    checks.known_comes_back(filler, canvas)
    with pytest.raises(CannotFill, match="give it both"):
        fill(checks.pattern(filler, "extend"), filler, checks.FEW)


def test_who_must_appear_is_given_as_the_library_takes_it(make: Make) -> None:
    filler = make("wan2.1-vace-1.3b")
    member = checks.clip(1)[0]
    canvas: Canvas = checks.words(filler)
    without = fill(canvas, filler, checks.FEW).pixels
    filled = fill(canvas.with_cast("fox", member), filler, checks.FEW).pixels
    direct = checks.library(filler, "WanVACEPipeline", reference_images=[Image.fromarray(member)], **ASKED)
    assert np.array_equal(filled, direct)
    assert not np.array_equal(filled, without)
    checks.known_comes_back(filler, checks.pattern(filler, "extend").with_cast("fox", member))


@pytest.mark.parametrize("name", ["wan2.2-t2v-a14b", "wan2.2-ti2v-5b"])
def test_it_reports_each_step_and_stops_within_one(make: Make, name: str) -> None:
    checks.reports_and_stops(make(name), checks.words(make(name)))


def test_a_picture_gives_the_library_s_own_pixels_to_the_bit(make: Make) -> None:
    from diffusers import WanImageToVideoPipeline

    filler = make("wan2.2-ti2v-5b")
    canvas = checks.from_picture(filler)
    filled = fill(canvas, filler, checks.FEW).pixels
    parts = {"image_encoder": None, "image_processor": None}
    pipe = WanImageToVideoPipeline.from_pretrained(filler.where, dtype=torch.float32, **parts)
    direct = checks.called(pipe, image=Image.fromarray(canvas.pixels[0]), **ASKED)
    assert np.array_equal(filled[1:], direct[1:])
