"""Thousands of malformed requests to a server: is each answered, and never as the server's own fault?

    python runs/server_fuzz.py [--requests 10000] [--seed 1] [--json FILE]

Half of them are made by schemathesis from the server's own /openapi.json, half are good requests of all
three dialects that Hypothesis breaks (tests/apps/server/malformed.py). Promised is that none is answered with
a 5xx, except 501 for what isn't built, and that the server lives.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from served import OVER, Served, conclude, served, until

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.apps.server.malformed import PATIENCE_S, WAITS, Ask, patience_for, raw_asks, schema_asks

NOT_BUILT = 501


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    statuses: dict[str, Counter[int]] = {}
    faults: list[str] = []
    with served(fetch_seconds=1, max_queued_per_key=10**6) as server:
        ids = some_ids(server)
        server.stop()
        server.set(workers=0)  # what is accepted waits: this is about answers
        server.start()
        pid = server.process.pid

        def note(source: str, said: str, status: int, text: str) -> None:
            statuses.setdefault(source, Counter())[status] += 1
            if status >= 500 and status != NOT_BUILT:
                faults.append(f"{status} {said}\n    {text}")

        began_s = time.monotonic()
        run_raw(server, ids, options.requests // 2, options.seed, note)
        run_schema(server, options.requests - options.requests // 2, options.seed, note)
        took_s = time.monotonic() - began_s
        lives = server.process.poll() is None and server.process.pid == pid
        with server.client() as client:
            answers = client.get("/health/ready").status_code == 200
    rows: list[dict[str, Any]] = [
        {
            "made by": source,
            "requests": sum(counts.values()),
            "2xx, 3xx": sum(number for status, number in counts.items() if status < 400),
            "4xx": sum(number for status, number in counts.items() if 400 <= status < 500),
            "501": counts[NOT_BUILT],
            "other 5xx": sum(n for status, n in counts.items() if status >= 500 and status != NOT_BUILT),
        }
        for source, counts in statuses.items()
    ]
    for fault in faults[:10]:
        print(fault)
    print(f"{took_s:.0f} s")
    number = sum(row["requests"] for row in rows)
    promises = {
        f"none of {number} requests was answered with a 5xx other than 501": not faults,
        "all that were asked for were sent": number >= options.requests,
        "the server is the same process, and ready": lives and answers,
    }
    conclude(rows, promises, options.json)


Note = Callable[[str, str, int, str], None]


def some_ids(server: Served) -> list[str]:
    """Ids of jobs and files that there are, of all dialects."""
    video = {"prompt": "a boat", "size": "64x64", "seconds": "1"}
    image = {"promptText": "a hare", "model": "gen4_image", "ratio": "64:64"}
    with server.client() as client:
        version = {"X-Runway-Version": "2024-11-06"}
        asked = [("/v1/videos", video), ("/v1/text_to_image", image), ("/v1/text_to_video", image)]
        ids = [
            client.post(path, json=body, headers=version).raise_for_status().json()["id"]
            for path, body in asked
        ]
        jobs = [until(lambda job_id=job_id: done(client, job_id), 120) for job_id in ids]
    return ids + [output["file_id"] for job in jobs for output in job["outputs"]]


def done(client: httpx.Client, job_id: str) -> dict[str, Any] | None:
    """The job, when it is over."""
    job = client.get(f"/v1/jobs/{job_id}").raise_for_status().json()
    return job if job["status"] in OVER else None


def run(strategy: st.SearchStrategy[Any], number: int, start: int, do: Callable[[Any], None]) -> None:
    """Do it with so many examples."""

    @seed(start)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def all_of_them(example: Any) -> None:
        do(example)

    all_of_them()


def run_raw(server: Served, ids: list[str], number: int, start: int, note: Note) -> None:
    """Good requests, broken."""
    sent = 0
    with httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:

        def send(ask: Ask) -> None:
            nonlocal sent
            sent += 1
            status, text = ask.send(client)
            note("Hypothesis", str(ask), status, text)

        while sent < number:
            run(raw_asks(ids), number - sent, start + sent, send)
            print(f"\r{sent} by Hypothesis", end="", flush=True)
    print()


def run_schema(server: Served, number: int, start: int, note: Note) -> None:
    """Cases of every operation by turns."""
    operations = schema_asks(server.url)
    sent = 0

    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        patience_s = patience_for(case.formatted_path)
        try:
            answer = case.call(base_url=server.url, timeout=patience_s)
        except requests.ReadTimeout:
            if patience_s == PATIENCE_S:
                raise
            note("schemathesis", "", WAITS, "")
            return
        said = f"{case.method} {case.formatted_path} {case.query} {case.headers} {str(case.body)[:800]}"
        note("schemathesis", said, answer.status_code, answer.text[:500])

    rounds = 0
    while sent < number:
        rounds += 1
        each = max(1, (number - sent) // len(operations))
        for label, strategy in operations:
            try:
                run(strategy, each, start + rounds, send)
            except Unsatisfiable:
                continue  # takes nothing that could be wrong
            print(f"\r{sent} by schemathesis, {label:60.60}", end="", flush=True)
            if sent >= number:
                break
    print()


if __name__ == "__main__":
    main()
