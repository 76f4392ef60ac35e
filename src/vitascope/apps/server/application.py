"""The server as one application: its parts put together, the dialects' routes, and errors in their words.

Routers are imported inside create_app(), so that they may import this module. Knows no dialect's fields.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import Engine
from starlette.exceptions import HTTPException

import vitascope
from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.browsers import OwnPagesOnly
from vitascope.apps.server.errors import ServerError, SettingsError
from vitascope.apps.server.jobs.database import create_all, make_engine
from vitascope.apps.server.jobs.jobs import Jobs
from vitascope.apps.server.jobs.queue import Queue
from vitascope.apps.server.jobs.storage import Files, Store
from vitascope.apps.server.jobs.tickets import Tickets

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vitascope.apps.server.accounts.audit import Audit
    from vitascope.apps.server.accounts.keys import Accounts
    from vitascope.apps.server.accounts.limits import Limits
    from vitascope.apps.server.accounts.links import Links
    from vitascope.apps.server.accounts.policy import Policies
    from vitascope.apps.server.inputs.uploads import Uploads
    from vitascope.apps.server.settings import Settings
    from vitascope.apps.server.watching import Metrics

log = logging.getLogger(__name__)

RUNWAY_PATHS = (
    *("text_to_", "image_to_", "image_upscale", "video_to_", "video_upscale", "character_performance"),
    *("sound_effect", "speech_to_speech", "voice", "avatar", "uploads", "tasks", "organization", "recipes"),
    *("workflow", "router", "document", "realtime_sessions", "generate"),
)
OPENAI_TYPES = {401: "authentication_error", 402: "insufficient_quota", 403: "permission_error"}


@dataclass(frozen=True)
class Server:
    """All that handlers work with; `app.state.server`."""

    settings: Settings
    engine: Engine
    store: Store
    files: Files
    jobs: Jobs
    queue: Queue
    tickets: Tickets
    accounts: Accounts
    limits: Limits
    policies: Policies
    audit: Audit
    uploads: Uploads
    links: Links
    metrics: Metrics


def make_server(settings: Settings) -> Server:
    """Open what the settings name. Raises SettingsError where that can't be."""
    from vitascope.apps.server.accounts.audit import Audit
    from vitascope.apps.server.accounts.keys import Accounts
    from vitascope.apps.server.accounts.limits import Limits
    from vitascope.apps.server.accounts.links import Links
    from vitascope.apps.server.accounts.policy import Policies
    from vitascope.apps.server.inputs.uploads import Uploads
    from vitascope.apps.server.watching import Metrics

    settings.make_folder()
    _check_filler(settings)
    engine = make_engine(settings.database_url)
    create_all(engine)
    store = Store(settings.store_url)
    files = Files(engine, store)
    queue = Queue(engine, files, settings)
    limits, policies, tickets = Limits(engine, settings), Policies(settings.policies), Tickets(settings)
    return Server(
        settings=settings,
        engine=engine,
        store=store,
        files=files,
        jobs=Jobs(engine, files, settings, queue, limits, policies, tickets),
        queue=queue,
        tickets=tickets,
        accounts=Accounts(engine, settings),
        limits=limits,
        policies=policies,
        audit=Audit(engine),
        uploads=Uploads(files, settings),
        links=Links.of(settings),
        metrics=Metrics(engine),
    )


def _check_filler(settings: Settings) -> None:
    """Refuse settings with a filler that isn't installed."""
    from vitascope.engine import UnknownFiller
    from vitascope.engine.plugins import find_entry

    for name in {settings.filler, *settings.models.values()} - {None, ""}:
        try:
            find_entry(str(name))
        except UnknownFiller as error:
            raise SettingsError(f"filler: {error}") from None


