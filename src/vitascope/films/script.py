"""The JSON form of a script: what its shots may say, and the JSON Schema that is published of it.

Names are those of the command line's options. Knows no media and makes no canvas: shots.py does. It imports
pydantic, so it waits until a script is read.

    python -m vitascope.films.script > docs/shots.schema.json
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema

from vitascope.canvas import Camera, CanvasError, parse_camera, parse_size
from vitascope.canvas.canvas import LARGEST_SEED
from vitascope.canvas.schema import Form, Rate, Text, Uri, without_titles

MOST_SHOTS = 1000


def _read_size(value: object) -> tuple[int, int]:
    if not isinstance(value, str):
        raise CanvasError('a size is text: "256", "1280x720", "720p", "16:9"')
    return parse_size(value)


def _read_camera(value: object) -> Camera | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise CanvasError('a camera move is text: "pan left", "zoom in 80, tilt up", "static"')
    return parse_camera(value)


_SIZE_SCHEMA = {
    "description": 'As in the command line: "256", "1280x720", "720p", "16:9".',
    "type": "string",
}
_CAMERA_SCHEMA = {
    "description": 'As in the command line: "pan left", "zoom in 80, tilt up". Without: up to the words.',
    "anyOf": [{"type": "string"}, {"type": "null"}],
}

Size = Annotated[tuple[int, int], PlainValidator(_read_size), WithJsonSchema(_SIZE_SCHEMA)]
Move = Annotated[Camera | None, PlainValidator(_read_camera), WithJsonSchema(_CAMERA_SCHEMA)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Pictures = Uri | Annotated[list[Uri], Field(min_length=1, max_length=16)]


class ShotForm(Form):
    """What one shot shows; between two shots is a cut, unless the second continues the first."""

    text: Annotated[Text, Field(description="What to see, in plain words.")] = ""
    seconds: Annotated[float, Field(gt=0, le=100_000)] = 2.0
    camera: Move = None
    picture: Annotated[Uri | None, Field(description="The picture that the shot begins with.")] = None
    cast: Annotated[
        list[Text] | None,
        Field(max_length=32, description="Who of the script's cast is in it. Without: everybody."),
    ] = None
    negative: Annotated[Text, Field(description="What must not be seen.")] = ""
    seed: Annotated[
        Seed | None, Field(description="Without: the script's, plus the number of the shot from 0.")
    ] = None
    continues: Annotated[
        bool, Field(description="It goes on from the last frame of the shot before: no cut.")
    ] = False


class ScriptForm(Form):
    """Several shots in a row, all of one size and rate."""

    version: Literal[1] = 1
    size: Size = (256, 256)
    rate: Rate = 8
    seed: Seed = 0
    cast: Annotated[
        dict[Text, Pictures],
        Field(
            default_factory=dict,
            max_length=32,
            description="Names, each with a picture or several of who or what it is.",
        ),
    ]
    shots: Annotated[list[ShotForm], Field(min_length=1, max_length=MOST_SHOTS)]


def script_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a script."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **without_titles(ScriptForm.model_json_schema()),
        "title": "Vitascope shots",
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(script_schema(), indent=2) + "\n")
