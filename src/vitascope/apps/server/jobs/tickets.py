"""Tickets: durable workflows, one for each job, that let a worker take a turn. Knows no job's meaning.

DBOS keeps them in a database: whichever worker is free takes one, exactly one worker each, and what a worker
had done when it died is remembered. Which job a turn goes to is decided when it is taken (queue.py).
"""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import make_url

if TYPE_CHECKING:
    from dbos import DBOSClient, DBOSConfig, EnqueueOptions

    from vitascope.apps.server.settings import Settings

TURNS, WEBHOOKS = "turns", "webhooks"
TAKE_A_TURN, CALL_WEBHOOK = "take_a_turn", "call_webhook"
APP = "vitascope"
# The order of a ticket's steps, not Vitascope's version: after an upgrade the old tickets go on.
VERSION = "tickets-1"
POLL_S = 0.25


class Tickets:
    """For those who only hand tickets out: the API."""

    def __init__(self, settings: Settings) -> None:
        from dbos import DBOSClient

        migrate(settings)
        self._client: DBOSClient = DBOSClient(system_database_url=settings.steps_url, application_name=APP)
        for queue, at_once in QUEUES.items():
            self._client.register_queue(
                queue, worker_concurrency=at_once, polling_interval_sec=POLL_S, application_name=APP
            )

    def enqueue(self, ticket: str) -> None:
        """Let a worker take a turn; the same ticket twice is one. If this fails, a worker that has nothing to
        do sees the job all the same.
        """
        self._put(TURNS, TAKE_A_TURN, ticket)

    def call_webhook(self, job_id: str, status: str) -> None:
        """Let a worker tell a job's webhook how it ended."""
        self._put(WEBHOOKS, CALL_WEBHOOK, f"webhook-{job_id}-{status}", job_id)

    def check(self) -> None:
        """Raise if the database can't be reached."""
        self._client.check_connection()

    def close(self) -> None:
        """Let go of the database."""
        self._client.destroy()

    def _put(self, queue: str, workflow: str, ticket: str, *arguments: str) -> None:
        try:
            self._client.enqueue(options(queue, workflow, ticket), *arguments)
        except Exception:  # the job is in its table, and that is what counts
            logging.getLogger(__name__).warning("no ticket could be handed out", exc_info=True)


QUEUES = {TURNS: 1, WEBHOOKS: 16}  # how many tickets of each a worker has at once


def options(queue: str, workflow: str, ticket: str) -> EnqueueOptions:
    """How a ticket is handed out."""
    return {
        "queue_name": queue,
        "workflow_name": workflow,
        "workflow_id": ticket,
        "app_version": VERSION,
    }


def config(settings: Settings, worker_id: str) -> DBOSConfig:
    """How a worker runs tickets."""
    return {
        "name": APP,
        "system_database_url": settings.steps_url,
        "application_version": VERSION,
        "executor_id": worker_id,
        "log_level": "WARNING",
        "enable_otlp": False,
        "notification_listener_polling_interval_sec": 1.0,
    }


def migrate(settings: Settings) -> None:
    """Make the tables of DBOS, or bring them up to date."""
    from dbos import DBOS

    logging.getLogger("dbos").setLevel(logging.WARNING)
    url = make_url(settings.steps_url)
    if url.get_backend_name() == "sqlite" and url.database:
        # The mode stays with the file: so readers don't wait for writers.
        connection = sqlite3.connect(url.database, timeout=60)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    DBOS.migrate(settings.steps_url)
