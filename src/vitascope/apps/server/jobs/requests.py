"""What a job is asked to do, as it is kept in its row. Knows no dialect and no network.

Files are named by their ids in the table `files`; whoever makes a request has checked that they are the
caller's. Durations are text that is an exact number: "4", "2.5", "1001/30000".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from vitascope.canvas.canvas import LARGEST_SEED
from vitascope.canvas.words import LONGEST_TEXT

LARGEST_SIDE_PX = 8192
SMALLEST_SIDE_PX = 8

Kind = Literal["video", "image", "data"]

_NUMBER = re.compile(r"\d{1,6}(\.\d{1,9})?(/[1-9]\d{0,8})?", re.ASCII)


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f'{text[:40]!r} is not a number of seconds; write "4" or "2.5"')
    return text


def _typed(text: str) -> str:
    """Text that somebody can type: no NUL, no half of a surrogate pair."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("the text holds broken characters")
    return text


def exact(number: str) -> Fraction:
    """The fraction that a checked number is."""
    above, _, below = number.partition("/")
    return Fraction(above) / int(below or 1)


def _positive(text: str) -> str:
    if exact(text) <= 0:
        raise ValueError("it must be longer than 0 seconds")
    return text


Moment = Annotated[str, BeforeValidator(_as_text), AfterValidator(_number)]
Seconds = Annotated[Moment, AfterValidator(_positive)]
Prompt = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_typed)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Side = Annotated[int, Field(ge=SMALLEST_SIDE_PX, le=LARGEST_SIDE_PX)]
Size = tuple[Side, Side]
Rate = Annotated[int, Field(ge=1, le=240)]
FileId = Annotated[str, Field(min_length=1, max_length=200)]
Files = dict[str, FileId]


class Asked(BaseModel):
    """What every request may say. filler None: the one of the settings, or that fits; steps None: its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fills: ClassVar[bool] = True
    """Whether a filler paints it."""
    filler: Annotated[str, Field(max_length=200)] | None = None
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None

    @property
    def kind(self) -> Kind:
        """What it makes."""
        return "video"

    def inputs(self) -> tuple[str, ...]:
        """The ids of the files that it needs."""
        return ()

    @property
    def name(self) -> str:
        """What is done, for people."""
        return str(getattr(self, "task", ""))

    @property
    def painter(self) -> str:
        """Who makes it, as paces are kept: a filler, "" for the one that fits, or a tool."""
        return self.filler or ""

    @property
    def words(self) -> str:
        """All that it says in words, for the policy."""
        return "\n".join(
            str(getattr(self, name)) for name in ("prompt", "camera") if getattr(self, name, None)
        )


class MakeVideo(Asked):
    """A video from words, and pictures for certain moments; cast are pictures of who must appear."""

    task: Literal["make_video"] = "make_video"
    prompt: Prompt = ""
    negative: Prompt = ""
    size: Size = (256, 256)
    seconds: Seconds = "4"
    rate_fps: Rate | None = None
    seed: Seed | None = None
    first: FileId | None = None
    last: FileId | None = None
    keyframes: tuple[tuple[Moment, FileId], ...] = Field(default=(), max_length=100)
    cast: tuple[FileId, ...] = Field(default=(), max_length=32)
    camera: Prompt | None = None
    """As the command line has it: "pan left, zoom in 80"."""

    def inputs(self) -> tuple[str, ...]:
        pictures = (self.first, self.last, *(file for _, file in self.keyframes), *self.cast)
        return tuple(file for file in pictures if file)


class MakePicture(Asked):
    """Pictures from words."""

    task: Literal["make_picture"] = "make_picture"
    prompt: Prompt = ""
    negative: Prompt = ""
    size: Size = (256, 256)
    count: Annotated[int, Field(ge=1, le=10)] = 1
    seed: Seed | None = None
    cast: tuple[FileId, ...] = Field(default=(), max_length=32)

    @property
    def kind(self) -> Kind:
        return "image"

    def inputs(self) -> tuple[str, ...]:
        return self.cast


class EditPicture(Asked):
    """A picture of which the part where `region` (a picture with alpha) is see-through is painted anew.

    Without a region it is the picture's own see-through part, or if it has none, all of it is redrawn.
    """

    task: Literal["edit_picture"] = "edit_picture"
    picture: FileId
    region: FileId | None = None
    prompt: Prompt = ""
    size: Size | None = None
    count: Annotated[int, Field(ge=1, le=10)] = 1
    seed: Seed | None = None

    @property
    def kind(self) -> Kind:
        return "image"

    def inputs(self) -> tuple[str, ...]:
        return (self.picture, self.region) if self.region else (self.picture,)


class ExtendVideo(Asked):
    """A video that goes on for so many seconds more."""

    task: Literal["extend_video"] = "extend_video"
    video: FileId
    prompt: Prompt = ""
    seconds: Seconds = "4"
    direction: Literal["forward", "backward", "both"] = "forward"
    seed: Seed | None = None

    def inputs(self) -> tuple[str, ...]:
        return (self.video,)


class RestyleVideo(Asked):
    """A video redrawn as the words say; strength 0 gives it back, 1 keeps nothing of it."""

    task: Literal["restyle_video"] = "restyle_video"
    video: FileId
    prompt: Prompt = ""
    strength: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.6
    seed: Seed | None = None

    def inputs(self) -> tuple[str, ...]:
        return (self.video,)


class ExpandVideo(Asked):
    """A video within a wider or higher frame; it is scaled to fit in, the rest is painted."""

    task: Literal["expand_video"] = "expand_video"
    video: FileId
    size: Size
    prompt: Prompt = ""
    seed: Seed | None = None

    def inputs(self) -> tuple[str, ...]:
        return (self.video,)


class EnlargeVideo(Asked):
    """A video at a larger size, or `factor` times its own."""

    fills: ClassVar[bool] = False
    task: Literal["enlarge_video"] = "enlarge_video"
    video: FileId
    factor: Annotated[int, Field(ge=1, le=8)] = 2
    size: Size | None = None

    def inputs(self) -> tuple[str, ...]:
        return (self.video,)


class Outcome(BaseModel):
    """What a tool said that it will make, before it began."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: Annotated[int, Field(ge=1)]
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
    rate_fps: str
    alpha: bool = False


