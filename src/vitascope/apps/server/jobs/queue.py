"""Whose turn it is: fair shares, pause, reorder, and how long it will take. Plain SQL over the table `jobs`.

Start-time fair queueing: a job's turn is max(V, the last turn of its key) + cost / weight, where V is the
turn of the job claimed last; the smallest turn is next. So of two keys each gets its share, however many
jobs one of them queues. Knows nothing of how a job is done.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Engine, Float, cast, func, select, update
from sqlalchemy.orm import Session

from vitascope.apps.server.errors import conflict, not_found
from vitascope.apps.server.jobs.database import FlagRow, JobRow, KeyRow, WorkerRow, reading, writing
from vitascope.apps.server.jobs.sizing import Plan, first_guess_s, plan_of

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.jobs import Job
    from vitascope.apps.server.jobs.requests import Request
    from vitascope.apps.server.jobs.storage import Files
    from vitascope.apps.server.settings import Settings

LEAST_S = 0.5  # even the smallest job has to be started and written
LATELY = 50  # jobs from whose time the next one's is estimated
DEAD_AFTER_S = 15.0  # a worker that hasn't been heard of for so long


@dataclass(frozen=True)
class Estimate:
    """What a request will take: seconds of painting, and credits (one is a second of 720p at 16 fps)."""

    seconds: float
    credits: int


class Queue:
    """The queue of all jobs, for any number of processes."""

    def __init__(self, engine: Engine, files: Files, settings: Settings) -> None:
        self.engine = engine
        self.files = files
        self.settings = settings

    # For people

    def pause(self) -> None:
        """Let nobody begin; what is being painted goes on."""
        with writing(self.engine) as session:
            session.merge(FlagRow(name="paused", value="1"))

    def resume(self) -> None:
        """Go on."""
        with writing(self.engine) as session:
            session.merge(FlagRow(name="paused", value=""))

    def paused(self) -> bool:
        """Whether nobody may begin."""
        with reading(self.engine) as session:
            return _flag(session, "paused") == "1"

    def move(self, job_id: str, *, to_front: bool = False, before: str | None = None) -> None:
        """Give a queued job the first turn, or the one before another queued job. ServerError 404 or 409."""
        with writing(self.engine) as session:
            job = _queued(session, job_id)
            if before is None or to_front:
                first = session.scalar(select(func.min(JobRow.turn)).where(JobRow.status == "queued"))
                job.turn = (first or 0.0) - 1.0
                return
            other = _queued(session, before)
            earlier = session.scalar(
                select(func.max(JobRow.turn)).where(
                    JobRow.status == "queued", JobRow.turn < other.turn, JobRow.id != job_id
                )
            )
            job.turn = other.turn - 1.0 if earlier is None else (earlier + other.turn) / 2

    def place_of(self, job_id: str) -> int | None:
        """1 is next; None for a job that isn't queued."""
        with reading(self.engine) as session:
            row = session.get(JobRow, job_id)
            return None if row is None else place_in(session, row)

    def estimate(self, request: Request) -> Estimate:
        """What a request will take, from what such requests took. ServerError for one that can't be made."""
        return self.estimate_of(self.plan(request), request.painter)

    def waiting_s(self, job: Job) -> float:
        """How long until a queued job begins: all that comes before it, shared by the workers there are."""
        if job.status != "queued":
            return 0.0
        with reading(self.engine) as session:
            row = session.get(JobRow, job.id)
            if row is None:
                return 0.0
            ahead = session.scalar(select(func.sum(JobRow.cost_s)).where(_before(row)))
            left = session.scalar(
                select(func.sum(JobRow.cost_s * (100 - JobRow.progress) / 100)).where(
                    JobRow.status == "in_progress"
                )
            )
            alive = session.scalar(select(func.count()).where(WorkerRow.beat_at > time.time() - DEAD_AFTER_S))
        return (float(ahead or 0) + float(left or 0)) / max(1, alive or 0)

    # For jobs and workers

    def plan(self, request: Request) -> Plan:
        """How much is to be painted."""
        stored = {file_id: self.files.get(file_id, None) for file_id in request.inputs()}
        return plan_of(request, stored, self.settings)

    def estimate_of(self, plan: Plan, painter: str) -> Estimate:
        """What so much will take with that filler or tool."""
        with reading(self.engine) as session:
            lately = (
                select(JobRow.seconds_taken, JobRow.volume)
                .where(JobRow.filler == painter, JobRow.completed_at.is_not(None))
                .where(JobRow.status == "completed", JobRow.volume > 0)
                .order_by(JobRow.completed_at.desc())
                .limit(LATELY)
                .subquery()
            )
            found = session.execute(select(func.sum(lately.c.seconds_taken), func.sum(lately.c.volume))).one()
        pace_s = float(found[0]) / float(found[1]) if found[0] and found[1] else first_guess_s(painter)
        return Estimate(round(max(LEAST_S, pace_s * plan.volume), 2), plan.credits)

    def turn_for(self, session: Session, key_id: str, cost_s: float) -> float:
        """The turn of a key's next job, within the transaction that adds it."""
        weight = session.scalar(select(KeyRow.weight).where(KeyRow.id == key_id)) or 1.0
        last = session.scalar(
            select(func.max(JobRow.turn)).where(JobRow.key_id == key_id, JobRow.status == "queued")
        )
        now = float(_flag(session, "turn") or 0)
        return max(now, last if last is not None else -math.inf) + cost_s / weight

    def claim(self, ticket: str, worker_id: str) -> str | None:
        """The id of the fairest queued job, now this ticket's; None if there is none, or all is paused.

        Asked again with the same ticket it gives the same job.
        """
        with writing(self.engine) as session:
            held = session.scalar(select(JobRow).where(JobRow.ticket == ticket))
            if held is not None:
                held.worker_id = worker_id
                return held.id
            if _flag(session, "paused") == "1":
                return None
            job = session.scalar(
                select(JobRow)
                .where(JobRow.status == "queued", JobRow.deleted_at.is_(None))
                .order_by(JobRow.turn, JobRow.created_at, JobRow.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if job is None:
                return None
            job.status, job.ticket, job.worker_id = "in_progress", ticket, worker_id
            job.started_at = time.time()
            earlier = cast(FlagRow.value, Float) < job.turn  # asked in the statement: claims may cross
            session.execute(
                update(FlagRow).where(FlagRow.name == "turn", earlier).values(value=repr(job.turn))
            )
            return job.id

    def waiting(self) -> int:
        """How many jobs are queued."""
        with reading(self.engine) as session:
            return session.scalar(select(func.count()).where(JobRow.status == "queued")) or 0


def place_in(session: Session, row: JobRow) -> int | None:
    """The place of a row in the queue, from 1."""
    if row.status != "queued":
        return None
    return 1 + (session.scalar(select(func.count()).where(_before(row))) or 0)


def finish(session: Session, job_id: str, **values: object) -> bool:
    """Write the last values of a job that is in progress; False if it isn't any more (cancelled, say)."""
    wanted = update(JobRow).where(JobRow.id == job_id, JobRow.status == "in_progress")
    return session.execute(wanted.values(**values).returning(JobRow.id)).scalar() is not None


def _before(row: JobRow) -> ColumnElement[bool]:
    return (JobRow.status == "queued") & (
        (JobRow.turn < row.turn) | ((JobRow.turn == row.turn) & (JobRow.created_at < row.created_at))
    )


def _flag(session: Session, name: str) -> str | None:
    return session.scalar(select(FlagRow.value).where(FlagRow.name == name))


def _queued(session: Session, job_id: str) -> JobRow:
    row = session.get(JobRow, job_id) if "\0" not in job_id else None
    if row is None or row.deleted_at is not None:
        raise not_found(f"job {job_id[:80]}")
    if row.status != "queued":
        raise conflict(f"job {job_id} is {row.status}, so it has no place in the queue any more")
    return row
