"""The tables, and how to reach them on SQLite and on PostgreSQL. Knows no rules: what rows mean is elsewhere.

with writing(engine) as session: ...   # one transaction, committed at the end
with reading(engine) as session: ...   # sees one moment, blocks nobody
"""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Engine,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

FLAGS = {"turn": "0", "paused": ""}
SCHEMA_LOCK = 7_236_411  # any number that is ours: PostgreSQL's advisory lock while tables are made


class Table(DeclarativeBase):
    """What every table here is."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it off the class
        dict[str, Any]: JSON,
        list[Any]: JSON,
        int: BigInteger().with_variant(Integer, "sqlite"),
        str: Text,
    }


class JobRow(Table):
    """What is to be made, and how far it is. The queue of record."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str]
    dialect: Mapped[str]
    kind: Mapped[str]
    """video, image or data"""
    model: Mapped[str]
    request: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="queued")
    """queued, in_progress, completed, failed or cancelled"""
    progress: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str] = mapped_column(default="")
    preview_key: Mapped[str | None]
    created_at: Mapped[float]
    started_at: Mapped[float | None]
    completed_at: Mapped[float | None]
    expires_at: Mapped[float | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    turn: Mapped[float] = mapped_column(default=0.0)
    cost_s: Mapped[float] = mapped_column(default=0.0)
    seconds_taken: Mapped[float | None]
    credits_estimated: Mapped[int] = mapped_column(default=0)
    credits: Mapped[int | None]
    ticket: Mapped[str | None] = mapped_column(unique=True)
    """The workflow that makes this job."""
    worker_id: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    parent_id: Mapped[str | None]
    relation: Mapped[str | None]
    outputs: Mapped[list[Any]] = mapped_column(default=list)
    webhook: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    fingerprint: Mapped[str] = mapped_column(default="")
    """What an idempotency key stands for: a digest of the request and of its media."""
    volume: Mapped[float] = mapped_column(default=0.0)
    """Megapixels to be painted, which time and cost are estimated from."""
    filler: Mapped[str] = mapped_column(default="")
    deleted_at: Mapped[float | None]
    __table_args__ = (
        UniqueConstraint("key_id", "idempotency_key"),
        Index("jobs_in_turn", "status", "turn"),
        Index("jobs_of_key", "key_id", "created_at", "id"),
        Index("jobs_taken", "filler", "completed_at"),
    )


class PartRow(Table):
    """A finished shot of a job: files under one key in the store, never painted again."""

    __tablename__ = "parts"
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    file_key: Mapped[str]
    files: Mapped[list[Any]]
    """Their names under file_key."""


class FileRow(Table):
    """A stored file. `id` is what clients say, `key` where it is in the store."""

    __tablename__ = "files"
    id: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(index=True)
    purpose: Mapped[str]
    """input, output, upload or character"""
    media_type: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    bytes: Mapped[int]
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    duration_s: Mapped[float | None]
    frames: Mapped[int | None]
    rate_fps: Mapped[str | None]
    """A fraction as text, "30000/1001"."""
    key: Mapped[str]
    sha256: Mapped[str] = mapped_column(default="")
    created_at: Mapped[float]
    expires_at: Mapped[float | None] = mapped_column(index=True)
    job_id: Mapped[str | None] = mapped_column(index=True)


class KeyRow(Table):
    """An API key: only its hash is kept."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    scopes: Mapped[list[Any]]
    created_at: Mapped[float]
    revoked_at: Mapped[float | None]
    credits: Mapped[int | None]
    """What is left; None: no end."""
    monthly_credits: Mapped[int | None]
    per_minute: Mapped[int | None]
    rate_until: Mapped[float] = mapped_column(default=0.0)
    """The rate limit's clock: how far into the future the requests so far reach (accounts/limits.py)."""
    weight: Mapped[float] = mapped_column(default=1.0)


class UsageRow(Table):
    """What a key has used."""

    __tablename__ = "usage"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key_id: Mapped[str]
    job_id: Mapped[str | None] = mapped_column(index=True)
    credits: Mapped[int]
    seconds: Mapped[float]
    at: Mapped[float]
    kind: Mapped[str]
    __table_args__ = (Index("usage_of_key", "key_id", "at"),)


class CharacterRow(Table):
    """Somebody who keeps their looks from video to video."""

    __tablename__ = "characters"
    id: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    file_id: Mapped[str]
    created_at: Mapped[float]


class WorkerRow(Table):
    """A worker that lives, or was alive at beat_at."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[float]
    beat_at: Mapped[float]
    job_id: Mapped[str | None]


class FlagRow(Table):
    """One value for the whole cluster, such as whether the queue is paused."""

    __tablename__ = "flags"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class AuditRow(Table):
    """Who did what."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[float] = mapped_column(index=True)
    key_id: Mapped[str]
    action: Mapped[str]
    target: Mapped[str]
    address: Mapped[str]
    note: Mapped[str] = mapped_column(default="")


def make_engine(url: str) -> Engine:
    """An engine for SQLite (write-ahead log, waits for its turn to write) or PostgreSQL."""
    # hide_parameters: the text of an error goes into the log, and parameters hold prompts.
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": 60}, pool_size=10, max_overflow=20
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def create_all(engine: Engine) -> None:
    """Make the tables that aren't there; several processes may do it at once."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})")
        Table.metadata.create_all(connection)
        there = set(connection.scalars(select(FlagRow.name)))
        # Made here, by one process at a time: two that set a flag for the first time at once would collide.
        for name, value in FLAGS.items():
            if name not in there:
                connection.execute(insert(FlagRow).values(name=name, value=value))


@contextmanager
def writing(engine: Engine) -> Generator[Session]:
    """A transaction that may write: committed when the block ends well, else rolled back."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Generator[Session]:
    """A session that only reads: on SQLite it neither waits for a writer nor keeps one waiting."""
    with Session(engine.execution_options(vitascope_reads=True), expire_on_commit=False) as session:
        yield session


def new_id(prefix: str) -> str:
    """An id that nobody guesses: video_5f2c..."""
    return f"{prefix}_{secrets.token_hex(12)}"


def _set_up_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # so that BEGIN is ours, below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    # IMMEDIATE, for a transaction that reads first and writes later would fail at once when another wrote.
    reads = connection.get_execution_options().get("vitascope_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
