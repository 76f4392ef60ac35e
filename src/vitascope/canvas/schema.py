"""The JSON form of a canvas: what its documents may say, and the JSON Schema that is published of it.

Names follow the canvas's own. Media is named by URI. Numbers that stand for a time are seconds; frames are
text, "12f", so that 2 and 2.0, which many languages write alike, mean the same. Knows no media and builds
no canvas: json.py does. This module imports pydantic, and `import vitascope.canvas` leaves it alone until
it is needed.

    python -m vitascope.canvas.schema > docs/canvas.schema.json
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, Strict, WithJsonSchema, model_validator
from pydantic.json_schema import GenerateJsonSchema

from .canvas import LARGEST_SEED
from .errors import CanvasError, quoted
from .explain import nearest
from .sizes import LARGEST_SIDE_PX, Fit
from .time import Time, exact_rate, exact_seconds, parse_time
from .words import LONGEST_TEXT

MOST_FRAMES = 100_000


def _read_time(value: object) -> Time:
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CanvasError('a time is a number of seconds, "first", "last", "1.5s" or a frame "12f"')
    return exact_seconds(value if isinstance(value, float) else Fraction(value))


def _read_rate(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise CanvasError('a frame rate is a number or a fraction as text, such as "30000/1001"')
    return exact_rate(value)


_TIME_SCHEMA = {
    "description": 'Seconds as a number or text ("1.5s", "3/2s"), "first", "last", a frame ("12f", "-1f").',
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "maxLength": 60}],
}
_RATE_SCHEMA = {
    "description": 'Frames a second: a number, or a fraction as text, such as "30000/1001".',
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1000},
        {"type": "string", "maxLength": 60},
    ],
}

When = Annotated[Time, PlainValidator(_read_time), WithJsonSchema(_TIME_SCHEMA)]
Rate = Annotated[float | Fraction, PlainValidator(_read_rate), WithJsonSchema(_RATE_SCHEMA)]
Place = Annotated[
    float, Field(ge=-1, le=2, description="A fraction of the width or height, from the top left.")
]
Slider = Annotated[float, Field(ge=-100, le=100)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Uri = Annotated[
    str, Field(min_length=1, description="Where the media is: a path beside this document, or a data: URI.")
]
# JSON has no tuples: these two alone may be read from a list.
Point = Annotated[tuple[Place, Place], Strict(False)]
TimedPoint = Annotated[tuple[When, Place, Place], Strict(False)]
Unit = Annotated[float, Field(ge=0, le=1)]


class Form(BaseModel):
    """A JSON object: no unknown names, no words for numbers, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _only_known_names(cls, value: object) -> object:
        for name in cast("dict[str, object]", value) if isinstance(value, dict) else ():
            if name not in cls.model_fields:
                where = name if name.isidentifier() and len(name) <= 40 else quoted(name)
                raise CanvasError(f"there is no such name here; {nearest(name, cls.model_fields)}", where)
        return value  # pyright: ignore[reportUnknownVariableType]


class SpanForm(Form):
    """From start up to, not including, stop; either left out is the beginning or the end.

    "first" or "last" as the stop is included: from "first" to "first" is the first frame.
    """

    start: When | None = None
    stop: When | None = None


class RectangleForm(Form):
    """From (left, top) to (right, bottom)."""

    shape: Literal["rectangle"]
    left: Place
    top: Place
    right: Place
    bottom: Place


class EllipseForm(Form):
    """Around (x, y)."""

    shape: Literal["ellipse"]
    x: Place
    y: Place
    radius_x: Annotated[float, Field(gt=0, le=2)]
    radius_y: Annotated[float, Field(gt=0, le=2)]


class PolygonForm(Form):
    """The inside of a closed line through points [x, y]."""

    shape: Literal["polygon"]
    points: Annotated[list[Point], Field(min_length=3, max_length=1000)]


class StrokeForm(Form):
    """A round brush through points [x, y]; width is a fraction of the shorter side."""

    shape: Literal["stroke"]
    points: Annotated[list[Point], Field(min_length=1, max_length=2000)]
    width: Annotated[float, Field(gt=0, le=2)] = 0.05


class MaskPictureForm(Form):
    """A picture that is white (or opaque) inside the region and black (or clear) outside."""

    shape: Literal["picture"]
    uri: Uri


