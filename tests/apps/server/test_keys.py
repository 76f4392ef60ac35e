"""API keys: shown once, hashed, scoped, dead everywhere as soon as they are revoked; their commands."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from vitascope.apps.cli import accounts as commands
from vitascope.apps.server.accounts.audit import Audit
from vitascope.apps.server.accounts.keys import Accounts, Caller
from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs.database import UsageRow, create_all, make_engine, writing
from vitascope.apps.server.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", require_keys=True)


@pytest.fixture
def engine(settings: Settings) -> Engine:
    settings.make_folder()
    engine = make_engine(settings.database_url)
    create_all(engine)
    return engine


@pytest.fixture
def accounts(engine: Engine, settings: Settings) -> Accounts:
    return Accounts(engine, settings)


def refused(accounts: Accounts, authorization: str | None) -> ServerError:
    with pytest.raises(ServerError) as caught:
        accounts.caller(authorization, "192.0.2.7")
    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"] == "Bearer"
    return caught.value


def test_a_key_opens_and_only_it(accounts: Accounts) -> None:
    key, secret = accounts.make("a studio", ["videos", "files"], per_minute=60)
    other, other_secret = accounts.make("another")
    caller = accounts.caller(f"Bearer {secret}", "192.0.2.7")
    assert caller == Caller(key.id, "a studio", frozenset({"videos", "files"}), "192.0.2.7", 60)
    assert accounts.caller(f"  bearer   {other_secret} ", "").key_id == other.id
    for wrong in (None, "", secret, f"Basic {secret}", "Bearer", "Bearer  ", f"Bearer {secret[:-1]}"):
        refused(accounts, wrong)
    refused(accounts, f"Bearer {secret.swapcase()}")
    refused(accounts, f"Bearer {key.id}")


def test_a_secret_is_long_random_and_kept_nowhere(
    accounts: Accounts, engine: Engine, settings: Settings
) -> None:
    secrets = {accounts.make(f"number {number}")[1] for number in range(20)}
    assert len(secrets) == 20
    allowed = set(string.ascii_letters + string.digits + "-_")
    assert all(re.fullmatch(r"vs_.{32}", secret) and set(secret) <= allowed for secret in secrets)
    with engine.connect() as connection:
        rows = [str(row) for row in connection.execute(text("SELECT * FROM keys"))]
    engine.dispose()
    kept = b"".join(path.read_bytes() for path in settings.folder.iterdir())
    for secret in secrets:
        assert not any(secret in row for row in rows)
        assert secret.encode() not in kept
        assert secret[7:20].encode() not in kept


def test_a_revoked_key_is_dead_on_every_replica(accounts: Accounts, settings: Settings) -> None:
    key, secret = accounts.make("a studio")
    replica = Accounts(make_engine(settings.database_url), settings)
    assert replica.caller(f"Bearer {secret}", "").key_id == key.id
    revoked = accounts.revoke(key.id)
    assert revoked.revoked_at is not None
    assert "revoked" in refused(replica, f"Bearer {secret}").message
    assert accounts.revoke(key.id) == revoked  # once is for ever
    with pytest.raises(ServerError) as caught:
        accounts.revoke("key_none")
    assert caught.value.status == 404


def test_whatever_is_sent_is_no_key(accounts: Accounts) -> None:
    accounts.make("a studio")

    @given(text=st.text(max_size=80))
    def check(text: str) -> None:
        refused(accounts, text)
        refused(accounts, f"Bearer {text}")

    check()


def test_scopes() -> None:
    caller = Caller("key_1", "a studio", frozenset({"videos"}), "")
    assert caller.may("videos")
    assert not caller.may("queue")
    caller.require("videos")
    with pytest.raises(ServerError, match='the scope "queue" and has videos') as caught:
        caller.require("queue")
    assert caught.value.status == 403
    assert Caller("key_2", "an admin", frozenset({"admin"}), "").may("queue")


def test_on_loopback_keys_are_off(engine: Engine, tmp_path: Path) -> None:
    accounts = Accounts(engine, Settings(data=tmp_path / "data"))
    for sent in (None, "Bearer test", "nonsense"):
        caller = accounts.caller(sent, "127.0.0.1")
        assert caller.key_id == "local"
        assert caller.may("admin")
    with pytest.raises(ServerError):
        Accounts(engine, Settings(data=tmp_path / "data", host="0.0.0.0")).caller("Bearer test", "")


@pytest.mark.parametrize(
    ("name", "scopes", "limits"),
    [
        ("", ["videos"], {}),
        ("a\x00b", ["videos"], {}),
        ("x" * 201, ["videos"], {}),
        ("a studio", [], {}),
        ("a studio", ["videos", "everything"], {}),
        ("a studio", ["videos"], {"credits": -1}),
        ("a studio", ["videos"], {"monthly_credits": 10**12}),
        ("a studio", ["videos"], {"per_minute": 0}),
        ("a studio", ["videos"], {"weight": 0.0}),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    accounts: Accounts, name: str, scopes: list[str], limits: dict[str, int]
) -> None:
    with pytest.raises(ServerError) as caught:
        accounts.make(name, scopes, **limits)
    assert caught.value.status == 400
    assert accounts.list() == []


def test_keys_are_listed_found_and_limited(accounts: Accounts) -> None:
    first, secret = accounts.make("a studio", ["admin", "videos"], credits=5)
    second, _ = accounts.make("another")
    assert accounts.list() == [first, second]
    assert first.scopes == ("videos", "admin")
    assert first.prefix == secret[:7]
    assert accounts.find("a studio") == accounts.find(first.id) == accounts.find(first.prefix) == first
    limited = accounts.limit(first.id, credits=None, per_minute=7, weight=2.0)
    assert (limited.credits, limited.per_minute, limited.weight) == (None, 7, 2.0)
    assert limited.name == "a studio"
    accounts.make("another")
    for word, status in (("nobody", 404), ("another", 400)):
        with pytest.raises(ServerError) as caught:
            accounts.find(word)
        assert caught.value.status == status
    with pytest.raises(ServerError) as caught:
        accounts.limit("key_none", credits=1)
    assert caught.value.status == 404


def test_the_audit_log_stands_or_falls_with_its_transaction(engine: Engine) -> None:
    audit = Audit(engine)
    caller, other = (Caller(f"key_{n}", "", frozenset(), "192.0.2.7") for n in (1, 2))
    audit.record(caller, "job.delete", "job_1")
    audit.record(other, "key.revoke", "key_3", note="leaked")
    with writing(engine) as session:
        audit.record(caller, "queue.pause", session=session)

    def fail() -> None:
        with writing(engine) as session:
            audit.record(caller, "never", session=session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    entries = audit.entries()
    assert [entry.action for entry in entries] == ["queue.pause", "key.revoke", "job.delete"]
    assert entries[1].note == "leaked"
    assert [entry.target for entry in audit.entries(key_id="key_1", limit=1)] == [""]
    assert entries[2].address == "192.0.2.7"


Command = Callable[..., str]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """command("keys", "list") -> what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    app = typer.Typer()
    app.add_typer(commands.keys)
    app.command()(commands.usage)

    def run(*words: str) -> str:
        app([*words, "--data", str(tmp_path / "data")], prog_name="vitascope", standalone_mode=False)
        return capfd.readouterr().out

    return run


