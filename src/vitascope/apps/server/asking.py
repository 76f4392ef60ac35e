"""What the routes of every dialect need to know of a request: who asks, with what body.

Knows no route.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Header
from starlette.datastructures import UploadFile

from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.application import caller_of
from vitascope.apps.server.bodies import Body, read_body
from vitascope.apps.server.errors import ServerError, bad_request

if TYPE_CHECKING:
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.storage import StoredFile

Asker = Annotated[Caller, Depends(caller_of)]
Sent = Annotated[Body, Depends(read_body)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)]

STAY = {"x-should-retry": "false"}
"""The client would ask twice more after a 409 or 5xx, and hear the same."""


def needs(scope: str) -> Any:
    """What a route depends on that only keys with this scope may use."""

    def check(caller: Asker) -> None:
        caller.require(scope)

    return Depends(check)


def take(
    server: Server,
    caller: Caller,
    source: UploadFile | str,
    param: str,
    kind: Literal["image", "video"],
) -> StoredFile:
    """Keep what was uploaded, or what a data: or https: URL or a file's id leads to.

    Whatever is wrong with it is said of `param`.
    """
    try:
        if isinstance(source, str):
            return server.uploads.take(caller, source, purpose="input", kinds={kind})
        return server.uploads.take(caller, source.file, purpose="input", kinds={kind}, name=source.filename)
    except ServerError as error:
        error.param = error.param or param
        raise


def missing(name: str) -> ServerError:
    """400: a field that must be there isn't."""
    return bad_request(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
