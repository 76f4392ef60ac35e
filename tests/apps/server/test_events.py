"""A job's progress as Server-Sent Events, read from a server that really runs."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

SHORT = {"words": [{"text": "a fox jumps"}], "frames": 4, "width_px": 64, "height_px": 64}
SECONDS, MINUTES = SHORT | {"frames": 40}, SHORT | {"frames": 900}  # of "slow": ten frames a second


@dataclass
class Event:
    """One event as an EventSource reads it."""

    id: str
    name: str
    data: Any


@pytest.fixture
def client(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


def job_of(client: httpx.Client, canvas: dict[str, Any]) -> dict[str, Any]:
    filler = "toy" if canvas is SHORT else "slow"
    return client.post("/v1/fills", json=canvas, params={"filler": filler}).raise_for_status().json()


@contextmanager
def opened(client: httpx.Client, job_id: str, **headers: str | bytes) -> Iterator[Iterator[Event]]:
    with client.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield events_in(answer.iter_lines())


def events_in(lines: Iterator[str]) -> Iterator[Event]:
    """Read as the standard has it (HTML, 9.2.6), as far as it's used."""
    found: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in found:
                yield Event(found.get("id", ""), found.get("event", "message"), json.loads(found["data"]))
            found = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            found[name] = value


def test_from_the_queue_to_the_end(client: httpx.Client) -> None:
    job = job_of(client, SECONDS)
    with opened(client, job["id"]) as stream:
        began, events = time.monotonic(), list(stream)
    took_s = time.monotonic() - began
    statuses = [event.data for event in events if event.name == "status"]
    assert [data["id"] for data in statuses] == [job["id"]] * len(statuses)
    assert statuses[-1]["status"] == "completed"
    order = ["queued", "in_progress", "completed"]
    seen = [order.index(data["status"]) for data in statuses]
    assert seen == sorted(seen)
    progress = [data["progress"] for data in statuses]
    assert all(isinstance(value, int) for value in progress)
    assert progress == sorted(progress)
    assert progress[-1] == 100
    assert len(set(progress)) > 2
    numbers = [int(event.id) for event in events[:-1]]
    assert numbers == sorted(set(numbers))
    last = events[-1]
    assert (last.name, last.id) == ("done", "end")
    assert last.data == client.get(f"/v1/jobs/{job['id']}").json() | {"outputs": last.data["outputs"]}
    assert [output["variant"] for output in last.data["outputs"]][:1] == ["video"]
    previews = [event for event in events if event.name == "preview"]
    assert previews
    assert len(previews) <= 2 * took_s + 2
    head, _, body = previews[-1].data["image"].partition(",")
    assert head == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(body))).format == "JPEG"


def test_who_comes_late_hears_the_end(client: httpx.Client) -> None:
    job = job_of(client, SHORT)
    with opened(client, job["id"]) as stream:
        first = list(stream)
    with opened(client, job["id"], **{"Last-Event-ID": "7"}) as stream:
        again = list(stream)
    assert [event.name for event in again] == ["status", "done"]
    assert again[0].id == "8"
    assert again[-1].data["status"] == first[-1].data["status"] == "completed"
    for odd in (b"x", b"-1", b"9" * 400, b"\xb2"):
        with opened(client, job["id"], **{"Last-Event-ID": odd}) as stream:
            assert [event.name for event in stream] == ["status", "done"]
    over = client.get(f"/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": "end"})
    assert (over.status_code, over.content) == (204, b"")


def test_a_job_that_is_cancelled_or_deleted_ends_its_stream(client: httpx.Client) -> None:
    job = job_of(client, MINUTES)
    with opened(client, job["id"]) as stream:
        next(stream)
        assert client.post(f"/v1/jobs/{job['id']}/cancel").json()["status"] == "cancelled"
        last = list(stream)[-1]
    assert (last.name, last.data["status"]) == ("done", "cancelled")
    job = job_of(client, MINUTES)
    with opened(client, job["id"]) as stream:
        next(stream)
        assert client.delete(f"/v1/jobs/{job['id']}").json()["deleted"] is True
        assert list(stream)[-1].name in ("gone", "done")
    assert client.get(f"/v1/jobs/{job['id']}").status_code == 404


def test_no_such_job(client: httpx.Client) -> None:
    assert client.get("/v1/jobs/job_none/events").status_code == 404


def test_clients_that_leave_leave_nothing_behind(client: httpx.Client, server: Any) -> None:
    """A hundred watchers who hang up: the server goes on, with no more threads or files than before."""
    job = job_of(client, MINUTES)

    def held() -> int:
        return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))

    with opened(client, job["id"]) as stream:
        next(stream)
        before = held()
        for _ in range(100):
            with httpx.stream("GET", f"{server.url}/v1/jobs/{job['id']}/events", timeout=60) as answer:
                assert next(answer.iter_lines())
        until = time.monotonic() + 60
        while held() > before + 10 and time.monotonic() < until:
            time.sleep(0.2)
        assert held() <= before + 10
    client.delete(f"/v1/jobs/{job['id']}")
