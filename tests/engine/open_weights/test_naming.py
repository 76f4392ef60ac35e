"""Fillers named by what they are: a folder of weights, a hub id; and what a person is told where they
aren't."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from vitascope.engine.open_weights.loading import NoWeights
from vitascope.engine.open_weights.naming import entry_for

from . import tiny_helios, tiny_stills


def folder(place: Path, **index: object) -> Path:
    place.mkdir()
    (place / "model_index.json").write_text(json.dumps(index))
    return place


@pytest.mark.parametrize(
    ("index", "rate_fps"),
    [
        ({"_class_name": "WanPipeline"}, 16),
        ({"_class_name": "WanPipeline", "expand_timesteps": True}, 24),
        ({"_class_name": "LTXConditionPipeline"}, 25),
        ({"_class_name": "LTX2Pipeline"}, 24),
    ],
)
def test_a_folder_is_known_by_its_index(tmp_path: Path, index: dict[str, object], rate_fps: int) -> None:
    entry = entry_for(str(folder(tmp_path / "weights", **index)))
    assert entry is not None
    assert entry.capabilities.rates_fps == (rate_fps,)
    assert entry.capabilities.name == str(tmp_path / "weights")


def test_a_folder_s_licence_is_its_own(tmp_path: Path) -> None:
    """Weights of the same form may be under other terms: FLUX.2 klein 9 B is not for commercial use."""
    entry = entry_for(str(folder(tmp_path / "weights", _class_name="Flux2KleinPipeline", is_distilled=True)))
    assert entry is not None
    assert entry.capabilities.licence == "as its card says"
    assert "flux.2-klein-4b" in entry.capabilities.terms


def test_two_experts_are_told_from_one(tmp_path: Path) -> None:
    one = entry_for(str(folder(tmp_path / "one", _class_name="WanPipeline")))
    two = entry_for(str(folder(tmp_path / "two", _class_name="WanPipeline", boundary_ratio=0.9)))
    assert one is not None
    assert two is not None
    assert one.capabilities.summary == "like wan2.1-t2v-1.3b"
    assert two.capabilities.summary == "like wan2.2-t2v-a14b"


@pytest.mark.parametrize(
    ("index", "like"),
    [
        ({"_class_name": "HeliosPipeline"}, "helios"),
        ({"_class_name": "HeliosPyramidPipeline", "is_distilled": True}, "helios-distilled"),
        ({"_class_name": "Flux2KleinPipeline", "is_distilled": True}, "flux.2-klein-4b"),
        ({"_class_name": "Flux2KleinPipeline", "is_distilled": False}, "flux.2-klein-base-4b"),
        ({"_class_name": "Flux2KleinPipeline"}, "flux.2-klein-base-4b"),
        ({"_class_name": "HunyuanVideoPipeline"}, "hunyuanvideo-t2v"),
        ({"_class_name": "HunyuanVideo15Pipeline"}, "hunyuanvideo-1.5-480p-t2v"),
    ],
)
def test_siblings_are_told_apart(tmp_path: Path, index: dict[str, object], like: str) -> None:
    entry = entry_for(str(folder(tmp_path / "weights", **index)))
    assert entry is not None
    assert entry.capabilities.summary == f"like {like}"


def test_what_was_not_distilled_is_not_taken_for_what_was(tmp_path: Path) -> None:
    """Helios-Mid: the same pipeline as the distilled one's, and sixty steps with guidance."""
    mid = folder(tmp_path / "mid", _class_name="HeliosPyramidPipeline", is_cfg_zero_star=True)
    with pytest.raises(NoWeights, match="isn't in the catalogue"):
        entry_for(str(mid))


@pytest.mark.parametrize(
    ("build", "like"),
    [
        (tiny_helios.helios, "helios"),
        (tiny_helios.distilled, "helios-distilled"),
        (tiny_stills.klein, "flux.2-klein-4b"),
        (tiny_stills.klein_base, "flux.2-klein-base-4b"),
    ],
)
def test_what_the_library_saves_says_which_it_is(
    tmp_path: Path, build: Callable[[Path], Path], like: str
) -> None:
    entry = entry_for(str(build(tmp_path / "weights")))
    assert entry is not None
    assert entry.capabilities.summary == f"like {like}"


def test_words_are_neither(tmp_path: Path) -> None:
    assert entry_for("built-in") is None
    assert entry_for(str(tmp_path / "nowhere")) is None


def test_a_folder_without_a_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoWeights, match=r"has no model_index\.json"):
        entry_for(str(tmp_path))
    with pytest.raises(NoWeights, match="isn't in the catalogue"):
        entry_for(str(folder(tmp_path / "other", _class_name="NobodysPipeline")))
    (folder(tmp_path / "broken") / "model_index.json").write_text("{")
    with pytest.raises(NoWeights, match="no JSON"):
        entry_for(str(tmp_path / "broken"))


def test_a_repository_that_was_not_pulled_says_how_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(NoWeights, match="vitascope pull nobody/nothing"):
        entry_for("nobody/nothing")
