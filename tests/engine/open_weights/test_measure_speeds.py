"""The script that measures what the speeds lose: from nothing to figures, at a tiny size."""

from __future__ import annotations

import importlib.util
import json
import sys
from argparse import Namespace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from vitascope.engine.open_weights import quickening
from vitascope.train.world.sprites import Atlas
from vitascope.train.world.things import THINGS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`runs/measure_speeds.py`, with rectangles for things: no archive is fetched."""
    specification = importlib.util.spec_from_file_location(
        "measure_speeds", ROOT / "runs" / "measure_speeds.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "measure_speeds", module)
    specification.loader.exec_module(module)
    pictures: dict[str, bytes] = {}
    for i, thing in enumerate(THINGS[: module.THINGS]):
        encoded = BytesIO()
        Image.new("RGBA", (32, 24), (i * 16, 255 - i * 16, i * 37 % 256, 255)).save(encoded, "PNG")
        pictures[thing.codepoint] = encoded.getvalue()
    atlas = Atlas.of(pictures, THINGS[: module.THINGS])
    monkeypatch.setattr(module.Atlas, "load", lambda count: atlas)
    return module


def test_it_trains_resumes_and_measures(script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Namespace(folder=tmp_path / "small", minutes=0.01, clips=24, blocks=3, heads=1)
    script.train(asked)
    first = torch.load(asked.folder / "wan.pt")["step"]
    asked.minutes = 0.02
    script.train(asked)
    assert torch.load(asked.folder / "wan.pt")["step"] > first > 0

    monkeypatch.setattr(script, "SWEEP", (0.4,))
    usual = dict(quickening.THRESHOLDS)
    said, picture = tmp_path / "speeds.json", tmp_path / "speeds.png"
    script.measure(
        Namespace(
            folder=asked.folder,
            samples=4,
            real=20,
            steps=[6],
            guidance=5.0,
            scheduler="unipc",
            sweep=True,
            seed=1,
            json=said,
            picture=picture,
        )
    )
    rows = {row["name"]: row for row in json.loads(said.read_text())["rows"]}
    assert rows["exact"]["left_out"] == 0
    assert rows["exact"]["psnr_db"] == 99
    assert rows["other seeds"]["psnr_db"] < 99
    assert 0 < rows["at 0.4"]["left_out"] < 1
    assert rows["draft"]["left_out"] > 0
    assert usual == quickening.THRESHOLDS
    with Image.open(picture) as image:
        assert image.width > 0


def test_the_code_keeps_what_it_was_fitted_on(script: Any) -> None:
    clips = torch.cat(list(script.draw(script.some_scenes(24, seed=0, split="train"))))
    code = script.Code.fitted(clips)
    latents = code.encode(clips)
    assert latents.shape == (24, script.CHANNELS, 3, 8, 8)
    assert script.psnr(code.decode(latents), clips) > 20
    assert torch.allclose(latents[:, :, 0].std((0, 2, 3)), torch.ones(script.CHANNELS), atol=0.1)
