"""What watchers see of a really started server: metrics, a log without prompts, health."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from vitascope.apps.server.accounts.audit import Audit
from vitascope.apps.server.jobs.database import (
    JobRow,
    UsageRow,
    WorkerRow,
    create_all,
    make_engine,
    reading,
    writing,
)
from vitascope.apps.server.settings import Settings
from vitascope.apps.server.watching import JsonLines, Metrics, request_id, set_up_logs

PROMPT = "a fox that nobody may read about"


def numbers(page: str) -> dict[tuple[str, ...], float]:
    """{(name, label's value, ...): number} of a page of metrics, by the labels' order: le, method, route."""
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def lines(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def test_a_running_server_is_watched(start_server: Callable[..., Any]) -> None:
    running = start_server(workers=0, key=True, policies="default")
    with running.client() as client:
        sent = {"model": "sora-2", "prompt": PROMPT, "seconds": "1", "size": "64x64"}
        made = client.post("/v1/videos", json=sent, headers={"X-Request-Id": "mine-1"})
        assert made.status_code == 200, made.text
        assert made.headers["x-request-id"] == "mine-1"
        video = made.json()["id"]
        other = client.get(
            f"/v1/videos/{video}?signature=secret", headers={"X-Request-Id": "bad id\u00e9".encode()}
        )
        assert re.fullmatch(r"[0-9a-f]{16}", other.headers["x-request-id"])
        assert client.get("/v1/videos/video_none").status_code == 404
        assert client.get(f"/nowhere/{PROMPT}").status_code == 404
        assert client.post("/v1/videos", json=sent | {"prompt": f"{PROMPT}, porn"}).status_code == 400
        page = client.get("/metrics")
        assert page.headers["content-type"].startswith("text/plain")
        seen = numbers(page.text)
        live, ready = client.get("/health/live"), client.get("/health/ready")
        assert (live.status_code, live.json()) == (200, {"status": "ok"})
        assert ready.json() == {"status": "ok", "database": "ok", "store": "ok"}
    assert httpx.get(f"{running.url}/health/live", timeout=60).status_code == 200  # without a key
    assert httpx.get(f"{running.url}/metrics", timeout=60).status_code == 401
    running.stop()

    requests = {key[1:]: value for key, value in seen.items() if key[0] == "vitascope_requests_total"}
    assert requests["POST", "/v1/videos", "200"] == 1
    assert requests["POST", "/v1/videos", "400"] == 1
    [template] = {route for method, route, status in requests if status == "404" and route.startswith("/v1")}
    assert re.fullmatch(r"/v1/videos/\{\w+\}", template)
    assert requests["GET", template, "200"] == 1
    assert requests["GET", "unmatched", "404"] == 1
    assert seen["vitascope_request_seconds_count", "GET", template] == 2
    assert seen["vitascope_jobs", "queued"] == seen["vitascope_queue_length",] == 1
    assert video not in page.text

    assert PROMPT not in running.log
    assert "secret" not in running.log
    logged = [line for line in lines(running.log) if line["logger"] == "vitascope.requests"]
    [first] = [line for line in logged if line.get("request") == "mine-1"]
    assert (first["status"], first["path"], first["message"]) == (200, "/v1/videos", "POST /v1/videos 200")
    assert first["key"].startswith("key_")

    engine = make_engine(f"sqlite:///{running.data / 'vitascope.sqlite'}")
    entries = Audit(engine).entries()
    assert [(e.action, e.target, e.note) for e in entries] == [
        ("POST /v1/videos", "/v1/videos", "400"),
        ("POST /v1/videos", "/v1/videos", "200"),
    ]
    assert {entry.key_id for entry in entries} == {first["key"]}
    with reading(engine) as session:
        assert session.get(JobRow, video) is not None
    engine.dispose()


def test_a_server_without_its_store_isnt_ready(start_server: Callable[..., Any]) -> None:
    running = start_server(workers=0)
    store = running.data / "files"
    for file in sorted(store.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    store.rmdir()
    store.write_text("not a folder any more")
    answer = httpx.get(f"{running.url}/health/ready", timeout=60)
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "database": "ok", "store": "failing"}
    assert httpx.get(f"{running.url}/health/live", timeout=60).status_code == 200


def test_jobs_queue_and_workers_are_counted_in_the_database(tmp_path: Path) -> None:
    engine = make_engine(Settings(data=tmp_path).database_url)
    create_all(engine)
    metrics, replica = Metrics(engine), Metrics(engine)
    with writing(engine) as session:
        for number, status in enumerate(["queued", "queued", "completed"]):
            job = {
                "id": f"job_{number}",
                "key_id": "local",
                "dialect": "native",
                "kind": "video",
                "model": "",
            }
            session.add(JobRow(**job, request={}, created_at=1.0, status=status))
        for worker, beat_at in (("alive", 4e9), ("dead", 1.0)):
            session.add(WorkerRow(id=worker, host="here", pid=1, started_at=1.0, beat_at=beat_at))
        for kind, seconds in (("spent", 2.5), ("spent", 4.0), ("reserved", 0.0)):
            session.add(UsageRow(key_id="local", job_id=None, credits=1, seconds=seconds, at=1.0, kind=kind))
    metrics.count("BREW", "/v1/coffee", 418, 0.3)
    seen, elsewhere = numbers(metrics.page().decode()), numbers(replica.page().decode())
    for page in (seen, elsewhere):
        assert page["vitascope_jobs", "queued"] == page["vitascope_queue_length",] == 2
        assert page["vitascope_jobs", "completed"] == 1
        assert page["vitascope_jobs", "failed"] == 0
        assert page["vitascope_workers",] == 1
        assert page["vitascope_painting_seconds_total",] == 6.5
    assert seen["vitascope_requests_total", "other", "/v1/coffee", "418"] == 1
    assert seen["vitascope_request_seconds_bucket", "0.5", "other", "/v1/coffee"] == 1
    assert not any(name == "vitascope_requests_total" for name, *_ in elsewhere)


@pytest.fixture
def _logging_as_it_was() -> Any:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_logging_as_it_was")
def test_lines_are_json_and_have_no_prompts() -> None:
    for prompts in (False, True):
        stream = io.StringIO()
        set_up_logs(Settings(log_prompts=prompts), stream)
        token = request_id.set("abc")
        logging.getLogger("vitascope.test").info(
            "a job\nwith %s", "é", extra={"prompt": PROMPT, "job": Path("x")}
        )
        request_id.reset(token)
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("vitascope.test").exception("a fault")
        first, second = lines(stream.getvalue())
        assert (first["message"], first["level"], first["request"]) == ("a job\nwith é", "info", "abc")
        assert first["job"] == "x"
        assert first.get("prompt") == (PROMPT if prompts else None)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]{12}\+00:00", first["at"])
        assert "ValueError: broken" in second["error"]
        assert "request" not in second
    assert "prompt" not in JsonLines().format(logging.makeLogRecord({"msg": "a", "prompt": PROMPT}))


@pytest.mark.parametrize("asked", [False, True])
def test_prompts_are_logged_where_the_settings_ask_for_them(start_server: Any, asked: bool) -> None:
    running = start_server(log_prompts=asked)
    body = {"prompt": PROMPT, "seconds": "1", "size": "64x64"}
    httpx.post(f"{running.url}/v1/videos", json=body, timeout=60).raise_for_status()
    queued = [line for line in lines(running.log) if line["message"] == "job queued"]
    assert [line.get("prompt") for line in queued] == [PROMPT if asked else None]