class UseTool(Asked):
    """A tool of the cutting room (docs/footage/) at work on a film.

    `parameters` are the tool's own, as they were sent; those that name media hold ids of stored files,
    which `files` has, too. `outcome` is None where only the work itself shows what comes out.
    """

    fills: ClassVar[bool] = False
    task: Literal["use_tool"] = "use_tool"
    tool: Annotated[str, Field(max_length=200)]
    file: FileId
    parameters: dict[str, Any] = Field(default_factory=dict)
    files: Files = Field(default_factory=dict)
    makes: Literal["video", "data"] = "video"
    format: Literal["mp4", "mov", "webm"] | None = None
    sound: bool = True
    outcome: Outcome | None = None

    @property
    def kind(self) -> Kind:
        return self.makes

    @property
    def name(self) -> str:
        return self.tool

    @property
    def painter(self) -> str:
        return f"footage:{self.tool}"

    def inputs(self) -> tuple[str, ...]:
        return (self.file, *(file for file in self.files.values() if file != self.file))


class FillCanvas(Asked):
    """A canvas document (docs/canvas.md); `files` says which stored file each of its URIs is."""

    task: Literal["fill_canvas"] = "fill_canvas"
    document: dict[str, Any]
    files: Files = Field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return "image" if self.document.get("frames") == 1 else "video"

    def inputs(self) -> tuple[str, ...]:
        return tuple(self.files.values())

    @property
    def words(self) -> str:
        return "\n".join(_texts(self.document))


class ShootScript(Asked):
    """A script of shots (docs/features/shots.md); `files` says which stored file each of its URIs is."""

    task: Literal["shoot_script"] = "shoot_script"
    script: dict[str, Any]
    files: Files = Field(default_factory=dict)

    def inputs(self) -> tuple[str, ...]:
        return tuple(self.files.values())

    @property
    def words(self) -> str:
        return "\n".join(_texts(self.script))


class RenderTimeline(Asked):
    """An OpenTimelineIO document (docs/timeline.md); `files` says which stored file each source is.

    `texts` is what is written and asked for in it, and `trained` whether a filler paints some of it.
    """

    fills: ClassVar[bool] = False
    task: Literal["render_timeline"] = "render_timeline"
    document: dict[str, Any]
    files: Files = Field(default_factory=dict)
    format: Literal["mp4", "mov", "webm"] = "mp4"
    texts: tuple[str, ...] = ()
    trained: bool = False
    outcome: Outcome
    megapixels_filled: Annotated[float, Field(ge=0)] = 0.0

    @property
    def painter(self) -> str:
        return "footage:render"

    def inputs(self) -> tuple[str, ...]:
        return tuple(self.files.values())

    @property
    def words(self) -> str:
        return "\n".join(self.texts)


Request = Annotated[
    MakeVideo
    | MakePicture
    | EditPicture
    | ExtendVideo
    | RestyleVideo
    | ExpandVideo
    | EnlargeVideo
    | UseTool
    | FillCanvas
    | ShootScript
    | RenderTimeline,
    Field(discriminator="task"),
]

_READER: TypeAdapter[Request] = TypeAdapter(Request)


def read_request(row: Mapping[str, Any]) -> Request:
    """The request that a row keeps."""
    return _READER.validate_python(row)


def _texts(value: Any) -> list[str]:
    """What is said in a document: every text, name and camera move, wherever it stands."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        own = [
            item
            for name, item in items.items()
            if name in ("text", "name", "camera") and isinstance(item, str)
        ]
        return own + [text for item in items.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in cast("list[Any]", value) for text in _texts(item)]
    return []
