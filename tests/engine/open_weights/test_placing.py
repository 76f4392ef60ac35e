"""Where weights go: by what is free, as a person says, and what a person is told where nothing fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vitascope.engine import CannotFill, FillSettings, fill
from vitascope.engine.open_weights import placing
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.engine.open_weights.loading import How
from vitascope.engine.open_weights.placing import MODES, Sizes, choose, place, quantise, sizes_of

from . import checks, tiny
from .every_family import FOLDERS, canvas_for, some

GB = 2**30
# Wan 2.2 TI2V 5B: 10 GB of denoiser and 11.4 GB of words in 16 bits, 2.8 GB of autoencoder in 32.
FIVE_B = Sizes(
    {"transformer": 10 * GB, "text_encoder": int(11.4 * GB), "vae": int(2.8 * GB)}, ("transformer",)
)


@pytest.mark.parametrize(
    ("card_gb", "mode"),
    [(80, "whole"), (24, "quantised"), (16, "offloaded"), (12, "streamed"), (8, "streamed")],
)
def test_each_card_gets_the_fastest_that_fits(card_gb: int, mode: str) -> None:
    assert choose(FIVE_B, card_gb * GB) == mode


def test_too_little_for_anything_says_what_to_do() -> None:
    with pytest.raises(CannotFill, match="--memory cpu"):
        choose(FIVE_B, 2 * GB)


@given(*(st.integers(low * GB, high * GB) for low, high in ((0, 40), (0, 40), (4, 100), (0, 50))))
def test_more_memory_is_never_slower(denoiser: int, words: int, free: int, more: int) -> None:
    sizes = Sizes({"transformer": denoiser, "text_encoder": words}, ("transformer",))
    assert MODES.index(choose(sizes, free + more)) <= MODES.index(choose(sizes, free))


@pytest.fixture(scope="module")
def pipe(tmp_path_factory: pytest.TempPathFactory):
    from diffusers import WanPipeline

    return WanPipeline.from_pretrained(tiny.wan(tmp_path_factory.mktemp("wan") / "t2v"))


def test_weights_are_weighed(pipe) -> None:
    sizes = sizes_of(pipe)
    assert set(sizes.components) == {"transformer", "text_encoder", "vae"}
    assert sizes.components["transformer"] >= 4 * sum(p.numel() for p in pipe.transformer.parameters())
    assert sizes.largest <= sizes.quantised <= sizes.total


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_stays_on_the_processor_and_says_so(pipe) -> None:
    mode, said = place(pipe, How())
    assert mode == "cpu"
    assert "on the processor" in said
    with pytest.raises(CannotFill, match="none is in sight"):
        place(pipe, How(memory="offloaded"))


def test_no_mode_is_refused(pipe) -> None:
    with pytest.raises(CannotFill, match="12GB"):
        place(pipe, How(memory="much"))


def test_eight_bits_halve_the_denoiser_and_paint_nearly_the_same(tmp_path: Path) -> None:
    from diffusers import WanPipeline

    pipe = WanPipeline.from_pretrained(tiny.wan(tmp_path / "t2v"))
    generator = torch.Generator().manual_seed(0)
    asked = {
        "hidden_states": torch.randn(1, 16, 2, 4, 4, generator=generator),
        "timestep": torch.tensor([500.0]),
        "encoder_hidden_states": torch.randn(1, 8, 32, generator=generator),
        "return_dict": False,
    }
    with torch.no_grad():
        (before,) = pipe.transformer(**asked)
        quantise(pipe, ("transformer",))
        (after,) = pipe.transformer(**asked)
    assert not torch.equal(before, after)
    assert (before - after).abs().mean() < 0.02 * before.abs().mean()


@pytest.mark.parametrize("name", some(FOLDERS))
@pytest.mark.parametrize("mode", ["offloaded", "streamed"])
def test_each_family_paints_the_same_while_its_weights_take_turns(
    name: str, mode: str, tmp_path: Path, as_on_a_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own hooks, between a processor and the same processor."""

    def placed(pipe, how: How) -> tuple[str, str]:
        placing._tile(pipe)
        if mode == "offloaded":
            pipe.enable_model_cpu_offload(device="cpu")
        else:
            pipe.enable_group_offload(onload_device=torch.device("cpu"), offload_type="leaf_level")
        return mode, "taking turns"

    folder = FOLDERS[name](tmp_path / "weights")
    settings = FillSettings(steps=2, guidance=2.0)
    plain, turns = (OpenWeights(checks.small(name), folder) for _ in range(2))
    monkeypatch.setattr(placing, "place", place)
    whole = fill(canvas_for(plain), plain, settings).pixels
    monkeypatch.setattr(placing, "place", placed)
    first, second = (fill(canvas_for(turns), turns, settings).pixels for _ in range(2))
    assert np.array_equal(first, second)
    assert np.abs(first.astype(int) - whole).max() <= 2
