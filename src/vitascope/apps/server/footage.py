"""Tools of the cutting room as they are asked for over the network: checked whole, before any work.

A tool's parameters are those of Python and of the command line; media in them are https or data: URLs, or
ids of stored files, and never paths. Knows no job: a request for one is what comes out.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from inspect import isclass
from typing import TYPE_CHECKING, Any, NoReturn, cast, get_args, get_type_hints

from vitascope.apps.server.bodies import wrong
from vitascope.apps.server.documents import PICTURES_AND_FILMS, decoded, in_words, named
from vitascope.apps.server.errors import ServerError, bad_request
from vitascope.apps.server.jobs.cutting import form_of, tool_of
from vitascope.apps.server.jobs.requests import Outcome, UseTool
from vitascope.apps.server.jobs.sizing import clip_plan
from vitascope.footage import (
    Findings,
    Footage,
    FootageError,
    Frame,
    Made,
    MissingPart,
    Tool,
    load_tool,
    unheard,
)

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.storage import StoredFile

MOST_CHARACTERS = 1_000_000  # of parameters: a subject's path through two minutes takes a tenth
A_FILM = frozenset({"video"})


@dataclass(frozen=True)
class Written:
    """How the film is written: its kind of file (None: what suits), and whether the sound goes along."""

    format: Any = None
    sound: bool = True


def tool_named(name: str) -> type[Tool]:
    """The tool. Raises ServerError 404 that names the nearest."""
    try:
        return load_tool(name)
    except FootageError as error:
        raise ServerError(404, "not_found", str(error), "tool") from None


def makes(tool: type[Tool]) -> tuple[str, ...]:
    """What can come out: "video", "data" (findings, JSON), or either, by what its parameters say."""
    said = get_type_hints(tool.make)["return"]
    kinds = [each for each in get_args(said) or (said,) if isclass(each)]
    data = any(issubclass(each, Findings) for each in kinds)
    return tuple(
        kind for kind, there in (("video", any(each is Made for each in kinds)), ("data", data)) if there
    )


def read_use(server: Server, name: str, text: bytes, caller: Caller, written: Written) -> UseTool:
    """The request that a body is: {"file": "file_...", ...the tool's parameters}. Raises ServerError."""
    kind = tool_named(name)
    with in_words():
        asked = _object(decoded(text))
    if "file" not in asked:
        raise bad_request("Missing required parameter: 'file'.", "file", "missing_required_parameter")
    file = asked.pop("file")
    _check(name, asked)
    film = _take(server, caller, "file", file, A_FILM)
    others = {
        field: _take(server, caller, field, asked[field], PICTURES_AND_FILMS)
        for field in kind.media
        if asked.get(field) is not None
    }
    asked |= {field: other.id for field, other in others.items()}
    if len(json.dumps(asked)) > MOST_CHARACTERS:
        raise bad_request(f"the parameters are longer than {MOST_CHARACTERS:,} characters")
    made = _tried(name, asked, film, others)
    if made is not None and made.alpha and form_of(written.format, True) == "mp4":
        raise bad_request("mp4 has no place for what is see-through; take webm or mov", "format")
    files = {each.id: each.id for each in others.values()}
    return UseTool(
        tool=name,
        file=film.id,
        parameters=asked,
        files=files,
        makes="data" if made is None and makes(kind) == ("data",) else "video",
        format=written.format,
        sound=written.sound,
        outcome=made,
    )


def _object(text: str) -> dict[str, Any]:
    """The JSON object that a text is, of numbers that a database takes."""

    def odd(constant: str) -> NoReturn:
        raise bad_request(f"{constant} is no number in JSON", code="invalid_json")

    try:
        found: Any = json.loads(text or "{}", parse_constant=odd)
    except ValueError as error:
        raise bad_request(f"the body is no JSON: {error}", code="invalid_json") from None
    if not isinstance(found, dict):
        raise bad_request("the body must be a JSON object, {...}", code="invalid_type")
    return cast("dict[str, Any]", found)


def _check(name: str, parameters: dict[str, Any]) -> None:
    """Refuse parameters that are wrong whatever the film is, before any medium is taken in."""
    from pydantic import ValidationError

    with refused():
        try:
            tool_of(name, parameters)
        except ValidationError as error:
            raise wrong(error) from None


def _take(server: Server, caller: Caller, field: str, uri: Any, kinds: frozenset[str]) -> StoredFile:
    if not isinstance(uri, str):
        raise bad_request(
            f"Invalid type for '{field}': give the id of a file, an https or a data: URL.", field
        )
    with named(field):
        return server.uploads.take(caller, uri, purpose="input", kinds=kinds)


@contextmanager
def refused() -> Generator[None]:
    """Turn what a tool says of its parameters and its footage into a 400, a missing package into a 501."""
    try:
        with in_words():
            yield
    except MissingPart as error:
        raise ServerError(501, "missing_part", f"{error} (on the server)") from None
    except FootageError as error:
        raise bad_request(str(error)) from None


# Trying a tool without its media


class _Unread(BaseException):
    """The tool wants to see a frame: what it makes shows only then."""


class _Unseen:
    """Frames that nobody looks at yet."""

    def __iter__(self) -> Iterator[Frame]:
        raise _Unread


def _tried(
    name: str, parameters: Mapping[str, Any], film: StoredFile, others: Mapping[str, StoredFile]
) -> Outcome | None:
    """What the tool says that it will make of this film; None if it has to see it first.

    What it refuses by the film's size, length or rate, or for a missing package, is refused here and now.
    """
    with refused():
        tool = tool_of(name, parameters)
        try:
            beside = {field: _stand_in(each) for field, each in others.items()}
            made = tool.make(_stand_in(film), unheard, beside)
        except _Unread:
            return None
    if not isinstance(made, Made):
        return None
    return Outcome(
        frames=made.count or _guessed(made, film),
        size=(made.width_px, made.height_px),
        rate_fps=str(made.rate_fps),
        alpha=made.alpha,
    )


def _stand_in(file: StoredFile) -> Footage:
    plan = clip_plan(file)
    width_px, height_px = plan.size
    return Footage(
        frames=_Unseen(), width_px=width_px, height_px=height_px, rate_fps=plan.rate_fps, count=file.frames
    )


def _guessed(made: Made, film: StoredFile) -> int:
    """How many frames come out as far as the lengths say."""
    seconds = clip_plan(film).duration_s * (made.time_scale or Fraction(1))
    return max(1, round(seconds * made.rate_fps))
