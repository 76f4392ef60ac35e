"""What every worker does now and then for all: take over from the dead, and see that nothing lies about.

Any number of workers do it at once, and none of it harms when it's done twice. Knows no painting.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dbos import DBOS
from sqlalchemy import delete, select, update

from vitascope.apps.server.jobs import tickets
from vitascope.apps.server.jobs.database import FileRow, JobRow, WorkerRow, reading, writing
from vitascope.apps.server.jobs.queue import DEAD_AFTER_S

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.worker import Worker

EVERY_S = 3.0
TIDY_EVERY_S = 600.0
TICKETS_KEPT = timedelta(days=1)  # for those who look into what went wrong
AT_ONCE = 100
BROKEN = ("server_error", "something broke inside while it was made; try again")

log = logging.getLogger(__name__)


class Sweeper:
    """A worker's broom."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.engine = worker.engine
        self._tidied_s = time.monotonic()

    def sweep(self) -> None:
        """All of it."""
        for dead in self._dead():
            log.warning("taking over from a dead worker", extra={"dead": dead})
            # DBOS has no public name for it: outside of its own cloud, telling who is dead is ours to do.
            DBOS._recover_pending_workflows([dead])  # pyright: ignore[reportPrivateUsage]
            with writing(self.engine) as session:
                session.execute(delete(WorkerRow).where(WorkerRow.id == dead))
            shutil.rmtree(self.worker.room.parent / dead, ignore_errors=True)
        if self.worker.idle_s > EVERY_S and self.worker.queue.waiting() and not self.worker.queue.paused():
            # A job waits and a worker has nothing to do: its ticket was never handed out.
            new = f"ticket-{secrets.token_hex(12)}"
            DBOS.enqueue_workflow_with_options(tickets.options(tickets.TURNS, tickets.TAKE_A_TURN, new))
        self._close_abandoned()
        self._expire()
        if time.monotonic() - self._tidied_s > TIDY_EVERY_S:
            self._tidied_s = time.monotonic()
            self._tidy()

    def _dead(self) -> list[str]:
        with reading(self.engine) as session:
            rows = session.scalars(select(WorkerRow).where(WorkerRow.id != self.worker.id)).all()
        silent = time.time() - DEAD_AFTER_S
        return [
            row.id
            for row in rows
            if row.beat_at < silent or (row.host == self.worker.host and not _runs(row.pid))
        ]

    def _close_abandoned(self) -> None:
        """End jobs whose ticket has ended before them: a fault of ours, or too many workers died."""
        held = select(WorkerRow.job_id).where(WorkerRow.job_id.is_not(None))
        with reading(self.engine) as session:
            rows = session.scalars(
                select(JobRow).where(JobRow.status == "in_progress", JobRow.id.not_in(held))
            ).all()
        for row in rows:
            status = DBOS.get_workflow_status(row.ticket or "")
            if status is None:  # somebody threw DBOS's database away: the job begins anew
                again = {"status": "queued", "ticket": None, "worker_id": None}
                with writing(self.engine) as session:
                    mine = JobRow.id == row.id, JobRow.status == "in_progress", JobRow.ticket == row.ticket
                    session.execute(update(JobRow).where(*mine).values(again))
            elif status.status not in ("PENDING", "ENQUEUED", "DELAYED"):
                log.error("a ticket ended before its job", extra={"job": row.id, "ticket": status.status})
                self.worker.settle(row.id, BROKEN)

    def _expire(self) -> None:
        """Forget files that have expired, some at a time."""
        with reading(self.engine) as session:
            wanted = select(FileRow.id).where(FileRow.expires_at < time.time()).limit(AT_ONCE)
            ids = session.scalars(wanted).all()
        for file_id in ids:
            with writing(self.engine) as session:
                row = session.get(FileRow, file_id)
                if row is None:
                    continue
                key = row.key
                session.delete(row)
            self.worker.files.store.delete(key)

    def _tidy(self) -> None:
        """Forget old tickets that have ended."""
        before = (datetime.now(UTC) - TICKETS_KEPT).isoformat()
        ended = DBOS.list_workflows(
            status=["SUCCESS", "ERROR"], end_time=before, limit=AT_ONCE, load_input=False, load_output=False
        )
        if ended:
            DBOS.delete_workflows([each.workflow_id for each in ended])


def _runs(pid: int) -> bool:
    """Whether there is such a process on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not Path(f"/proc/{pid}/stat").exists() or " Z " not in Path(f"/proc/{pid}/stat").read_text()
