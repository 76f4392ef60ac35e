"""/v1/queue: what waits, and for those who may (scopes queue and admin) pause, resume and reorder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from vitascope.apps.server import native_schemas as said
from vitascope.apps.server.asking import Asker, Sent
from vitascope.apps.server.errors import bad_request
from vitascope.apps.server.jobs.database import JobRow, reading
from vitascope.apps.server.runway_schemas import in_place

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server

SCOPE = "queue"
MOST_SHOWN = 1000


def add_queue(routes: APIRouter, server: Server) -> None:
    """The routes of the queue."""
    control = Control(server)
    tags: dict[str, Any] = {"tags": ["Vitascope: queue"]}
    routes.add_api_route("/queue", control.show, methods=["GET"], **tags)
    routes.add_api_route("/queue/pause", control.pause, methods=["POST"], **tags)
    routes.add_api_route("/queue/resume", control.resume, methods=["POST"], **tags)
    content = {"application/json": {"schema": in_place(said.Move), "example": {"to": "front"}}}
    routes.add_api_route(
        "/queue/{job_id}/move",
        control.move,
        methods=["POST"],
        openapi_extra={"requestBody": {"required": True, "content": content}},
        **tags,
    )


class Control:
    """The queue, as people see and steer it."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def show(self, caller: Asker, limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = 100) -> said.Queue:
        """The queue. Without the scope `queue` you see your own jobs in it, each with its place among all."""
        place = func.row_number().over(order_by=(JobRow.turn, JobRow.created_at, JobRow.id)).label("place")
        columns = JobRow.id, JobRow.key_id, JobRow.kind, JobRow.cost_s, JobRow.created_at, place
        waiting = select(*columns).where(JobRow.status == "queued", JobRow.deleted_at.is_(None)).subquery()
        wanted = select(waiting).order_by(waiting.c.place).limit(limit)
        if not caller.may(SCOPE):
            wanted = wanted.where(waiting.c.key_id == caller.key_id)
        with reading(self._server.engine) as session:
            rows = session.execute(wanted).all()
            painting = session.scalar(select(func.count()).where(JobRow.status == "in_progress"))
        queue = self._server.queue
        return said.Queue(
            paused=queue.paused(),
            waiting=queue.waiting(),
            painting=painting or 0,
            jobs=[
                said.Waiting(
                    id=row.id,
                    place=row.place,
                    kind=row.kind,
                    estimate_s=row.cost_s,
                    created_at=int(row.created_at),
                )
                for row in rows
            ],
        )

    def pause(self, caller: Asker) -> said.Queue:
        """Let no job begin; what is being painted goes on."""
        caller.require(SCOPE)
        self._server.queue.pause()
        return self.show(caller)

    def resume(self, caller: Asker) -> said.Queue:
        """Go on."""
        caller.require(SCOPE)
        self._server.queue.resume()
        return self.show(caller)

    def move(self, job_id: str, caller: Asker, body: Sent) -> said.Queue:
        """Give a waiting job the first place, or the one before another waiting job."""
        caller.require(SCOPE)
        asked = body.read(said.Move)
        if (asked.to is None) == (asked.before is None):
            raise bad_request('say where to: {"to": "front"} or {"before": "job_..."}')
        if asked.before == job_id:
            raise bad_request("a job can't go before itself; name another one", "before")
        self._move(caller, job_id, asked)
        return self.show(caller)

    def _move(self, caller: Caller, job_id: str, asked: said.Move) -> None:
        self._server.queue.move(job_id, to_front=asked.to == "front", before=asked.before)
