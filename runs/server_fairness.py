"""A thousand queued jobs of twenty keys, half of them of one key: how long does each key wait?

    python runs/server_fairness.py [--jobs 1000] [--workers 2] [--json FILE]

Time is counted in turns: how many jobs began while one waited. All of the large key's jobs are queued before
the others' first one. Twice somebody comes later with a single job: while all keys wait, and again while only
the large key does. Small pictures, painted by the filler "toy", unsigned and without watermark.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from served import Served, conclude, served, until
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vitascope.apps.server.accounts.keys import SCOPES, USUAL_SCOPES, Accounts
from vitascope.apps.server.jobs.database import JobRow, KeyRow, make_engine, reading
from vitascope.apps.server.settings import load_settings

KEYS = 20
LARGE = "large"
PICTURE = {"words": [{"text": "a fox"}], "frames": 1, "width_px": 64, "height_px": 64}
FEW = 3  # turns beyond what is fair: jobs that had begun already, and the worker that took the next one


@dataclass(frozen=True)
class Begun:
    """A job that has begun: whose, and when it was queued and begun (unix seconds)."""

    key: str
    created_at: float
    started_at: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    large = options.jobs // 2
    counts = {f"key {n:02}": (options.jobs - large) // (KEYS - 1) for n in range(1, KEYS)}
    counts["key 01"] += options.jobs - large - sum(counts.values())
    with served(workers=options.workers, require_keys=True, sign=False, watermark=False) as server:
        secrets = make_keys(server, [LARGE, *counts, "late", "later"])
        with server.client(secrets["admin"]) as admin:
            admin.post("/v1/queue/pause").raise_for_status()
            for name, number in ({LARGE: large} | counts).items():
                send(server, secrets[name], number)
            admin.post("/v1/queue/resume").raise_for_status()
            wait_until_left(server, round(0.9 * options.jobs))
            send(server, secrets["late"], 1)
            wait_until_only(server, LARGE)
            send(server, secrets["later"], 1)
            until(lambda: not waiting(server), 3600, 0.5)
        begun = all_begun(server)
    show(begun, counts, options)


def make_keys(server: Served, names: list[str]) -> dict[str, str]:
    """Key name -> secret; "admin" has all scopes."""
    settings = load_settings(data=server.data, require_keys=True)
    engine = make_engine(settings.database_url)
    accounts = Accounts(engine, settings)
    made = {name: accounts.make(name, USUAL_SCOPES)[1] for name in names}
    made["admin"] = accounts.make("admin", SCOPES)[1]
    engine.dispose()
    return made


def send(server: Served, secret: str, number: int) -> None:
    """Queue so many jobs."""
    with server.client(secret) as client:
        for _ in range(number):
            client.post("/v1/fills", json=PICTURE).raise_for_status()


def waiting(server: Served) -> dict[str, int]:
    """How many jobs of each key wait."""
    counted = select(KeyRow.name, func.count()).join(JobRow, JobRow.key_id == KeyRow.id)
    with database(server) as session:
        rows = session.execute(counted.where(JobRow.status == "queued").group_by(KeyRow.name)).all()
    return {name: number for name, number in rows}  # noqa: C416  # rows are no pairs to a type checker


def wait_until_left(server: Served, left: int) -> None:
    """Until no more than so many jobs wait."""
    until(lambda: sum(waiting(server).values()) <= left, 3600)


def wait_until_only(server: Served, name: str) -> None:
    """Until only one key's jobs wait."""
    until(lambda: set(waiting(server)) <= {name}, 3600)


def all_begun(server: Served) -> list[Begun]:
    """All jobs in the order in which they began."""
    columns = KeyRow.name, JobRow.created_at, JobRow.started_at
    wanted = select(*columns).join(KeyRow, KeyRow.id == JobRow.key_id).order_by(JobRow.started_at)
    with database(server) as session:
        return [Begun(*row) for row in session.execute(wanted.where(JobRow.started_at.is_not(None)))]


@contextmanager
def database(server: Served) -> Iterator[Session]:
    """The server's own tables, to be read."""
    engine = make_engine(load_settings(data=server.data).database_url)
    with reading(engine) as session:
        yield session
    engine.dispose()


def turns_waited(begun: list[Begun], job: Begun) -> int:
    """How many others began after it was queued and before it began."""
    return sum(job.created_at < other.started_at < job.started_at for other in begun)


def show(begun: list[Begun], counts: dict[str, int], options: argparse.Namespace) -> None:
    """Waiting times for each key, and the promise."""
    opened_at = begun[0].started_at
    rows: list[dict[str, Any]] = []
    for name in [LARGE, *counts, "late", "later"]:
        own = [number for number, job in enumerate(begun) if job.key == name]
        waits_s = [begun[n].started_at - max(opened_at, begun[n].created_at) for n in own]
        first = turns_waited(begun, begun[own[0]])
        rows.append(
            {
                "key": name,
                "jobs": len(own),
                "first waits, turns": first,
                "first waits, s": min(waits_s),
                "median, s": statistics.median(waits_s),
                "last, s": max(waits_s),
            }
        )
    first_turns = {row["key"]: row["first waits, turns"] for row in rows}
    most, least = max(counts.values()), min(counts.values())
    # While all wait, each gets every twentieth turn: the k-th job of a key begins in the k-th round.
    late_rounds = [
        number // KEYS - nth
        for name in counts
        for nth, number in enumerate(n for n, job in enumerate(begun) if job.key == name)
        if nth < least
    ]
    promises = {
        f"every key's first job begins within one round of {KEYS} turns": max(
            first_turns[name] for name in counts
        )
        <= KEYS + FEW,
        "a single job that comes while all keys wait does too": first_turns["late"] <= KEYS + 1 + FEW,
        f"a single job that comes while {LARGE} alone waits begins within {1 + FEW} turns": (
            first_turns["later"] <= 1 + FEW
        ),
        f"the k-th job of each key begins in the k-th round (k to {least}; all of them had {most})": max(
            late_rounds
        )
        <= 1,
        "every job began": len(begun) == options.jobs + 2,
    }
    conclude(rows, promises, options.json)


if __name__ == "__main__":
    main()
