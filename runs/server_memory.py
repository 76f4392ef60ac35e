"""Hundreds of jobs: does the memory of the API, of a worker and of its painting process stay as it was?

    python runs/server_memory.py [--jobs 500] [--json FILE]

"Before" is after the first tenth of the jobs: by then everything is loaded and every cache has seen all
kinds of jobs. The memory is each process's own (VmRSS), while it has nothing to do. Jobs are short videos,
also from an uploaded picture, pictures, and scripts of two shots, all with the filler "toy"; all results are
downloaded.
"""

from __future__ import annotations

import argparse
import io
import time
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from served import OVER, Served, conclude, rss_mib, served, until

AT_ONCE = 10
MOST_GROWTH = 0.10
QUIET_S = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    first = max(AT_ONCE, options.jobs // 10)
    with served() as server, server.client() as client:
        made = do(client, first, 0)
        processes = processes_of(server)
        before = {name: memory_of(pid) for name, pid in processes.items()}
        middle = first + (options.jobs - first) // 2
        made += do(client, middle - first, first)
        between = {name: memory_of(pid) for name, pid in processes.items()}
        made += do(client, options.jobs - middle, middle)
        after = {name: memory_of(pid) for name, pid in processes.items()}
        same = processes == processes_of(server)
    rows = [
        {
            "process": name,
            f"after {first} jobs, MiB": before[name],
            f"after {middle}, MiB": between[name],
            f"after {options.jobs}, MiB": after[name],
            "growth, %": 100 * (after[name] / before[name] - 1),
        }
        for name in processes
    ]
    promises: dict[str, bool] = {
        f"{name}: within {MOST_GROWTH:.0%} of what it was": after[name] <= before[name] * (1 + MOST_GROWTH)
        for name in processes
    }
    promises[f"all {options.jobs} jobs were completed"] = made == options.jobs
    promises["by the same processes"] = same
    conclude(rows, promises, options.json)


def processes_of(server: Served) -> dict[str, int]:
    """Name -> process."""
    (worker,) = until(server.workers, 60)
    (painter,) = until(server.painters, 60)
    return {"API": server.process.pid, "worker": worker, "painting process": painter}


def memory_of(pid: int) -> float:
    """A process's memory in MiB, when it has come to rest."""
    time.sleep(QUIET_S)
    return rss_mib(pid)


def do(client: httpx.Client, jobs: int, first: int) -> int:
    """Make so many jobs, some at a time, and download all that they made; how many were completed."""
    completed = 0
    for start in range(0, jobs, AT_ONCE):
        numbers = range(first + start, first + min(jobs, start + AT_ONCE))
        ids = [send(client, number) for number in numbers]
        for job_id in ids:
            job = until(lambda job_id=job_id: over(client, job_id), 600)
            completed += job["status"] == "completed"
            for output in job["outputs"]:
                client.get(output["url"]).raise_for_status()
        print(f"\r{first + start + len(ids)} jobs", end="", flush=True)
    print()
    return completed


def over(client: httpx.Client, job_id: str) -> dict[str, Any] | None:
    """The job, when it is over."""
    job = client.get(f"/v1/jobs/{job_id}").raise_for_status().json()
    return job if job["status"] in OVER else None


def send(client: httpx.Client, number: int) -> str:
    """Queue one job, of one kind after the other."""
    match number % 4:
        case 0:
            canvas = {"words": [{"text": f"fox {number}"}], "frames": 16, "width_px": 128, "height_px": 128}
            answer = client.post("/v1/fills", json=canvas)
        case 1:
            answer = client.post(
                "/v1/videos", data={"prompt": "x", "size": "128x64", "seconds": "1"}, files=_picture()
            )
        case 2:
            shots = [{"text": f"shot {number} {n}", "seconds": 1} for n in range(2)]
            answer = client.post("/v1/shots", json={"size": "64", "rate": 8, "shots": shots})
        case _:
            body = {"promptText": f"hare {number}", "model": "gen4_image", "ratio": "128:128"}
            answer = client.post("/v1/text_to_image", json=body, headers={"X-Runway-Version": "2024-11-06"})
    if answer.is_error:
        raise SystemExit(f"{answer.request.url} {answer.status_code}: {answer.text}")
    return answer.json()["id"]


def _picture() -> dict[str, Any]:
    data = io.BytesIO()
    Image.new("RGB", (128, 64), "teal").save(data, "PNG")
    return {"input_reference": ("teal.png", data.getvalue(), "image/png")}


if __name__ == "__main__":
    main()
