"""The catalogue: every pipeline is there in the library, what is declared fits, and the page shows it."""

from __future__ import annotations

import importlib.util
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
