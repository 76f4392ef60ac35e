"""A worker's heartbeat, by which the others know that it lives. Knows no job's meaning."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from vitascope.apps.server.jobs.database import WorkerRow, writing

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.worker import Worker

EVERY_S = 2.0

log = logging.getLogger(__name__)


class Heart:
    """Writes a worker's row every two seconds."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._known = False

    def beat_on(self) -> None:
        """Beat until the worker stops; end it if it was buried, for then others do its work."""
        while not self.worker.stopping.wait(EVERY_S):
            try:
                alive = self.beat()
            except Exception:  # the database is away for a while, say
                log.warning("a heartbeat failed", exc_info=True)
                continue
            if not alive:
                self.worker.end("it was silent, and so was thought dead")

    def beat(self) -> bool:
        """Say that this worker lives; False if others have buried it."""
        worker, now = self.worker, time.time()
        with writing(worker.engine) as session:
            row = session.get(WorkerRow, worker.id)
            if row is None and self._known:
                return False
            if row is None:
                row = WorkerRow(id=worker.id, host=worker.host, pid=os.getpid(), started_at=now, beat_at=now)
                session.add(row)
            row.beat_at, row.job_id = now, worker.job_id
        self._known = True
        return True
