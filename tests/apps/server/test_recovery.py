"""kill -9 of anything in the middle: nothing lost, nothing doubled, finished shots not painted again."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

WITHIN_S = 240
SHOTS = {
    "size": "32",
    "rate": 8,
    "shots": [{"text": "first shot", "seconds": 1}, {"text": "second shot", "seconds": 3}],
}
CANVAS = {"words": [{"text": "a fox"}], "duration_s": 1, "width_px": 32, "height_px": 32}


def until(true: Callable[[], Any]) -> Any:
    """Wait for something, and give it back."""
    until_s = time.monotonic() + WITHIN_S
    while time.monotonic() < until_s:
        try:
            if found := true():
                return found
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("it never came")


def post(running: Any, path: str, document: dict[str, Any], **query: Any) -> str:
    with running.client() as client:
        answer = client.post(path, json=document, params=query)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def painted(running: Any) -> Counter[str]:
    """How many frames of which words the filler "slow" has painted."""
    diary: Path = running.data.parent / "diary.txt"
    lines = diary.read_text().splitlines() if diary.exists() else []
    return Counter(line.split("|")[0] for line in lines)


def children(pid: int, word: str) -> list[int]:
    """The descendants of a process with this word in their command line."""
    found: list[int] = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if parent == pid:
            found += [int(process.name)] if word in command else []
            found += children(int(process.name), word)
    return found


def painter(running: Any) -> int:
    """The painting process."""
    return until(lambda: children(running.process.pid, "spawn_main"))[0]


def worker(running: Any) -> int:
    return until(lambda: children(running.process.pid, "worker"))[0]


def in_second_shot(running: Any) -> bool:
    return painted(running)["second shot"] >= 3


def check_once(running: Any, job_id: str) -> None:
    """The job is done, once: one result of each kind, in one row, and its parts are gone."""
    job = running.settled(job_id)
    assert job["status"] == "completed", job
    assert [output["variant"] for output in job["outputs"]] == ["video", "thumbnail", "spritesheet"]
    assert job["outputs"][0]["seconds"] == 4
    with running.client() as client:
        assert client.get(job["outputs"][0]["url"]).status_code == 200
        listed = client.get("/v1/jobs").json()["data"]
    assert [item["id"] for item in listed].count(job_id) == 1
    until(lambda: not any((running.data / "files" / "parts").glob("*")))
    assert painted(running)["first shot"] == 8  # never again


@pytest.mark.parametrize("whom", ["everything", "worker", "api"])
def test_a_killed_server_goes_on_where_it_was(start_server: Any, whom: str) -> None:
    running = start_server(filler="slow")
    job_id = post(running, "/v1/shots", SHOTS)
    waiting = post(running, "/v1/fills", CANVAS)
    until(lambda: in_second_shot(running))
    if whom == "everything":
        running.kill_group()
        running.start()
    elif whom == "worker":
        os.kill(worker(running), signal.SIGKILL)
    else:
        running.process.kill()
        running.process.wait()
        running.start()
    check_once(running, job_id)
    assert running.settled(waiting)["status"] == "completed"
    assert painted(running)["a fox"] == 8


def test_a_stopped_server_ends_soon_and_goes_on_later(start_server: Any) -> None:
    running = start_server(filler="slow")
    job_id = post(running, "/v1/shots", SHOTS)
    until(lambda: in_second_shot(running))
    began_s = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began_s < 30
    running.start()
    check_once(running, job_id)


def test_a_painter_that_is_killed_once_is_started_again(start_server: Any) -> None:
    running = start_server(filler="slow")
    job_id = post(running, "/v1/shots", SHOTS)
    until(lambda: in_second_shot(running))
    os.kill(painter(running), signal.SIGKILL)
    check_once(running, job_id)


@pytest.mark.parametrize(
    ("filler", "code", "said"), [("deadly", "crashed", "died twice"), ("hungry", "out_of_memory", "memory")]
)
def test_a_job_that_kills_its_painter_fails_alone(
    start_server: Any, filler: str, code: str, said: str
) -> None:
    running = start_server()
    ids = [post(running, "/v1/fills", CANVAS, filler=name) for name in ("toy", filler, "toy")]
    jobs = [running.settled(job_id) for job_id in ids]
    assert [job["status"] for job in jobs] == ["completed", "failed", "completed"]
    assert jobs[1]["error"]["code"] == code
    assert said in jobs[1]["error"]["message"]
    assert jobs[1]["outputs"] == []
    assert jobs[1]["took"]["credits"] == 0


def test_jobs_wait_for_a_worker(start_server: Any) -> None:
    running = start_server(workers=0)
    ids = [post(running, "/v1/fills", CANVAS) for _ in range(3)]
    with running.client() as client:
        assert [client.get(f"/v1/jobs/{job_id}").json()["place"] for job_id in ids] == [1, 2, 3]
    running.kill_group()
    running.environment["VITASCOPE_WORKERS"] = "2"
    running.start()
    assert [running.settled(job_id)["status"] for job_id in ids] == ["completed"] * 3
