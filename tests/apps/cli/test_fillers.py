"""fillers: the list for people and for programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_the_list_says_what_each_can(vitascope: Command) -> None:
    ran = vitascope("fillers", "--json", "fillers.json")
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[0].split()[:2] == ["filler", "what"]
    assert any(line.startswith("toy") and "drifting gradient" in line for line in lines)
    records = {record["filler"]: record for record in json.loads(Path("fillers.json").read_text())}
    assert {"built-in", "toy"} <= set(records)
    assert records["toy"]["known"] == ["frames", "nothing", "regions", "soft"]
    assert records["toy"]["rates_fps"] is None
