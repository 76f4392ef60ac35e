"""Vitascope's own routes: canvases and scripts become jobs, and jobs are watched, cancelled and deleted.

A document is sent as it is, the very file that `vitascope fill` and `vitascope shots` take; what isn't part
of it (filler, steps, webhook) stands in the query. Files and the queue are in native_files.py and
native_queue.py. Knows no queue and no painting.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from vitascope.apps.server import native_schemas as said
from vitascope.apps.server import webhooks
from vitascope.apps.server.asking import Asker, Key, Sent, needs
from vitascope.apps.server.documents import read_canvas, read_script
from vitascope.apps.server.errors import bad_request
from vitascope.apps.server.events import Watch, stream
from vitascope.apps.server.jobs.requests import FillCanvas, ShootScript
from vitascope.apps.server.native_files import add_files
from vitascope.apps.server.native_footage import add_footage
from vitascope.apps.server.native_queue import add_queue
from vitascope.apps.server.runway_schemas import in_place

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.jobs import Job

DIALECT = "vitascope"
MOST_LISTED = 100

JobId = Annotated[str, Path(max_length=200, examples=["job_0f3c..."])]
Filler = Annotated[
    str | None,
    Query(max_length=200, description="Its name (`vitascope fillers`). Without: the settings' one."),
]
Steps = Annotated[int | None, Query(ge=1, le=1000, description="How many steps the filler takes.")]
Webhook = Annotated[
    str | None, Query(max_length=2000, description="An https URL that is told, signed, when the job is over.")
]

A_CANVAS = {
    "words": [{"text": "a fox jumps on the beach"}],
    "duration_s": 2,
    "width_px": 256,
    "height_px": 256,
}
A_SCRIPT = {"size": "256", "shots": [{"text": "a fox jumps", "seconds": 2}, {"text": "it rains"}]}


def router(server: Server) -> APIRouter:
    """All routes of our own."""
    routes = APIRouter(prefix="/v1")
    jobs = Jobs(server)
    making: dict[str, Any] = {
        "methods": ["POST"],
        "tags": ["Vitascope: make"],
        "dependencies": [needs("videos")],
    }
    canvas, script = _document_schemas()
    routes.add_api_route(
        "/fills", jobs.fill, status_code=202, openapi_extra=_asks(canvas, A_CANVAS), **making
    )
    routes.add_api_route(
        "/shots", jobs.shoot, status_code=202, openapi_extra=_asks(script, A_SCRIPT), **making
    )
    either = {"anyOf": [canvas, script]}
    routes.add_api_route("/estimate", jobs.estimate, openapi_extra=_asks(either, A_CANVAS), **making)
    watching: dict[str, Any] = {"tags": ["Vitascope: jobs"]}
    routes.add_api_route("/jobs", jobs.list, methods=["GET"], **watching)
    routes.add_api_route("/jobs/{job_id}", jobs.retrieve, methods=["GET"], **watching)
    routes.add_api_route("/jobs/{job_id}", jobs.delete, methods=["DELETE"], **watching)
    routes.add_api_route("/jobs/{job_id}/cancel", jobs.cancel, methods=["POST"], **watching)
    routes.add_api_route(
        "/jobs/{job_id}/events",
        jobs.events,
        methods=["GET"],
        response_class=Response,
        responses={
            200: {"content": {"text/event-stream": {}}, "description": "What changes, until the end."}
        },
        **watching,
    )
    add_footage(routes, server, jobs.shown)
    add_queue(routes, server)
    add_files(routes, server)
    return routes


class Jobs:
    """Canvases and scripts, and jobs of every dialect."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def fill(
        self,
        caller: Asker,
        body: Sent,
        response: Response,
        filler: Filler = None,
        steps: Steps = None,
        webhook: Webhook = None,
        key: Key = None,
    ) -> said.Job:
        """Fill a canvas. URIs in it are https, data: or ids of files that were sent to /v1/files."""
        told = webhooks.checked(self._server.settings, webhook)
        request = read_canvas(self._server, _json(body), caller)
        return self._submit(request, caller, filler, steps, response, webhook=told, idempotency_key=key)

    def shoot(
        self,
        caller: Asker,
        body: Sent,
        response: Response,
        filler: Filler = None,
        steps: Steps = None,
        webhook: Webhook = None,
        key: Key = None,
    ) -> said.Job:
        """Make a film of several shots. Shots that are done aren't painted again, whatever happens."""
        told = webhooks.checked(self._server.settings, webhook)
        request = read_script(self._server, _json(body), caller)
        return self._submit(request, caller, filler, steps, response, webhook=told, idempotency_key=key)

    def estimate(
        self, caller: Asker, body: Sent, filler: Filler = None, steps: Steps = None
    ) -> said.Estimated:
        """What a canvas or a script (that has `shots`) would take. Nothing is queued; media are taken in."""
        text = _json(body)
        read = read_script if _is_script(text) else read_canvas
        request = self._set(read(self._server, text, caller), filler, steps)
        queue = self._server.queue
        estimate = queue.estimate(request)
        return said.Estimated(
            estimate=said.Estimate(seconds=estimate.seconds, credits=estimate.credits),
            waiting_jobs=queue.waiting(),
            paused=queue.paused(),
        )

    def list(
        self,
        caller: Asker,
        after: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20,
        order: Literal["asc", "desc"] = "desc",
        kind: Literal["video", "image", "data"] | None = None,
    ) -> said.Jobs:
        """Your jobs by age, those of every dialect."""
        found, more = self._server.jobs.list(
            caller, kind=kind, after=after, limit=limit, ascending=order == "asc"
        )
        data = [self.shown(job, caller) for job in found]
        ends = (data[0].id, data[-1].id) if data else (None, None)
        return said.Jobs(data=data, first_id=ends[0], last_id=ends[1], has_more=more)

    def retrieve(self, job_id: JobId, caller: Asker) -> said.Job:
        """How far a job is."""
        return self.shown(self._server.jobs.get(job_id, caller), caller)

    def cancel(self, job_id: JobId, caller: Asker) -> said.Job:
        """Stop a job within one step; one that is over stays as it is."""
        return self.shown(self._server.jobs.cancel(job_id, caller), caller)

    def delete(self, job_id: JobId, caller: Asker) -> said.Deleted:
        """Stop a job, and forget it and its files."""
        self._server.jobs.delete(job_id, caller)
        return said.Deleted(id=job_id)

    async def events(self, job_id: JobId, request: Request, caller: Asker) -> Response:
        """Status, progress and preview frames as Server-Sent Events, until the job is over."""

        def shown(job: Job) -> dict[str, Any]:
            return self.shown(job, caller).model_dump(mode="json")

        return await stream(Watch(self._server, job_id, caller, shown), request)

    def _submit(
        self,
        request: FillCanvas | ShootScript,
        caller: Caller,
        filler: str | None,
        steps: int | None,
        response: Response,
        **how: Any,
    ) -> said.Job:
        ours = self._set(request, filler, steps)
        job = self._server.jobs.submit(ours, caller, dialect=DIALECT, model=filler or "", **how)
        response.headers["Location"] = f"/v1/jobs/{job.id}"
        return self.shown(job, caller)

    def _set(
        self, request: FillCanvas | ShootScript, filler: str | None, steps: int | None
    ) -> FillCanvas | ShootScript:
        chosen = filler or self._server.settings.filler
        return request.model_copy(update={"filler": chosen, "steps": steps})

    def shown(self, job: Job, caller: Caller) -> said.Job:
        """The job as clients see it."""
        minutes = self._server.settings.link_minutes
        urls = {
            output.file_id: self._server.links.url(output.file_id, caller, minutes) for output in job.outputs
        }
        return said.as_job(job, urls)


def _json(body: Sent) -> bytes:
    if not body.json:
        raise bad_request("send the document as application/json, as it stands in its file")
    return body.json


def _is_script(text: bytes) -> bool:
    """Whether a document has shots; one that is broken is none, and will be told of as a canvas."""
    try:
        return "shots" in json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return False


def _document_schemas() -> tuple[Any, Any]:
    from vitascope.canvas.schema import CanvasForm, without_titles
    from vitascope.films.script import ScriptForm

    return without_titles(in_place(CanvasForm)), without_titles(in_place(ScriptForm))


def _asks(schema: Any, example: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}
