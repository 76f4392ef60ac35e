"""How much a key may: requests a minute, credits in all, credits a month; and the ledger of what it used.

All of it is in the database, so that any number of replicas share it. Knows no job's price: whoever submits
says it. Callers on a machine without keys have no limits, but their use is written down too.

A job's credits are *reserved* in the very transaction that queues it, and *settled* in the one that ends it;
between these they count as used. So two replicas can't spend the same credits, and a crash can't lose any.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from sqlalchemy import ColumnElement, Engine, case, func, select, update
from sqlalchemy.orm import Session

from vitascope.apps.server.accounts.keys import LOCAL, Caller
from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs.database import JobRow, KeyRow, UsageRow, reading, writing
from vitascope.apps.server.settings import Settings

RESERVED, SPENT = "reserved", "spent"
_MINUTE_S = 60.0


@dataclass(frozen=True)
class Used:
    """What one key used on one day (UTC) with one model: finished jobs, credits, seconds of painting."""

    key_id: str
    day: date
    model: str
    jobs: int
    credits: int
    seconds: float


@dataclass(frozen=True)
class Standing:
    """What a key has left. None: no end. `used_this_month` counts what is reserved for jobs under way."""

    credits: int | None
    monthly_credits: int | None
    used_this_month: int
    per_minute: int | None


class Limits:
    """Checks and counts. The settings say how many jobs a key may have waiting."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._most_queued = settings.max_queued_per_key

    def check_rate(self, caller: Caller) -> dict[str, str]:
        """Count a request; returns the headers that tell the client. Raises ServerError 429 with Retry-After.

        A bucket of `per_minute` tokens that fills up evenly within a minute, kept as one number: the time at
        which it will be full again (the generic cell rate algorithm, ITU-T I.371). One atomic statement
        checks and takes; without a limit nothing is read or written.
        """
        if caller.per_minute is None:
            return {}
        now, token_s = time.time(), _MINUTE_S / caller.per_minute
        full_at: ColumnElement[float] = case((KeyRow.rate_until > now, KeyRow.rate_until), else_=now)
        # A hair more than a minute, for sums of floats may lie above the whole by rounding.
        allowed = full_at + token_s <= now + _MINUTE_S + 1e-6
        with writing(self._engine) as session:
            taken = session.execute(
                update(KeyRow)
                .where(KeyRow.id == caller.key_id, allowed)
                .values(rate_until=full_at + token_s)
                .returning(KeyRow.rate_until)
                .execution_options(synchronize_session=False)
            ).scalar()
            full_s = _full_s(session, caller.key_id, now) if taken is None else taken - now
        headers = {
            "RateLimit-Limit": str(caller.per_minute),
            "RateLimit-Remaining": str(max(0, math.floor((_MINUTE_S - full_s) / token_s + 1e-6))),
            "RateLimit-Reset": str(math.ceil(full_s)),
        }
        if taken is not None:
            return headers
        wait_s = max(1, math.ceil(full_s + token_s - _MINUTE_S))
        sentence = f"this key may send {caller.per_minute} requests a minute; try again in {wait_s} s"
        raise ServerError(
            429, "rate_limit_exceeded", sentence, headers=headers | {"Retry-After": str(wait_s)}
        )

    def reserve(self, session: Session, caller: Caller, job_id: str, credits: int) -> None:
        """Set credits aside for a job, within the transaction that queues it (`writing`).

        Raises ServerError 402 where too few are left, 429 where too many jobs wait already.
        """
        if caller.key_id != LOCAL:
            # Locks the row on PostgreSQL; on SQLite the whole transaction is alone. A copy that the session
            # has seen before counts for nothing.
            locked = select(KeyRow).where(KeyRow.id == caller.key_id).with_for_update()
            row = session.scalars(locked.execution_options(populate_existing=True)).one()
            self._check_credits(session, row, credits)
            if row.credits is not None:
                row.credits -= credits
        self._check_queue(session, caller)
        session.add(
            UsageRow(
                key_id=caller.key_id,
                job_id=job_id,
                credits=credits,
                seconds=0.0,
                at=time.time(),
                kind=RESERVED,
            )
        )

    def settle(self, session: Session, key_id: str, job_id: str, credits: int, seconds: float) -> int:
        """Write down what a job took (0 for one that failed or was cancelled); the rest is given back.

        Returns what is charged: never more than was reserved, and what it was the first time when it's
        called again. It counts for the day of the reservation, so that no month's limit is passed later.
        """
        entry = session.scalar(
            select(UsageRow).where(UsageRow.job_id == job_id, UsageRow.key_id == key_id).with_for_update()
        )
        if entry is None:
            return 0
        if entry.kind == SPENT:
            return entry.credits
        charged = min(credits, entry.credits)
        back = entry.credits - charged
        if back:
            lacking = update(KeyRow).where(KeyRow.id == key_id, KeyRow.credits.is_not(None))
            session.execute(lacking.values(credits=KeyRow.credits + back))
        entry.kind, entry.credits, entry.seconds = SPENT, charged, seconds
        return charged

    def usage(self, caller: Caller, start: date, end: date) -> list[Used]:
        """What was used from the day `start` up to, not including, `end` (UTC), by key, day and model.

        Callers see their own, an admin everybody's; oldest first.
        """
        wanted = (
            select(UsageRow.key_id, UsageRow.at, UsageRow.credits, UsageRow.seconds, JobRow.model)
            .outerjoin(JobRow, JobRow.id == UsageRow.job_id)
            .where(UsageRow.kind == SPENT, UsageRow.at >= _unix(start), UsageRow.at < _unix(end))
        )
        if not caller.may("admin"):
            wanted = wanted.where(UsageRow.key_id == caller.key_id)
        # Summed up here, for the databases have no way in common to say "day".
        sums: dict[tuple[date, str, str], tuple[int, int, float]] = {}
        with reading(self._engine) as session:
            for key_id, at, credits, seconds, model in session.execute(wanted).yield_per(1000):
                group = datetime.fromtimestamp(at, UTC).date(), key_id, model or ""
                jobs, all_credits, all_seconds = sums.get(group, (0, 0, 0.0))
                sums[group] = jobs + 1, all_credits + credits, all_seconds + seconds
        return [Used(key_id, day, model, *sums[day, key_id, model]) for day, key_id, model in sorted(sums)]

    def standing(self, caller: Caller) -> Standing:
        """What is left for a caller."""
        with reading(self._engine) as session:
            row = session.get(KeyRow, caller.key_id)
            used = _used_this_month(session, caller.key_id)
        if row is None:
            return Standing(None, None, used, None)
        return Standing(row.credits, row.monthly_credits, used, row.per_minute)

    def _check_credits(self, session: Session, row: KeyRow, credits: int) -> None:
        if row.credits is not None and row.credits < credits:
            raise ServerError(
                402,
                "insufficient_credits",
                f"this would take {credits} credits, and the key has {row.credits} left; ask for a smaller "
                "size or fewer seconds, or whoever runs this server for more",
            )
        if row.monthly_credits is None:
            return
        left = max(0, row.monthly_credits - _used_this_month(session, row.id))
        if left < credits:
            raise ServerError(
                402,
                "monthly_limit_reached",
                f"this would take {credits} credits, and of the key's {row.monthly_credits} a month {left} "
                "are left; the next month begins on the 1st (UTC)",
            )

    def _check_queue(self, session: Session, caller: Caller) -> None:
        waiting = session.scalar(
            select(func.count()).where(JobRow.key_id == caller.key_id, JobRow.status == "queued")
        )
        if (waiting or 0) >= self._most_queued:
            raise ServerError(
                429,
                "queue_full",
                f"{waiting} jobs of this key wait, the most there may be; let some finish, or cancel them",
                headers={"Retry-After": "60"},
            )


def _full_s(session: Session, key_id: str, now: float) -> float:
    """In how many seconds a key's bucket will be full."""
    until = session.scalar(select(KeyRow.rate_until).where(KeyRow.id == key_id))
    return max(0.0, (until or now) - now)


def _used_this_month(session: Session, key_id: str) -> int:
    start = _unix(datetime.now(UTC).date().replace(day=1))
    used = select(func.sum(UsageRow.credits)).where(UsageRow.key_id == key_id, UsageRow.at >= start)
    return int(session.scalar(used) or 0)


def _unix(day: date) -> float:
    return datetime.combine(day, clock_time(), UTC).timestamp()


def this_month() -> tuple[date, date]:
    """The first day of this month and of the next one (UTC)."""
    first = datetime.now(UTC).date().replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)
