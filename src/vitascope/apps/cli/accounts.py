"""keys create, list, revoke, limits; usage: who may use the server, how much, and what they used.

Works on the server's database itself, whether the server runs or not; a change holds at once. Knows no HTTP.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.serve import DatabaseUrl, DataFolder, SettingsFile
from vitascope.apps.cli.tables import show_table

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.audit import Audit
    from vitascope.apps.server.accounts.keys import Accounts, Caller, Key
    from vitascope.apps.server.accounts.limits import Limits

Which = Annotated[str, typer.Argument(metavar="KEY", help="Its id, its name or its first letters.")]
_NO_END = "'none' for no end"

keys = typer.Typer(name="keys", no_args_is_help=True, help="Who may use the server.")


@dataclass(frozen=True)
class _Books:
    """What the commands work on."""

    accounts: Accounts
    limits: Limits
    audit: Audit
    caller: Caller


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Who will use it.", show_default=False)],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it opens: videos, images, files, queue, admin. Again for more.",
            show_default="videos, images, files",
        ),
    ] = None,
    credits: Annotated[int | None, typer.Option(help="In all.", show_default="no end")] = None,
    monthly: Annotated[int | None, typer.Option(help="Credits a month.", show_default="no end")] = None,
    per_minute: Annotated[int | None, typer.Option(help="Requests a minute.", show_default="no end")] = None,
    weight: Annotated[float, typer.Option(help="Its share of the queue beside others'.")] = 1.0,
    settings: SettingsFile = None,
    data: DataFolder = None,
    database: DatabaseUrl = None,
) -> None:
    """Make a key, and show its secret, this once."""
    with _opened(settings, data, database) as books:
        from vitascope.apps.server.accounts.keys import USUAL_SCOPES

        limits = {"credits": credits, "monthly_credits": monthly, "per_minute": per_minute}
        key, secret = books.accounts.make(name, scope or USUAL_SCOPES, weight=weight, **limits)
        books.audit.record(books.caller, "key.create", key.id)
    typer.echo(
        f"{key.id}  for {', '.join(key.scopes)}. This is its secret; it can't be shown again:", err=True
    )
    typer.echo(secret)


@keys.command("list")
def list_keys(
    json_file: o.JsonFile = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    database: DatabaseUrl = None,
) -> None:
    """List all keys, revoked ones too; never their secrets."""
    with _opened(settings, data, database) as books:
        found = books.accounts.list()
    show_table([_row(key) for key in found], json_file, [asdict(key) for key in found])
    if not found:
        typer.echo("There are no keys; `vitascope keys create NAME` makes one.", err=True)


@keys.command()
def revoke(
    key: Which, settings: SettingsFile = None, data: DataFolder = None, database: DatabaseUrl = None
) -> None:
    """End a key, at once and for ever. Its jobs go on, and its files stay until they expire."""
    with _opened(settings, data, database) as books:
        revoked = books.accounts.revoke(books.accounts.find(key).id)
        books.audit.record(books.caller, "key.revoke", revoked.id)
    typer.echo(f"{revoked.id}  {revoked.name}: revoked")


@keys.command()
def limits(
    key: Which,
    credits: Annotated[str | None, typer.Option(help=f"What is left from now on; {_NO_END}.")] = None,
    monthly: Annotated[str | None, typer.Option(help=f"Credits a month; {_NO_END}.")] = None,
    per_minute: Annotated[str | None, typer.Option(help=f"Requests a minute; {_NO_END}.")] = None,
    weight: Annotated[float | None, typer.Option(help="Its share of the queue beside others'.")] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    database: DatabaseUrl = None,
) -> None:
    """Change a key's limits, at once; without options, show them."""
    asked = {"credits": credits, "monthly_credits": monthly, "per_minute": per_minute}
    changes: dict[str, float | None] = {
        name: _number(name, text) for name, text in asked.items() if text is not None
    }
    if weight is not None:
        changes["weight"] = weight
    with _opened(settings, data, database) as books:
        changed = books.accounts.find(key)
        if changes:
            changed = books.accounts.limit(changed.id, **changes)
            said = ", ".join(f"{name} {value}" for name, value in changes.items())
            books.audit.record(books.caller, "key.limits", changed.id, said)
    show_table([_row(changed)])


def usage(
    since: Annotated[
        str | None, typer.Option(help="The first day, 2026-11-01.", show_default="the first of this month")
    ] = None,
    until: Annotated[str | None, typer.Option(help="The last day.", show_default="today")] = None,
    json_file: o.JsonFile = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    database: DatabaseUrl = None,
) -> None:
    """Report what each key used, by day (UTC) and model."""
    today = datetime.now(UTC).date()
    start, last = _day(since, today.replace(day=1)), _day(until, today)
    with _opened(settings, data, database) as books:
        names = {key.id: key.name for key in books.accounts.list()}
        used = books.limits.usage(books.caller, start, last + timedelta(days=1))
    rows: list[dict[str, Any]] = [
        {
            "day": each.day.isoformat(),
            "key": names.get(each.key_id, each.key_id),
            "model": each.model,
            "jobs": each.jobs,
            "credits": each.credits,
            "seconds": each.seconds,
        }
        for each in used
    ]
    show_table(rows, json_file, [row | {"key_id": each.key_id} for row, each in zip(rows, used, strict=True)])
    if not rows:
        typer.echo(f"Nothing was used from {start} to {last}.", err=True)


@contextmanager
def _opened(settings_file: Path | None, data: Path | None, database: str | None) -> Generator[_Books]:
    """The accounts of the server that is set up so; its errors are told in a line."""
    if not importlib.util.find_spec("sqlalchemy"):
        raise typer.BadParameter(
            "the server's packages aren't installed: pip install 'vitascope[server]', or in a clone: "
            "bash setup.sh server"
        )
    from vitascope.apps.server.accounts.audit import Audit
    from vitascope.apps.server.accounts.keys import LOCAL, SCOPES, Accounts, Caller
    from vitascope.apps.server.accounts.limits import Limits
    from vitascope.apps.server.jobs.database import create_all, make_engine
    from vitascope.apps.server.settings import load_settings

    settings = load_settings(settings_file, data=data, database=database)
    settings.make_folder()
    engine = make_engine(settings.database_url)
    try:
        create_all(engine)
        caller = Caller(LOCAL, "the command line", frozenset(SCOPES), "")
        yield _Books(Accounts(engine, settings), Limits(engine, settings), Audit(engine), caller)
    finally:
        engine.dispose()


def _row(key: Key) -> dict[str, Any]:
    def shown(number: int | None) -> str:
        return "no end" if number is None else f"{number:,}"

    return {
        "key": key.id,
        "name": key.name,
        "begins": key.prefix,
        "opens": ", ".join(key.scopes),
        "made": _date(key.created_at),
        "revoked": "" if key.revoked_at is None else _date(key.revoked_at),
        "credits left": shown(key.credits),
        "a month": shown(key.monthly_credits),
        "requests a minute": shown(key.per_minute),
        "weight": key.weight,
    }


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _number(name: str, text: str) -> int | None:
    if text.strip().lower() == "none":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise typer.BadParameter(f"{name}: {text!r} is no whole number; write 100, or 'none' for no end")
    return int(text)


def _day(text: str | None, otherwise: date) -> date:
    if text is None:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it like {otherwise}") from None
