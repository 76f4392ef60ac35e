"""What all tests share: reproducible examples, plug-ins to install, and whether the weights are here."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

import vitascope
from vitascope.engine import fillers, load_filler

# The same examples in every run, so that a red check is about the change. To search for new ones:
# pytest --hypothesis-profile=search
hypothesis.settings.register_profile("vitascope", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("vitascope")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the shipped weights where a checkout lacks them."""
    if any(Path(vitascope.__file__).parent.rglob("*.safetensors")):
        return
    skip = pytest.mark.skip(reason="this checkout has no weights (*.safetensors) under src/vitascope")
    for item in items:
        if item.get_closest_marker("weights"):
            item.add_marker(skip)


@pytest.fixture
def install_plug_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str, str], None]]:
    """install_plug_in(entry_point, module, source): what pip leaves behind for a package of one module."""
    place = tmp_path / "installed"
    modules: list[str] = []

    def forget() -> None:
        for module in modules:
            sys.modules.pop(module, None)
        fillers.cache_clear()
        load_filler.cache_clear()

    def install(entry_point: str, module: str, source: str) -> None:
        info = place / f"{module}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[vitascope.fillers]\n{entry_point}\n")
        (place / f"{module}.py").write_text(source)
        monkeypatch.syspath_prepend(place)
        modules.append(module)
        forget()

    yield install
    monkeypatch.undo()
    forget()
