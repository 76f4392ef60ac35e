"""Rates, credits and months: shared by replicas, never overspent, and all of it written down."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from vitascope.apps.server.accounts.keys import Accounts, Caller
from vitascope.apps.server.accounts.limits import Limits, Standing, this_month
from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs.database import (
    JobRow,
    KeyRow,
    UsageRow,
    create_all,
    make_engine,
    reading,
    writing,
)
from vitascope.apps.server.settings import Settings

LOCAL = Caller("local", "this machine", frozenset({"admin"}), "")
TODAY = datetime.now(UTC).date()
ALWAYS = date(2000, 1, 1), date(3000, 1, 1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", require_keys=True, max_queued_per_key=5)


@pytest.fixture
def engine(settings: Settings) -> Engine:
    settings.make_folder()
    engine = make_engine(settings.database_url)
    create_all(engine)
    return engine


@pytest.fixture
def limits(engine: Engine, settings: Settings) -> Limits:
    return Limits(engine, settings)


def caller(engine: Engine, settings: Settings, **given: int) -> Caller:
    accounts = Accounts(engine, settings)
    _, secret = accounts.make("a studio", **given)
    return accounts.caller(f"Bearer {secret}", "")


def reserve(limits: Limits, engine: Engine, who: Caller, job_id: str, credits: int) -> None:
    with writing(engine) as session:
        limits.reserve(session, who, job_id, credits)


def settle(
    limits: Limits, engine: Engine, who: Caller, job_id: str, credits: int, seconds: float = 1.0
) -> int:
    with writing(engine) as session:
        return limits.settle(session, who.key_id, job_id, credits, seconds)


def job(job_id: str, key_id: str, model: str = "sora-2") -> JobRow:
    return JobRow(
        id=job_id,
        key_id=key_id,
        dialect="native",
        kind="video",
        model=model,
        request={},
        created_at=time.time(),
    )


def allowed(limits: Limits, who: Caller) -> dict[str, str] | None:
    """The headers of an allowed request, None for one that was refused."""
    try:
        return limits.check_rate(who)
    except ServerError as error:
        assert (error.status, error.code) == (429, "rate_limit_exceeded")  # noqa: PT017
        assert 1 <= int(error.headers["Retry-After"]) <= 60  # noqa: PT017
        return None


def test_a_bucket_holds_a_minutes_requests(limits: Limits, engine: Engine, settings: Settings) -> None:
    who = caller(engine, settings, per_minute=5)
    remaining: list[int] = []
    for _ in range(5):
        headers = allowed(limits, who)
        assert headers is not None
        assert headers["RateLimit-Limit"] == "5"
        remaining.append(int(headers["RateLimit-Remaining"]))
    assert remaining == [4, 3, 2, 1, 0]
    with pytest.raises(ServerError, match="5 requests a minute") as caught:
        limits.check_rate(who)
    assert caught.value.headers["RateLimit-Remaining"] == "0"
    assert 1 <= int(caught.value.headers["Retry-After"]) <= 12
    assert int(caught.value.headers["RateLimit-Reset"]) <= 60
    refill(engine, who, 13)  # 13 seconds later there is one more, and not two
    assert allowed(limits, who) is not None
    assert allowed(limits, who) is None
    refill(engine, who, 3600)  # after an hour there are five, and not three hundred
    assert sum(allowed(limits, who) is not None for _ in range(9)) == 5


def refill(engine: Engine, who: Caller, seconds: float) -> None:
    """As if so many seconds had gone by."""
    with writing(engine) as session:
        earlier = update(KeyRow).where(KeyRow.id == who.key_id)
        session.execute(earlier.values(rate_until=KeyRow.rate_until - seconds))


def test_without_a_limit_nothing_is_counted(limits: Limits, engine: Engine, settings: Settings) -> None:
    for who in (LOCAL, caller(engine, settings)):
        assert [limits.check_rate(who) for _ in range(100)] == [{}] * 100


def test_replicas_share_the_rate(engine: Engine, settings: Settings) -> None:
    who = caller(engine, settings, per_minute=10)
    replicas = [Limits(make_engine(settings.database_url), settings) for _ in range(2)]
    began_s = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda number: allowed(replicas[number % 2], who), range(40)))
    refilled = (time.monotonic() - began_s) * 10 / 60
    assert 10 <= sum(headers is not None for headers in passed) <= 11 + refilled


def test_credits_are_set_aside_spent_and_given_back(
    limits: Limits, engine: Engine, settings: Settings
) -> None:
    who = caller(engine, settings, credits=10, per_minute=60)
    reserve(limits, engine, who, "job_1", 6)
    assert limits.standing(who) == Standing(4, None, 6, 60)
    with pytest.raises(ServerError, match="take 5 credits, and the key has 4 left") as caught:
        reserve(limits, engine, who, "job_2", 5)
    assert (caught.value.status, caught.value.code) == (402, "insufficient_credits")
    assert settle(limits, engine, who, "job_1", 2, 7.5) == 2
    assert limits.standing(who).credits == 8
    assert settle(limits, engine, who, "job_1", 6) == 2  # once is enough
    assert limits.standing(who).credits == 8
    reserve(limits, engine, who, "job_2", 8)
    assert settle(limits, engine, who, "job_2", 100) == 8  # never more than was said before
    assert limits.standing(who).credits == 0
    reserve(limits, engine, who, "job_3", 0)
    assert settle(limits, engine, who, "job_3", 0) == 0
    assert settle(limits, engine, who, "job_none", 5) == 0
    [used] = limits.usage(who, *ALWAYS)
    assert (used.jobs, used.credits, used.seconds, used.day) == (3, 10, 9.5, TODAY)


def test_a_refused_job_reserves_nothing(limits: Limits, engine: Engine, settings: Settings) -> None:
    who = caller(engine, settings, credits=10)

    def fail_later() -> None:
        with writing(engine) as session:
            limits.reserve(session, who, "job_1", 6)
            raise ZeroDivisionError  # whatever else may be wrong in the same transaction

    with pytest.raises(ZeroDivisionError):
        fail_later()
    assert limits.standing(who) == Standing(10, None, 0, None)


def test_months_begin_anew(limits: Limits, engine: Engine, settings: Settings) -> None:
    who = caller(engine, settings, monthly_credits=10)
    with writing(engine) as session:
        before = this_month()[0] - timedelta(days=1)
        at = datetime(before.year, before.month, before.day, tzinfo=UTC).timestamp()
        session.add(UsageRow(key_id=who.key_id, job_id="old", credits=9, seconds=0.0, at=at, kind="spent"))
    reserve(limits, engine, who, "job_1", 7)
    with pytest.raises(ServerError, match="of the key's 10 a month 3 are left") as caught:
        reserve(limits, engine, who, "job_2", 4)
    assert (caught.value.status, caught.value.code) == (402, "monthly_limit_reached")
    settle(limits, engine, who, "job_1", 5)
    reserve(limits, engine, who, "job_2", 5)
    assert limits.standing(who) == Standing(None, 10, 10, None)
    start, end = this_month()
    assert start <= TODAY < end
    assert (start.day, end.day) == (1, 1)
    assert (end - start).days in (28, 29, 30, 31)


def test_a_key_has_only_so_many_jobs_waiting(limits: Limits, engine: Engine, settings: Settings) -> None:
    who, other = caller(engine, settings), caller(engine, settings)
    for number in range(5):
        with writing(engine) as session:
            limits.reserve(session, who, f"job_{number}", 1)
            session.add(job(f"job_{number}", who.key_id))
    with pytest.raises(ServerError, match="5 jobs of this key wait") as caught:
        reserve(limits, engine, who, "job_5", 1)
    assert (caught.value.status, caught.value.code) == (429, "queue_full")
    reserve(limits, engine, other, "job_6", 1)
    reserve(limits, engine, LOCAL, "job_7", 1)


SPENDER = """
import sys
from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.accounts.limits import Limits
from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs.database import make_engine, writing
from vitascope.apps.server.settings import Settings

