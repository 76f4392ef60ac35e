"""Faster, for what loss: on every family, by the path that a GPU takes, with no GPU.

Where weights lie is said by hand; compiled blocks are traced and not translated to machine code: it is the
tracing that can fail for a network.
"""

from __future__ import annotations

import gc
import sys
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend

from vitascope.engine import CannotFill, FillSettings, fill
from vitascope.engine.open_weights import placing, quickening
from vitascope.engine.open_weights.catalogue import MODELS
from vitascope.engine.open_weights.families.wan import join_guidance
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks, tiny
from .every_family import FOLDERS, canvas_for

CACHED = [name for name in FOLDERS if MODELS[name].leaves_out]
MANY = FillSettings(steps=12, guidance=4.0)


def close(one: np.ndarray, other: np.ndarray, levels: int = 2) -> bool:
    """Whether they differ by the order of sums at most."""
    return np.abs(one.astype(int) - other).max() <= levels


@pytest.mark.parametrize("name", FOLDERS)
def test_compiled_whole_each_family_paints_the_same(
    name: str, tmp_path: Path, as_on_a_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = OpenWeights(checks.small(name), FOLDERS[name](tmp_path / "weights"))
    slow = OpenWeights(fast.model, fast.where)
    quick = fill(canvas_for(fast), fast, checks.FEW).pixels
    monkeypatch.setattr(placing, "place", lambda pipe, how: ("cpu", "on the processor"))
    assert close(quick, fill(canvas_for(slow), slow, checks.FEW).pixels)


def test_other_sizes_and_lengths_are_compiled_too(tmp_path: Path, as_on_a_gpu: None) -> None:
    """More of them than a compiled function may have versions: with fixed sizes it would give up."""
    filler = OpenWeights(checks.small("wan2.1-t2v-1.3b"), tiny.wan(tmp_path / "weights"))
    for side_px in range(32, 32 + 16 * 10, 16):
        frames = 9 if side_px % 32 else 17
        assert fill(checks.words(filler, frames, side_px), filler, checks.FEW).frames == frames


@pytest.mark.parametrize("speed", ["exact", "balanced"])
def test_ways_that_share_a_network_paint_as_each_alone(tmp_path: Path, as_on_a_gpu: None, speed: str) -> None:
    model = checks.small("wan2.1-t2v-1.3b", composites=False)  # restyle by a pipeline of its own
    folder = tiny.wan(tmp_path / "weights")
    settings = replace(MANY, speed=speed)

    def painted(*kinds: str) -> list[np.ndarray]:
        filler = OpenWeights(model, folder)
        canvases = {"words": checks.words(filler), "soft": checks.pattern(filler, "restyle")}
        return [fill(canvases[kind], filler, settings).pixels for kind in kinds]

    (words,), (soft,) = painted("words"), painted("soft")
    for kinds in (("words", "soft", "words"), ("soft", "words", "soft")):
        for kind, pixels in zip(kinds, painted(*kinds), strict=True):
            assert np.array_equal(pixels, words if kind == "words" else soft)


def test_two_ways_take_one_adapter(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    pairs = {
        f"transformer.blocks.0.attn1.to_q.lora_{side}.weight": torch.randn(shape)
        for side, shape in {"A": (4, 24), "B": (24, 4)}.items()
    }
    save_file(pairs, tmp_path / "look.safetensors")
    model = checks.small("wan2.1-t2v-1.3b", composites=False)
    filler = OpenWeights(model, tiny.wan(tmp_path / "weights"))
    settings = replace(checks.FEW, lora=((str(tmp_path / "look.safetensors"), 1.0),))
    for canvas in (checks.words(filler), checks.pattern(filler, "restyle"), checks.words(filler)):
        fill(canvas, filler, settings)


def test_guidance_in_one_batch_asks_once_a_step(tmp_path: Path) -> None:
    from diffusers import WanPipeline

    folder = tiny.wan(tmp_path / "weights")
    twice, once = (WanPipeline.from_pretrained(folder) for _ in range(2))
    asked: list[int] = []
    once.transformer.blocks[0].register_forward_hook(lambda block, given, out: asked.append(len(out)))
    join_guidance(once)
    assert close(
        *(checks.called(pipe, prompt="a fox", height=32, width=32, num_frames=5) for pipe in (twice, once))
    )
    assert asked == [2, 2]


@pytest.mark.parametrize("speed", ["balanced", "draft"])
def test_caching_skips_blocks_and_still_paints_the_scene(tmp_path: Path, speed: str) -> None:
    exact, quick = (OpenWeights(checks.small("wan2.1-t2v-1.3b"), tiny.wan(tmp_path / "w")) for _ in range(2))
    canvas = checks.words(exact)
    whole = fill(canvas, exact, MANY).pixels.astype(float)
    fill(canvas, quick, replace(MANY, speed=speed))  # loads it
    (loaded,) = quick._pipes.values()
    asked: list[int] = []
    last = loaded.pipe.transformer.blocks[-1]
    last = last if isinstance(last, torch.nn.Module) else last[-1]
    last.register_forward_hook(lambda *_: asked.append(1))
    again = fill(canvas, quick, replace(MANY, speed=speed)).pixels.astype(float)
    assert 0 < len(asked) < 24
    assert np.abs(whole - again).mean() < 30


@pytest.mark.parametrize("name", CACHED)
def test_where_blocks_are_left_out_the_same_seed_paints_the_same(name: str, tmp_path: Path) -> None:
    filler = OpenWeights(checks.small(name), FOLDERS[name](tmp_path / "weights"))
    first, second = (fill(canvas_for(filler), filler, replace(MANY, speed="draft")).pixels for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("name", sorted(set(FOLDERS) - set(CACHED)))
def test_where_nothing_can_be_left_out_it_is_said_before_weights_are_looked_for(name: str) -> None:
    filler = OpenWeights(checks.small(name), Path("nowhere"))
    with pytest.raises(CannotFill, match="--speed exact"):
        fill(canvas_for(filler), filler, replace(MANY, speed="draft"))


def test_a_cached_model_is_let_go_with_its_filler(tmp_path: Path) -> None:
    filler = OpenWeights(checks.small("wan2.1-t2v-1.3b"), tiny.wan(tmp_path / "weights"))
    fill(checks.words(filler), filler, replace(checks.FEW, speed="draft"))
    (loaded,) = filler._pipes.values()
    network = weakref.ref(loaded.pipe.transformer)
    del loaded, filler
    gc.collect()
    assert network() is None


def test_attention_s_kernels_by_what_the_gpu_is() -> None:
    ampere, hopper = (quickening.attention_order(capability) for capability in ((8, 6), (9, 0)))
    assert ampere[0] == SDPBackend.FLASH_ATTENTION
    assert hopper[0] == SDPBackend.CUDNN_ATTENTION
    assert set(ampere) == set(hopper)
    assert ampere[-1] == hopper[-1] == SDPBackend.MATH


def test_a_call_runs_with_its_kernels_and_leaves_none_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    before = torch._C._get_sdp_priority_order()
    with quickening.quickened(object(), quickening_how(), guided=True):
        assert torch._C._get_sdp_priority_order()[0] == SDPBackend.CUDNN_ATTENTION.value
        assert torch.backends.cuda.flash_sdp_enabled()
    assert torch._C._get_sdp_priority_order() == before


def quickening_how():
    """As when nothing is said."""
    from vitascope.engine.open_weights.loading import How

    return How()


@pytest.mark.parametrize(("mode", "compiled"), [("whole", True), ("quantised", True), ("streamed", False)])
def test_weights_that_come_layer_by_layer_are_not_compiled(
    tmp_path: Path, as_on_a_gpu: None, monkeypatch: pytest.MonkeyPatch, mode: str, compiled: bool
) -> None:
    monkeypatch.setattr(placing, "place", lambda pipe, how: (mode, ""))
    filler = OpenWeights(checks.small("wan2.1-t2v-1.3b"), tiny.wan(tmp_path / "weights"))
    fill(checks.words(filler), filler, checks.FEW)
    (loaded,) = filler._pipes.values()
    assert (loaded.pipe.transformer.blocks[0]._compiled_call_impl is not None) == compiled


def test_without_a_compiler_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quickening, "find_spec", lambda name: object())
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    assert not quickening.can_compile()
    monkeypatch.setenv("CC", sys.executable)
    assert quickening.can_compile()
    monkeypatch.setattr(quickening, "find_spec", lambda name: None)
    assert not quickening.can_compile()
