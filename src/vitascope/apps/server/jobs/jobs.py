"""Jobs as the dialects see them: submit, look up, list, cancel, delete. Knows no HTTP and paints nothing."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Engine, delete, literal, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vitascope.apps.server.errors import bad_request, conflict, not_found
from vitascope.apps.server.jobs.database import FileRow, JobRow, PartRow, new_id, reading, writing
from vitascope.apps.server.jobs.queue import Queue, place_in
from vitascope.apps.server.jobs.requests import Request, read_request
from vitascope.apps.server.jobs.sizing import plan_of
from vitascope.apps.server.jobs.storage import Files, StoredFile

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.accounts.limits import Limits
    from vitascope.apps.server.accounts.policy import Policies
    from vitascope.apps.server.settings import Settings

LONGEST_LIST = 1000
ACTIVE = ("queued", "in_progress")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Output:
    """One file that a job made; variant is video, image, data, thumbnail or spritesheet."""

    file_id: str
    media_type: str
    bytes: int
    width_px: int | None
    height_px: int | None
    seconds: float | None
    variant: str


@dataclass(frozen=True)
class Job:
    """A job as it is now. Times are unix seconds; place is 1 for the next one, None when not queued."""

    id: str
    key_id: str
    dialect: str
    kind: str
    model: str
    request: Request
    status: str
    """queued, in_progress, completed, failed or cancelled"""
    progress: int
    stage: str
    created_at: float
    started_at: float | None
    completed_at: float | None
    expires_at: float | None
    error_code: str | None
    error_message: str | None
    estimate_s: float
    credits_estimated: int
    credits: int | None
    place: int | None
    outputs: tuple[Output, ...]
    parent_id: str | None
    relation: str | None
    webhook: str | None

    def output(self, variant: str = "video") -> Output | None:
        """The first output of a kind."""
        return next((output for output in self.outputs if output.variant == variant), None)


class Tickets(Protocol):
    """Whoever lets a worker take a turn."""

    def enqueue(self, ticket: str) -> None: ...

    def call_webhook(self, job_id: str, status: str) -> None: ...


class Jobs:
    """Everybody's jobs; each caller sees their own."""

    def __init__(
        self,
        engine: Engine,
        files: Files,
        settings: Settings,
        queue: Queue,
        limits: Limits,
        policies: Policies,
        tickets: Tickets,
    ) -> None:
        self.engine = engine
        self.files = files
        self.settings = settings
        self.queue = queue
        self.limits = limits
        self.policies = policies
        self.tickets = tickets

    def submit(
        self,
        request: Request,
        caller: Caller,
        *,
        dialect: str,
        model: str,
        prefix: str = "job",
        parent_id: str | None = None,
        relation: str | None = None,
        idempotency_key: str | None = None,
        webhook: str | None = None,
    ) -> Job:
        """Check a request and queue it. Raises ServerError, before anything is queued.

        The same idempotency key with the same request gives the first job; with another one it is 409.
        """
        request = self._meant(request, model)
        stored = {file_id: self.files.get(file_id, _own(caller)) for file_id in request.inputs()}
        print_ = _fingerprint(request, dialect, model, stored)
        if idempotency_key is not None and (first := self._first(caller, idempotency_key, print_)):
            return first
        plan = plan_of(request, stored, self.settings)
        self._check_policy(request, stored)
        estimate = self.queue.estimate_of(plan, request.painter)
        now = time.time()
        row = JobRow(
            id=new_id(prefix),
            key_id=caller.key_id,
            dialect=dialect,
            kind=request.kind,
            model=model,
            request=request.model_dump(mode="json"),
            created_at=now,
            cost_s=estimate.seconds,
            credits_estimated=estimate.credits,
            volume=plan.volume,
            filler=request.painter,
            parent_id=parent_id,
            relation=relation,
            webhook=webhook,
            idempotency_key=idempotency_key,
            fingerprint=print_,
        )
        try:
            with writing(self.engine) as session:
                row.turn = self.queue.turn_for(session, caller.key_id, estimate.seconds)
                self.limits.reserve(session, caller, row.id, estimate.credits)
                session.add(row)
        except IntegrityError:  # the same key came twice at once, and the other was first
            if idempotency_key is None or not (first := self._first(caller, idempotency_key, print_)):
                raise
            return first
        # The words are dropped by the log's formatter, unless the settings ask for them.
        log.info("job queued", extra={"job": row.id, "key": caller.key_id, "prompt": request.words})
        self.tickets.enqueue(f"ticket-{row.id}")
        return self.get(row.id, caller)

    def get(self, job_id: str, caller: Caller) -> Job:
        """The caller's job (an admin's: anybody's); else ServerError 404."""
        with reading(self.engine) as session:
            return _job(session, _row(session, job_id, caller))

    def list(
        self,
        caller: Caller,
        *,
        kind: str | None = None,
        dialect: str | None = None,
        after: str | None = None,
        limit: int = 20,
        ascending: bool = False,
    ) -> tuple[list[Job], bool]:
        """The caller's jobs by age, and whether there are more; `after` is the id of the last one seen."""
        limit = max(1, min(limit, LONGEST_LIST))
        wanted = select(JobRow).where(JobRow.key_id == caller.key_id, JobRow.deleted_at.is_(None))
        for column, value in ((JobRow.kind, kind), (JobRow.dialect, dialect)):
            wanted = wanted if value is None else wanted.where(column == value)
        age = tuple_(JobRow.created_at, JobRow.id)
        order = (JobRow.created_at, JobRow.id)
        wanted = wanted.order_by(*(order if ascending else (each.desc() for each in order)))
        with reading(self.engine) as session:
            if after is not None:
                last = _row(session, after, caller, even_deleted=True)
                mark = tuple_(literal(last.created_at), literal(last.id))
                wanted = wanted.where(age > mark if ascending else age < mark)
            rows = session.scalars(wanted.limit(limit + 1)).all()
            return [_job(session, row) for row in rows[:limit]], len(rows) > limit

    def cancel(self, job_id: str, caller: Caller) -> Job:
        """Stop a job; one that is over stays as it is."""
        with writing(self.engine) as session:
            row = _row(session, job_id, caller)
            stopped = self._stop(session, row)
        if stopped and row.webhook:
            self.tickets.call_webhook(row.id, "cancelled")
        return self.get(job_id, caller)

    def delete(self, job_id: str, caller: Caller) -> None:
        """Stop a job, and forget what it was asked and all that it made."""
        with writing(self.engine) as session:
            row = _row(session, job_id, caller)
            self._stop(session, row)
            keys = forget_outputs(session, row)
            row.deleted_at = time.time()
            row.idempotency_key = None
            row.request = {"task": "make_video"}  # no prompt is kept
        self._erase(keys, job_id)

    def stored(self, file_id: str, caller: Caller) -> StoredFile:
        """The caller's file (an admin's: anybody's); else ServerError 404."""
        return self.files.get(file_id, _own(caller))

    def open(self, file: StoredFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes of a file from start up to, not including, end."""
        return self.files.open(file, start, end)

    def preview(self, job_id: str, caller: Caller) -> bytes | None:
        """The latest small JPEG of a job that is being painted."""
        with reading(self.engine) as session:
            key = _row(session, job_id, caller).preview_key
        return None if key is None else self.files.store.read(key)

    def _meant(self, request: Request, model: str) -> Request:
        """The request with the filler that its model's name means, unless it names one itself."""
        if request.filler is not None or not request.fills:
            return request
        try:
            filler = self.settings.filler_of(model)
        except KeyError:
            raise bad_request(f"there is no model {model[:80]!r} here", "model", "model_not_found") from None
        return request.model_copy(update={"filler": filler})

    def _first(self, caller: Caller, idempotency_key: str, fingerprint: str) -> Job | None:
        """The job that came first under this key; ServerError 409 if it was another one."""
        with reading(self.engine) as session:
            row = session.scalar(
                select(JobRow).where(
                    JobRow.key_id == caller.key_id, JobRow.idempotency_key == idempotency_key
                )
            )
            if row is None:
                return None
            if row.fingerprint != fingerprint:
                raise conflict(
                    "this idempotency key was used for another request; take a new key for a new request",
                    "idempotency_key_reused",
                )
            return _job(session, row)

    def _check_policy(self, request: Request, stored: Mapping[str, StoredFile]) -> None:
        with ExitStack() as stack:
            pictures = [
                stack.enter_context(self.files.local(file))
                for file in stored.values()
                if self.policies.look_at_pictures
            ]
            self.policies.check(request.words, pictures)

    def _stop(self, session: Session, row: JobRow) -> bool:
        """Cancelled is at once what everybody sees; a worker that paints it sees it too, and stops."""
        changed = session.execute(
            update(JobRow)
            .where(JobRow.id == row.id, JobRow.status.in_(ACTIVE))
            .values(status="cancelled", cancel_requested=True, completed_at=time.time(), credits=0, stage="")
            .returning(JobRow.id)
        ).scalar()
        if changed is not None:
            self.limits.settle(session, row.key_id, row.id, 0, 0.0)
            session.refresh(row)
        return changed is not None

    def _erase(self, keys: Sequence[str], job_id: str) -> None:
        for key in keys:
            self.files.store.delete(key)
        self.files.store.delete_under(f"parts/{job_id}")


def forget_outputs(session: Session, row: JobRow) -> list[str]:
    """Forget the rows of all that a job made; returns the keys to be deleted from the store."""
    files = session.scalars(select(FileRow).where(FileRow.job_id == row.id)).all()
    keys = [file.key for file in files] + ([row.preview_key] if row.preview_key else [])
    for file in files:
        session.delete(file)
    session.execute(delete(PartRow).where(PartRow.job_id == row.id))
    row.outputs, row.preview_key = [], None
    return keys


def _own(caller: Caller) -> str | None:
    """Whose files a caller sees: their own, or with the scope "admin" everybody's."""
    return None if caller.may("admin") else caller.key_id


def _row(session: Session, job_id: str, caller: Caller, even_deleted: bool = False) -> JobRow:
    row = None if "\0" in job_id else session.get(JobRow, job_id)
    if row is None or (row.key_id != caller.key_id and not caller.may("admin")):
        raise not_found(f"job {job_id[:80]}")
    if row.deleted_at is not None and not even_deleted:
        raise not_found(f"job {job_id[:80]}")
    return row


def _job(session: Session, row: JobRow) -> Job:
    """The row as a value."""
    same = {
        each.name: getattr(row, each.name)
        for each in fields(Job)
        if each.name not in ("request", "estimate_s", "place", "outputs")
    }
    return Job(
        **same,
        request=read_request(row.request),
        estimate_s=row.cost_s,
        place=place_in(session, row),
        outputs=tuple(Output(**output) for output in row.outputs),
    )


def _fingerprint(request: Request, dialect: str, model: str, stored: Mapping[str, StoredFile]) -> str:
    """What a request asks for, whatever ids its media got: the same file sent again is the same."""
    text = json.dumps([dialect, model, request.model_dump(mode="json")], sort_keys=True)
    for file in stored.values():
        text = text.replace(file.id, file.sha256)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
