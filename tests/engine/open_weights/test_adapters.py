"""LoRA files and schedulers: what they change, and what is refused before anything is loaded."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from vitascope.engine import CannotFill, FillSettings, fill
from vitascope.engine.open_weights.catalogue import MODELS
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import text_to_image, text_to_video

from . import checks, tiny, tiny_stills

CANVAS = text_to_video("a fox", size=(32, 32), duration_s=Fraction(5, 16), rate_fps=16)


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> OpenWeights:
    folder = tiny.wan(tmp_path_factory.mktemp("wan") / "t2v")
    return OpenWeights(replace(MODELS["wan2.1-t2v-1.3b"], min_side_px=16, max_frames=17), folder)


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    """Low-rank pairs for the first block's attention."""
    generator = torch.Generator().manual_seed(1)
    pairs = {}
    for name in ("to_q", "to_v"):
        pairs[f"transformer.blocks.0.attn1.{name}.lora_A.weight"] = torch.randn(4, 24, generator=generator)
        pairs[f"transformer.blocks.0.attn1.{name}.lora_B.weight"] = torch.randn(24, 4, generator=generator)
    save_file(pairs, tmp_path / "look.safetensors")
    return tmp_path / "look.safetensors"


def painted(filler: OpenWeights, **settings) -> np.ndarray:
    return fill(CANVAS, filler, FillSettings(steps=2, **settings)).pixels


def test_a_lora_changes_what_is_painted_as_far_as_it_weighs(filler: OpenWeights, lora: Path) -> None:
    plain = painted(filler)
    none, all_of_it = (painted(filler, lora=((str(lora), weight),)) for weight in (0.0, 1.0))
    assert np.array_equal(plain, none)
    assert not np.array_equal(plain, all_of_it)


@pytest.mark.parametrize("scheduler", ["unipc", "flow-heun", "flow-euler"])
def test_schedulers_by_name(filler: OpenWeights, scheduler: str) -> None:
    assert painted(filler, scheduler=scheduler).std() > 1


def test_a_scheduler_of_the_other_kind_is_refused(filler: OpenWeights) -> None:
    with pytest.raises(CannotFill, match="flow model"):
        painted(filler, scheduler="ddim")
    with pytest.raises(CannotFill, match='did you mean "unipc"'):
        painted(filler, scheduler="unipcc")


@pytest.mark.parametrize("scheduler", ["flow-heun", "dpm++"])
def test_a_scheduler_that_doesn_t_take_a_pipeline_s_noise_levels_is_refused(
    tmp_path: Path, scheduler: str
) -> None:
    flux = OpenWeights(checks.small("flux.1-schnell"), tiny_stills.flux(tmp_path / "weights"))
    canvas = text_to_image("a fox", size=(64, 64))
    assert fill(canvas, flux, FillSettings(steps=2, scheduler="unipc")).pixels.std() > 1
    with pytest.raises(CannotFill, match="doesn't go with FluxPipeline"):
        fill(canvas, flux, FillSettings(steps=2, scheduler=scheduler))


def test_what_is_no_lora_is_refused(filler: OpenWeights, tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(1)}, tmp_path / "plain.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"no header at all")
    (tmp_path / "old.pt").write_bytes(pickle.dumps({"lora": 1}))
    for name, said in {
        "plain.safetensors": "no low-rank pairs",
        "broken.safetensors": "damaged|can't be read",
        "old.pt": "pickles run code",
        "missing.safetensors": "no such file",
    }.items():
        with pytest.raises(CannotFill, match=said):
            painted(filler, lora=((str(tmp_path / name), 1.0),))


def test_a_lora_for_another_model_is_refused(filler: OpenWeights, tmp_path: Path) -> None:
    pairs = {f"unet.mid.to_q.lora_{side}.weight": torch.zeros(4, 4) for side in ("A", "B")}
    save_file(pairs, tmp_path / "other.safetensors")
    with pytest.raises(CannotFill, match="another model"):
        painted(filler, lora=((str(tmp_path / "other.safetensors"), 1.0),))