url, key_id, name = sys.argv[1:]
engine = make_engine(url)
limits, who = Limits(engine, Settings(database=url)), Caller(key_id, "", frozenset(), "")
spent = 0
for number in range(30):
    try:
        with writing(engine) as session:
            limits.reserve(session, who, f"job_{name}_{number}", 3)
        spent += 3
        if number % 3 == 0:
            with writing(engine) as session:
                spent -= 3 - limits.settle(session, key_id, f"job_{name}_{number}", 1, 0.5)
    except ServerError as error:
        assert error.status == 402, error
print(spent)
"""


@pytest.mark.parametrize("limit", ["credits", "monthly_credits"])
def test_two_processes_cant_overspend(limits: Limits, engine: Engine, settings: Settings, limit: str) -> None:
    who = caller(engine, settings, **{limit: 100})
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SPENDER, settings.database_url, who.key_id, name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    spent = [int(process.communicate(timeout=240)[0]) for process in processes]
    standing = limits.standing(who)
    assert 97 < sum(spent) <= 100
    assert standing.used_this_month == sum(spent)
    if limit == "credits":
        assert standing.credits == 100 - sum(spent)


def test_the_report_is_by_key_day_and_model(limits: Limits, engine: Engine, settings: Settings) -> None:
    who, other = caller(engine, settings), caller(engine, settings)
    days = [date(2026, 1, 31), date(2026, 2, 1)]

    def at(day: date, hour: int) -> float:
        return datetime(day.year, day.month, day.day, hour, 59, 59, tzinfo=UTC).timestamp()

    with writing(engine) as session:
        session.add_all([job("job_1", who.key_id, "sora-2"), job("job_2", who.key_id, "gen4.5")])
        for key_id, job_id, credits, when, kind in [
            (who.key_id, "job_1", 1, at(days[0], 0), "spent"),
            (who.key_id, "gone", 2, at(days[0], 23), "spent"),
            (who.key_id, "job_2", 4, at(days[1], 0), "spent"),
            (who.key_id, "job_2", 8, at(days[1], 12), "spent"),
            (who.key_id, "job_3", 16, at(days[1], 12), "reserved"),
            (other.key_id, "job_4", 32, at(days[1], 12), "spent"),
        ]:
            row = UsageRow(key_id=key_id, job_id=job_id, credits=credits, seconds=0.5, at=when, kind=kind)
            session.add(row)

    def report(asking: Caller, start: date, end: date) -> list[tuple[object, ...]]:
        return [(u.day.day, u.model, u.jobs, u.credits, u.seconds) for u in limits.usage(asking, start, end)]

    own = [(31, "", 1, 2, 0.5), (31, "sora-2", 1, 1, 0.5), (1, "gen4.5", 2, 12, 1.0)]
    assert report(who, days[0], date(2026, 2, 2)) == own
    assert report(who, *days) == own[:2]
    assert report(who, date(2026, 2, 2), ALWAYS[1]) == []
    everybody = limits.usage(LOCAL, *ALWAYS)
    assert {used.key_id for used in everybody} == {who.key_id, other.key_id}
    assert sum(used.credits for used in everybody) == 47
    with reading(engine) as session:
        assert session.query(UsageRow).count() == 6  # reading changes nothing
