"""kill -9 of a server's processes at random moments, over a mixed load: is anything lost or done twice?

    python runs/server_kills.py [--kills 200] [--seed 1] [--json FILE]

The load is short videos, pictures and scripts of several shots, painted by the filler "toy", by two workers
on SQLite. Killed are the API, a worker, a painting process, or all of them at once; at most one painting
process of each job, since a job whose painting process dies twice is to fail. What happened is written down
by triggers in the database, so that it doesn't depend on what the server thinks of itself:

    every accepted job is completed, once (one change to "completed", one reservation, spent once)
    no part is painted again once it's in the table `parts`
    every result is there, of the length and size that was asked for
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from served import Beside, Served, children, command_of, conclude, served, until

from vitascope.media import read_video

MOST_WAITING = 12
LONGEST_PAUSE_S = 9.0
LAST_JOBS_WITHIN_S = 1800
WHOM = {"a worker": 9, "the API": 4, "a painting process": 4, "all of them": 3}

WITNESS = """
CREATE TABLE IF NOT EXISTS seen (job_id TEXT, what TEXT, note TEXT);
CREATE TRIGGER IF NOT EXISTS seen_status AFTER UPDATE OF status ON jobs WHEN OLD.status IS NOT NEW.status
BEGIN INSERT INTO seen VALUES (NEW.id, NEW.status, OLD.status); END;
CREATE TRIGGER IF NOT EXISTS seen_part AFTER INSERT ON parts
BEGIN INSERT INTO seen VALUES (NEW.job_id, 'part', NEW.number); END;
CREATE TRIGGER IF NOT EXISTS seen_painted AFTER UPDATE OF seconds_taken ON jobs
WHEN NEW.seconds_taken IS NOT OLD.seconds_taken
BEGIN INSERT INTO seen VALUES (
  NEW.id, CASE WHEN NEW.expires_at IS OLD.expires_at THEN 'painted' ELSE 'put together' END, ''); END;
"""
# Time is added to a job when a part has been painted, and with a new expiry when its parts were put together.


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with served(workers=2) as server:
        with closing(opened(server)) as database:
            database.executescript(WITNESS)
        load = Load(server, random.Random(options.seed + 1))
        sending = Beside(load.send)
        began_s = time.monotonic()
        killed, struck = kill(server, options.kills, chance)
        sending.stop()
        took_s = time.monotonic() - began_s
        wait_for_all(server)
        found = Findings(server, load)
        found.judge()
        errors = [line for line in server.log.read_text().splitlines() if '"level": "error"' in line]
    counts: dict[str, float] = {
        "kills": sum(killed.values()),
        **{f"of {whom}": killed[whom] for whom in WHOM},
        "of them while a job was painted": struck,
        "minutes that took": took_s / 60,
        "jobs": len(found.jobs),
        "parts": found.parts,
        "times that done parts were put together again": found.again,
        "times that a client asked again": load.retries,
    }
    if found.problems:
        print("\n".join([*found.problems[:20], "The server's log has these errors:", *errors[-10:]]))
    rows = [{"what": what, "number": number} for what, number in counts.items()]
    conclude(rows, found.promises(options.kills), options.json)


class Load:
    """A client who sends jobs of all kinds, and sends them again when it hears no answer."""

    def __init__(self, server: Served, chance: random.Random) -> None:
        self.server = server
        self.chance = chance
        self.accepted: dict[str, tuple[int, int]] = {}
        """Job id -> (parts, frames)."""
        self.retries = 0
        self._number = 0

    def send(self) -> None:
        """Send one job, when not too many wait."""
        path, body, wanted = self._document()
        self._number += 1
        headers = {"Idempotency-Key": f"job {self._number}", "X-Runway-Version": "2024-11-06"}
        with self.server.client() as client:
            for attempt in range(1000):
                try:
                    if attempt == 0 and client.get("/v1/queue").json()["waiting"] >= MOST_WAITING:
                        self._number -= 1
                        time.sleep(0.5)
                        return
                    answer = client.post(path, json=body, headers=headers)
                except httpx.TransportError:
                    self.retries += 1
                    time.sleep(0.3)
                    continue
                if answer.is_error:
                    raise SystemExit(f"{path} {answer.status_code}: {answer.text}")
                self.accepted[answer.json()["id"]] = wanted
                return

    def _document(self) -> tuple[str, dict[str, Any], tuple[int, int]]:
        """A route, what to send there, and the (parts, frames) that are to come of it."""
        kind = self.chance.choice(("canvas", "video", "picture", "script", "script"))
        seed = self.chance.randrange(10**6)
        if kind == "canvas":
            frames = self.chance.choice((8, 24, 64))
            body = {"words": [{"text": "a fox"}], "frames": frames, "width_px": 128, "height_px": 64}
            return "/v1/fills", body | {"seed": seed}, (1, frames)
        if kind == "video":
            seconds = self.chance.choice((1, 3))
            body = {"prompt": "a boat", "size": "256x128", "seconds": str(seconds)}
            return "/v1/videos", body, (1, seconds * 16)
        if kind == "picture":
            body = {"promptText": "a hare", "model": "gen4_image", "ratio": "256:256", "seed": seed}
            return "/v1/text_to_image", body, (1, 1)
        shots = self.chance.randint(2, 6)
        each = [{"text": f"shot {n}", "seconds": 4} for n in range(shots)]
        return "/v1/shots", {"size": "256", "rate": 8, "seed": seed, "shots": each}, (shots, shots * 32)


def opened(server: Served) -> sqlite3.Connection:
    """The server's own database."""
    return sqlite3.connect(server.data / "vitascope.sqlite", timeout=60, isolation_level=None)


