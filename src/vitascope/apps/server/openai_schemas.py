"""What OpenAI's clients send and get, field by field as their types have it. Knows no job and no file.

Fields that nobody knows are ignored, as OpenAI does it, so that newer clients still work here.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from vitascope.apps.server.jobs.requests import LARGEST_SIDE_PX, SMALLEST_SIDE_PX, Prompt

LONGEST_NAME = 80
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)
_SECONDS = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)


def _read_size(value: str) -> str:
    found = _SIZE.fullmatch(value.strip().lower())
    if not found:
        raise ValueError(f'{value[:40]!r} is no size; write its width and height, such as "1280x720"')
    sides = int(found[1]), int(found[2])
    if not all(SMALLEST_SIDE_PX <= side <= LARGEST_SIDE_PX and side % 2 == 0 for side in sides):
        raise ValueError(
            f"each side must be an even number of pixels from {SMALLEST_SIDE_PX} to {LARGEST_SIDE_PX}"
        )
    return f"{sides[0]}x{sides[1]}"


def _read_picture_size(value: str) -> str:
    return "auto" if value.strip().lower() == "auto" else _read_size(value)


def _read_seconds(value: object) -> object:
    """A number of seconds as text, whether it came as text or as a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise PydanticCustomError("seconds_type", 'seconds are a number, such as "4"')
    text = str(value).strip()
    if not _SECONDS.fullmatch(text) or not float(text):
        raise ValueError(f'{text[:40]!r} is no number of seconds above 0; write "4" or "2.5"')
    return text


def _say_something(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty; say what is to be seen")
    return text


def _not_streamed(stream: bool) -> bool:
    if stream:
        raise ValueError("pictures don't come as a stream here; leave it out, and they come whole")
    return stream


def size_px(size: str) -> tuple[int, int]:
    """(width_px, height_px) of a checked size."""
    width, _, height = size.partition("x")
    return int(width), int(height)


Text = Annotated[Prompt, AfterValidator(_say_something)]
SizeText = Annotated[
    str, AfterValidator(_read_size), WithJsonSchema({"type": "string", "examples": ["1280x720"]})
]
PictureSize = Annotated[
    str,
    AfterValidator(_read_picture_size),
    WithJsonSchema({"type": "string", "examples": ["1024x1024", "auto"]}),
]
SecondsText = Annotated[
    str,
    BeforeValidator(_read_seconds),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}], "examples": ["4"]}),
]
Status = Literal["queued", "in_progress", "completed", "failed"]
PictureForm = Literal["png", "jpeg", "webp"]
Model = Annotated[str, Field(min_length=1, max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=200)]


class PictureReference(BaseModel):
    """A picture that isn't sent along: a data: or https: URL, or a file that is stored here."""

    image_url: Annotated[str, Field(min_length=1)] | None = None
    file_id: Id | None = None

    @model_validator(mode="after")
    def _one(self) -> PictureReference:
        if (self.image_url is None) == (self.file_id is None):
            raise ValueError("name either image_url or file_id")
        return self

    @property
    def place(self) -> str:
        """The one of the two that is said."""
        return self.image_url or self.file_id or ""


class VideoReference(BaseModel):
    """A finished video."""

    id: Id


class CharacterReference(BaseModel):
    """Somebody who was made with create_character."""

    id: Id


class CreateVideo(BaseModel):
    """POST /videos"""

    prompt: Text
    model: Model | None = None
    seconds: SecondsText | None = None
    size: SizeText | None = None
    input_reference: PictureReference | None = None
    characters: Annotated[list[CharacterReference], Field(max_length=8)] | None = None


class RemixVideo(BaseModel):
    """POST /videos/{id}/remix"""

    prompt: Text


class EditVideo(BaseModel):
    """POST /videos/edits; the video may be a file of the form instead."""

    prompt: Text
    video: VideoReference | None = None


class ExtendVideo(BaseModel):
    """POST /videos/extensions; the video may be a file of the form instead."""

    prompt: Text
    seconds: SecondsText
    video: VideoReference | None = None


class CreateCharacter(BaseModel):
    """POST /videos/characters, with the video as a file."""

    name: Annotated[Text, Field(max_length=LONGEST_NAME)]


class _Pictures(BaseModel):
    prompt: Text
    model: Model | None = None
    n: Annotated[int, Field(ge=1, le=10)] | None = None
    size: PictureSize | None = None
    response_format: Literal["b64_json", "url"] | None = None
    output_format: PictureForm | None = None
    output_compression: Annotated[int, Field(ge=0, le=100)] | None = None
    background: Literal["opaque", "auto"] | None = None
    stream: Annotated[bool, AfterValidator(_not_streamed)] | None = None


class GeneratePictures(_Pictures):
    """POST /images/generations"""


class EditPicture(_Pictures):
    """POST /images/edits, with `image` and perhaps `mask` as files."""


class VideoError(BaseModel):
    """Why a video failed."""

    code: str
    message: str


class Video(BaseModel):
    """A video as it is being made, or as it is done."""

    id: str
    object: Literal["video"] = "video"
    model: str
    status: Status
    progress: int
    created_at: int
    completed_at: int | None
    expires_at: int | None
    prompt: str | None
    seconds: str
    size: str
    remixed_from_video_id: str | None
    error: VideoError | None


class Videos(BaseModel):
    """One page of them."""

    object: Literal["list"] = "list"
    data: list[Video]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedVideo(BaseModel):
    """It is gone."""

    id: str
    object: Literal["video.deleted"] = "video.deleted"
    deleted: Literal[True] = True


class Character(BaseModel):
    """Somebody who keeps their looks."""

    id: str
    name: str
    created_at: int


class ModelCard(BaseModel):
    """A name that `model` may have."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class Models(BaseModel):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class Picture(BaseModel):
    """A picture, or where it is."""

    b64_json: str | None = None
    url: str | None = None


class Pictures(BaseModel):
    """What images.generate and images.edit give."""

    created: int
    data: list[Picture]
    background: Literal["opaque"] = "opaque"
    output_format: PictureForm
    size: str


def asks(
    schema: type[BaseModel], files: tuple[str, ...] = (), required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The request's part of the OpenAPI page: JSON, and a form in which `files` may be uploaded."""
    plain = schema.model_json_schema()
    named = plain.pop("$defs", {})
    plain = _in_place(plain, named)
    upload = {"type": "string", "format": "binary"}
    form = dict(plain)
    form["properties"] = plain["properties"] | dict.fromkeys(files, upload)
    form["required"] = [*plain.get("required", ()), *required]
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if not required:
        content["application/json"] = {"schema": plain}
    return {"requestBody": {"required": True, "content": content}}


def _in_place(value: Any, named: dict[str, Any]) -> Any:
    """The schema with every $ref replaced by what it names."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        if "$ref" in items:
            return _in_place(named[items["$ref"].rpartition("/")[2]], named)
        return {name: _in_place(item, named) for name, item in items.items()}
    if isinstance(value, list):
        return [_in_place(item, named) for item in cast("list[Any]", value)]
    return value
