"""Two replicas with two workers on one PostgreSQL and one store: one server, the same as on SQLite."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine, select
from tests.apps.server.postgres import Postgres, running_postgres  # noqa: F401

from vitascope.apps.server.accounts.keys import SCOPES, USUAL_SCOPES, Accounts
from vitascope.apps.server.jobs.database import (
    JobRow,
    WorkerRow,
    create_all,
    make_engine,
    reading,
    writing,
)
from vitascope.apps.server.jobs.queue import Queue
from vitascope.apps.server.jobs.storage import Files, Store
from vitascope.apps.server.settings import Settings, load_settings
from vitascope.media import read_video

WITHIN_S = 120
CANVAS = {"words": [{"text": "a fox"}], "frames": 8, "width_px": 32, "height_px": 32}
LONG = CANVAS | {"frames": 900}  # of "slow": ten frames a second
SHOTS = {
    "size": "32",
    "rate": 8,
    "shots": [{"text": "first shot", "seconds": 1}, {"text": "second shot", "seconds": 2}],
}
# Of each kind one, and two that can't be: what they come to is compared.
LOAD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/v1/fills", CANVAS | {"seed": 7}, {}),
    ("/v1/videos", {"prompt": "a boat", "size": "64x32", "seconds": "1"}, {}),
    ("/v1/shots", SHOTS | {"seed": 5}, {}),
    (
        "/v1/text_to_video",
        {"promptText": "a hare", "model": "gen4.5", "ratio": "96:64", "duration": 2, "seed": 9},
        {},
    ),
    ("/v1/fills", CANVAS, {"filler": "hungry"}),
    ("/v1/fills", CANVAS | {"width_px": -1}, {}),
    ("/v1/videos", {"prompt": "", "size": "banana"}, {}),
]


Clients = tuple[httpx.Client, httpx.Client]


@dataclass
class Cluster:
    """Two replicas, the database they share, and a key with all scopes."""

    replicas: tuple[Any, Any]
    engine: Engine
    settings: Settings
    opened: list[httpx.Client] = field(default_factory=list)

    def new_key(self, scopes: tuple[str, ...] = USUAL_SCOPES, **limits: Any) -> tuple[str, str]:
        """A key's id and secret."""
        key, secret = Accounts(self.engine, self.settings).make("test", scopes, **limits)
        return key.id, secret

    def clients(self, secret: str | None = None) -> Clients:
        """One for each replica, both with this key."""
        headers = {"Authorization": f"Bearer {secret or self.replicas[0].key}"}
        first, second = (
            httpx.Client(base_url=each.url, headers=headers, timeout=120) for each in self.replicas
        )
        self.opened += [first, second]
        return first, second


@pytest.fixture(scope="module")
def cluster(
    make_running: Any, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    shared = {
        "database": postgres.new_database(),
        "store": tmp_path_factory.mktemp("shared") / "store",
        "secret": "as long as the cluster is",
        "require_keys": True,
        "watermark": False,  # it holds the job's id, so that no two films are the same
    }
    with ThreadPoolExecutor() as both:
        one, other = both.map(lambda _: make_running(**shared), range(2))
    settings = load_settings(data=one.data, database=shared["database"], require_keys=True)
    engine = make_engine(settings.database_url)
    cluster = Cluster((one, other), engine, settings)
    _, secret = cluster.new_key(SCOPES)
    one.key = other.key = secret
    until(lambda: len(workers(cluster)) == 2)
    yield cluster
    for client in cluster.opened:
        client.close()
    engine.dispose()
    for replica in cluster.replicas:
        replica.kill_group()


def until(true: Callable[[], Any]) -> Any:
    """Wait for something, and give it back."""
    until_s = time.monotonic() + WITHIN_S
    while time.monotonic() < until_s:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def workers(cluster: Cluster) -> list[WorkerRow]:
    with reading(cluster.engine) as session:
        return list(session.scalars(select(WorkerRow)))


def row(cluster: Cluster, job_id: str) -> JobRow:
    with reading(cluster.engine) as session:
        return session.get_one(JobRow, job_id)


def over(client: httpx.Client, job_id: str) -> dict[str, Any]:
    """The job once it is over."""

    def look() -> dict[str, Any] | None:
        job = client.get(f"/v1/jobs/{job_id}").raise_for_status().json()
        return job if job["status"] in ("completed", "failed", "cancelled") else None

    return until(look)


def results_of(clients: Clients, folder: Path) -> list[Any]:
    """What the whole load comes to, sent to and asked of the clients by turns: without ids and times."""
    answers = [
        clients[n % 2].post(path, json=body, params=query, headers={"X-Runway-Version": "2024-11-06"})
        for n, (path, body, query) in enumerate(LOAD)
    ]
    found: list[Any] = []
    for n, answer in enumerate(answers):
        if answer.is_error:
            found.append((answer.status_code, answer.json()))
            continue
        job = over(clients[(n + 1) % 2], answer.json()["id"])
        found.append(
            {name: job[name] for name in ("task", "kind", "model", "dialect", "status", "progress", "error")}
            | {"credits": job["took"]["credits"], "estimated": job["estimate"]["credits"]}
            | {"outputs": [seen(clients[n % 2], output, folder, LOAD[n][1]) for output in job["outputs"]]}
        )
    return found


class Looks:
    """Pictures [T, H, W, 3] that equal others which look the same: a level or so apart on the whole.

    libx264 writes now and then other bytes of the same frames (see the log); shots of a film pass it twice.
    """

    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures.astype(int)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Looks) or self.pictures.shape != other.pictures.shape:
            return False
        return float(np.abs(self.pictures - other.pictures).mean()) < 2

    __hash__ = None  # type: ignore[assignment]


