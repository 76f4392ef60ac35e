"""A worker: takes turns, has jobs painted part by part, and takes over from workers that died.

Every step can be done again and changes nothing then: a part that is in the table `parts` isn't painted
again, results have ids that follow from their job, and a job's last word is written only while it is in
progress. So a kill -9 at any moment loses nothing and doubles nothing. Knows no dialect.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from sqlalchemy import Engine, delete, select, update

from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs import rendering, tickets
from vitascope.apps.server.jobs.beating import Heart
from vitascope.apps.server.jobs.canvases import Given
from vitascope.apps.server.jobs.database import (
    JobRow,
    PartRow,
    WorkerRow,
    create_all,
    make_engine,
    reading,
    writing,
)
from vitascope.apps.server.jobs.jobs import forget_outputs
from vitascope.apps.server.jobs.painter import Died, Painter
from vitascope.apps.server.jobs.painting import TAIL, Failure, Made, Order
from vitascope.apps.server.jobs.progress import Report
from vitascope.apps.server.jobs.queue import Queue, finish
from vitascope.apps.server.jobs.requests import read_request
from vitascope.apps.server.jobs.results import new_file, output_of
from vitascope.apps.server.jobs.storage import Files, Store
from vitascope.apps.server.jobs.sweeping import EVERY_S, Sweeper

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vitascope.apps.server.settings import Settings

WAIT_S = 0.3  # between two looks at a paused queue
MOST_DEATHS = 2  # of the painting process under one job; the first may be chance
MOST_TAKEOVERS = 50  # of a ticket whose workers die, before its job is given up
WEBHOOK_TRIES = 8  # the waits between them double from 2 s: four minutes in all

Wrong = tuple[str, str] | None
"""What a step came to: None, or a code and a sentence."""

CANCELLED = ("cancelled", "it was cancelled")

log = logging.getLogger(__name__)


class Worker:
    """One worker process."""

    def __init__(self, settings: Settings) -> None:
        from vitascope.apps.server.accounts.limits import Limits

        self.settings = settings
        self.host = socket.gethostname()
        self.id = f"{self.host}-{os.getpid()}-{secrets.token_hex(4)}"
        settings.make_folder()
        self.engine: Engine = make_engine(settings.database_url)
        create_all(self.engine)
        self.files = Files(self.engine, Store(settings.store_url))
        self.queue = Queue(self.engine, self.files, settings)
        self.limits = Limits(self.engine, settings)
        self.painter = Painter(settings)
        self.room = settings.folder / "work" / self.id
        self.stopping = threading.Event()
        self.job_id: str | None = None
        self._idle_since_s = time.monotonic()
        self._took_s = 0.0

    def run(self) -> None:
        """Work until `stopping` is set. What is unfinished then is taken over by the next worker."""
        from dbos import DBOS

        self.room.mkdir(parents=True, exist_ok=True, mode=0o700)
        tickets.migrate(self.settings)
        DBOS(config=tickets.config(self.settings, self.id))
        self._register()
        heart = Heart(self)
        heart.beat()
        self.painter.start()
        DBOS.launch()
        for queue, at_once in tickets.QUEUES.items():
            DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=tickets.POLL_S)
        threading.Thread(target=heart.beat_on, daemon=True).start()
        log.info("worker started", extra={"worker": self.id})
        sweeper = Sweeper(self)
        while not self.stopping.is_set():
            try:
                sweeper.sweep()
            except Exception:  # the database is away for a while, say; the next sweep may find it again
                log.warning("a sweep failed", exc_info=True)
            self.stopping.wait(EVERY_S)
        self._leave()

    # The ticket

    def _register(self) -> None:
        from dbos import DBOS

        worker = self

        @DBOS.workflow(name=tickets.TAKE_A_TURN, max_recovery_attempts=MOST_TAKEOVERS)
        def take_a_turn() -> None:  # pyright: ignore[reportUnusedFunction]
            worker._take_a_turn()

        @DBOS.workflow(name=tickets.CALL_WEBHOOK, max_recovery_attempts=MOST_TAKEOVERS)
        def call_webhook(job_id: str) -> None:  # pyright: ignore[reportUnusedFunction]
            for attempt in range(WEBHOOK_TRIES):
                if DBOS.run_step({"name": f"call {attempt}"}, worker.call_webhook, job_id):
                    return
                DBOS.sleep(2.0 * 2**attempt)

    def _take_a_turn(self) -> None:
        from dbos import DBOS

        ticket = DBOS.workflow_id or ""
        job_id: str | None = self._step("claim", self.claim, ticket)
        if job_id is None:
            return
        try:
            self._hold(job_id)
            parts = self._step("look", self.parts_of, job_id)
            wrong: Wrong = None
            for number in range(parts):
                wrong = wrong or self._step(f"paint {number}", self.paint, job_id, number)
            wrong = wrong or self._step("put together", self.put_together, job_id)
            status = self._step("settle", self.settle, job_id, wrong)
            if status:
                ticket = f"webhook-{job_id}-{status}"
                options = tickets.options(tickets.WEBHOOKS, tickets.CALL_WEBHOOK, ticket)
                DBOS.enqueue_workflow_with_options(options, job_id)
        finally:
            self._end_of_turn()

    def _step(self, name: str, do: Callable[..., Any], *arguments: object) -> Any:
        """One durable step; what goes wrong in it while this worker is being stopped is no result of it."""
        from dbos import DBOS

        def done() -> Any:
            try:
                return do(*arguments)
            except Exception:
                self._check_alive()
                raise

        return DBOS.run_step({"name": name}, done)

    # Its steps

    def claim(self, ticket: str) -> str | None:
        """The job of this ticket; waits while the queue is paused."""
        while True:
            self._check_alive()
            if (job_id := self.queue.claim(ticket, self.id)) is not None:
                return job_id
            if not self.queue.paused():
                return None
            time.sleep(WAIT_S)

    def parts_of(self, job_id: str) -> int:
        """How many parts the job is painted in."""
        with reading(self.engine) as session:
            row = session.get_one(JobRow, job_id)
        try:
            return self.queue.plan(read_request(row.request)).parts
        except ServerError:  # an input is gone, say; painting it will find the words
            return 1

    def paint(self, job_id: str, number: int) -> Wrong:
        """Paint one part into the store, unless it's there."""
        with reading(self.engine) as session:
            if session.get(PartRow, (job_id, number)) is not None:
                return None
        answer = self._do(job_id, number)
        if not isinstance(answer, list):
            return answer
        key = f"parts/{job_id}/{number}"
        folder = self._folder(job_id)
        for made in answer:
            self.files.store.put(f"{key}/{made.name}", folder / made.name)
        with writing(self.engine) as session:
            if not self._mine(session, job_id):
                return CANCELLED
            names = [made.name for made in answer]
            session.merge(PartRow(job_id=job_id, number=number, file_key=key, files=names))
            job = session.get_one(JobRow, job_id)
            job.attempts = 0
            job.seconds_taken = (job.seconds_taken or 0.0) + self._took_s
        return None

    def put_together(self, job_id: str) -> Wrong:
        """Make the results of all parts, and keep them. Their ids follow from the job's."""
        answer = self._do(job_id, None)
        if not isinstance(answer, list):
            return answer
        with reading(self.engine) as session:
            key_id = session.get_one(JobRow, job_id).key_id
        expires_at = time.time() + self.settings.keep_hours * 3600
        rows = [
            self.files.place(
                self._folder(job_id) / made.name, new_file(made, number, job_id, key_id, expires_at)
            )
            for number, made in enumerate(answer)
        ]
        with writing(self.engine) as session:
            if not self._mine(session, job_id):
                return CANCELLED
            for row in rows:
                session.merge(row)
            job = session.get_one(JobRow, job_id)
            if all(made.variant == "data" for made in answer):
                job.kind = "data"  # some tools find or make, and only their work shows which
            job.outputs = [output_of(made, row) for made, row in zip(answer, rows, strict=True)]
            job.expires_at = expires_at
            job.seconds_taken = (job.seconds_taken or 0.0) + self._took_s
        return None

    def settle(self, job_id: str, wrong: Wrong) -> str | None:
        """Write a job's last word, and what it cost; its status, or None if it was cancelled before."""
        now = time.time()
        status = "completed" if wrong is None else "failed"
        with writing(self.engine) as session:
            row = session.get_one(JobRow, job_id)
            seconds = row.seconds_taken or 0.0
            keys = [f"previews/{job_id}.jpg"] if row.preview_key else []
            values: dict[str, Any] = {"status": status, "completed_at": now, "stage": "", "preview_key": None}
            if wrong is None:
                values |= {"progress": 100}
            else:
                values |= {"error_code": wrong[0], "error_message": wrong[1]}
            if finish(session, job_id, **values):
                credits = row.credits_estimated if wrong is None else 0
                row.credits = self.limits.settle(session, row.key_id, job_id, credits, seconds)
            else:
                session.refresh(row)
                status = row.status  # this ticket's own last word from before a crash, or a cancellation
            if status != "completed":
                keys += forget_outputs(session, row)
            session.execute(delete(PartRow).where(PartRow.job_id == job_id))
        for key in keys:
            self.files.store.delete(key)
        self.files.store.delete_under(f"parts/{job_id}")
        rendering.forget(self.settings, job_id)
        return status if status in ("completed", "failed") and row.webhook else None

    def call_webhook(self, job_id: str) -> bool:
        """Tell the job's webhook how it ended; False to try again later."""
        from vitascope.apps.server.webhooks import NotDelivered, deliver

        with reading(self.engine) as session:
            row = session.get(JobRow, job_id)
        if row is None or row.webhook is None:
            return True
        try:
            deliver(self.settings, cast("Any", row))
        except NotDelivered:
            return False
        return True

    # How they do it

    def _do(self, job_id: str, number: int | None) -> list[Made] | Wrong:
        """Have the painting process do a part (None: put all parts together)."""
        self.job_id = job_id
        with reading(self.engine) as session:
            row = session.get_one(JobRow, job_id)
            parts = session.scalars(
                select(PartRow).where(PartRow.job_id == job_id).order_by(PartRow.number)
            ).all()
        if row.status != "in_progress":
            return CANCELLED
        folder = self._folder(job_id)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            order = self._order(row, number, list(parts), folder)
        except ServerError as error:
            return error.code, error.message
        report = Report(self.files, row, number, order.parts)
        within_s = self.settings.job_minutes * 60 - (row.seconds_taken or 0.0)
        began_s = time.monotonic()
        try:
            answer = self.painter.do(order, report.tell, self._cancelled(job_id), max(1.0, within_s))
        except Died as error:
            return self._after_death(job_id, number, str(error))
        self._took_s = time.monotonic() - began_s
        self._check_alive()
        if isinstance(answer, Failure):
            if answer.fault:
                log.error("painting failed: %s", answer.fault, extra={"job": job_id})
            return answer.code, answer.message
        return answer

    def _order(self, row: JobRow, number: int | None, parts: list[PartRow], folder: Path) -> Order:
        """What the painting process needs, with all media on this machine. ServerError if they are gone."""
        request = read_request(row.request)
        given = {file_id: self._given(file_id, folder, n) for n, file_id in enumerate(request.inputs())}
        painted: list[tuple[Path, ...]] = []
        tail: Path | None = None
        for part in parts:
            wanted = part.files if number is None else [TAIL] if part.number + 1 == number else []
            paths = tuple(
                self._fetched(f"{part.file_key}/{name}", folder / f"part-{part.number}" / name)
                for name in wanted
                if name in part.files
            )
            painted.append(paths)
            if number is not None and paths:
                tail = paths[0]
        plan = self.queue.plan(request)
        return Order(
            job_id=row.id,
            request=request,
            number=number,
            parts=plan.parts,
            folder=folder,
            given=given,
            tail=tail,
            painted=tuple(painted) if number is None else (),
            relation=row.relation,
        )

    def _given(self, file_id: str, folder: Path, number: int) -> Given:
        file = self.files.get(file_id, None)
        path = self.files.store.local_path(file.key)
        if path is None:
            path = self._fetched(file.key, folder / f"given-{number}{file.suffix}")
        return Given(path, file.media_type, file.name)

    def _fetched(self, key: str, target: Path) -> Path:
        local = self.files.store.local_path(key)
        if local is not None:
            return local
        target.parent.mkdir(parents=True, exist_ok=True)
        self.files.store.fetch(key, target)
        os.utime(target, (0, 0))  # the same bytes are the same file, whenever they were fetched
        return target

    def _after_death(self, job_id: str, number: int | None, cause: str) -> list[Made] | Wrong:
        """Try once more, for the first death may be chance; then the job fails, alone."""
        self._check_alive()
        with writing(self.engine) as session:
            row = session.get_one(JobRow, job_id)
            row.attempts += 1
            attempts = row.attempts
        log.warning("the painting process died: %s", cause, extra={"job": job_id})
        if attempts < MOST_DEATHS:
            return self._do(job_id, number)
        said = f"the process that painted it died twice ({cause}); a smaller size or fewer seconds may help"
        return ("crashed", said)

    def _cancelled(self, job_id: str) -> Any:
        def cancelled() -> bool:
            if self.stopping.is_set():
                return True
            with reading(self.engine) as session:
                status = session.scalar(select(JobRow.status).where(JobRow.id == job_id))
            return status != "in_progress"

        return cancelled

    def _hold(self, job_id: str) -> None:
        """Say that the job is this worker's now. Not a step: who takes a ticket over takes its job over."""
        self.job_id = job_id
        with writing(self.engine) as session:
            session.execute(update(JobRow).where(JobRow.id == job_id).values(worker_id=self.id))

    def _mine(self, session: Session, job_id: str) -> bool:
        """Whether the job is still to be made, by this worker; it stays so until the session ends."""
        row = session.scalars(select(JobRow).where(JobRow.id == job_id).with_for_update()).one()
        if row.status == "in_progress" and row.worker_id != self.id:
            self.end("its job was given to another worker")
        return row.status == "in_progress"

    def end(self, why: str) -> NoReturn:
        """End this process at once: somebody else does its work by now."""
        log.error("this worker ends: %s", why)
        self.stopping.set()
        self.painter.kill()
        os._exit(1)

    def _folder(self, job_id: str) -> Path:
        return self.room / job_id

    def _end_of_turn(self) -> None:
        if self.job_id is not None:
            shutil.rmtree(self._folder(self.job_id), ignore_errors=True)
        self.job_id = None
        self._idle_since_s = time.monotonic()

    def _check_alive(self) -> None:
        """Never let DBOS remember a step that was cut short because this worker is to stop."""
        if self.stopping.is_set():
            time.sleep(3600)  # run() ends the process meanwhile

    # Living and dying

    @property
    def idle_s(self) -> float:
        """For how long it has had nothing to do."""
        return 0.0 if self.job_id is not None else time.monotonic() - self._idle_since_s

    def _leave(self) -> None:
        """Stop painting, and let others take over at once. The ticket stays unfinished."""
        self.painter.kill()
        with writing(self.engine) as session:
            session.execute(update(WorkerRow).where(WorkerRow.id == self.id).values(beat_at=0.0))
        shutil.rmtree(self.room, ignore_errors=True)
        os._exit(0)
