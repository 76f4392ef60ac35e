"""The catalogue: every pipeline is there in the library, what is declared fits, and the page shows it."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from vitascope.engine import fillers
from vitascope.engine.open_weights.catalogue import MODELS, Model

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_library_has_its_pipelines_and_a_family_speaks_to_them(model: Model) -> None:
    import diffusers

    for pipeline in model.ways.values():
        assert hasattr(diffusers, pipeline.kind)
    family = importlib.import_module(f"vitascope.engine.open_weights.families.{model.family}")
    assert callable(family.arguments)
    assert callable(getattr(family, "encode", None)) or not model.composites
    assert callable(getattr(family, "heard", None)) or not model.sound


# Repositories that the library as it is installed names nowhere beside their pipelines, nor where it reads
# single files: its examples are of another size. Where each was looked up instead:
_NAMED_ELSEWHERE = {
    "wan2.1-flf2v-14b": "the library's page on Wan",
    "wan2.2-t2v-a14b": "the library's page on Wan",
    "wan2.2-i2v-a14b": "the library's page on Wan",
    "wan2.2-ti2v-5b": "the library's page on Wan",
    "cogvideox-1.5-5b-i2v": "its makers' examples",
    "ace-step-1.5": "its card",
    "flux.2-klein-4b": "its card, and its makers' page on FLUX.2; the library's examples are of 9 B",
    "flux.2-klein-base-4b": "its makers' page on FLUX.2",
}


def _named_by_the_library(model: Model, repo: str) -> bool:
    """Whether the library's own text on these pipelines, examples included, names the repository."""
    import diffusers

    root = Path(diffusers.__file__).parent
    folders = {Path(inspect.getfile(getattr(diffusers, way.kind))).parent for way in model.ways.values()}
    files = [file for folder in folders for file in folder.glob("*.py")]
    files.append(root / "loaders" / "single_file_utils.py")
    whole = re.compile(rf"(?<![\w./-]){re.escape(repo)}(?![\w/-]|\.\w)")
    return any(whole.search(file.read_text()) for file in files)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_its_repositories_are_those_that_the_library_names(model: Model) -> None:
    repos = [model.repo, *(way.repo for way in model.ways.values()), model.adapter]
    named = all(_named_by_the_library(model, repo) for repo in repos if repo)
    assert named == (model.name not in _NAMED_ELSEWHERE), repos


def test_wan_animate_still_wants_what_no_canvas_has() -> None:
    """The page says why it isn't here: of the film that is followed it takes drawings alone."""
    import diffusers

    asked = inspect.signature(diffusers.WanAnimatePipeline.__call__).parameters
    needed = {name for name, one in asked.items() if one.default is one.empty} - {"self"}
    assert needed == {"image", "pose_video", "face_video"}


def test_every_model_comes_through_the_door_and_only_when_it_is_named() -> None:
    listed = fillers()
    for name, model in MODELS.items():
        entry = listed[name].entry
        assert entry is model
        assert entry.capabilities.on_request


def test_listing_them_imports_nothing_heavy() -> None:
    code = (
        "import sys, vitascope.engine as e; e.fillers();"
        "print([m for m in ('torch', 'diffusers', 'transformers', 'openai') if m in sys.modules])"
    )
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert listed.stdout.strip() == "[]"


def test_no_default_has_terms() -> None:
    for name, item in fillers().items():
        if item.entry and item.entry.capabilities.terms:
            assert item.entry.capabilities.on_request, name


def test_the_page_shows_the_catalogue_as_it_is() -> None:
    specification = importlib.util.spec_from_file_location("list_models", ROOT / "runs" / "list_models.py")
    assert specification is not None
    assert specification.loader is not None
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    text = script.PAGE.read_text()
    assert script.page(text) == text, "run `python runs/list_models.py`"
