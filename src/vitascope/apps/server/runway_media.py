"""What Runway's forms say of pictures, sizes and models, in our own terms. Knows no route and no job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from vitascope.apps.server import runway_schemas as said
from vitascope.apps.server.documents import named
from vitascope.apps.server.errors import bad_request
from vitascope.apps.server.jobs.requests import Asked

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.storage import StoredFile

RUNWAY_URI = "runway://"
USUAL_SHORT_PX = 720
USUAL_SHAPE = (16, 9)

Asking = TypeVar("Asking", bound=Asked)


@dataclass(frozen=True)
class Pictures:
    """Pictures by what they are for: the first frame, the last, or to show who must appear."""

    first: StoredFile | None = None
    last: StoredFile | None = None
    cast: tuple[StoredFile, ...] = ()

    @property
    def all(self) -> tuple[StoredFile, ...]:
        """Every picture, for where positions mean nothing."""
        return tuple(file for file in (self.first, self.last, *self.cast) if file)

    def __or__(self, other: Pictures) -> Pictures:
        if (self.first and other.first) or (self.last and other.last):
            raise bad_request("there are two pictures for one position; give one first and one last picture")
        return Pictures(self.first or other.first, self.last or other.last, self.cast + other.cast)


class Media:
    """Takes in what one caller's request names: https, data: and runway:// URIs."""

    def __init__(self, server: Server, caller: Caller) -> None:
        self.server = server
        self.caller = caller

    def take(self, field: str, uri: str, kind: str) -> StoredFile:
        """The stored file that a URI leads to. Raises ServerError that names the field."""
        with named(field):
            source = uri.removeprefix(RUNWAY_URI)
            return self.server.uploads.take(self.caller, source, purpose="input", kinds={kind})

    def placed(self, field: str, given: str | Iterable[said.Placed] | None) -> Pictures:
        """The pictures of a field, each for what its position says; those without one are the cast."""
        pictures = Pictures()
        if isinstance(given, str):
            given = [said.Placed(uri=given)]
        for number, one in enumerate(given or ()):
            file = self.take(f"{field}[{number}].uri", one.uri, "image")
            new = _as(one.position, file)
            with named(f"{field}[{number}].position"):
                pictures |= new
        return pictures


def _as(position: str | None, file: StoredFile) -> Pictures:
    if position == "first":
        return Pictures(first=file)
    return Pictures(last=file) if position == "last" else Pictures(cast=(file,))


def size_of(ratio: str | None, resolution: str | None, like: StoredFile | None) -> tuple[int, int]:
    """(width_px, height_px) of "1280:720", of a shape "16:9" with that resolution, or like a file's shape."""
    short_px = said.SHORT_SIDES_PX.get((resolution or "").lower(), USUAL_SHORT_PX)
    if ratio and ratio[0].isdigit():
        across, down = (int(side) for side in ratio.split(":"))
        if max(across, down) > said.LARGEST_SHAPE:
            return across, down
        return with_short_side(across, down, short_px)
    short_px = said.SHORT_SIDES_PX.get((ratio or "").rpartition("_")[2], short_px)
    across, down = (like.width_px, like.height_px) if like else USUAL_SHAPE
    return with_short_side(across or USUAL_SHAPE[0], down or USUAL_SHAPE[1], short_px)


def with_short_side(across: float, down: float, short_px: int) -> tuple[int, int]:
    """That shape, its shorter side so long; both are even, as video codecs want them."""
    scale = short_px / min(across, down)
    return even(across * scale), even(down * scale)


def even(pixels: float) -> int:
    """The nearest even number of pixels."""
    return max(2, 2 * round(pixels / 2))


def filler_of(server: Server, model: str) -> str | None:
    """The filler that a model's name means here. ServerError 400 for a name that the settings refuse."""
    try:
        return server.settings.filler_of(model)
    except KeyError:
        known = ", ".join(sorted(server.settings.models))
        raise bad_request(f"there is no model {model[:80]!r} here; there are {known}", "model") from None


def as_request(kind: type[Asking], **fields: Any) -> Asking:
    """A request of ours. What it refuses (a size that is too large, say) is a 400."""
    try:
        return kind(**fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise bad_request(f"{name}: {first['msg'].removeprefix('Value error, ')}", name) from None
