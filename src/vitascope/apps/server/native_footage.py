"""/v1/footage: the tools of the cutting room, each with its own fields, and /v1/renders: timelines, as jobs.

Knows no tool's workings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from vitascope.apps.server import native_schemas as said
from vitascope.apps.server import webhooks
from vitascope.apps.server.asking import Asker, Key, Sent, needs
from vitascope.apps.server.errors import bad_request
from vitascope.apps.server.footage import Written, makes, read_use, tool_named
from vitascope.apps.server.jobs.requests import RenderTimeline, UseTool
from vitascope.apps.server.runway_schemas import in_place
from vitascope.apps.server.timelines import read_timeline
from vitascope.canvas.schema import without_titles
from vitascope.footage import TOOLS, Tool

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.jobs import Job

Shown = Callable[["Job", "Caller"], said.Job]
Format = Annotated[
    Literal["mp4", "mov", "webm"] | None,
    Query(description="Without: mp4, or webm where the film is see-through. mov is ProRes."),
]
WithSound = Annotated[
    bool, Query(description="Whether the film's sound goes along, stretched as its time is.")
]
Webhook = Annotated[
    str | None, Query(max_length=2000, description="An https URL that is told, signed, when the job is over.")
]
AN_OTIO = {
    "type": "object",
    "required": ["OTIO_SCHEMA"],
    "properties": {"OTIO_SCHEMA": {"type": "string", "examples": ["Timeline.1"]}},
    "description": "An .otio file as it stands; media references are ids of files (file_...).",
}
A_FILE = {
    "type": "string",
    "description": "The film: the id of a file (file_...), an https or a data: URL.",
}


def add_footage(routes: APIRouter, server: Server, shown: Shown) -> None:
    """The list of tools, and a route for each."""
    footage = Tools(server, shown)
    tags: dict[str, Any] = {"tags": ["Vitascope: footage"]}
    routes.add_api_route("/footage", footage.list, methods=["GET"], **tags)
    making: dict[str, Any] = {
        "methods": ["POST"],
        "status_code": 202,
        "dependencies": [needs("videos")],
    } | tags
    for name in TOOLS:
        tool = tool_named(name)
        body = {"required": True, "content": {"application/json": {"schema": _schema(tool)}}}
        routes.add_api_route(
            f"/footage/{name}",
            footage.use(name),
            name=f"use_{name}",
            summary=name,
            description=tool.__doc__,
            openapi_extra={"requestBody": body},
            **making,
        )
    routes.add_api_route(
        "/renders",
        footage.render,
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": AN_OTIO}}}
        },
        **making,
    )
    routes.add_api_route("/footage/{tool}", footage.refuse, include_in_schema=False, **making)


class Tools:
    """The tools, and how they are put to work."""

    def __init__(self, server: Server, shown: Shown) -> None:
        self._server, self._shown = server, shown

    def list(self, caller: Asker) -> said.Tools:
        """What can be done to footage, with each tool's parameters as a JSON Schema."""
        return said.Tools(data=[_described(name) for name in TOOLS])

    def use(self, name: str) -> Callable[..., said.Job]:
        """The route of one tool."""

        def use(
            caller: Asker,
            body: Sent,
            response: Response,
            format: Format = None,
            sound: WithSound = True,
            webhook: Webhook = None,
            key: Key = None,
        ) -> said.Job:
            told = webhooks.checked(self._server.settings, webhook)
            if body.json is None:
                raise bad_request('send {"file": "file_...", ...} as application/json')
            request = read_use(self._server, name, body.json, caller, Written(format, sound))
            how = {"relation": "edit", "webhook": told, "idempotency_key": key}
            return self._submit(request, caller, response, how)

        return use

    def render(
        self,
        caller: Asker,
        body: Sent,
        response: Response,
        format: Literal["mp4", "mov", "webm"] = "mp4",
        webhook: Webhook = None,
        key: Key = None,
    ) -> said.Job:
        """Render a timeline (OpenTimelineIO). Its media are ids of files; a dead worker loses no part."""
        told = webhooks.checked(self._server.settings, webhook)
        if not body.json:
            raise bad_request("send the document as application/json, as it stands in its .otio file")
        request = read_timeline(self._server, body.json, caller, format)
        return self._submit(request, caller, response, {"webhook": told, "idempotency_key": key})

    def _submit(
        self, request: UseTool | RenderTimeline, caller: Caller, response: Response, how: dict[str, Any]
    ) -> said.Job:
        job = self._server.jobs.submit(request, caller, dialect="vitascope", model="", **how)
        response.headers["Location"] = f"/v1/jobs/{job.id}"
        return self._shown(job, caller)

    def refuse(self, tool: Annotated[str, Path(max_length=200)], caller: Asker) -> said.Job:
        """404, with the nearest name."""
        tool_named(tool)
        raise AssertionError(tool)  # it would have had a route of its own


def _described(name: str) -> said.Tool:
    tool = tool_named(name)
    return said.Tool(
        name=name,
        summary=(tool.__doc__ or "").strip().partition("\n")[0],
        makes=makes(tool),  # pyright: ignore[reportArgumentType]  # it says no other words
        media=tool.media,
        parameters=_schema(tool),
    )


def _schema(tool: type[Tool]) -> dict[str, Any]:
    """A tool's parameters, and the film, as a JSON Schema."""
    schema: dict[str, Any] = without_titles(in_place(tool))
    schema.pop("description", None)
    fields: dict[str, Any] = {"file": A_FILE, **schema.get("properties", {})}
    for name in tool.media:
        fields[name] = {"description": ""} | fields[name]
        fields[name]["description"] += " (The id of a file, an https or a data: URL.)"
    return schema | {"properties": fields, "required": ["file", *schema.get("required", ())]}
