"""Several shots, one film: what a script says becomes canvases, and shots meet as they should."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import Camera, Canvas, CanvasError, Ellipse, Span, Track
from vitascope.engine import CannotFill, FillSettings, Progress, Report, ToyFiller, fill
from vitascope.films import Shot, script_schema, shoot, shots
from vitascope.tasks import image_to_video, text_to_video

PUBLISHED = Path(__file__).parents[2] / "docs" / "shots.schema.json"
FOX = np.random.default_rng(1).integers(0, 256, (6, 5, 4), np.uint8)
PHOTO = np.random.default_rng(2).integers(0, 256, (20, 30, 3), np.uint8)
MEDIA = {"fox.png": FOX, "photo.png": PHOTO}


def load(uri: str, rate_fps: Fraction) -> np.ndarray:
    if uri not in MEDIA:
        raise FileNotFoundError("there is no such file")
    return MEDIA[uri][None]


class Seen(ToyFiller):
    """The toy, which takes a cast and a camera too, and keeps what it is asked to fill."""

    capabilities = replace(ToyFiller.capabilities, cast=True, camera=True, tracks=True)

    def __init__(self) -> None:
        self.canvases: list[Canvas] = []

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        self.canvases += canvases
        return super().fill(canvases, settings, report)


# Scripts


def test_a_script_becomes_canvases() -> None:
    script = {
        "size": "30x20",
        "rate": 12,
        "seed": 40,
        "cast": {"fox": "fox.png", "car": ["photo.png", "fox.png"]},
        "shots": [
            {"text": "a fox jumps", "seconds": 1, "camera": "pan left", "negative": "rain"},
            {"picture": "photo.png", "cast": ["fox"], "seed": 7},
            {"text": "it runs", "cast": [], "continues": True},
        ],
    }
    jump, photo, run = shots(script, load)
    assert [shot.continues for shot in (jump, photo, run)] == [False, False, True]
    assert [shot.canvas.seed for shot in (jump, photo, run)] == [40, 7, 42]
    first = text_to_video(
        "a fox jumps",
        duration_s=1,
        size=(30, 20),
        rate_fps=12,
        seed=40,
        camera=Camera(pan=-50),
        negative="rain",
    )
    assert jump.canvas == first.with_cast("fox", FOX).with_cast("car", PHOTO, FOX)
    assert photo.canvas == image_to_video(PHOTO, rate_fps=12, seed=7).with_cast("fox", FOX)
    assert run.canvas.cast == ()
    assert shots(json.dumps(script), load)[1].canvas == photo.canvas


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ({}, "shots: is missing"),
        ({"shots": []}, "shots: must have at least 1 item"),
        ([], 'a script is an object, such as {"shots"'),
        (
            {"shots": [{"text": "a"}, {"txt": "b"}]},
            'shots[1].txt: there is no such name here; did you mean "text"?',
        ),
        ({"shots": [{"text": "a", "camera": "fly"}]}, 'shots[0].camera: "fly" is no camera move'),
        ({"shots": [{"text": "a", "camera": 3}]}, "shots[0].camera: a camera move is text"),
        ({"shots": [{"text": "a", "seconds": 0}]}, "shots[0].seconds: must be greater than 0, not 0"),
        ({"shots": [{"text": "a", "seconds": "2"}]}, "shots[0].seconds: must be a valid number"),
        ({"shots": [{"text": " "}]}, "shots[0].text: say what to see"),
        ({"shots": [{"text": "a", "continues": True}]}, "shots[0].continues: there is no shot before"),
        (
            {"shots": [{"text": "a"}, {"picture": "photo.png", "continues": True}]},
            "shots[1].picture: a shot that continues begins as the one before ends",
        ),
        (
            {"shots": [{"picture": "no.png"}]},
            'shots[0].picture: "no.png" could not be loaded: there is no such',
        ),
        ({"cast": {"fox": "no.png"}, "shots": [{"text": "a"}]}, 'cast.fox: "no.png" could not be loaded'),
        ({"cast": {"fox": ["fox.png", "no.png"]}, "shots": [{"text": "a"}]}, "cast.fox[1]: "),
        ({"cast": {"fox": []}, "shots": [{"text": "a"}]}, "cast.fox: must"),
        (
            {"cast": {"fox": "fox.png"}, "shots": [{"text": "a", "cast": ["fix"]}]},
            'shots[0].cast[0]: "fix" isn\'t in the script\'s cast; did you mean "fox"?',
        ),
        (
            {"shots": [{"text": "a", "cast": ["fox"]}]},
            "shots[0].cast[0]: \"fox\" isn't in the script's cast; it is",
        ),
        ({"size": "huge", "shots": [{"text": "a"}]}, 'size: "huge" is not a size'),
        ({"size": 256, "shots": [{"text": "a"}]}, "size: a size is text"),
        ({"rate": "fast", "shots": [{"text": "a"}]}, 'rate: "fast" is not a frame rate'),
        ({"seed": -1, "shots": [{"text": "a"}]}, "seed: must be greater than or equal to 0"),
        ({"version": 2, "shots": [{"text": "a"}]}, "version: must be 1, not 2"),
        (
            {"size": "9999x9999", "shots": [{"text": "a", "seconds": 99}]},
            "shots[0].seconds: 99 s of 9999x9999 px",
        ),
    ],
)
def test_errors_say_where_and_what_would_be_right(script: Any, message: str) -> None:
    with pytest.raises(CanvasError) as caught:
        shots(script, load)
    assert str(caught.value).startswith(message)


def test_the_published_schema_is_the_one_in_use() -> None:
    """If not: python -m vitascope.films.script > docs/shots.schema.json"""
    jsonschema.Draft202012Validator.check_schema(script_schema())
    assert PUBLISHED.read_text("utf-8") == json.dumps(script_schema(), indent=2) + "\n"
    done = subprocess.run([sys.executable, "-m", "vitascope.films.script"], capture_output=True, check=True)
    assert json.loads(done.stdout) == script_schema()


@pytest.mark.parametrize(
    ("script", "valid"),
    [
        ({"shots": [{"text": "a"}]}, True),
        ({"shots": [{"text": "a", "camera": None, "cast": None, "seconds": 1}]}, True),
        ({"rate": "30000/1001", "cast": {"fox": ["fox.png"]}, "shots": [{"picture": "photo.png"}]}, True),
        ({"shots": [{"text": "a", "cast": "fox"}]}, False),
        ({"shots": [{"text": 3}]}, False),
        ({"shots": [{"text": "a", "continues": 1}]}, False),
        ({"shots": "a"}, False),
        ({"scenes": [{"text": "a"}]}, False),
    ],
)
def test_schema_and_reader_agree(script: dict[str, Any], valid: bool) -> None:
    assert jsonschema.Draft202012Validator(script_schema()).is_valid(script) is valid
    try:
        shots(script, load)
        assert valid
    except CanvasError:
        assert not valid


def test_the_script_in_the_docs_is_one() -> None:
    page = (PUBLISHED.parent / "features" / "shots.md").read_text("utf-8")
    (script,) = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    film = shots(script, lambda uri, rate_fps: FOX)
    assert [shot.continues for shot in film] == [False, True, False, False]
    assert [[cast.name for cast in shot.canvas.cast] for shot in film] == [["fox"], ["fox"], ["robot"], []]


# Films

plans = st.lists(
    st.tuples(st.integers(1, 14), st.booleans(), st.integers(0, 9)), min_size=1, max_size=5
)  # frames, continues, seed


def planned(plan: list[tuple[int, bool, int]]) -> list[Shot]:
    made: list[Shot] = []
    for number, (frames, continues, seed) in enumerate(plan):
        canvas = Canvas.blank(frames, 12, 16, 8, seed).with_words(f"shot {number}")
        made.append(Shot(canvas, continues and number > 0))
    return made


@given(plans)
def test_a_film_is_its_shots_in_a_row(plan: list[tuple[int, bool, int]]) -> None:
    film, filler = planned(plan), Seen()
    frames = list(shoot(film, filler))
    assert len(frames) == sum(shot.canvas.frames for shot in film)
    start = before = 0
    for shot, asked in zip(film, filler.canvases, strict=True):
        canvas, stop = shot.canvas, start + shot.canvas.frames
        given_frames = asked.frames - canvas.frames
        if shot.continues:
            assert given_frames == min(4, before)
            assert (asked.known[:given_frames] == 1).all()
            assert not asked.known[given_frames:].any()
            assert np.array_equal(asked.pixels[:given_frames], frames[start - given_frames : start])
        else:
            assert np.array_equal(np.stack(frames[start:stop]), fill(canvas, ToyFiller()).pixels)
        start, before = stop, asked.frames


def test_what_a_shot_is_given_comes_back_to_the_bit() -> None:
    photo = fill(text_to_video("a", size=(30, 20)), ToyFiller()).pixels[0]
    film = [Shot(text_to_video("a fox", size=(30, 20))), Shot(image_to_video(photo, duration_s=1))]
    frames = list(shoot(film, ToyFiller()))
    assert len(frames) == 24
    assert np.array_equal(frames[16], photo)


def test_the_same_cast_is_in_every_shot_and_what_it_does_keeps_its_time() -> None:
    canvas = Canvas.blank(8, 12, 16, 8).with_cast("fox", FOX).with_words("jumps", Span(4, 8))
    canvas = canvas.with_words("a fox").with_camera(Camera(pan=50, span=Span(2, 4)))
    canvas = replace(
        canvas, tracks=(Track(((1, 0.2, 0.2), ("last", 0.8, 0.8)), Ellipse(0.2, 0.2, 0.1, 0.1)),)
    )
    filler = Seen()
    assert len(list(shoot([Shot(canvas), Shot(canvas, continues=True)], filler))) == 16
    first, second = filler.canvases
    assert first == canvas
    assert second.cast == canvas.cast
    assert second.frames == 12
    assert [second.words_at(frame) for frame in (0, 7, 8, 11)] == [
        "a fox",
        "a fox",
        "jumps, a fox",
        "jumps, a fox",
    ]
    assert [second.camera_at(frame)[0] for frame in (5, 6, 7, 8)] == [0, 50, 50, 0]
    assert [point[0] for point in second.tracks[0].points] == [5, 11]


def test_frames_come_as_soon_as_their_shot_is_done() -> None:
    filler, stages = Seen(), list[str]()

    def report(progress: Progress) -> None:
        stages.append(progress.stage)

    film = shoot(planned([(3, False, 0), (3, False, 1)]), filler, report=report)
    for _ in range(3):
        next(film)
    assert len(filler.canvases) == 1
    assert len(list(film)) == 3
    assert list(dict.fromkeys(stages)) == ["shot 1 of 2, painting", "shot 2 of 2, painting"]


def test_a_film_that_can_t_be_is_refused_before_it_begins() -> None:
    plain = Shot(text_to_video("a", size=(16, 16)))
    cast = Shot(plain.canvas.with_cast("fox", FOX))
    with pytest.raises(CannotFill, match=r"^shots\[1\]: the filler \"toy\" takes no cast"):
        shoot([plain, cast], ToyFiller())
    with pytest.raises(CanvasError, match="at least one shot"):
        shoot([], ToyFiller())
    with pytest.raises(
        CanvasError, match=r"shots\[1\]: it is 32x32 at 8 fps and the first shot 16x16 at 8 fps"
    ):
        shoot([plain, Shot(text_to_video("a", size=(32, 32)))], ToyFiller())
    with pytest.raises(CanvasError, match=r"shots\[0\].continues: there is no shot before"):
        shoot([replace(plain, continues=True)], ToyFiller())
    with pytest.raises(CanvasError, match=r"shots\[1\].continues: a loop has no beginning"):
        shoot([plain, Shot(plain.canvas.with_loop(), continues=True)], ToyFiller())
