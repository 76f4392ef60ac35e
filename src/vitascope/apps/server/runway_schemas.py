"""What Runway's clients send and read: the forms of its dialect, names as its official client has them.

One form per endpoint holds the fields of all models, since here every name leads to the same fillers. Knows
no job and no file. A field that asks for what can't be done is refused with a sentence; mere hints, how hard
to try or how strictly to judge, are read and have no effect (docs/server-runway.md lists them).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    StrictInt,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel

from vitascope.apps.server.jobs.requests import LARGEST_SIDE_PX, SMALLEST_SIDE_PX
from vitascope.canvas.canvas import LARGEST_SEED
from vitascope.canvas.words import LONGEST_TEXT

VERSION = "2024-11-06"
LONGEST_PROMPT = 15_000  # the most that any of Runway's models takes
# UTF-16 code units, by how a model's name begins; Runway's documents count so.
LONGEST_PROMPTS = {"gen3": 1000, "gen4": 1000, "veo3": 1000, "happyhorse": 2500, "seedance2_5": 15_000}
LONGEST_S = 100_000
LARGEST_SHAPE = 32  # "21:9" is a shape, "1280:720" pixels; no number lies between
SHORT_SIDES_PX = {"480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "1k": 1080, "2k": 1440, "4k": 2160}

_RATIO = re.compile(r"([1-9]\d{0,4}):([1-9]\d{0,4})", re.ASCII)
_AUTO = re.compile(r"adaptive|auto(_480p|_720p|_1080p)?")


def utf16_units(text: str) -> int:
    """How long JavaScript, and so Runway, says that a text is: an emoji counts 2."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _typed(text: str) -> str:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("the text holds broken characters (NUL, or half of an emoji); send whole ones")
    return text


def _ratio(text: str) -> str:
    if _AUTO.fullmatch(text):
        return text
    found = _RATIO.fullmatch(text)
    sides = [int(side) for side in found.groups()] if found else []
    shape = bool(sides) and max(sides) <= LARGEST_SHAPE
    if not (shape or (sides and all(SMALLEST_SIDE_PX <= side <= LARGEST_SIDE_PX for side in sides))):
        raise ValueError(
            f'{text[:40]!r} is no ratio; write pixels, "1280:720" (each side {SMALLEST_SIDE_PX} to '
            f'{LARGEST_SIDE_PX}), or a shape, "16:9"'
        )
    return text


def _duration(value: object) -> int | None:
    """Seconds; None for "auto", which leaves it to us."""
    if value == "auto" or value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST_S:
        return value
    raise ValueError('it must be a whole number of seconds, such as 5, or "auto"')


def _one_or_several(value: object) -> str:
    return "one" if isinstance(value, str) else "list"


Text = Annotated[str, AfterValidator(_typed)]
Prompt = Annotated[Text, Field(min_length=1, max_length=LONGEST_PROMPT)]
Model = Annotated[Text, Field(min_length=1, max_length=100, examples=["gen4.5"])]
Uri = Annotated[
    Text,
    Field(min_length=1, description="https://..., runway://... (from an upload) or data:...;base64,..."),
]
Ratio = Annotated[Text, AfterValidator(_ratio), Field(examples=["1280:720"])]
Seed = Annotated[StrictInt, Field(ge=0, le=LARGEST_SEED)]
Duration = Annotated[
    int | None,
    PlainValidator(_duration),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "auto"}], "examples": [5]}),
]
Resolution = Literal["480p", "720p", "768p", "768P", "720P", "1080p", "1080P", "2k", "2K"]
Hint = Annotated[Any, Field(description="Has no effect here.")]
NotYet = Annotated[Any, Field(description="Refused, for it can't be done here yet.")]


class Form(BaseModel):
    """An object of the dialect: camelCase names, none that the client doesn't know."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, allow_inf_nan=False
    )


class Answer(BaseModel):
    """What is sent back."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Placed(Form):
    """A picture: "first" and "last" say which frame it is, without a position it shows who must appear."""

    uri: Uri
    position: Literal["first", "last"] | None = None
    tag: Hint = None
    subject: Hint = None
    type: Hint = None


Pictures = Annotated[
    Annotated[Uri, Tag("one")] | Annotated[list[Placed], Field(min_length=1, max_length=32), Tag("list")],
    Discriminator(_one_or_several),
]


