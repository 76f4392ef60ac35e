"""The command, run in this process in an empty folder: vitascope("image", "a fox") -> status, out, err."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from vitascope.apps.cli import main


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture
def vitascope(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> Ran:
        status = main(arguments)
        return Ran(status, *capfd.readouterr())

    return command