def kill(server: Served, kills: int, chance: random.Random) -> tuple[Counter[str], int]:
    """So many kills: of whom, and how many while a job was painted."""
    killed: Counter[str] = Counter()
    spared: set[str] = set()
    struck = 0
    while sum(killed.values()) < kills:
        time.sleep(chance.uniform(0, LONGEST_PAUSE_S))
        (whom,) = chance.choices(list(WHOM), list(WHOM.values()))
        busy = bool(count(server, "status = 'in_progress'"))
        if whom == "all of them":
            server.kill_all()
            server.start()
        elif whom == "the API":
            server.process.kill()
            server.process.wait()
            server.start()
        elif not (pids := victims(server, whom, spared)):
            continue  # there is none at this moment
        else:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(pids), signal.SIGKILL)
        killed[whom] += 1
        struck += busy
        print(f"\r{sum(killed.values())} kills", end="", flush=True)
    print()
    return killed, struck


def victims(server: Served, whom: str, spared: set[str]) -> list[int]:
    """Workers, or one painting process whose job hasn't lost one yet."""
    workers = server.workers()
    if whom == "a worker":
        return workers
    with closing(opened(server)) as database:
        rows = database.execute(
            "SELECT workers.pid, jobs.id FROM workers JOIN jobs ON jobs.worker_id = workers.id "
            "WHERE jobs.status = 'in_progress'"
        ).fetchall()
    for pid, job_id in rows:
        painters = [child for child in children(pid) if "spawn_main" in command_of(child)]
        if pid in workers and job_id not in spared and painters:
            spared.add(job_id)
            return painters
    return []


def wait_for_all(server: Served) -> None:
    """Until no job waits or is painted."""
    until(lambda: not count(server, "status IN ('queued', 'in_progress')"), LAST_JOBS_WITHIN_S, 0.5)


def count(server: Served, which: str) -> int:
    """How many jobs are like this."""
    with closing(opened(server)) as database:
        (number,) = database.execute(f"SELECT count(*) FROM jobs WHERE {which}").fetchone()
    return number