def create_app(settings: Settings) -> FastAPI:
    """The whole server."""
    from fastapi_offline import FastAPIOffline

    from vitascope.apps.server import native, openai, runway, watching

    server = make_server(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        yield
        server.tickets.close()
        server.engine.dispose()

    # The page at /docs with its scripts from here: nobody's browser tells a third party of this server.
    app = FastAPIOffline(
        redoc_url=None,
        title="Vitascope",
        version=vitascope.__version__,
        summary="Say it, see it: videos for the clients of OpenAI and Runway, and any canvas.",
        lifespan=lifespan,
    )
    app.state.server = server
    for dialect in (openai, runway, native, watching):
        app.include_router(dialect.router(server))
    for kind, answer in (
        (ServerError, _server_error),
        (RequestValidationError, _invalid),
        (HTTPException, _http_error),
        (RecursionError, _too_deep),
        (Exception, _fault),
    ):
        app.add_exception_handler(kind, answer)
    app.add_middleware(_Headers)
    if not settings.keys_required:
        app.add_middleware(OwnPagesOnly, settings=settings)
    watching.watch(app, server)
    return app


def caller_of(request: Request) -> Caller:
    """Who is asking: a dependency of every route that needs a key. ServerError 401, or 429 for too often."""
    server: Server = request.app.state.server
    address = request.client.host if request.client else ""
    caller = server.accounts.caller(request.headers.get("authorization"), address)
    request.state.caller = caller
    request.state.headers = server.limits.check_rate(caller)
    return caller


class _Headers:
    """Adds the rate limit's headers, which caller_of() learnt, to whatever is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                state: dict[str, Any] = scope.get("state", {})
                more: Mapping[str, str] = state.get("headers", {})
                pairs = [(name.lower().encode(), value.encode()) for name, value in more.items()]
                message["headers"] = [*message["headers"], *pairs]
            await send(message)

        await self.app(scope, receive, send_with_headers)


# Errors


def _server_error(request: Request, error: Any) -> JSONResponse:
    return _answer(request, error)


def _invalid(request: Request, error: Any) -> JSONResponse:
    """What FastAPI found wrong, as a 400 with the first thing in words."""
    said_wrong: list[dict[str, Any]] = error.errors()
    found: dict[str, Any] = said_wrong[0] if said_wrong else {}
    where = [str(part) for part in found.get("loc", ()) if part not in ("body", "query", "path", "header")]
    name = ".".join(where)
    said = str(found.get("msg", "the request makes no sense")).removeprefix("Value error, ")
    return _answer(
        request, ServerError(400, "invalid_request", f"{name}: {said}" if name else said, name or None)
    )


def _http_error(request: Request, error: Any) -> JSONResponse:
    said = {404: "there is nothing at this address", 405: "this address takes no such method"}
    message = said.get(error.status_code, str(error.detail))
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    return _answer(request, ServerError(error.status_code, code, message, headers=error.headers))


def _too_deep(request: Request, error: Any) -> JSONResponse:
    return _answer(request, ServerError(400, "invalid_request", "this JSON is nested too deeply"))


def _fault(request: Request, error: Any) -> JSONResponse:
    log.error("a fault of ours", exc_info=error, extra={"path": request.url.path})
    said = "something broke inside the server; it has been written down, and trying again may help"
    return _answer(request, ServerError(500, "server_error", said))


def _answer(request: Request, error: ServerError) -> JSONResponse:
    """The error in the envelope of the dialect that the path belongs to."""
    path = request.url.path.removeprefix("/v1/")
    body: dict[str, Any]
    if path.startswith(RUNWAY_PATHS):
        body = {"error": error.message, "code": error.code}
        if error.param:
            body["issues"] = [{"path": error.param.split("."), "message": error.message, "code": error.code}]
    else:
        kind = OPENAI_TYPES.get(error.status, "invalid_request_error")
        if error.status == 429:
            kind = "rate_limit_error"
        elif error.status >= 500:
            kind = "server_error"
        envelope = {"message": error.message, "type": kind, "param": error.param, "code": error.code}
        body = {"error": envelope}
    return JSONResponse(body, error.status, headers=error.headers)
