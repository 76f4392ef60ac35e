"""One helpful line on stderr, a status that scripts can read, and nothing left behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.apps.cli import in_one_line
from vitascope.media import write_picture

Command = Callable[..., Any]
GENERATE = ("generate", "a fox", "--filler", "toy")


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("generate",), 2, "say what to see"),
        (("generate", " "), 2, "say what to see"),
        ((*GENERATE, "--size", "huge"), 2, '--size: "huge" is not a size; write "1280x720"'),
        ((*GENERATE, "--size", "0x5"), 2, "--size"),
        ((*GENERATE, "--rate", "-3"), 2, "--rate: a frame rate is above 0"),
        ((*GENERATE, "--seconds", "soon"), 2, '--seconds: "soon" is not a time'),
        ((*GENERATE, "--seconds", "last"), 2, '--seconds: "last" is no duration'),
        ((*GENERATE, "--seconds", "0"), 2, "--seconds: must be above 0"),
        ((*GENERATE, "--seed", "-1"), 2, "--seed"),
        ((*GENERATE, "--variations", "0"), 2, "--variations"),
        ((*GENERATE, "--camera", "fly away"), 2, '--camera: "fly away" is no camera move'),
        ((*GENERATE, "-o", "fox.mpq"), 2, "--output: fox.mpq is of no known format; end it in .gif, .mkv"),
        ((*GENERATE, "-o", "fox.png"), 2, "--output: fox.png would hold one picture and this has 16"),
        ((*GENERATE, "-o", "nowhere/fox.mp4"), 2, "--output: the folder nowhere doesn't exist"),
        ((*GENERATE, "-o", "full.mp4"), 2, "--output: full.mp4 is a folder"),
        (("generate", "a fox", "--filler", "tow"), 1, 'no filler is called "tow"; did you mean "toy"?'),
        ((*GENERATE, "--camera", "pan left"), 1, 'the filler "toy" takes no camera'),
        (("animate", "gone.jpg"), 1, "gone.jpg: no such file"),
        (("animate", "text.png"), 1, "text.png: not a picture"),
        (("fill", "gone.json"), 1, "gone.json: No such file or directory"),
        (("genrate", "a fox"), 2, "Did you mean 'generate'"),
        (("generate", "a fox", "--sise", "64"), 2, "--size"),
    ],
)
def test_what_was_wrong_and_what_would_be_right(
    vitascope: Command, arguments: tuple[str, ...], status: int, line: str
) -> None:
    Path("full.mp4").mkdir()
    Path("text.png").write_text("no picture")
    before = sorted(Path().rglob("*"))
    ran = vitascope(*arguments)
    assert ran.status == status
    assert ran.err.startswith("vitascope: ")
    assert line in ran.err
    assert ran.err.count("\n") == 1
    assert ran.out == ""
    assert sorted(Path().rglob("*")) == before


def test_debug_shows_the_traceback_wherever_it_stands(vitascope: Command) -> None:
    for arguments in (("--debug", "animate", "gone.jpg"), ("animate", "gone.jpg", "--debug")):
        ran = vitascope(*arguments)
        assert ran.status == 1
        assert "Traceback" in ran.err
        assert ran.err.rstrip().endswith("vitascope: gone.jpg: no such file")


def test_an_older_output_stays_when_the_new_one_fails(
    vitascope: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vitascope.engine import ToyFiller

    assert vitascope(*GENERATE, "-o", "fox.mp4", "--size", "32").status == 0
    old = Path("fox.mp4").read_bytes()

    def fail(self: ToyFiller, *_: object) -> None:
        raise RuntimeError("the lamp went out")

    monkeypatch.setattr(ToyFiller, "fill", fail)
    ran = vitascope(*GENERATE, "-o", "fox.mp4", "--size", "32")
    assert ran.status == 1
    assert "something broke inside: RuntimeError: the lamp went out (--debug shows where)" in ran.err
    assert Path("fox.mp4").read_bytes() == old
    assert [path.name for path in Path().iterdir()] == ["fox.mp4"]


def test_an_output_that_is_there_is_replaced_whole(vitascope: Command) -> None:
    Path("fox.png").write_bytes(b"old")
    assert vitascope("image", "a fox", "-o", "fox.png", "--size", "16", "--filler", "toy").status == 0
    assert Path("fox.png").read_bytes().startswith(b"\x89PNG")


def test_animate_checks_the_output_before_it_fills(vitascope: Command) -> None:
    write_picture("photo.png", np.zeros((16, 16, 3), np.uint8))
    ran = vitascope("animate", "photo.png", "-o", "out.jpg", "--filler", "toy")
    assert ran.status == 2
    assert "Filling" not in ran.err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.json"), "a.json: No such file or directory"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (MemoryError(), "there is not enough memory for this; try a smaller --size or fewer --seconds"),
        (KeyError("x"), "something broke inside: KeyError: 'x' (--debug shows where)"),
        (
            RuntimeError("two\n  lines"),
            "something broke inside: RuntimeError: two lines (--debug shows where)",
        ),
    ],
)
def test_every_error_is_one_line(error: Exception, line: str) -> None:
    assert in_one_line(error) == line
