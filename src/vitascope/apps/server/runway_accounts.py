"""client.uploads and client.organization of Runway's dialect: sending files ahead, and what a key has left.

An upload has two steps, as its client wants it: JSON with the key, which gives an address and signed fields,
and a form with these fields and the file, which needs no key. The signature is a link's, of a name that no
file has. Knows no task.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request, Response
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from vitascope.apps.server import runway_schemas as said
from vitascope.apps.server.accounts.keys import USUAL_SCOPES, Caller
from vitascope.apps.server.asking import Asker, Sent
from vitascope.apps.server.errors import ServerError, bad_request, conflict
from vitascope.apps.server.jobs.database import FileRow, new_id, writing
from vitascope.apps.server.runway_media import RUNWAY_URI

if TYPE_CHECKING:
    from vitascope.apps.server.application import Server

UPLOAD_MINUTES = 60
ENDLESS = 2**31 - 1  # credits of a key without a limit: the dialect has no word for it
MOST_DAYS = 90
USUAL_DAYS = 30


def add_accounts(routes: APIRouter, server: Server) -> None:
    """client.organization, and the first step of client.uploads."""
    account = Account(server)
    routes.add_api_route("/organization", account.retrieve, methods=["GET"])
    routes.add_api_route(
        "/organization/usage", account.usage, methods=["POST"], openapi_extra=said.asks(said.UsageAsked)
    )
    routes.add_api_route(
        "/uploads", Uploading(server).start, methods=["POST"], openapi_extra=said.asks(said.Upload)
    )


def add_uploads(routes: APIRouter, server: Server) -> None:
    """The second step of client.uploads, which has neither the key nor the dialect's version."""
    form: dict[str, Any] = {
        "type": "object",
        "required": ["file", "expires", "by", "signature"],
        "properties": {
            "file": {"type": "string", "format": "binary"},
            **{name: {"type": "string"} for name in ("expires", "by", "signature", "metadata")},
        },
    }
    routes.add_api_route(
        "/uploads/{upload_id}",
        Uploading(server).receive,
        methods=["POST"],
        status_code=204,
        openapi_extra={"requestBody": {"content": {"multipart/form-data": {"schema": form}}}},
    )


class Uploading:
    """Files that are sent ahead of the tasks that need them."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def start(self, request: Request, caller: Asker, body: Sent) -> said.UploadStarted:
        """Say where to send a file. The address holds for an hour, the file for as long as results do."""
        caller.require("files")
        body.read(said.Upload)
        upload_id = new_id("file")
        link = self._server.links.url(_signed_name(upload_id), caller, UPLOAD_MINUTES)
        base = (self._server.settings.base_url or str(request.base_url)).rstrip("/")
        return said.UploadStarted(
            upload_url=f"{base}/v1/uploads/{upload_id}",
            fields=dict(parse_qsl(urlsplit(link).query)),
            runway_uri=f"{RUNWAY_URI}{upload_id}",
        )

    def receive(self, upload_id: str, request: Request, body: Sent) -> Response:
        """Take the file, once: looked at, and kept if it is a picture or a video."""
        fields = {name: str(value) for name, value in body.fields.items()}
        if not self._server.links.check(_signed_name(upload_id), fields):
            raise ServerError(
                403, "bad_signature", "these fields aren't what POST /v1/uploads gave, or their hour is over"
            )
        file = body.file("file")
        if file is None:
            raise bad_request("the form holds no file; send it as the field `file`", "file")
        address = request.client.host if request.client else ""
        caller = Caller(fields["by"], "upload", frozenset(USUAL_SCOPES), address)
        stored = self._server.uploads.take(
            caller, file.file, purpose="upload", kinds={"image", "video"}, name=file.filename
        )
        try:
            with writing(self._server.engine) as session:
                session.execute(update(FileRow).where(FileRow.id == stored.id).values(id=upload_id))
        except IntegrityError:
            self._server.files.delete(stored)
            raise conflict("this upload has come already; start another one by POST /v1/uploads") from None
        return Response(status_code=204)


def _signed_name(upload_id: str) -> str:
    return f"upload/{upload_id}"  # no file's id has a slash, so a link to a file never opens an upload


class Account:
    """What a key has left, and what it has used."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def retrieve(self, caller: Asker) -> said.Organization:
        """Credits that are left, limits, and the tasks of today (UTC). 2147483647 credits: no end."""
        standing = self._server.limits.standing(caller)
        monthly = standing.monthly_credits
        left = [standing.credits, None if monthly is None else max(0, monthly - standing.used_this_month)]
        models = self._server.settings.models
        today = datetime.now(UTC).date()
        done = Counter(dict.fromkeys(models, 0))
        for used in self._server.limits.usage(caller, today, today + timedelta(days=1)):
            if used.key_id == caller.key_id:
                done[used.model] += used.jobs
        return said.Organization(
            credit_balance=min((credits for credits in left if credits is not None), default=ENDLESS),
            tier=said.Tier(
                max_monthly_credit_spend=ENDLESS if monthly is None else monthly,
                models={name: said.ModelLimits() for name in done},
            ),
            usage=said.Use(
                models={name: said.ModelUse(daily_generations=count) for name, count in done.items()}
            ),
        )

    def usage(self, caller: Asker, body: Sent) -> said.Usage:
        """Credits used by day and model, of at most 90 days (UTC)."""
        start, before = _days(body.read(said.UsageAsked))
        used = [
            one for one in self._server.limits.usage(caller, start, before) if one.key_id == caller.key_id
        ]
        used.sort(key=lambda one: (one.day, one.model))
        return said.Usage(
            models=sorted({one.model for one in used}),
            results=[
                said.Day(
                    date=day, used_credits=[said.UsedCredit(model=o.model, amount=o.credits) for o in ones]
                )
                for day, ones in groupby(used, key=lambda one: one.day)
            ],
        )


def _days(asked: said.UsageAsked) -> tuple[date, date]:
    """(first day, day after the last). ServerError 400 for days that make no sense."""
    today = datetime.now(UTC).date()
    start = asked.start_date or today - timedelta(days=USUAL_DAYS)
    if not 2000 <= start.year < 9999:
        raise bad_request(f"startDate {start} is no day of which anything is known", "startDate")
    # Without any date it is the last 30 days, and today, which the client's documents leave out.
    usual = today + timedelta(days=1) if asked.start_date is None else start + timedelta(days=USUAL_DAYS)
    before = asked.before_date or usual
    if not 0 < (before - start).days <= MOST_DAYS:
        raise bad_request(
            f"beforeDate must be 1 to {MOST_DAYS} days after startDate ({start}), and is {before}",
            "beforeDate",
        )
    return start, before