def test_the_commands_make_limit_and_revoke_keys(
    command: Command, accounts: Accounts, engine: Engine
) -> None:
    secret = command(
        "keys", "create", "a studio", "--scope", "videos", "--scope", "files", "--credits", "9"
    ).strip()
    assert re.fullmatch(r"vs_[\w-]{32}", secret)  # alone on stdout, for scripts
    caller = accounts.caller(f"Bearer {secret}", "")
    assert caller.scopes == {"videos", "files"}
    listed = command("keys", "list", "--json", "keys.json")
    assert secret not in listed
    assert secret not in Path("keys.json").read_text()
    assert f"{secret[:7]} " in listed
    [record] = json.loads(Path("keys.json").read_text())
    assert (record["id"], record["credits"], record["per_minute"]) == (caller.key_id, 9, None)
    command("keys", "limits", "a studio", "--credits", "none", "--per-minute", "30", "--weight", "2")
    [key] = accounts.list()
    assert (key.credits, key.monthly_credits, key.per_minute, key.weight) == (None, None, 30, 2.0)
    assert "30" in command("keys", "limits", key.prefix)
    assert "revoked" in command("keys", "revoke", key.id)
    refused(accounts, f"Bearer {secret}")
    actions = [(entry.action, entry.target) for entry in Audit(engine).entries()]
    assert actions == [("key.revoke", key.id), ("key.limits", key.id), ("key.create", key.id)]


def test_the_report_of_use(command: Command, accounts: Accounts, engine: Engine) -> None:
    key, _ = accounts.make("a studio")
    at = datetime(2026, 11, 3, 12, tzinfo=UTC).timestamp()
    with writing(engine) as session:
        session.add(UsageRow(key_id=key.id, job_id=None, credits=7, seconds=1.5, at=at, kind="spent"))
    report = command("usage", "--since", "2026-11-03", "--until", "2026-11-03", "--json", "usage.json")
    assert report.splitlines()[1].split() == ["2026-11-03", "a", "studio", "1", "7", "1.5"]
    assert json.loads(Path("usage.json").read_text())[0]["key_id"] == key.id
    assert "studio" not in command("usage", "--since", "2026-11-04", "--until", "2026-11-05")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("keys", "create", "a studio", "--scope", "everything"), 'no scope "everything"'),
        (("keys", "revoke", "nobody"), "doesn't exist"),
        (("keys", "limits", "nobody", "--credits", "many"), "no whole number"),
        (("usage", "--since", "yesterday"), "is no day"),
    ],
)
def test_the_commands_say_what_is_wrong(command: Command, words: tuple[str, ...], why: str) -> None:
    with pytest.raises((ServerError, typer.BadParameter), match=why):
        command(*words)