class Asked(Form):
    """What every request for a task may say."""

    model: Model
    content_moderation: Hint = None
    output_format: Annotated[Any, Field(description="mp4 for videos, png for pictures.")] = None
    prores_profile: Hint = None
    seed: Seed | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        text: str = getattr(self, "prompt_text", None) or ""
        most = next((m for name, m in LONGEST_PROMPTS.items() if self.model.startswith(name)), LONGEST_PROMPT)
        if (units := utf16_units(text)) > most:
            raise ValueError(f"promptText is {units} UTF-16 units long; {self.model} takes at most {most}")
        if self.output_format not in (None, self._format):
            raise ValueError(
                f"outputFormat {str(self.output_format)[:40]!r} can't be written here yet; "
                f'leave it out for "{self._format}"'
            )
        for name, why in _NOT_YET.items():
            if getattr(self, name, None):
                raise ValueError(f"{to_camel(name)} {why}")
        return self

    @property
    def _format(self) -> str:
        return "mp4"


_NOT_YET = {
    "audio": "can't be made here yet: videos are silent; leave it out, or say false",
    "reference_audio": "can't be used here yet; leave it out",
    "reference_videos": "can't be used here yet; leave them out, or use video_to_video",
    "provider_settings": "can't be used here yet; for several shots use POST /v1/shots",
    "draft": "isn't needed here; leave it out, and ask for a small ratio such as 848:480",
    "draft_task_id": "isn't kept here; send the whole request with the larger ratio",
    "mask_uri": "can't be used here yet; to paint a region anew use POST /v1/images/edits",
    "fps_boost": "can't be done here yet; leave it out, or say false",
    "target_framerate": "can't be done here yet; say resolution for a larger video",
}


class _Video(Asked):
    """What the two that make new videos share."""

    duration: Duration = None
    ratio: Ratio | None = None
    resolution: Resolution | None = None
    negative_prompt: Annotated[Text, Field(max_length=LONGEST_TEXT)] | None = None
    references: Pictures | None = None
    cfg_scale: Hint = None
    prompt_expansion_mode: Hint = None
    audio: NotYet = None
    reference_audio: NotYet = None
    reference_videos: NotYet = None
    provider_settings: NotYet = None
    draft: NotYet = None
    draft_task_id: NotYet = None


class TextToVideo(_Video):
    """A video from words."""

    prompt_text: Prompt


class ImageToVideo(_Video):
    """A video from a picture, or from a first and a last one."""

    prompt_image: Pictures
    prompt_text: Prompt | None = None


class Window(Form):
    """Whole seconds of the video: from start up to, not including, end."""

    start_seconds: Annotated[StrictInt, Field(ge=0, le=100_000)]
    end_seconds: Annotated[StrictInt, Field(gt=0, le=100_000)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end_seconds <= self.start_seconds:
            raise ValueError("endSeconds must be after startSeconds")
        return self


class Keyframe(Form):
    """A picture that the video shows at a moment: `seconds`, or `at`, a fraction of its length."""

    uri: Uri
    seconds: Annotated[float, Field(ge=0, le=100_000)] | None = None
    at: Annotated[float, Field(ge=0, le=1)] | None = None
    range: Window | None = None

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if (self.seconds is None) == (self.at is None):
            raise ValueError("say when: either seconds, or at (a fraction from 0 to 1)")
        return self


class VideoToVideo(Asked):
    """A video redrawn, led by pictures at moments of it, put into a wider frame, or carried on."""

    video_uri: Uri | None = None
    prompt_video: Uri | None = None
    prompt_text: Prompt | None = None
    keyframes: Annotated[list[Keyframe], Field(max_length=5)] = []
    target_aspect_ratio: Literal["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"] | None = None
    ratio: Ratio | None = None
    resolution: Resolution | None = None
    references: Pictures | None = None
    mode: Literal["reference", "extend", "edit"] | None = None
    duration: Duration = None
    audio: NotYet = None
    reference_audio: NotYet = None
    reference_videos: NotYet = None
    provider_settings: NotYet = None
    draft: NotYet = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.video_uri is None) == (self.prompt_video is None):
            raise ValueError("say which video: either videoUri or promptVideo")
        if self.target_aspect_ratio and (self.keyframes or self.references or self.mode == "extend"):
            raise ValueError("targetAspectRatio goes with promptText and seed only; make two requests of it")
        if self.mode == "extend" and (self.keyframes or self.references):
            raise ValueError('mode "extend" goes without keyframes and references; make two requests of it')
        if self.mode != "extend" and self.duration is not None:
            raise ValueError('a redrawn video keeps its length; leave duration out, or say mode "extend"')
        ranged = [frame.range is not None for frame in self.keyframes]
        if any(ranged) and not all(ranged):
            raise ValueError("either all keyframes say a range or none does")
        return self

    @property
    def video(self) -> str:
        """Where the video is."""
        return self.video_uri or self.prompt_video or ""


