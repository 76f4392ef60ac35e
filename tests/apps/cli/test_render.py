"""render: a timeline becomes a film, and what is wrong with it becomes one line."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.media import probe, read_video, write_picture, write_video
from vitascope.media.timelines import Clip, Colour, Fill, Gap, PictureTrack, Still, Timeline, Title
from vitascope.media.timelines.otio import write_timeline

Command = Callable[..., Any]
CANVAS = '{"duration_s": 1, "rate_fps": 8, "width_px": 32, "height_px": 24, "words": [{"text": "a fox"}]}'


def write(*items: Any, path: str = "film.otio", **more: Any) -> None:
    tracks = PictureTrack(items=items), PictureTrack(items=(Title(text="Hi", duration_s=Fraction(1)),))
    settings: dict[str, Any] = {"width_px": 64, "height_px": 48, "rate_fps": Fraction(10)} | more
    write_timeline(path, Timeline(tracks=tracks, **settings))


@pytest.fixture
def media() -> None:
    """A film of 2 s and a picture, in the present folder."""
    frames = [np.full((48, 64, 3), 10 * k, np.uint8) for k in range(20)]
    write_video("a.mp4", frames, 10)
    write_picture("b.png", np.full((48, 64, 3), 250, np.uint8))


def test_a_timeline_becomes_a_film(vitascope: Command, media: None) -> None:
    write(Clip(source="a.mp4", duration_s=Fraction(2)), Still(source="b.png", duration_s=Fraction(1)))
    ran = vitascope("render", "film.otio", "--preset", "veryfast")
    assert (ran.status, ran.out) == (0, "film.mp4  3 s at 10 fps\n")
    assert ran.err.startswith(
        "Rendering 64x48, 3 s at 10 fps ...\nlooking at the media\npainting: 30 steps\n"
    )
    info = probe("film.mp4")
    assert (info.frames, info.rate_fps, info.width_px) == (30, 10, 64)
    assert np.mean(list(read_video("film.mp4"))[29]) > 240
    assert sorted(path.name for path in Path().iterdir()) == ["a.mp4", "b.png", "film.mp4", "film.otio"]


def test_options_change_the_film(vitascope: Command, media: None) -> None:
    write(Clip(source="a.mp4", duration_s=Fraction(2)))
    arguments = ("render", "film.otio", "-o", "out.mkv", "--size", "128x96", "--codec", "vp9", "--keep-parts")
    assert vitascope(*arguments, "--loudness", "-14").status == 0
    info = probe("out.mkv")
    assert (info.width_px, info.height_px, info.codec) == (128, 96, "vp9")
    assert Path(".out.mkv.parts").is_dir()
    again = vitascope(*arguments, "--loudness", "-14")
    assert "20 found finished" in again.err


def test_a_fill_is_painted_and_shown(vitascope: Command, media: None) -> None:
    write(Gap(duration_s=Fraction(1, 2)), Fill(canvas=CANVAS, duration_s=Fraction(1), filler="toy"))
    ran = vitascope("render", "film.otio", "--preset", "veryfast")
    assert ran.status == 0, ran.err
    assert "fill 1 of 1" in ran.err
    frames = list(read_video("film.mp4"))
    assert len(frames) == 15
    assert frames[12].std() > frames[0][:10].std()


@pytest.mark.parametrize(
    ("item", "arguments", "status", "line"),
    [
        (Clip(source="gone.mp4", duration_s=Fraction(1)), (), 1, "gone.mp4: no such file"),
        (Clip(source="a.mp4", duration_s=Fraction(9)), (), 1, "tracks[0].items[0]: a.mp4 ends at 2 s"),
        (Colour(colour="#ff0000", duration_s=Fraction(1)), ("-o", "film.txt"), 1, "use one of .mp4"),
        (
            Colour(colour="#ff0000", duration_s=Fraction(1)),
            ("-o", "no/film.mp4"),
            1,
            "doesn't exist; make it first",
        ),
        (
            Colour(colour="#ff0000", duration_s=Fraction(1)),
            ("--loudness", "loud"),
            2,
            "--loudness: loud is no number",
        ),
        (Colour(colour="#ff0000", duration_s=Fraction(1)), ("--loudness", "20"), 2, "--loudness: lufs"),
        (Colour(colour="#ff0000", duration_s=Fraction(1)), ("--codec", "gif"), 1, "not 'gif'"),
        (Fill(canvas=CANVAS, duration_s=Fraction(1), filler="tow"), (), 1, 'did you mean "toy"?'),
    ],
)
def test_what_was_wrong_and_what_would_be_right(
    vitascope: Command, media: None, item: Any, arguments: tuple[str, ...], status: int, line: str
) -> None:
    write(item)
    before = sorted(Path().rglob("*"))
    ran = vitascope("render", "film.otio", *arguments)
    assert (ran.status, ran.out) == (status, "")
    assert line in ran.err
    assert sorted(Path().rglob("*")) == before
