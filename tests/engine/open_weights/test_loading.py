"""Which numbers the networks count in: on a GPU 16 bits, but for what their makers leave in 32."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from vitascope.engine import FillSettings, fill
from vitascope.engine.open_weights import placing, quickening
from vitascope.engine.open_weights.filler import OpenWeights

from . import checks, tiny
from .every_family import FOLDERS, canvas_for, some


@pytest.fixture
def as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are chosen as for a GPU; everything stays on the processor."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    monkeypatch.setattr(placing, "place", lambda pipe, how: ("whole", "as if on a GPU"))
    monkeypatch.setattr(quickening, "quicken", lambda pipe, how, mode: None)


@pytest.mark.parametrize("name", some(FOLDERS))
def test_each_family_paints_in_the_numbers_of_a_gpu(name: str, tmp_path: Path, as_on_a_gpu: None) -> None:
    filler = OpenWeights(checks.small(name), FOLDERS[name](tmp_path / "weights"))
    assert fill(canvas_for(filler), filler, checks.FEW).pixels.std() > 0
    (loaded,) = filler._pipes.values()
    # Not all of them: of some the library leaves the first layers and the norms in 32 bits.
    assert torch.bfloat16 in {each.dtype for each in quickening.denoisers_of(loaded.pipe)[0].parameters()}


@pytest.mark.parametrize("pattern", ["extend", "restyle"])
def test_what_is_held_is_held_across_two_kinds_of_numbers(
    tmp_path: Path, as_on_a_gpu: None, pattern: str
) -> None:
    filler = OpenWeights(checks.small("wan2.1-t2v-1.3b"), tiny.wan(tmp_path / "weights"))
    checks.known_comes_back(filler, checks.pattern(filler, pattern))
    (loaded,) = filler._pipes.values()
    assert loaded.pipe.vae.dtype == torch.float32


def test_a_precision_that_is_named_is_that_of_everything(tmp_path: Path) -> None:
    filler = OpenWeights(checks.small("wan2.1-t2v-1.3b"), tiny.wan(tmp_path / "weights"))
    fill(checks.words(filler), filler, FillSettings(steps=1, precision="bfloat16"))
    (loaded,) = filler._pipes.values()
    assert {loaded.pipe.vae.dtype, loaded.pipe.transformer.dtype} == {torch.bfloat16}
