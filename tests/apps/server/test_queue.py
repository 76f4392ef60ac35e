"""Whose turn it is: fair shares, claims, pause, reorder, estimates. On the real tables, in SQLite."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs.database import (
    FlagRow,
    JobRow,
    KeyRow,
    create_all,
    make_engine,
    new_id,
    writing,
)
from vitascope.apps.server.jobs.queue import Queue
from vitascope.apps.server.jobs.requests import MakePicture, MakeVideo
from vitascope.apps.server.jobs.storage import Files, Store
from vitascope.apps.server.settings import Settings


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('queue') / 'jobs.sqlite'}")
    create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def queue(engine: Engine, tmp_path: Path) -> Queue:
    empty(engine)
    return Queue(engine, Files(engine, Store(str(tmp_path / "files"))), Settings(filler="toy"))


def empty(engine: Engine) -> None:
    with writing(engine) as session:
        for table in (JobRow, FlagRow, KeyRow):
            session.execute(delete(table))
    create_all(engine)  # the flags


def add(queue: Queue, key: str, cost_s: float = 1.0, *, many: int = 1) -> list[str]:
    """Queue jobs of a key, as submit() does; their ids."""
    ids: list[str] = []
    with writing(queue.engine) as session:
        for _ in range(many):
            row = JobRow(
                id=new_id("job"),
                key_id=key,
                dialect="test",
                kind="video",
                model="toy",
                request={},
                created_at=time.time(),
                cost_s=cost_s,
                turn=queue.turn_for(session, key, cost_s),
            )
            session.add(row)
            session.flush()
            ids.append(row.id)
    return ids


def weigh(queue: Queue, key: str, weight: float) -> None:
    with writing(queue.engine) as session:
        session.add(KeyRow(id=key, name=key, hash=key, prefix="", scopes=[], created_at=0.0, weight=weight))


def claims(queue: Queue, many: int) -> list[str]:
    """The ids of so many claims, one after the other."""
    return [job_id for _ in range(many) if (job_id := queue.claim(new_id("ticket"), "worker")) is not None]


def test_one_tenants_thousand_jobs_dont_starve_anothers_one(queue: Queue) -> None:
    add(queue, "greedy", many=1000)
    claims(queue, 3)  # some are under way already
    (modest,) = add(queue, "modest")
    assert modest in claims(queue, 2)


def test_keys_share_by_their_weight(queue: Queue) -> None:
    weigh(queue, "heavy", 3.0)
    keys = {job_id: key for key in ("heavy", "light") for job_id in add(queue, key, many=60)}
    taken = Counter(keys[job_id] for job_id in claims(queue, 40))
    assert 28 <= taken["heavy"] <= 32


def test_dear_jobs_count_for_more(queue: Queue) -> None:
    keys = dict.fromkeys(add(queue, "dear", 10.0, many=20), "dear")
    keys |= dict.fromkeys(add(queue, "cheap", 1.0, many=100), "cheap")
    taken = Counter(keys[job_id] for job_id in claims(queue, 55))
    assert 4 <= taken["dear"] <= 6


def test_who_was_away_gets_no_credit_for_it(queue: Queue) -> None:
    add(queue, "steady", many=50)
    claims(queue, 40)
    late = set(add(queue, "late", many=50))
    assert 4 <= len(late & set(claims(queue, 10))) <= 6


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from("abc-"), max_size=40))
def test_each_keys_jobs_keep_their_order_and_none_is_lost(queue: Queue, moves: list[str]) -> None:
    empty(queue.engine)
    asked: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    taken: list[str] = []
    for move in moves:
        if move == "-":
            taken += claims(queue, 1)
        else:
            asked[move] += add(queue, move)
    taken += claims(queue, len(moves))
    for ids in asked.values():
        assert [job_id for job_id in taken if job_id in ids] == ids
    assert queue.claim("one more", "worker") is None


def test_a_ticket_asked_again_gives_the_same_job(queue: Queue) -> None:
    add(queue, "a", many=2)
    first = queue.claim("ticket", "worker")
    assert first is not None
    assert queue.claim("ticket", "another worker") == first


def test_workers_that_claim_at_once_never_get_the_same_job(queue: Queue) -> None:
    add(queue, "a", many=40)
    taken: list[str | None] = []

    def claim() -> None:
        taken.extend(queue.claim(new_id("ticket"), "worker") for _ in range(10))

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [job_id for job_id in taken if job_id is not None]
    assert len(found) == len(set(found)) == 40


def test_nobody_begins_while_it_is_paused(queue: Queue) -> None:
    add(queue, "a")
    queue.pause()
    assert queue.paused()
    assert queue.claim("ticket", "worker") is None
    queue.resume()
    assert not queue.paused()
    assert queue.claim("ticket", "worker") is not None


def test_a_job_can_be_moved_to_the_front_or_before_another(queue: Queue) -> None:
    first, second, third, fourth = add(queue, "a", many=4)
    queue.move(fourth, to_front=True)
    queue.move(third, before=second)
    assert [queue.place_of(job_id) for job_id in (fourth, first, third, second)] == [1, 2, 3, 4]
    assert claims(queue, 4) == [fourth, first, third, second]


@pytest.mark.parametrize("call", [lambda q, i: q.move(i, to_front=True), lambda q, i: q.move(i, before=i)])
def test_what_is_not_queued_cant_be_moved(queue: Queue, call: Callable[[Queue, str], None]) -> None:
    with pytest.raises(ServerError) as missing:
        call(queue, "job_0")
    assert missing.value.status == 404
    (job_id,) = add(queue, "a")
    claims(queue, 1)
    with pytest.raises(ServerError) as taken:
        call(queue, job_id)
    assert taken.value.status == 409
    assert "in_progress" in str(taken.value)


def test_an_estimate_grows_with_what_is_asked_and_learns_from_what_it_took(queue: Queue) -> None:
    small = MakeVideo(prompt="a fox", size=(256, 256), seconds="4", filler="toy")
    large = small.model_copy(update={"size": (1280, 720)})
    assert queue.estimate(large).seconds > 10 * queue.estimate(small).seconds
    assert queue.estimate(large).credits == 4  # one for each second of 720p at 16 fps
    assert queue.estimate(MakePicture(size=(64, 64), filler="toy")).credits == 1
    with writing(queue.engine) as session:
        session.add(
            JobRow(
                id="job_done",
                key_id="a",
                dialect="test",
                kind="video",
                model="toy",
                request={},
                status="completed",
                created_at=0.0,
                completed_at=1.0,
                filler="toy",
                volume=10.0,
                seconds_taken=1.0,
            )
        )
    assert queue.estimate(large).seconds == pytest.approx(5.9, abs=0.1)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (MakeVideo(seconds="121"), "at most"),
        (MakeVideo(seconds="100", size=(8192, 8192)), "smaller size"),
        (MakeVideo(filler="toi"), "toy"),
        (MakeVideo(filler="toy", camera="pan left"), "camera"),
        (MakeVideo(camera="fly"), "camera"),
    ],
)
def test_what_cant_be_made_is_refused_in_words(queue: Queue, request_: MakeVideo, said: str) -> None:
    with pytest.raises(ServerError) as refused:
        queue.estimate(request_)
    assert refused.value.status == 400
    assert said in str(refused.value)
