"""move: brushes reach the filler as tracks, and the first frame is the picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.canvas import Canvas, Ellipse, MaskPicture, Rectangle, Track, everything_but
from vitascope.engine import load_filler
from vitascope.media import read_clip, write_picture, write_video

Command = Callable[..., Any]
PHOTO = np.random.default_rng(0).integers(0, 256, (30, 60, 3), np.uint8)
BALL = "ellipse:0.5,0.6,0.1,0.1"
FILLER = """
from dataclasses import replace
from vitascope.engine import ToyFiller

class Follower(ToyFiller):
    capabilities = replace(ToyFiller.capabilities, name="follower", tracks=True, camera=True, cast=True)
    seen = []

    def fill(self, canvases, settings, report):
        self.seen.extend(canvases)
        return super().fill(canvases, settings, report)
"""


@pytest.fixture
def move(
    vitascope: Command, install_plug_in: Callable[[str, str, str], None]
) -> Callable[..., tuple[Any, list[Canvas]]]:
    """move(arguments) -> what was said, and the canvases that a filler which takes tracks was given."""
    install_plug_in("follower = follower:Follower", "follower", FILLER)
    write_picture("photo.png", PHOTO)

    def run(*arguments: str) -> tuple[Any, list[Canvas]]:
        ran = vitascope("move", "photo.png", *arguments, "--filler", "follower")
        follower: Any = load_filler("follower")
        return ran, follower.seen

    return run


def test_brushes_and_freezes_become_tracks(move: Any) -> None:
    first, second = f"{BALL} -> 0.5,0.6 0.8,0.3", "not:rect:0,0,50%,1 → right 0.3"
    how = ("--brush", first, "--brush", second, "--freeze", "rect:0,0.5,0.3,1")
    ran, (canvas,) = move("it rolls", *how, "--seconds", "1", "--camera", "zoom in", "-o", "moved")
    assert ran.err.startswith("Filling 60x30, 1 s at 8 fps, with follower")
    right_half = everything_but(Rectangle(0, 0, 0.5, 1))
    assert canvas.tracks == (
        Track(((0, 0.5, 0.6), (7, 0.8, 0.3)), Ellipse(0.5, 0.6, 0.1, 0.1)),
        Track((("first", 0.5, 0.5), ("last", 0.8, 0.5)), right_half),
        Track.freeze(Rectangle(0, 0.5, 0.3, 1)),
    )
    assert (canvas.words_at(0), canvas.camera_at(0)) == ("it rolls", (0, 0, 50, 0))
    assert np.array_equal(read_clip("moved")[0], PHOTO)


def test_the_name_and_the_length_follow_the_request(move: Any) -> None:
    ran, _ = move("--brush", f"{BALL} -> up", "--seconds", "12f", "--rate", "12", "--size", "32x16")
    assert ran.out == "photo-moved.mp4  seed 0\n"
    assert read_clip("photo-moved.mp4").shape == (12, 16, 32, 3)


def test_wishes_come_together(move: Any) -> None:
    wishes = ("--cast", "ball=photo.png", "--camera", "pan left", "--negative", "rain")
    _, (canvas,) = move("it rolls", "--brush", f"{BALL} -> up", *wishes, "-o", "a.mp4")
    assert ([member.name for member in canvas.cast], canvas.camera_at(0)) == (["ball"], (-50, 0, 0, 0))
    assert (canvas.negative, len(canvas.tracks)) == ("rain", 1)


def test_the_rest_stays_unless_it_may_live(move: Any) -> None:
    move("--brush", f"{BALL} -> right 0.1", "-o", "a.mp4")
    _, (still, alive) = move("--brush", f"{BALL} -> right 0.1", "--alive", "-o", "b.mp4")
    assert (still.known[1:, :, :15] == 1).all()
    assert not alive.known[1:].any()


def test_a_brush_may_be_a_mask_picture(move: Any) -> None:
    inside = np.zeros((30, 60, 3), np.uint8)
    inside[10:20, 20:50] = 255
    write_picture("ball.png", inside)
    _, (canvas,) = move("--brush", "mask:ball.png -> left 0.1", "-o", "a.mp4")
    (track,) = canvas.tracks
    assert track.region == MaskPicture(inside[..., 0])
    assert np.allclose(track.positions(16, canvas.rate_fps)[[0, -1], 0], (35 / 60, 35 / 60 - 0.1), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        ((), 2, "Missing option '--brush'"),
        (("--brush", BALL), 2, '--brush: "ellipse:0.5,0.6,0.1,0.1" is no brush; write "REGION -> PATH"'),
        (("--brush", f"{BALL} -> up -> down"), 2, "is no brush"),
        (("--brush", f"{BALL} -> sideways"), 2, '--brush: "sideways": "sideways" is no way to go; write'),
        (("--brush", "here -> up"), 2, '--brush: "here " is no region; write "rect:'),
        (("--brush", f"{BALL} -> up", "--freeze", "here"), 2, '--freeze: "here" is no region'),
        (("--brush", f"{BALL} -> 0,0 1,1"), 1, "brushes[0]: the path begins at 0,0, beside its region"),
        (("--brush", "mask:film.mp4 -> up"), 2, "--brush: film.mp4 is no picture"),
        (("--brush", "mask:gone.png -> up"), 1, "gone.png: no such file"),
        (("--brush", f"{BALL} -> up") * 6, 1, "brushes: 1 to 5 of them move a picture, not 6"),
        (("--brush", f"{BALL} -> up", "--seconds", "1f"), 1, "duration_s: one frame shows no motion"),
    ],
)  # fmt: skip
def test_what_was_wrong_and_what_would_be_right(
    move: Any, arguments: tuple[str, ...], status: int, line: str
) -> None:
    write_video("film.mp4", PHOTO[None].repeat(3, axis=0), 8)
    before = sorted(Path().rglob("*.*"))
    ran, seen = move(*arguments)
    assert ran.status == status
    assert line in ran.err
    assert ran.err.count("\n") == 1
    assert seen == []
    assert sorted(Path().rglob("*.*")) == before


def test_a_filler_that_takes_no_tracks_says_so(vitascope: Command) -> None:
    write_picture("photo.png", PHOTO)
    ran = vitascope("move", "photo.png", "--brush", f"{BALL} -> up", "--filler", "toy")
    assert ran.status == 1
    assert 'the filler "toy" takes no tracks' in ran.err
