"""--cast: pictures of who must appear, on the canvas with their names."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import typer

from vitascope.apps.cli.cast import with_cast
from vitascope.canvas import Canvas
from vitascope.engine import ToyFiller
from vitascope.media import write_picture

Command = Callable[..., Any]
RGB = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
RGBA = np.dstack((RGB, np.tile(np.arange(8, dtype=np.uint8) * 30, (6, 1))))
BLANK = Canvas.blank(1, 8, 8, 8)


@pytest.fixture(autouse=True)
def pictures(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_picture("fox.png", RGB)
    write_picture("ghost.png", RGBA)
    write_picture("a=b.png", RGB)


def cast_of(*members: str) -> dict[str, list[np.ndarray]]:
    return {each.name: list(each.pictures) for each in with_cast(BLANK, list(members)).cast}


def test_a_name_is_given_or_that_of_the_file() -> None:
    assert list(cast_of("fox.png", "Casper=ghost.png")) == ["fox", "Casper"]
    assert list(cast_of("a=b.png", "x=a=b.png")) == ["a=b", "x"]
    assert with_cast(BLANK, None) is BLANK


def test_pictures_come_as_they_are_and_several_of_one_name_together() -> None:
    read = cast_of("it=fox.png", "it=ghost.png", "fox.png")
    assert [picture.shape for picture in read["it"]] == [(6, 8, 3), (6, 8, 4)]
    assert np.array_equal(read["it"][0], RGB)
    assert np.array_equal(read["it"][1], RGBA)
    assert np.array_equal(read["fox"][0], RGB)


@pytest.mark.parametrize("text", ["=fox.png", "fox=", " =fox.png", "="])
def test_half_a_cast_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is no cast; write fox\.png, or fox=picture\.png"):
        cast_of(text)


@pytest.mark.parametrize(
    "command", [("generate", "it runs"), ("animate", "fox.png", "it runs"), ("image", "it")]
)
def test_it_reaches_the_filler_from_every_command(
    vitascope: Command, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    seen: list[Canvas] = []
    paint = ToyFiller.fill

    def fill(self: ToyFiller, canvases: Any, settings: Any, report: Any) -> Any:
        seen.extend(canvases)
        return paint(self, canvases, settings, report)

    monkeypatch.setattr(ToyFiller, "fill", fill)
    wrong = vitascope(*command, "--cast", "fox.png", "--size", "16", "--filler", "toy")
    assert wrong.status == 1
    assert 'the filler "toy" takes no cast' in wrong.err
    monkeypatch.setattr(ToyFiller, "capabilities", replace(ToyFiller.capabilities, cast=True))
    asked = (*command, "--cast", "fox.png", "--cast", "Casper=ghost.png", "--size", "16", "--filler", "toy")
    assert vitascope(*asked).status == 0
    assert [cast.name for cast in seen[0].cast] == ["fox", "Casper"]
    assert vitascope(*command, "--cast", "gone.png").err == "vitascope: gone.png: no such file\n"
