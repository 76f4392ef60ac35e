"""The published schema is the one in use, and says of a document what the reader says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from vitascope.canvas import Canvas, CanvasError, canvas_from_json, canvas_schema, canvas_to_json
from vitascope.canvas.camera import MOVES
from vitascope.canvas.json import canvas_from_json as read

from .strategies import canvases, noise

PUBLISHED = Path(__file__).parents[2] / "docs" / "canvas.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(canvas_schema())


def test_the_published_schema_is_the_one_in_use() -> None:
    """If not: python -m vitascope.canvas.schema > docs/canvas.schema.json"""
    assert PUBLISHED.read_text("utf-8") == json.dumps(canvas_schema(), indent=2) + "\n"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(canvas_schema())


@given(canvases())
def test_what_is_written_is_valid(canvas: Canvas) -> None:
    VALIDATOR.validate(canvas_to_json(canvas, lambda name, frames: name))


@pytest.mark.parametrize(
    ("document", "valid"),
    [
        ({}, True),
        ({"words": [{"text": "a fox", "span": {"start": 1, "stop": "last"}}]}, True),
        ({"words": [{"text": "a fox", "span": {"start": [1]}}]}, False),
        ({"word": []}, False),
        ({"seed": -1}, False),
        ({"seed": "1"}, False),
        ({"seed": None}, False),
        ({"frames": None}, True),
        ({"rate_fps": 24}, True),
        ({"rate_fps": "30000/1001"}, True),
        ({"rate_fps": 0}, False),
        ({"camera": [{"pan": 100}]}, True),
        ({"camera": [{"pan": 101}]}, False),
        ({"tracks": [{"points": [[0, 0, 0], ["last", 1, 1]]}]}, True),
        ({"tracks": [{"points": [[0, 0], ["last", 1, 1]]}]}, False),
        ({"tracks": [{"points": [[0, 0, 0, 0], ["last", 1, 1]]}]}, False),
        ({"tracks": [{"points": [[0, 0, 0]]}]}, False),
        (
            {
                "known": [
                    {"value": 0, "region": {"shape": "ellipse", "x": 0, "y": 0, "radius_x": 1, "radius_y": 1}}
                ]
            },
            True,
        ),
        (
            {
                "known": [
                    {"value": 0, "region": {"shape": "ellipse", "x": 0, "y": 0, "radius_x": 0, "radius_y": 1}}
                ]
            },
            False,
        ),
        ({"known": [{"value": 0, "region": {"shape": "star"}}]}, False),
        ({"clips": [{"uri": "a.png", "at": "0.5s", "known": 0.4, "fit": "cover"}]}, True),
        ({"clips": [{"uri": ""}]}, False),
    ],
)
def test_schema_and_reader_agree(document: dict[str, Any], valid: bool) -> None:
    assert VALIDATOR.is_valid(document) is valid
    try:
        canvas_from_json(document, lambda uri, rate_fps: noise((4, 4, 3), 1))
        assert valid
    except CanvasError:
        assert not valid


def test_every_plane_has_its_place() -> None:
    names = set(canvas_schema()["properties"])
    fields = set(Canvas.__dataclass_fields__)
    assert fields - names == {"pixels", "sound_known"}  # these come as clips, and in "sound"
    assert set(MOVES) < set(canvas_schema()["$defs"]["CameraForm"]["properties"])
    assert read is canvas_from_json


def test_the_module_prints_the_schema() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vitascope.canvas.schema"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == canvas_schema()


def test_importing_the_room_stays_light() -> None:
    heavy = ("pydantic", "PIL", "torch", "av")
    code = f"import sys, vitascope.canvas; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
