"""Telling a client's server that a job is done, signed as https://www.standardwebhooks.com has it.

One call is one attempt; whoever calls tries again. What is told is what happened to which job and no more:
the receiver asks for the rest with its key, so a message that goes astray gives nothing away. Knows no queue
and keeps nothing.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from vitascope.apps.server.errors import bad_request
from vitascope.apps.server.inputs.fetching import CannotFetch, Fetcher

if TYPE_CHECKING:
    from vitascope.apps.server.settings import Settings


class Finished(Protocol):
    """What of a job, or of its row, is told."""

    id: str
    key_id: str
    kind: str
    model: str
    status: str
    completed_at: float | None
    error_code: str | None
    error_message: str | None
    webhook: str | None


class NotDelivered(Exception):
    """The receiver wasn't reached, or didn't answer with 2xx; to be tried again later."""


def secret_of(settings: Settings, key_id: str) -> str:
    """What a key's webhooks are signed with: "whsec_" and base64. Everybody else's is another one."""
    own = hmac.digest(settings.secret_bytes(), f"webhook:{key_id}".encode(), "sha256")
    return "whsec_" + base64.b64encode(own).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature: v1, HMAC-SHA256 over id, time and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


def checked(settings: Settings, url: str | None) -> str | None:
    """The webhook that a request names, refused before any work if it could never be called."""
    if url is None:
        return None
    try:
        _fetcher(settings).check(url)
    except CannotFetch as error:
        raise bad_request(f'this can\'t be called: {error}; write "https://..."', "webhook") from None
    return url


def deliver(settings: Settings, job: Finished) -> None:
    """Tell the job's webhook, if it has one, that the job ended. Raises NotDelivered.

    The message's id depends on the job alone, so that a receiver knows one that comes twice.
    """
    if job.webhook is None:
        return
    message_id, now = f"msg_{job.id}_{job.status}", int(time.time())
    body = json.dumps(_event(job), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret_of(settings, job.key_id), message_id, now, body),
    }
    try:
        status = _fetcher(settings).send(job.webhook, body, headers)
    except CannotFetch as error:
        raise NotDelivered(str(error)) from error
    if not 200 <= status < 300:
        raise NotDelivered(f"the webhook answered {status}, not 2xx")


def _event(job: Finished) -> dict[str, object]:
    ended = job.completed_at or time.time()
    error = {"code": job.error_code, "message": job.error_message} if job.error_code else None
    return {
        "type": f"job.{job.status}",
        "timestamp": datetime.fromtimestamp(ended, UTC).isoformat(timespec="milliseconds"),
        "data": {"id": job.id, "kind": job.kind, "model": job.model, "status": job.status, "error": error},
    }


def _fetcher(settings: Settings) -> Fetcher:
    return Fetcher(seconds=settings.fetch_seconds, private=settings.allow_private_urls)
