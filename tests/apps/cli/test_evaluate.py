"""evaluate: the tables, their files, and what is asked wrongly."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vitascope.media import read_picture

Command = Callable[..., Any]


@pytest.mark.weights
def test_the_toy_is_examined(vitascope: Command) -> None:
    ran = vitascope(
        "evaluate", "--filler", "toy", "--quick", "--json", "s.json", "--markdown", "s.md", "--sheet", "s.png"
    )
    assert ran.status == 0, ran.err
    assert "Adherence, new combinations" in ran.out
    assert "Adherence, new wordings" in ran.out
    records = json.loads(Path("s.json").read_text())
    rows = [record for record in records if record["table"] == "adherence"]
    places = [row for row in rows if row["attribute"] == "place"]
    assert len(places) == 2
    assert all(row["asked"] == 8 and row["ceiling"] > 0.8 for row in places)
    assert sum(row["painted"] for row in places) / 2 < 0.5  # a gradient is no place
    measures = {record["name"]: record for record in records if record["table"] == "measures"}
    assert measures["peak memory in GiB, 256 px, one clip alone"]["painted"] > 0.1
    assert measures["motion smoothness (own flow)"]["real"] > 0.9
    assert Path("s.md").read_text().count("| attribute |") == 2
    assert read_picture("s.png").shape[2] == 3


@pytest.mark.weights
def test_features_are_measured_into_files(vitascope: Command) -> None:
    Path("page.md").write_text("before\n<!-- features -->\nold\n<!-- /features -->\nafter\n")
    options = ("--filler", "toy", "--features", "--only", "expand, Move", "--samples", "1")
    files = ("--json", "f.json", "--markdown", "page.md", "--sheet", "s.png")
    ran = vitascope("evaluate", *options, *files)
    assert ran.status == 0, ran.err
    assert "expand" in ran.out
    assert "move: refused" in ran.out
    records = json.loads(Path("f.json").read_text())
    seams = [record for record in records if record.get("measure") == "colour jump at the seam"]
    assert len(seams) == 1
    assert seams[0]["goal"] == "≤ 1.5"
    assert seams[0]["met"] is False
    assert seams[0]["real"] < 2 < seams[0]["painted"]
    assert "takes no tracks" in next(record["refused"] for record in records if "refused" in record)
    page = Path("page.md").read_text()
    assert page.startswith("before\n<!-- features -->\n\n| feature |")
    assert page.endswith("<!-- /features -->\nafter\n")
    assert "old" not in page
    assert read_picture("s-expand.png").shape[2] == 3
    assert not Path("s-move.png").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--features", "--only", "lop"), "no feature that is measured; there are extend, loop"),
        (("--features", "--drift", "ten"), "write whole seconds from 4 on"),
        (("--features", "--drift", "2"), "write whole seconds from 4 on"),
        (("--only", "loop"), "is for --features"),
        (("--samples", "3"), "--samples"),
        (("--sheet", "no/folder/s.png"), "the folder no/folder doesn't exist"),
        (("--json", "no/s.json"), "--json"),
        (("--sheet", "s.xyz"), "is of no known format; end it in"),
    ],
)
def test_what_is_asked_wrongly_is_said(vitascope: Command, arguments: tuple[str, ...], said: str) -> None:
    ran = vitascope("evaluate", *arguments)
    assert ran.status == 2
    assert said in ran.err


@pytest.mark.weights
def test_a_filler_that_is_not_there_is_said_before_any_work(vitascope: Command) -> None:
    ran = vitascope("evaluate", "--filler", "tyo")
    assert ran.status == 1
    assert 'did you mean "toy"' in ran.err
