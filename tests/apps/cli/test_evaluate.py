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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
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
