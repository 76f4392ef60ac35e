"""How the server is watched: Prometheus metrics, a log of JSON lines, and whether it is alive and ready.

Knows routes by their templates, never what is in a request: no prompt and no query gets into a metric or, as
long as the settings don't ask for it, into the log.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select, text
from starlette.concurrency import run_in_threadpool

from vitascope.apps.server.accounts.audit import Audit
from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.accounts.limits import SPENT
from vitascope.apps.server.accounts.links import asked_at
from vitascope.apps.server.application import caller_of
from vitascope.apps.server.jobs.database import JobRow, UsageRow, WorkerRow, reading

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vitascope.apps.server.application import Server
    from vitascope.apps.server.settings import Settings

STATUSES: tuple[str, ...] = ("queued", "in_progress", "completed", "failed", "cancelled")
ALIVE_S = 15  # a worker that was silent for longer is dead
_CHECKED_FOR_S = 2.0  # readiness: anybody may ask, so the disk is not touched for every question
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_ONLY_LOOKS = {"GET", "HEAD", "OPTIONS"}
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_UNMATCHED = "unmatched"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")
_WORDS = {"prompt", "negative", "words", "text"}  # what people say; only logged where the settings ask for it
_USUAL = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "color_message"}

log = logging.getLogger("vitascope.requests")
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the present request: the client's X-Request-Id, or a new one; also in the answer's header."""


class Metrics:
    """What Prometheus reads, in a registry of its own. Jobs, queue and workers are counted when it asks."""

    def __init__(self, engine: Engine) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "vitascope_requests",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._durations = Histogram(
            "vitascope_request_seconds",
            "Time until an answer began.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(_Tables(engine))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is a template, of which there are few: /v1/videos/{id}."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)

    def page(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)


class _Tables(Collector):
    """What the database knows, for any replica of the server the same."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> list[Any]:
        """Nothing, so that registering asks the database nothing."""
        return []

    def collect(self) -> Iterator[Any]:
        spent = select(func.sum(UsageRow.seconds)).where(UsageRow.kind == SPENT)
        alive = select(func.count()).where(WorkerRow.beat_at > time.time() - ALIVE_S)
        with reading(self._engine) as session:
            counted = session.execute(select(JobRow.status, func.count()).group_by(JobRow.status)).all()
            painting_s = float(session.scalar(spent) or 0)
            workers = session.scalar(alive) or 0
        numbers: dict[str, int] = dict.fromkeys(STATUSES, 0)
        numbers.update((status, number) for status, number in counted)
        jobs = GaugeMetricFamily("vitascope_jobs", "Jobs in the database by status.", labels=["status"])
        for status, number in numbers.items():
            jobs.add_metric([status], number)
        yield jobs
        yield GaugeMetricFamily("vitascope_queue_length", "Jobs that wait.", value=numbers["queued"])
        yield GaugeMetricFamily("vitascope_workers", "Workers that are alive.", value=workers)
        yield CounterMetricFamily(
            "vitascope_painting_seconds", "Time spent on painting finished jobs.", value=painting_s
        )


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, the request's id, and whatever `extra` had."""

    def __init__(self, *, prompts: bool = False) -> None:
        super().__init__()
        self._left_out = _USUAL if prompts else _USUAL | _WORDS

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := request_id.get():
            line["request"] = request
        line |= {name: value for name, value in record.__dict__.items() if name not in self._left_out}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Send everything that this process logs to a stream (stderr) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(prompts=settings.log_prompts))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Its lines would show the signatures of links; ours, below, say the same without them.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def watch(app: FastAPI, server: Server) -> None:
    """Count, time and log every request of an application, give each an id, and audit those that change."""
    app.add_middleware(_Watched, metrics=server.metrics, audit=server.audit)


class _Watched:
    """The outermost layer of ours, so that it sees what the others answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics, audit: Audit) -> None:
        self.app, self._metrics, self._audit = app, metrics, audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        sent_id, host = headers.get(b"x-request-id", ""), headers.get(b"host", "")
        request_id.set(sent_id if _ID.fullmatch(sent_id) else secrets.token_hex(8))
        if _HOST.fullmatch(host):
            asked_at.set(f"{scope['scheme']}://{host}")
        began_s, status, waited_s = time.monotonic(), 500, None

        async def note(message: Message) -> None:
            nonlocal status, waited_s
            if message["type"] == "http.response.start":
                status, waited_s = message["status"], time.monotonic() - began_s
                own = (b"x-request-id", request_id.get().encode())
                message["headers"] = [*message.get("headers", ()), own]
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            caller, route = _caller(scope), _template(scope)
            seconds = time.monotonic() - began_s
            self._metrics.count(scope["method"], route, status, seconds if waited_s is None else waited_s)
            log.info(
                "%s %s %s",
                scope["method"],
                route,
                status,
                extra={
                    # Of what is no route of ours nobody knows what it holds.
                    "path": None if route == _UNMATCHED else scope["path"][:200],
                    "status": status,
                    "seconds": round(seconds, 4),
                    "key": caller.key_id if caller else None,
                    "address": (scope.get("client") or ("",))[0],
                },
            )

        if caller is not None and scope["method"] not in _ONLY_LOOKS:
            action = f"{scope['method']} {route}"
            await run_in_threadpool(self._audit.record, caller, action, scope["path"][:200], str(status))


def _caller(scope: Scope) -> Caller | None:
    """Who asked, once caller_of() has found out."""
    return scope.get("state", {}).get("caller")


def _template(scope: Scope) -> str:
    """The path of the route that answered, with its names in place of values."""
    return getattr(scope.get("route"), "path", None) or _UNMATCHED


def router(server: Server) -> APIRouter:
    """/health/live, /health/ready, for anybody; /metrics, for keys with the scope "admin"."""
    routes = APIRouter(include_in_schema=False)
    ready = _Readiness(server)

    def live() -> dict[str, str]:
        return {"status": "ok"}

    def metrics(request: Request) -> Response:
        caller_of(request).require("admin")
        return Response(server.metrics.page(), media_type=CONTENT_TYPE_LATEST)

    routes.add_api_route("/health/live", live, methods=["GET", "HEAD"])
    routes.add_api_route("/health/ready", ready.answer, methods=["GET", "HEAD"], response_model=None)
    routes.add_api_route("/metrics", metrics, methods=["GET"], response_model=None)
    return routes


class _Readiness:
    """Whether requests can be served now: the database answers, and the store keeps what it's given."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._checking = threading.Lock()
        self._checked_s = float("-inf")
        self._parts: dict[str, str] = {}

    def answer(self) -> JSONResponse:
        with self._checking:
            if time.monotonic() - self._checked_s > _CHECKED_FOR_S:
                self._parts = {
                    "database": _works("database", self._ask_database),
                    "store": _works("store", self._server.store.check),
                }
                self._checked_s = time.monotonic()
            ready = set(self._parts.values()) == {"ok"}
            return JSONResponse(
                {"status": "ok" if ready else "unavailable"} | self._parts, 200 if ready else 503
            )

    def _ask_database(self) -> None:
        with reading(self._server.engine) as session:
            session.execute(text("SELECT 1"))


def _works(name: str, check: Callable[[], object]) -> str:
    try:
        check()
    except Exception as error:  # drivers and buckets raise whatever they like; the log has it
        logging.getLogger(__name__).error("not ready: the %s fails", name, exc_info=error)
        return "failing"
    return "ok"
