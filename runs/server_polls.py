"""While the built-in model paints on two cores: how soon are status and cancel heard?

    python runs/server_polls.py [--seconds 30] [--cancels 9] [--json FILE]

Twenty polls a second, each at its time whether the one before has come back or not, of one video by OpenAI's
route and by our own in turns. A cancel is timed from the request until the painting process uses no processor
time any more; beside it stands what one denoising step of the same job took just before.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from served import Served, conclude, served, until

CORES = 2
A_SECOND = 20
MOST_P99_S = 0.050
WATCH_S = 0.01
QUIET_S = 0.4  # without processor time: then it's idle
SLACK_S = 0.4  # a worker looks five times a second; then comes what Python and torch put away
STEPS = 1000
STEPS_A_PERCENT = 10.5  # of the job's progress: the last twentieth is for putting it together
PROMPT = "a red fox jumps over a stream in a forest, it snows"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--cancels", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    with served(cores, filler="built-in") as server, server.client() as client:
        video_id = film(client)
        waits_s = polls(client, video_id, options.seconds)
        stop(client, video_id)
        idle_s = polls(client, video_id, options.seconds / 3)
        stops = [cancel(server, client) for _ in range(options.cancels)]
    steps_s, answered_s, stopped_s = (list(each) for each in zip(*stops, strict=True))
    rows = [
        measured("status, nothing is painted, ms", idle_s, 1000),
        measured(f"status, while {len(cores)} cores paint, ms", waits_s, 1000),
        measured("cancel, until it's answered, ms", answered_s, 1000),
        measured("cancel, until the painter is idle, ms", stopped_s, 1000),
        measured("one denoising step, just before, ms", steps_s, 1000),
    ]
    promises = {
        f"status within {MOST_P99_S * 1000:.0f} ms (p99) while it paints": quantile(waits_s, 99) < MOST_P99_S,
        f"a cancel stops it within one step, and {SLACK_S * 1000:.0f} ms until the worker hears (median)": (
            quantile([stopped - step for step, _, stopped in stops], 50) <= SLACK_S
        ),
    }
    conclude(rows, promises, options.json)


def measured(what: str, values: list[float], unit: float) -> dict[str, Any]:
    """A row of the table."""
    row: dict[str, Any] = {"what": what, "times": len(values)}
    for percent in (50, 95, 99):
        row[f"p{percent}"] = quantile(values, percent) * unit
    return row | {"most": max(values) * unit}


def quantile(values: list[float], percent: int) -> float:
    """The value that so many percent don't exceed."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def film(client: httpx.Client) -> str:
    """Queue a long video by OpenAI's route, and wait until it's being painted."""
    body = {"prompt": PROMPT, "size": "256x256", "seconds": "60"}
    return begun(client, client.post("/v1/videos", json=body))


def begun(client: httpx.Client, answer: httpx.Response) -> str:
    """The id of a queued job, when it is in progress."""
    job_id: str = answer.raise_for_status().json()["id"]
    path = f"/v1/jobs/{job_id}"
    until(lambda: client.get(path).json()["status"] != "queued", 120, 0.02)
    return job_id


def clip(client: httpx.Client) -> str:
    """Queue a small clip of many steps, and wait until it's being painted."""
    canvas = {"words": [{"text": PROMPT}], "frames": 8, "width_px": 128, "height_px": 128}
    return begun(client, client.post("/v1/fills", json=canvas, params={"steps": STEPS}))


def stop(client: httpx.Client, job_id: str) -> None:
    """Cancel it."""
    job = client.post(f"/v1/jobs/{job_id}/cancel").raise_for_status().json()
    if job["status"] != "cancelled":
        raise SystemExit(f"the job was over too soon: {job['status']}")


def polls(client: httpx.Client, video_id: str, seconds: float) -> list[float]:
    """How long each status took, asked for at a steady rate."""
    paths = [f"/v1/videos/{video_id}", f"/v1/jobs/{video_id}"]
    began_s = time.perf_counter()
    with ThreadPoolExecutor(A_SECOND) as pool:
        waiting = []
        for number in range(round(seconds * A_SECOND)):
            time.sleep(max(0.0, began_s + number / A_SECOND - time.perf_counter()))
            waiting.append(pool.submit(timed, lambda path=paths[number % 2]: client.get(path)))
        return [each.result() for each in waiting]


def timed(ask: Callable[[], httpx.Response]) -> float:
    """How long an answer takes, which must be a good one."""
    began_s = time.perf_counter()
    ask().raise_for_status()
    return time.perf_counter() - began_s


def cancel(server: Served, client: httpx.Client) -> tuple[float, float, float]:
    """Seconds: of one step, until a cancel is answered, until the painting process has nothing to do."""
    job_id = clip(client)
    (painter,) = server.painters()

    def progress() -> int:
        return client.get(f"/v1/jobs/{job_id}").json()["progress"]

    until(lambda: progress() >= 1, 300, WATCH_S)
    began_s = time.perf_counter()
    until(lambda: progress() >= 2, 300, WATCH_S)
    step_s = (time.perf_counter() - began_s) / STEPS_A_PERCENT
    time.sleep(random.random())
    began_s = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(timed, lambda: client.post(f"/v1/jobs/{job_id}/cancel"))
        last_s, used = began_s, used_s(painter)
        while (now_s := time.perf_counter()) < last_s + QUIET_S:
            if (now_used := used_s(painter)) > used:
                last_s, used = now_s, now_used
            time.sleep(WATCH_S)
        return step_s, answer.result(), last_s - began_s


def used_s(pid: int) -> float:
    """Processor time that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
