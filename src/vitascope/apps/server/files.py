"""Stored bytes over HTTP: ranges, HEAD, and not sending again what the client has (RFC 9110).

Knows no path and no bucket: the bytes come from the store in chunks, only those that were asked for. Knows
no account either: who may have a file was decided by whoever calls `serve_file`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from vitascope.apps.server.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.storage import StoredFile

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII | re.IGNORECASE)
_LONGEST_NUMBER = 20  # digits: 2**64 has 20, and int() of a million digits would take a while


@dataclass(frozen=True)
class Span:
    """Bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int


def serve_file(server: Server, file: StoredFile, request: Request) -> Response:
    """Answer a GET or HEAD for a stored file: 200, 206 for a range, 304 or 412 for conditions.

    Several ranges at once get the whole file, as the standard allows. Raises ServerError 416 for a range
    that the file doesn't have.
    """
    tag, changed = f'"{file.sha256 or file.id}"', int(file.created_at)
    headers = {
        "ETag": tag,
        "Last-Modified": formatdate(changed, usegmt=True),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600, immutable",
        "X-Content-Type-Options": "nosniff",
        # What a stranger uploaded is looked at, never run: not even an SVG's scripts.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    answer = _condition(request.headers, tag, changed)
    if answer is not None:
        return Response(status_code=answer, headers=headers)
    headers["Content-Disposition"] = _disposition(file.name or file.id)
    span = _asked(request, tag, changed, file.bytes) if request.method == "GET" else None
    whole = Span(0, file.bytes)
    sent = span or whole
    headers["Content-Length"] = str(sent.stop - sent.start)
    if span:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{file.bytes}"
    if request.method == "HEAD":
        return Response(status_code=200, headers=headers, media_type=file.media_type)
    body = server.jobs.open(file, sent.start, sent.stop)
    return StreamingResponse(
        body, status_code=206 if span else 200, headers=headers, media_type=file.media_type
    )


def _condition(asked: Mapping[str, str], tag: str, changed: int) -> int | None:
    """304 or 412 if a condition of the request says so (RFC 9110, 13.2.2), else None."""
    if "if-match" in asked:
        if not _listed(asked["if-match"], tag, weakly=False):
            return 412
    elif (since := _time(asked.get("if-unmodified-since"))) is not None and changed > since:
        return 412
    if "if-none-match" in asked:
        return 304 if _listed(asked["if-none-match"], tag, weakly=True) else None
    since = _time(asked.get("if-modified-since"))
    return 304 if since is not None and changed <= since else None


def _asked(request: Request, tag: str, changed: int, size: int) -> Span | None:
    """The one range that the request asks for; None for the whole file."""
    said = request.headers.get("range")
    if said is None or not _still_the_same(request.headers.get("if-range"), tag, changed):
        return None
    found = _RANGE.fullmatch(said)
    if found is None or max(map(len, found.groups())) > _LONGEST_NUMBER:
        return None  # several ranges, another unit, or no range at all: the standard says to ignore it
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        span = Span(max(0, size - int(last)), size)
    else:
        span = Span(int(first), min(size, int(last) + 1) if last else size)
        if last and int(last) < int(first):
            return None
    if span.start >= span.stop:
        raise ServerError(
            416,
            "range_not_satisfiable",
            f"the file has {size} bytes, 0 to {size - 1}; ask for a range within them",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return span


def _still_the_same(if_range: str | None, tag: str, changed: int) -> bool:
    if if_range is None:
        return True
    if if_range.strip().startswith(('"', "W/")):
        return if_range.strip() == tag
    return _time(if_range) == changed


def _listed(said: str, tag: str, *, weakly: bool) -> bool:
    """Whether a list of entity tags, or *, names this one."""
    tags = [one.strip() for one in said.split(",")]
    if weakly:
        tags = [one.removeprefix("W/") for one in tags]
    return "*" in tags or tag in tags


def _time(said: str | None) -> int | None:
    """An HTTP date in unix seconds; None for none, or for what is no date, which is to be ignored."""
    if not said:
        return None
    try:
        return int(parsedate_to_datetime(said).timestamp())
    except (ValueError, OverflowError, TypeError):
        return None


def _disposition(name: str) -> str:
    """Shown in place, saved under this name; a name beyond ASCII is written as RFC 6266 wants it."""
    base = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", base) or "file"
    if plain == base:
        return f'inline; filename="{plain}"'
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(base, safe='', errors='replace')}"