class Findings:
    """What the database says of every job, and what its results are."""

    def __init__(self, server: Served, load: Load) -> None:
        self.server, self.load = server, load
        self.problems: list[str] = []
        self.broken: Counter[str] = Counter()
        with closing(opened(server)) as database:
            self.jobs = database.execute("SELECT id, status, outputs, error_message FROM jobs").fetchall()
            seen = database.execute("SELECT job_id, what, note FROM seen").fetchall()
            self.usage = Counter(id for (id,) in database.execute("SELECT job_id FROM usage"))
            self.unspent = {
                id for (id,) in database.execute("SELECT job_id FROM usage WHERE kind != 'spent'")
            }
        self.seen = Counter((job_id, what) for job_id, what, _ in seen)
        self.parts = sum(what == "part" for _, what, _ in seen)
        self.again = sum(max(0, self.seen[job[0], "put together"] - 1) for job in self.jobs)

    def judge(self) -> None:
        """Look at every job, and download what it made."""
        known = {job[0] for job in self.jobs}
        for job_id in self.load.accepted.keys() - known:
            self._say("lost", job_id, "was accepted and isn't in the table")
        for job_id in known - self.load.accepted.keys():
            self._say("doubled", job_id, "is in the table and wasn't accepted")
        with self.server.client() as client, tempfile.TemporaryDirectory() as folder:
            for job_id, status, outputs, message in self.jobs:
                if status != "completed":
                    self._say("lost", job_id, f"is {status}: {message}")
                    continue
                parts, frames = self.load.accepted.get(job_id, (0, 0))
                for what, times in (("completed", 1), ("part", parts)):
                    if self.seen[job_id, what] != times:
                        self._say("doubled", job_id, f"{what}: {self.seen[job_id, what]} times, not {times}")
                if self.usage[job_id] != 1 or job_id in self.unspent:
                    self._say("doubled", job_id, "isn't paid for exactly once")
                if self.seen[job_id, "painted"] != parts:
                    self._say("painted", job_id, f"{self.seen[job_id, 'painted']} paintings of {parts} parts")
                self._download(client, job_id, json.loads(outputs), frames, Path(folder))

    def promises(self, kills: int) -> dict[str, bool]:
        """What was promised, and whether it holds."""
        number = len(self.jobs)
        return {
            f"{kills} times kill -9: each of {number} jobs was completed": not self.broken["lost"],
            "each exactly once: one row, one change to completed, paid for once": not self.broken["doubled"],
            f"each of {self.parts} finished parts was painted once": not self.broken["painted"],
            "every result can be downloaded and has all its frames": not self.broken["results"],
        }

    def _download(
        self, client: httpx.Client, job_id: str, outputs: list[Any], frames: int, folder: Path
    ) -> None:
        kinds = [output["variant"] for output in outputs]
        if kinds not in (["image"], ["video", "thumbnail", "spritesheet"]):
            self._say("results", job_id, f"has {kinds}")
        shown = client.get(f"/v1/jobs/{job_id}").raise_for_status().json()["outputs"]
        for output in shown:
            answer = client.get(output["url"])
            if answer.status_code != 200 or len(answer.content) != output["bytes"]:
                self._say("results", job_id, f"{output['file_id']}: {answer.status_code}")
                continue
            if output["variant"] == "video":
                (folder / "film.mp4").write_bytes(answer.content)
                pictures = [picture.shape for picture in read_video(folder / "film.mp4")]
            else:
                with Image.open(io.BytesIO(answer.content)) as picture:
                    picture.load()
                    pictures = [(picture.height, picture.width, 3)] * (
                        1 if kinds == ["image"] else frames  # of thumbnails and sheets: that they open
                    )
            wanted = (output["height_px"], output["width_px"], 3)
            if len(pictures) != frames or set(pictures) != {wanted}:
                self._say("results", job_id, f"{len(pictures)} frames {set(pictures)}, not {frames} {wanted}")

    def _say(self, promise: str, job_id: str, said: str) -> None:
        self.broken[promise] += 1
        self.problems.append(f"{job_id} {said}")


if __name__ == "__main__":
    main()