ShapeForm = Annotated[
    RectangleForm | EllipseForm | PolygonForm | StrokeForm | MaskPictureForm, Field(discriminator="shape")
]


class EverythingButForm(Form):
    """All of the picture except a region."""

    shape: Literal["everything_but"]
    region: ShapeForm


RegionForm = Annotated[
    RectangleForm | EllipseForm | PolygonForm | StrokeForm | MaskPictureForm | EverythingButForm,
    Field(discriminator="shape"),
]


class ClipForm(Form):
    """A picture or a clip, put from a time on, in place of what was there."""

    uri: Uri
    at: Annotated[When, Field(description='"last" lets a clip end with the canvas.')] = "first"
    known: Annotated[
        Unit, Field(description="1: comes back unchanged. Less: a sketch, redrawn the more freely.")
    ] = 1.0
    region: Annotated[
        RegionForm | None, Field(description="Known only here; the rest of its frames is not.")
    ] = None
    fit: Annotated[
        Fit | None, Field(description="How to scale it to the canvas; without, another size is refused.")
    ] = None


class KnownForm(Form):
    """How well a part is known: value where the region is, as before elsewhere."""

    value: Unit
    region: RegionForm | None = None
    clip: Annotated[
        Uri | None, Field(description="A mask for each frame of the span: white = the region.")
    ] = None
    span: SpanForm = SpanForm()


class WordsForm(Form):
    """A text that holds for a span."""

    text: Text
    span: SpanForm = SpanForm()
    weight: Annotated[float, Field(ge=0, le=10)] = 1.0


class TrackForm(Form):
    """A thing, or a region of the first frame, that goes along points."""

    points: Annotated[list[TimedPoint], Field(min_length=2, max_length=1000, description="[time, x, y]")]
    region: RegionForm | None = None


class CastForm(Form):
    """Who or what must appear."""

    name: Text
    pictures: Annotated[list[Uri], Field(min_length=1, max_length=16)]


class CameraForm(Form):
    """A camera move: + is right, up, in, clockwise."""

    pan: Slider = 0.0
    tilt: Slider = 0.0
    zoom: Slider = 0.0
    roll: Slider = 0.0
    span: SpanForm = SpanForm()


class SoundForm(Form):
    """What is heard from the first frame on; known 0, in place of a uri: it is to be invented."""

    uri: Uri | None = None
    known: Literal[0, 1] = 1


class CanvasForm(Form):
    """A canvas: what is known of a video, and what is wished for."""

    version: Literal[1] = 1
    duration_s: Annotated[
        float | None, Field(gt=0, le=10_000_000, description="Without it and frames: 2.")
    ] = None
    frames: Annotated[int | None, Field(ge=1, le=MOST_FRAMES, description="In place of duration_s.")] = None
    rate_fps: Rate = 8
    width_px: Annotated[
        int | None, Field(ge=1, le=LARGEST_SIDE_PX, description="Without: the first clip's, or 256.")
    ] = None
    height_px: Annotated[
        int | None, Field(ge=1, le=LARGEST_SIDE_PX, description="Without: the first clip's, or 256.")
    ] = None
    clips: Annotated[list[ClipForm], Field(max_length=10_000)] = []
    known: Annotated[
        list[KnownForm], Field(max_length=10_000, description="Applied in order, after the clips.")
    ] = []
    words: Annotated[list[WordsForm], Field(max_length=1000)] = []
    negative: Text = ""
    tracks: Annotated[list[TrackForm], Field(max_length=100)] = []
    cast: Annotated[list[CastForm], Field(max_length=32)] = []
    camera: Annotated[list[CameraForm], Field(max_length=1000)] = []
    sound: SoundForm | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 0
    loop: Annotated[bool, Field(description="Time is a circle: the last frame leads to the first.")] = False


def canvas_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a canvas document."""
    schema = CanvasForm.model_json_schema()
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **without_titles(schema),
        "title": "Vitascope canvas",
    }


def without_titles(value: object) -> Any:
    """The schema without the titles that pydantic makes up from the names of things."""
    if isinstance(value, list):
        return [without_titles(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {name: without_titles(item) for name, item in items if name != "title"}
    return value


if __name__ == "__main__":
    sys.stdout.write(json.dumps(canvas_schema(), indent=2) + "\n")
