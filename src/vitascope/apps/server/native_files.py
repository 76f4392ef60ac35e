"""/v1/files: pictures, videos and sounds sent ahead of what needs them, and all content by link or by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from vitascope.apps.server import native_schemas as said
from vitascope.apps.server import webhooks
from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.application import caller_of
from vitascope.apps.server.asking import Asker, Sent
from vitascope.apps.server.errors import ServerError, bad_request
from vitascope.apps.server.files import serve_file

if TYPE_CHECKING:
    from vitascope.apps.server.application import Server

ANYTHING = frozenset({"image", "video", "audio"})

FileId = Annotated[str, Path(max_length=200, examples=["file_0f3c..."])]


def add_files(routes: APIRouter, server: Server) -> None:
    """The routes of files, and of the webhooks' secret."""
    files = Files(server)
    tags: dict[str, Any] = {"tags": ["Vitascope: files"]}
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
    routes.add_api_route(
        "/files",
        files.send,
        methods=["POST"],
        status_code=201,
        openapi_extra={"requestBody": {"content": {"multipart/form-data": {"schema": form}}}},
        **tags,
    )
    routes.add_api_route("/files/{file_id}", files.retrieve, methods=["GET"], **tags)
    for method in ("GET", "HEAD"):
        routes.add_api_route(
            "/files/{file_id}/content",
            files.content,
            methods=[method],
            response_class=Response,
            operation_id=f"{method.lower()}_content",
            responses={206: {"description": "The range that was asked for."}},
            **tags,
        )
    routes.add_api_route("/webhooks/secret", files.secret, methods=["GET"], tags=["Vitascope: jobs"])


class Files:
    """Stored files, each for its owner."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def send(self, caller: Asker, body: Sent, response: Response) -> said.File:
        """Send a picture, a video or a sound, as a form's field `file`. Its id is a URI in documents."""
        caller.require("files")
        file = body.file("file")
        if file is None:
            raise bad_request("send the file as the field `file` of a form (multipart/form-data)", "file")
        stored = self._server.uploads.take(
            caller, file.file, purpose="upload", kinds=ANYTHING, name=file.filename
        )
        response.headers["Location"] = f"/v1/files/{stored.id}"
        return said.as_file(stored)

    def retrieve(self, file_id: FileId, caller: Asker) -> said.File:
        """What is known of a file."""
        return said.as_file(self._server.jobs.stored(file_id, caller))

    def content(self, file_id: FileId, request: Request) -> Response:
        """The bytes of a file: with a key, or by a link that still holds. Ranges are heeded."""
        return serve_file(
            self._server, self._server.jobs.stored(file_id, self._asking(file_id, request)), request
        )

    def secret(self, caller: Asker) -> said.WebhookSecret:
        """What your webhooks are signed with."""
        return said.WebhookSecret(secret=webhooks.secret_of(self._server.settings, caller.key_id))

    def _asking(self, file_id: str, request: Request) -> Caller:
        if "signature" not in request.query_params:
            return caller_of(request)
        if not self._server.links.check(file_id, request.query_params):
            raise ServerError(
                403, "link_expired", "this link doesn't hold any more; ask for the job again for a new one"
            )
        # The signature covers the file's id, so whoever made the link could see this very file.
        address = request.client.host if request.client else ""
        return Caller(request.query_params["by"], "link", frozenset({"admin"}), address)
