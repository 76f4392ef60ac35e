"""What a request says: JSON, or a form with files, read once, within limits, and checked by a schema.

Forms name nested fields as OpenAI's client does: input_reference[image_url], characters[][id]. Knows no video
and no job.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from vitascope.apps.server.errors import ServerError, bad_request

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from starlette.types import Message

    from vitascope.apps.server.settings import Settings

Schema = TypeVar("Schema", bound=BaseModel)

MEGABYTE = 1 << 20
MOST_FIELDS = 200
MOST_FILES = 20
DEEPEST = 4
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True)
class Body:
    """A request's body: `json` as it came, or a form's fields; and a form's files by their names."""

    json: bytes | None = None
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    files: Mapping[str, list[UploadFile]] = field(default_factory=dict[str, list[UploadFile]])

    def read(self, schema: type[Schema]) -> Schema:
        """What it says, as the schema has it. In JSON a number is a number; in a form all is text.

        Raises ServerError 400 that names the first field that is wrong.
        """
        try:
            if self.json is not None:
                return schema.model_validate_json(self.json or b"{}", strict=True)
            return schema.model_validate(self.fields)
        except ValidationError as error:
            raise wrong(error) from None

    def file(self, name: str) -> UploadFile | None:
        """The file under this name, if one was sent; 400 for several."""
        files = self.files.get(name, [])
        if len(files) > 1:
            raise bad_request(f"'{name}' is one file, and {len(files)} were sent", name, "invalid_value")
        return files[0] if files else None


async def read_body(request: Request) -> AsyncGenerator[Body]:
    """The body of a request, no larger than the settings allow; its files are closed after the answer."""
    settings: Settings = request.app.state.server.settings
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("", "application/json"):
        # A picture in JSON is base64, a third longer.
        limited = _limited(request, 2 * settings.max_picture_mb)
        yield Body(json=await limited.body())
        return
    if kind not in _FORMS:
        raise bad_request(
            f"the content type {kind[:80]!r} isn't read here; send application/json or multipart/form-data",
            code="unsupported_content_type",
        )
    limited = _limited(request, settings.max_upload_mb + 2 * settings.max_picture_mb)
    try:
        form = await limited.form(
            max_files=MOST_FILES,
            max_fields=MOST_FIELDS,
            max_part_size=2 * settings.max_picture_mb * MEGABYTE,
        )
    except HTTPException as error:
        raise bad_request(f"the form can't be read: {error.detail}", code="invalid_form") from None
    except (ValueError, LookupError):  # a boundary or a charset that is none
        raise bad_request("the form can't be read: its headers are broken", code="invalid_form") from None
    try:
        yield _formed(form.multi_items())
    finally:
        await form.close()


def wrong(error: ValidationError) -> ServerError:
    """The first of what pydantic found, worded and coded as in OpenAI's dialect."""
    first = error.errors(include_url=False, include_input=False)[0]
    kind, name = first["type"], _dotted(first["loc"])
    if kind == "json_invalid":
        return bad_request(f"the body is no JSON: {first['msg']}", code="invalid_json")
    if kind == "missing":
        return bad_request(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    if kind == "model_type" and not name:
        return bad_request("the body must be a JSON object, {...}", code="invalid_type")
    what = "type" if kind.endswith(("_type", "_parsing")) else "value"
    where = f" for '{name}'" if name else ""
    return bad_request(f"Invalid {what}{where}: {_sentence(first)}.", name or None, f"invalid_{what}")


def _sentence(found: ErrorDetails) -> str:
    if found["type"] in ("model_type", "model_attributes_type"):
        return "it must be an object, {...}, or a file where a file is meant"
    return found["msg"].removeprefix("Value error, ").rstrip(".")


def _dotted(loc: Iterable[int | str]) -> str:
    """characters[0].id"""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")


def _limited(request: Request, most_mb: int) -> Request:
    """The same request, whose body breaks off with 413 beyond so much."""
    left = most_mb * MEGABYTE

    async def receive() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise ServerError(
                413, "request_too_large", f"the request is larger than {most_mb} MB; send a smaller file"
            )
        return message

    return Request(request.scope, receive)


def _formed(items: Iterable[tuple[str, UploadFile | str]]) -> Body:
    fields: dict[str, Any] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in items:
        if isinstance(value, UploadFile):
            files.setdefault(name.removesuffix("[]"), []).append(value)
        else:
            put(fields, _path(name), value)
    return Body(fields=fields, files=files)


def _path(name: str) -> list[str]:
    """["characters", "", "id"] of characters[][id]; a name of another form is one that we don't know."""
    found = _NAME.fullmatch(name)
    path = [found[1], *found[2][1:-1].split("][")] if found and found[2] else [name]
    if len(path) > DEEPEST:
        raise bad_request(f"the form's field {name[:80]!r} is nested too deeply", code="invalid_form")
    return path


def put(fields: dict[str, Any], path: list[str], value: str) -> None:
    """Put a form's value where its name's path leads; an empty step appends to a list.

    Items of a list come one after the other: a field that the last item has already begins the next.
    """
    name, *rest = path
    if not rest:
        fields[name] = value
    elif rest[0]:
        put(_held(fields, name, dict[str, Any]()), rest, value)
    else:
        items = _held(fields, name, list[Any]())
        if len(rest) == 1:
            items.append(value)
            return
        last = items[-1] if items else None
        if not isinstance(last, dict) or rest[1] in last:
            items.append(last := {})
        put(cast("dict[str, Any]", last), rest[1:], value)


Held = TypeVar("Held", list[Any], dict[str, Any])


def _held(fields: dict[str, Any], name: str, new: Held) -> Held:
    held = fields.setdefault(name, new)
    if not isinstance(held, type(new)):
        raise bad_request(f"'{name}' is given in two ways that don't go together", name, "invalid_value")
    return held
