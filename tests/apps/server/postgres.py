"""A real PostgreSQL for tests, from Debian's package: the fixture `postgres`, for whoever imports it.

    from tests.apps.server.postgres import Postgres, running_postgres  # noqa: F401

It is started once for all tests, in a folder of its own and with a password, and is gone afterwards. Without
the package it's installed where we are root; elsewhere its tests are skipped, saying what to install.
Nothing here is meant to last: it doesn't wait for the disk.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

PROGRAMS = Path("/usr/lib/postgresql")
PACKAGE = "postgresql"
STARTS_WITHIN_S = 60
STOPS_WITHIN_S = 30
ROLE = "vitascope"
HASTE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


class Postgres:
    """A running PostgreSQL."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._password = secrets.token_hex(16)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._folder = Path(tempfile.mkdtemp(prefix="vitascope-postgres-"))
        self._user = _unprivileged()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make an empty cluster, start it, and wait until it answers."""
        word = self._folder / "password"
        word.write_text(self._password)
        if self._user is not None:
            for path in (self._folder, word):
                shutil.chown(path, self._user)
        how = ["--username", ROLE, "--pwfile", str(word), "--auth", "scram-sha-256", "--no-sync"]
        how += ["--encoding", "UTF8", "--locale", "C", "-D", str(self._folder / "data")]
        made = subprocess.run(
            [self._programs / "initdb", *how],
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        options = ["-D", str(self._folder / "data"), "-h", "127.0.0.1", "-p", str(self.port)]
        options += ["-k", str(self._folder), *(part for each in HASTE for part in ("-c", each))]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", *options],
                user=self._user,
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        until_s = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                psycopg.connect(self._said("postgres")).close()
            except psycopg.OperationalError as error:
                said = (self._folder / "log").read_text(errors="replace")
                if self._process.poll() is not None or time.monotonic() > until_s:
                    raise AssertionError(f"PostgreSQL doesn't start: {said}") from error
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """End it, whoever is connected, and forget its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            try:
                self._process.wait(STOPS_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)  # "immediate"
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self._said("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self._said(name)

    def _said(self, database: str) -> str:
        return f"postgresql://{ROLE}:{self._password}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="session", name="postgres")
def running_postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, started once."""
    programs = _programs()
    if programs is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        programs = _programs()
    if programs is None:
        pytest.skip(f"there is no PostgreSQL under {PROGRAMS}: apt-get install {PACKAGE}")
    running = Postgres(programs)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def _programs() -> Path | None:
    """The folder with initdb and postgres, of the newest version there is."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/initdb") if (path.parent / "postgres").exists()]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def _install() -> None:
    how = ["install", "--yes", "--no-install-recommends", PACKAGE]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (how, ["update"], how):  # the lists of packages may be old, or not there yet
        done = subprocess.run(
            ["apt-get", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        if arguments is how and done.returncode == 0:
            return
    pytest.skip(f"PostgreSQL can't be installed: {done.stderr[-500:]}")


def _unprivileged() -> str | None:
    """Whom PostgreSQL runs as, which refuses to run as root; None: as we do."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
