"""The audit log: who did what, to what, from where, and when. Knows no prompt: those never get in here."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.jobs.database import AuditRow, reading, writing


@dataclass(frozen=True)
class Entry:
    """One line. `at` is in unix seconds; an action is a short word: "key.revoke", "job.delete", "refused"."""

    at: float
    key_id: str
    action: str
    target: str
    address: str
    note: str


class Audit:
    """Lines are added and read, never changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(
        self, caller: Caller, action: str, target: str = "", note: str = "", session: Session | None = None
    ) -> None:
        """Add a line; with a session it is part of that transaction, and stands only if that does."""
        row = AuditRow(
            at=time.time(),
            key_id=caller.key_id,
            action=action,
            target=target,
            address=caller.address,
            note=note,
        )
        if session is not None:
            session.add(row)
            return
        with writing(self._engine) as own:
            own.add(row)

    def entries(self, *, key_id: str | None = None, limit: int = 100) -> list[Entry]:
        """The latest lines, the newest first; of one key, or of all."""
        wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if key_id is not None:
            wanted = wanted.where(AuditRow.key_id == key_id)
        with reading(self._engine) as session:
            return [
                Entry(row.at, row.key_id, row.action, row.target, row.address, row.note)
                for row in session.scalars(wanted)
            ]
