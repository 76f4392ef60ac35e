"""The door for fillers, with a real installed plug-in: a distribution's metadata and a module on the path."""

import textwrap
from collections.abc import Callable

import pytest

from vitascope.engine import BrokenFiller, Filler, LazyFiller, ToyFiller, UnknownFiller, fillers, load_filler

Install = Callable[[str, str], None]


@pytest.fixture
def install(install_plug_in: Callable[[str, str, str], None]) -> Install:
    return lambda entry_point, source: install_plug_in(entry_point, "plugged", textwrap.dedent(source))


STRIPES = """
    from vitascope.engine import Capabilities, LazyFiller
    stripes = LazyFiller(Capabilities(name="stripes", summary="", rank=5), "plugged:missing_until_called")
"""
IDLE = """
    from vitascope.engine import Capabilities
    class Idle:
        capabilities = Capabilities(name="idle", summary="")
"""


def test_the_built_in_filler_and_the_toy_come_through_the_door() -> None:
    assert {"built-in", "toy"} <= set(fillers())
    assert isinstance(load_filler("toy"), ToyFiller)


def test_a_filler_is_loaded_once() -> None:
    assert load_filler("toy") is load_filler("toy")


def test_an_installed_plug_in_is_listed_by_rank_and_not_loaded(install: Install) -> None:
    install("stripes = plugged:stripes", STRIPES)
    assert next(iter(fillers())) == "stripes"
    assert isinstance(fillers()["stripes"].entry, LazyFiller)
    with pytest.raises(BrokenFiller, match="missing_until_called"):
        load_filler("stripes")


def test_a_plug_in_that_fails_to_import_fails_alone(install: Install) -> None:
    install("bad = plugged:Filler", "raise RuntimeError('no GPU here')")
    assert fillers()["bad"].entry is None
    assert "no GPU here" in fillers()["bad"].fault
    assert fillers()["toy"].entry is not None
    with pytest.raises(BrokenFiller, match="no GPU here"):
        load_filler("bad")


def test_what_has_no_capabilities_is_no_filler(install: Install) -> None:
    install("bare = plugged:fill", "def fill(): ...")
    assert "Capabilities" in fillers()["bare"].fault


def test_what_has_no_fill_is_found_out_when_it_is_loaded(install: Install) -> None:
    install("idle = plugged:Idle", IDLE)
    with pytest.raises(BrokenFiller, match="gave Idle, which has no fill"):
        load_filler("idle")


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(UnknownFiller, match='did you mean "built-in"'):
        load_filler("builtin")
    with pytest.raises(UnknownFiller, match=r"there are: .*toy"):
        load_filler("zzzzzz")


def test_the_toy_is_a_filler() -> None:
    assert isinstance(ToyFiller(), Filler)
