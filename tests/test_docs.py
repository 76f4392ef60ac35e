"""What the docs say is true: their code runs, their documents are canvases, their links lead somewhere."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from vitascope.apps.cli import app, main
from vitascope.canvas import Canvas, canvas_from_json
from vitascope.engine import LazyFiller
from vitascope.media import read_picture

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def test_the_tutorials_filler_works_as_it_stands_there(
    install_plug_in: Callable[[str, str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler, lazy = blocks("docs/plugins.md", "python")
    assert len([line for line in filler.splitlines() if line.strip()]) == 8
    (packaging,) = blocks("docs/plugins.md", "toml")
    points = tomllib.loads(packaging)["project"]["entry-points"]["vitascope.fillers"]
    install_plug_in(f"noise = {points['noise']}", "noise_filler", filler)
    monkeypatch.chdir(tmp_path)
    assert main(["image", "anything", "--size", "32", "-o", "noise.png", "--filler", "noise"]) == 0
    assert read_picture("noise.png").std() > 60
    found: dict[str, LazyFiller] = {}
    exec(lazy, found)
    assert found["noise"]().capabilities.name == "noise"


def test_the_canvas_pages_python_runs() -> None:
    (code,) = blocks("docs/canvas.md", "python")
    names: dict[str, Any] = {}
    exec(code, names)
    check_what_the_canvas_page_gives(names["canvas"])
    assert names["video"].known.min() == 1


def check_what_the_canvas_page_gives(canvas: Canvas) -> None:
    """A picture of which an oval is a sketch, and nothing after it."""
    assert (canvas.frames, canvas.size, canvas.seed) == (24, (256, 144), 3)
    assert not canvas.known[1:].any()
    assert (canvas.known[0, 0, 0], canvas.known[0, 58, 128]) == (1, np.float32(0.4))
    assert canvas.words_at(11) == "a fox jumps on the beach"
    assert canvas.words_at(23) == "a fox jumps on the beach, it starts to rain"


def test_the_canvas_pages_document_is_a_canvas() -> None:
    (document,) = blocks("docs/canvas.md", "json")
    photo = np.zeros((1, 300, 300, 3), np.uint8)
    check_what_the_canvas_page_gives(canvas_from_json(json.loads(document), lambda uri, rate_fps: photo))


@pytest.mark.weights
def test_the_readmes_three_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("README.md", "python")
    exec(code, {})
    assert Path("fox.mp4").stat().st_size > 1000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_every_command_and_option_is_in_the_docs() -> None:
    sections = (ROOT / "docs" / "commands.md").read_text().split("\n## ")
    for name, command in typer.main.get_group(app).commands.items():
        section = next((text for text in sections if text.startswith(f"`vitascope {name}`")), "")
        shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
        for option in [option for parameter in shown for option in parameter.opts]:
            assert option in section or not option.startswith("-"), f"{name} {option}: run `make docs`"
