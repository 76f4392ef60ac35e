"""Long videos: written as they are painted, with words that change on the way."""

import signal
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import Span
from vitascope.engine import ToyFiller, stream
from vitascope.media import probe, read_picture, write_picture
from vitascope.tasks import text_to_video

Command = Callable[..., Any]
LONG = ("generate", "a fox", "--filler", "toy", "--size", "16", "--seconds", "40")


def test_a_long_video_is_what_stream_paints(vitascope: Command) -> None:
    ran = vitascope(*LONG, "-o", "fox.mp4", "--variations", "2")
    assert ran.status == 0
    assert ran.out == "fox-1.mp4  seed 0\nfox-2.mp4  seed 1\n"
    assert "painting, window 3 of 3: 100 steps\n" in ran.err
    info = probe("fox-2.mp4")
    assert (info.frames, info.rate_fps) == (320, Fraction(8))
    assert vitascope(*LONG, "-o", "fox_%03d.png").status == 0
    painted = np.concatenate(list(stream(text_to_video("a fox", duration_s=40, size=(16, 16)), "toy")))
    assert np.array_equal(read_picture("fox_319.png"), painted[319])
    assert np.array_equal(read_picture("fox_130.png"), painted[130])


def test_it_is_written_while_it_is_painted(vitascope: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last window is begun, the first is in the file."""
    sizes: list[int] = []
    paint = ToyFiller.fill

    def fill(self: ToyFiller, canvases: Any, settings: Any, report: Any) -> Any:
        sizes.append(sum(path.stat().st_size for path in Path().glob(".*.part/*")))
        return paint(self, canvases, settings, report)

    monkeypatch.setattr(ToyFiller, "fill", fill)
    assert vitascope(*LONG, "-o", "fox_%03d.png").status == 0
    assert sizes[0] == 0 < sizes[1] < sizes[2]


def test_an_error_on_the_way_leaves_the_old_file(vitascope: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("fox.mp4").write_bytes(b"the film of yesterday")
    left = [1, 1]
    paint = ToyFiller.fill

    def fill(self: ToyFiller, canvases: Any, settings: Any, report: Any) -> Any:
        left.pop()  # the third time there is none left
        return paint(self, canvases, settings, report)

    monkeypatch.setattr(ToyFiller, "fill", fill)
    assert vitascope(*LONG, "-o", "fox.mp4").status == 1
    assert [path.name for path in Path().iterdir()] == ["fox.mp4"]
    assert Path("fox.mp4").read_bytes() == b"the film of yesterday"


def test_ctrl_c_in_a_later_window(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "import sys; from vitascope.apps.cli import main; sys.exit(main())"]
    size = ("--size", "128", "--seconds", "600", "-o", "fox.mp4")
    with subprocess.Popen(
        [*program, "generate", "a fox", "--filler", "toy", *size],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stderr
        while not run.stderr.readline().startswith("painting, window 2 of 39"):
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        assert "cancelled; nothing is left half-written" in run.communicate(timeout=60)[1]
    assert run.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_words_may_change_on_the_way(vitascope: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    paint = ToyFiller.fill

    def fill(self: ToyFiller, canvases: Any, settings: Any, report: Any) -> Any:
        seen.extend(canvases)
        return paint(self, canvases, settings, report)

    monkeypatch.setattr(ToyFiller, "fill", fill)
    then = ("--then", "1.5s: the moon rises: slowly", "--then", "6f: a fox sleeps")
    toy = ("--size", "16", "--seconds", "2", "--filler", "toy")
    assert vitascope("generate", "a fox", *then, *toy, "-o", "fox.mp4").status == 0
    said = ["a fox"] * 6 + ["a fox sleeps"] * 6 + ["the moon rises: slowly"] * 4
    assert [seen[0].words_at(frame) for frame in range(16)] == said
    write_picture("photo.png", np.zeros((16, 16, 3), np.uint8))
    assert vitascope("animate", "photo.png", *then, *toy, "-o", "fox.mp4").status == 0
    assert seen[1].words_at(5) == ""
    assert [seen[1].words_at(frame) for frame in range(6, 16)] == said[6:]
    assert seen[1].words[0].span == Span(6, 12)


@pytest.mark.parametrize(
    ("then", "line"),
    [
        ("a fox sleeps", '--then: "a fox sleeps" is no change of words; write "5s: a fox sleeps"'),
        ("5s:", '"5s:" is no change of words'),
        ("soon: a fox sleeps", '--then: "soon" is not a time'),
        ("5s: a fox sleeps", "--then: 5 s is after the last frame (1.875 s)"),
        ("0s: a fox sleeps", '"a fox sleeps" is at the beginning, where the first words hold'),
        ("1s: a boat", '"a fox" is at the time of another'),
    ],
)
def test_what_is_no_change_of_words(vitascope: Command, then: str, line: str) -> None:
    ran = vitascope("generate", "a fox", "--filler", "toy", "--then", then, "--then", "1s: a fox")
    assert ran.status == 2
    assert line in ran.err
    assert list(Path().iterdir()) == []