class VideoUpscale(Asked):
    """A video at a larger size."""

    video_uri: Uri
    resolution: Literal["720p", "1k", "2k", "4k"] = "2k"
    creativity: Hint = None
    flavor: Hint = None
    sharpen: Hint = None
    smart_grain: Hint = None
    fps_boost: NotYet = None
    target_framerate: NotYet = None


class TextToImage(Asked):
    """Pictures from words, with those who must appear in `referenceImages`."""

    prompt_text: Prompt
    ratio: Ratio | None = None
    reference_images: Annotated[list[Placed], Field(max_length=32)] = []
    output_count: Annotated[StrictInt, Field(ge=1, le=10)] = 1
    background: Literal["opaque", "auto", "transparent"] | None = None
    quality: Hint = None
    grounding: Hint = None
    edit: Hint = None
    precise_edit: Hint = None
    thinking_level: Hint = None
    background_color: Hint = None
    colors: Hint = None
    mask_uri: NotYet = None

    @property
    def _format(self) -> str:
        return "png"

    @model_validator(mode="after")
    def _opaque(self) -> Self:
        if self.background == "transparent":
            raise ValueError("a see-through background can't be painted here yet; leave it out")
        return self


class Upload(Form):
    """A file that is about to be sent."""

    filename: Annotated[Text, Field(min_length=1, max_length=255)]
    type: Literal["ephemeral"] = "ephemeral"


class UsageAsked(Form):
    """Days in UTC; without, the last 30."""

    start_date: date | None = None
    before_date: date | None = None


def asks(schema: type[Form]) -> dict[str, Any]:
    """The request's part of the OpenAPI page."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": in_place(schema)}}}}


def in_place(schema: type[BaseModel]) -> Any:
    """A JSON Schema without $ref: on the page it stands elsewhere than its definitions would."""
    whole = schema.model_json_schema()
    named: dict[str, Any] = whole.pop("$defs", {})

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(item) for item in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        items = cast("dict[str, Any]", value)
        if "$ref" in items:
            beside = {name: item for name, item in items.items() if name != "$ref"}
            return placed(named[items["$ref"].rpartition("/")[2]]) | placed(beside)
        # A discriminator maps to names that aren't there any more.
        return {name: placed(item) for name, item in items.items() if name != "discriminator"}

    return placed(whole)


class Cost(Answer):
    """Credits."""

    credits: float


class Spent(Answer):
    """Credits that were taken."""

    credits: int


class Created(Answer):
    """The task that was made."""

    id: str
    estimated_cost: Cost


Status = Literal["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]


class Task(Answer):
    """How far a task is. Which fields there are depends on the status."""

    id: str
    created_at: datetime
    status: Status
    estimated_cost: Cost | None = None
    progress: Annotated[float, Field(ge=0, le=1)] | None = None
    output: list[str] | None = None
    failure: str | None = None
    failure_code: str | None = None
    cost: Spent | None = None


class UploadStarted(Answer):
    """Where to send the file, as a form with these fields and the file as `file`."""

    upload_url: str
    fields: dict[str, str]
    runway_uri: str


class ModelLimits(Answer):
    """None: no limit."""

    max_concurrent_generations: int | None = None
    max_daily_generations: int | None = None


class Tier(Answer):
    """What the key may do."""

    max_monthly_credit_spend: int
    models: dict[str, ModelLimits]


class ModelUse(Answer):
    """Tasks of the last day."""

    daily_generations: int


class Use(Answer):
    """What the key did."""

    models: dict[str, ModelUse]


class Organization(Answer):
    """The key's account."""

    credit_balance: int
    tier: Tier
    usage: Use


class UsedCredit(Answer):
    """Credits that went to a model."""

    model: str
    amount: int


class Day(Answer):
    """What was used on a day (UTC)."""

    date: date
    used_credits: list[UsedCredit]


class Usage(Answer):
    """Credits by day and model."""

    models: list[str]
    results: list[Day]