def seen(client: httpx.Client, output: dict[str, Any], folder: Path, body: dict[str, Any]) -> Any:
    """What is said of a result, and its pixels unless chance has a part in them: OpenAI's have no seed."""
    content = client.get(output["url"]).raise_for_status().content
    assert len(content) == output["bytes"]
    said = tuple(output[name] for name in ("variant", "media_type", "width_px", "height_px", "seconds"))
    if "seed" not in body:
        return said, None
    if output["variant"] != "video":
        return said, Looks(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))
    file = folder / f"{output['file_id']}.mp4"
    file.write_bytes(content)
    return said, Looks(np.stack(list(read_video(file))))


def listed(client: httpx.Client, order: str) -> list[tuple[str, str]]:
    """All jobs in pages of two: their kind and how they ended."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2, "order": order}
    while True:
        page = client.get("/v1/jobs", params=query).raise_for_status().json()
        found += page["data"]
        if not page["has_more"]:
            return [(job["task"], job["status"]) for job in found]
        query["after"] = page["last_id"]


def test_the_same_as_one_process_on_sqlite(cluster: Cluster, start_server: Any, tmp_path: Path) -> None:
    single = start_server(key=True, watermark=False)
    with single.client() as alone:
        wanted = results_of((alone, alone), tmp_path)
        pages = [listed(alone, order) for order in ("asc", "desc")]
    assert [part if isinstance(part, tuple) else part["status"] for part in wanted[:5]] == [
        *["completed"] * 4,
        "failed",
    ]
    _, secret = cluster.new_key(SCOPES)
    clients = cluster.clients(secret)
    assert results_of(clients, tmp_path) == wanted
    for client in clients:
        assert [listed(client, order) for order in ("asc", "desc")] == pages


def test_a_job_of_one_replica_is_the_others_too(cluster: Cluster) -> None:
    one, other = cluster.clients()
    job_id = one.post("/v1/fills", json=LONG, params={"filler": "slow"}).json()["id"]
    assert other.get("/v1/jobs").json()["data"][0]["id"] == job_id
    names: list[str] = []
    with other.stream("GET", f"/v1/jobs/{job_id}/events") as stream:
        for line in stream.iter_lines():
            if not line.startswith("event: "):
                continue
            names.append(line.removeprefix("event: "))
            if names[-1] == "preview" and names.count("preview") == 1:
                assert other.post(f"/v1/jobs/{job_id}/cancel").json()["status"] == "cancelled"
    assert names[-1] == "done"
    assert one.get(f"/v1/jobs/{job_id}").json()["status"] == "cancelled"
    until(lambda: all(worker.job_id is None for worker in workers(cluster)))
    assert one.delete(f"/v1/jobs/{job_id}").status_code == 200
    assert other.get(f"/v1/jobs/{job_id}").status_code == 404


def test_one_idempotency_key_is_one_job(cluster: Cluster) -> None:
    clients = cluster.clients()
    gate = threading.Barrier(8)

    def send(number: int) -> str:
        gate.wait()
        headers = {"Idempotency-Key": "the same"}
        return clients[number % 2].post("/v1/fills", json=CANVAS, headers=headers).json()["id"]

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(send, range(8)))
    assert len(ids) == 1
    assert over(clients[0], ids.pop())["status"] == "completed"


def test_keys_and_limits_are_shared(cluster: Cluster) -> None:
    _, secret = cluster.new_key(per_minute=2)
    clients = cluster.clients(secret)
    statuses = [clients[n % 2].get("/v1/jobs").status_code for n in range(4)]
    assert statuses == [200, 200, 429, 429]
    _, secret = cluster.new_key(credits=1)
    one, other = cluster.clients(secret)
    job_id = one.post("/v1/fills", json=CANVAS).raise_for_status().json()["id"]
    assert other.post("/v1/fills", json=CANVAS).status_code == 402
    over(other, job_id)
    assert other.post("/v1/fills", json=CANVAS).status_code == 402
    key_id, secret = cluster.new_key()
    clients = cluster.clients(secret)
    assert [client.get("/v1/jobs").status_code for client in clients] == [200, 200]
    assert clients[0].get(f"/v1/jobs/{job_id}").status_code == 404
    Accounts(cluster.engine, cluster.settings).revoke(key_id)
    assert [client.get("/v1/jobs").status_code for client in clients] == [401, 401]


def test_claims_at_once(postgres: Postgres, tmp_path: Path) -> None:
    """The first claims of a new cluster: each gets another job, and the queue's time doesn't go back."""
    engine = make_engine(postgres.new_database())
    create_all(engine)
    with writing(engine) as session:
        for n in range(8):
            made = JobRow(key_id="key", dialect="test", kind="video", model="toy", request={})
            made.id, made.created_at, made.turn = f"job_{n}", float(n), n + 0.5
            session.add(made)
    queue = Queue(engine, Files(engine, Store(str(tmp_path))), Settings())
    gate = threading.Barrier(8)

    def claim(number: int) -> str | None:
        gate.wait()
        return queue.claim(f"ticket-{number}", "worker")

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(claim, range(8)))
    assert sorted(map(str, claimed)) == [f"job_{n}" for n in range(8)]
    with reading(engine) as session:
        assert queue.turn_for(session, "somebody", 1.0) == 8.5
    engine.dispose()


def test_the_queue_is_one_and_fair(cluster: Cluster) -> None:
    one, other = cluster.clients()
    many, few = (cluster.clients(cluster.new_key()[1]) for _ in range(2))
    assert one.post("/v1/queue/pause").json()["paused"]
    assert other.get("/v1/queue").json()["paused"]
    queued = [many[n % 2].post("/v1/fills", json=CANVAS).json()["id"] for n in range(6)]
    single = few[1].post("/v1/fills", json=CANVAS).json()
    assert single["place"] == 2
    order = [queued[0], single["id"], *queued[1:]]
    assert [[job["id"] for job in each.get("/v1/queue").json()["jobs"]] for each in (one, other)] == [
        order
    ] * 2
    other.post(f"/v1/queue/{queued[5]}/move", json={"to": "front"}).raise_for_status()
    other.post("/v1/queue/resume").raise_for_status()
    assert {over(one, job_id)["status"] for job_id in order} == {"completed"}
    began = sorted(order, key=lambda job_id: row(cluster, job_id).started_at or 0)
    assert began[0] == queued[5]
    assert began.index(single["id"]) <= 3


def test_when_one_dies_the_other_goes_on(cluster: Cluster) -> None:
    """Both paint at once; then a whole replica gets kill -9, and its job goes on at the other."""
    one, other = cluster.clients()
    ids = [
        client.post("/v1/shots", json=SHOTS, params={"filler": "slow"}).json()["id"]
        for client in (one, other)
    ]
    until(lambda: one.get("/v1/queue").json()["painting"] == 2)
    painters = {row(cluster, job_id).worker_id for job_id in ids}
    assert len(painters) == 2
    diaries = [replica.data.parent / "diary.txt" for replica in cluster.replicas]
    until(lambda: all(diary.exists() and "second shot" in diary.read_text() for diary in diaries))
    victim, _ = cluster.replicas
    victim.kill_group()
    assert [over(other, job_id)["status"] for job_id in ids] == ["completed"] * 2
    assert len({row(cluster, job_id).worker_id for job_id in ids}) == 1
    lines = [line for diary in diaries for line in diary.read_text().splitlines()]
    assert sum(line.startswith("first shot|") for line in lines) == 2 * 8  # of neither job again
    assert sum(line.startswith("second shot|") for line in diaries[1].read_text().splitlines()) == 2 * 16
    victim.start()
    assert [over(one, job_id)["status"] for job_id in ids] == ["completed"] * 2
