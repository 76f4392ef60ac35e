"""--keep: of several variations the best are written, and a table says why."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.apps.cli.best import BestOf
from vitascope.canvas import Camera, Canvas
from vitascope.engine import ToyFiller
from vitascope.media import read_clip, read_picture, write_picture
from vitascope.tasks import text_to_video

Command = Callable[..., Any]
FEW = ("--size", "32", "--seconds", "0.75", "--filler", "toy")


@pytest.fixture
def steady_is_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A toy whose pictures flicker, the less the nearer its seed is to 2."""

    def fill(self: ToyFiller, canvases: Sequence[Canvas], settings: Any, report: Any) -> list[Canvas]:
        return [replace(canvas, pixels=flickering(canvas)) for canvas in canvases]

    def flickering(canvas: Canvas) -> np.ndarray:
        pixels = np.full(canvas.pixels.shape, 100 + canvas.seed, np.uint8)
        pixels[::2] += np.uint8(20 * abs(canvas.seed - 2))
        return pixels

    monkeypatch.setattr(ToyFiller, "fill", fill)


@pytest.mark.weights
@pytest.mark.usefixtures("steady_is_two")
def test_the_best_is_kept_and_the_table_says_why(vitascope: Command) -> None:
    ran = vitascope("generate", "a lion", "-o", "lion_%d.png", "--variations", "4", "--keep", "1", *FEW)
    assert ran.status == 0
    assert "The words name nothing that can be read from a video; how steady it is decides alone." in ran.err
    lines = [line.split() for line in ran.out.splitlines()]
    assert lines[0] == ["seed", "consistency", "score", "kept"]
    assert [line[0] for line in lines[1:5]] == ["0", "1", "2", "3"]
    assert lines[3][1:] == ["100", "%", "100", "%", "1."]
    assert lines[5] == ["lion_%d.png", "seed", "2"]
    assert {read_picture(path).item(0) for path in Path().glob("lion_*.png")} == {102}


@pytest.mark.weights
@pytest.mark.usefixtures("steady_is_two")
def test_several_are_numbered_from_the_best_on_and_the_json_has_everything(vitascope: Command) -> None:
    asked = ("generate", "a fox", "-o", "fox.webp", "--variations", "4", "--keep", "2", "--json", "why.json")
    assert vitascope(*asked, *FEW).status == 0
    rows = json.loads(Path("why.json").read_text())
    assert [row["seed"] for row in rows] == [0, 1, 2, 3]
    assert sum(row["kept"] for row in rows) == 2
    assert sorted(row["rank"] for row in rows) == [1, 2, 3, 4]
    best = sorted(rows, key=lambda row: row["rank"])
    assert [row["score"] for row in best] == sorted((row["score"] for row in rows), reverse=True)
    assert best[0]["kept"]
    assert best[1]["kept"]
    for row in rows:
        (fox,) = row["attributes"]
        assert (fox["attribute"], fox["asked"]) == ("thing", ["fox"])
        assert row["score"] == pytest.approx((fox["probability"] + row["consistency"]) / 2)
    for number in (1, 2):
        level = int(np.median(read_clip(f"fox-{number}.webp")[-1]))
        assert abs(level - 100 - best[number - 1]["seed"]) <= 1
    assert not Path("fox-3.webp").exists()


@pytest.mark.weights
def test_pictures_and_animations_too(vitascope: Command) -> None:
    write_picture("photo.png", np.zeros((32, 32, 3), np.uint8))
    best = ("--variations", "3", "--keep", "1", "--filler", "toy")
    ran = vitascope("image", "a red car", "-o", "car.png", "--size", "32", *best)
    assert ran.status == 0
    assert ran.out.split()[:6] == ["seed", "thing:", "car", "colour:", "red", "consistency"]
    assert Path("car.png").exists()
    assert vitascope("animate", "photo.png", "-o", "photo.gif", "--seconds", "4f", *best).status == 0
    assert (
        "name nothing that could be read from a picture; it knows fox, cat"
        in vitascope("image", "a lion", *best).err
    )


def test_all_are_kept_where_there_is_nothing_to_choose(vitascope: Command) -> None:
    ran = vitascope("generate", "a fox", "-o", "fox.gif", "--variations", "2", "--keep", "2", *FEW)
    assert ran.out == "fox-1.gif  seed 0\nfox-2.gif  seed 1\n"
    assert vitascope("generate", "a fox", "-o", "fox.gif", "--keep", "1", *FEW).out == "fox.gif  seed 0\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--keep", "2"), "--keep: 2 of 1 can't be kept; let --variations make 3 or more"),
        (("--keep", "5", "--variations", "4"), "--keep: 5 of 4 can't be kept"),
        (("--keep", "0"), "--keep"),
        (("--json", "a.json"), "--json: writes the table of --keep; say how many to keep"),
        (("--variations", "2", "--keep", "2", "--json", "a.json"), "--json: all 2 are kept"),
        (("--variations", "2", "--keep", "1", "--json", "no/a.json"), "--json: the folder no doesn't exist"),
    ],
)
def test_what_was_wrong_and_what_would_be_right(
    vitascope: Command, arguments: tuple[str, ...], line: str
) -> None:
    ran = vitascope("generate", "a fox", *arguments, *FEW)
    assert (ran.status, ran.out) == (2, "")
    assert line in ran.err
    assert ran.err.count("\n") == 1
    assert not list(Path().iterdir())


@pytest.mark.weights
def test_a_camera_move_counts_as_words_do() -> None:
    canvas = text_to_video("a fox", camera=Camera(pan=-50, zoom=10))
    assert BestOf(4, 1, None).judge(canvas).words == "a fox. camera: pan left"
    for camera, said in ((Camera(zoom=100), "zoom in"), (Camera(tilt=-30), "tilt down")):
        assert BestOf(4, 1, None).judge(text_to_video("a", camera=camera)).words.endswith(said)
    assert BestOf(4, 1, None).judge(text_to_video("a", camera=Camera(roll=90))).words.strip(". ") == "a"
