"""A job's progress as Server-Sent Events: what it is now, at once, and every change until it is over.

    event: status    {"status", "progress", "stage", "place", "waiting_s"}     at every change
    event: preview   {"image": "data:image/jpeg;base64,..."}                   at most two a second
    event: done      the whole job, and the stream ends
    event: gone      the job was deleted, and the stream ends

Every event tells the state anew, so who comes back with a Last-Event-ID has missed nothing. The state is read
from the database: any replica serves any job. Knows no queue and paints nothing.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs.jobs import ACTIVE

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.jobs import Job

LOOK_S = 0.5  # how often the job is looked at, and so the most previews
HEARTBEAT_S = 10.0  # proxies cut connections that are silent for half a minute or so
END = "end"  # the id of the last event: who says that it was the last one they saw is sent away with 204

Shown = Callable[["Job"], dict[str, Any]]


@dataclass(frozen=True)
class Watch:
    """Whose look at which job, and how a finished one is shown."""

    server: Server
    job_id: str
    caller: Caller
    shown: Shown

    def look(self) -> tuple[Job, bytes | None, float]:
        """The job, its preview while it is painted, and how long it waits yet (seconds)."""
        job = self.server.jobs.get(self.job_id, self.caller)
        preview = self.server.jobs.preview(job.id, self.caller) if job.status == "in_progress" else None
        return job, preview, self.server.queue.waiting_s(job) if job.status == "queued" else 0.0


async def stream(watch: Watch, request: Request) -> Response:
    """The response that tells of the job until it is over, or the client is gone. 404 for no job."""
    last = request.headers.get("last-event-id", "")
    await run_sync(watch.look)  # so that no job is a 404, not a broken stream
    if last == END:
        return Response(status_code=204)  # tells an EventSource not to come back
    number = int(last) if last.isdecimal() and len(last) < 16 else 0
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(watch, number), media_type="text/event-stream", headers=headers)


async def _events(watch: Watch, number: int) -> AsyncIterator[str]:
    """The stream. It ends where it waits when the client goes: nothing is left behind."""
    said: dict[str, Any] = {}
    seen, beat = b"", time.monotonic()
    yield "retry: 2000\n\n"
    while True:
        try:
            job, preview, waiting_s = await run_sync(watch.look)
        except ServerError:
            yield _event("gone", {"id": watch.job_id}, END)
            return
        state = _state(job, waiting_s)
        if state != said or job.status not in ACTIVE:
            said, number, beat = state, number + 1, time.monotonic()
            yield _event("status", state, str(number))
        if preview and (digest := sha256(preview).digest()) != seen:
            seen, number, beat = digest, number + 1, time.monotonic()
            image = "data:image/jpeg;base64," + base64.b64encode(preview).decode()
            yield _event("preview", {"image": image}, str(number))
        if job.status not in ACTIVE:
            yield _event("done", watch.shown(job), END)
            return
        if time.monotonic() - beat >= HEARTBEAT_S:
            beat = time.monotonic()
            yield ": still here\n\n"
        await anyio.sleep(LOOK_S)


def _state(job: Job, waiting_s: float) -> dict[str, Any]:
    return {
        "id": job.id,
        "status": job.status,
        "progress": job.progress,
        "stage": job.stage,
        "place": job.place,
        "waiting_s": round(waiting_s),
    }


def _event(name: str, data: dict[str, Any], number: str) -> str:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
