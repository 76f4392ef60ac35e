"""shots, and generate --shots: a script becomes a film, or one line says what is wrong with it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import Canvas
from vitascope.engine import ToyFiller
from vitascope.films import script_schema
from vitascope.media import probe, read_picture, write_picture

Command = Callable[..., Any]
TOY = ("--filler", "toy")
PHOTO = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
SCRIPT: dict[str, Any] = {
    "size": "32x24",
    "seed": 3,
    "shots": [
        {"text": "a fox jumps", "seconds": 1},
        {"text": "it sleeps", "seconds": 0.5, "continues": True},
        {"picture": "photo.png", "seconds": 0.5},
    ],
}


def write(script: dict[str, Any], path: str = "film.json") -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(json.dumps(script))


def test_a_script_becomes_a_film(vitascope: Command) -> None:
    write_picture("photo.png", PHOTO)
    write(SCRIPT)
    ran = vitascope("shots", "film.json", "-o", "film_%02d.png", *TOY)
    assert (ran.status, ran.out) == (0, "film_%02d.png  3 shots, 2 s at 8 fps\n")
    assert ran.err.startswith(
        "Shooting 32x24, 3 shots, 2 s at 8 fps, with toy ...\n"
        "shot 1 of 3, painting: 8 steps\nshot 2 of 3, painting: 8 steps\nshot 3 of 3, painting: 4 steps\n"
    )
    assert len(list(Path().glob("film_*.png"))) == 16
    assert np.array_equal(read_picture("film_12.png"), PHOTO)
    assert vitascope("shots", "film.json", *TOY).status == 0
    assert probe("film.mp4").frames == 16


def test_generate_takes_a_script_in_place_of_words(vitascope: Command) -> None:
    Path("deep").mkdir()
    write_picture("deep/photo.png", PHOTO)
    write(SCRIPT, "deep/film.json")
    assert vitascope("generate", "--shots", "deep/film.json", "-o", "a.gif", *TOY).status == 0
    assert vitascope("shots", "deep/film.json", "-o", "b.gif", *TOY).status == 0
    assert Path("a.gif").read_bytes() == Path("b.gif").read_bytes()


def test_the_same_cast_is_in_each_shot(vitascope: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Canvas] = []
    paint = ToyFiller.fill

    def fill(self: ToyFiller, canvases: Any, settings: Any, report: Any) -> Any:
        seen.extend(canvases)
        return paint(self, canvases, settings, report)

    monkeypatch.setattr(ToyFiller, "fill", fill)
    monkeypatch.setattr(ToyFiller, "capabilities", replace(ToyFiller.capabilities, cast=True))
    write_picture("photo.png", PHOTO)
    write(SCRIPT | {"cast": {"fox": "photo.png"}})
    assert vitascope("shots", "film.json", *TOY).status == 0
    assert [canvas.seed for canvas in seen] == [3, 4, 5]
    for canvas in seen:
        ((name, (picture,)),) = [(cast.name, cast.pictures) for cast in canvas.cast]
        assert name == "fox"
        assert np.array_equal(picture, PHOTO)


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("shots", "gone.json"), 1, "gone.json: No such file or directory"),
        (("shots", "binary.json"), 2, "binary.json is not text; a script is a JSON document"),
        (("shots", "bad.json", *TOY), 1, 'shots[0].camera: "fly" is no camera move'),
        (("shots", "outside.json", *TOY), 1, "shots[0].picture: "),
        (("shots", "cast.json", *TOY), 1, 'shots[0]: the filler "toy" takes no cast'),
        (("shots", "film.json", "-o", "film.png", *TOY), 2, "--output: film.png would hold one picture"),
        (("shots", "film.json", "--filler", "tow"), 1, 'did you mean "toy"?'),
        (("generate", "a fox", "--shots", "film.json"), 2, "--shots: TEXT has no meaning beside it"),
        (
            ("generate", "--shots", "film.json", "--seconds", "2"),
            2,
            "--shots: --seconds has no meaning beside",
        ),
        (("generate", "--shots", "film.json", "--cast", "photo.png"), 2, "--shots: --cast has no meaning"),
    ],
)
def test_what_was_wrong_and_what_would_be_right(
    vitascope: Command, arguments: tuple[str, ...], status: int, line: str
) -> None:
    write_picture("photo.png", PHOTO)
    write(SCRIPT)
    write({"shots": [{"text": "a", "camera": "fly"}]}, "bad.json")
    write({"shots": [{"text": "a", "picture": "../photo.png"}]}, "outside.json")
    write({"cast": {"fox": "photo.png"}, "shots": [{"text": "a fox"}]}, "cast.json")
    Path("binary.json").write_bytes(b"\xff\xfe\x00")
    before = sorted(Path().rglob("*"))
    ran = vitascope(*arguments)
    assert (ran.status, ran.out) == (status, "")
    assert line in ran.err
    assert ran.err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before


def test_the_schema_is_printed(vitascope: Command) -> None:
    assert json.loads(vitascope("schema", "shots").out) == script_schema()
