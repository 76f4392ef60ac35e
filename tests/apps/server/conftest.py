"""A really started server for the tests of everything around it: `server`, `keyed_server`, `start_server`.

Its filler is "toy". Four more are installed beside it, for one test each: "slow" paints ten frames a second
and shows what it paints, "deadly" ends its own process, "hungry" asks for more memory than there is,
"together" can share a clip. So is "absent", a face-finder whose package nobody has.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from vitascope.apps.server.accounts.keys import SCOPES, Accounts
from vitascope.apps.server.jobs.database import make_engine
from vitascope.apps.server.settings import PREFIX, load_settings

STARTS_WITHIN_S = 150  # a machine that is busy otherwise
STOPS_WITHIN_S = 60
OVER = ("completed", "failed", "cancelled")
PROGRAM = "from vitascope.apps.cli import main; raise SystemExit(main())"

FILLERS = '''
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from vitascope.engine import Capabilities, Progress, ToyFiller
from vitascope.footage import Part


class Slow(ToyFiller):
    """Ten frames a second, with previews; every frame's words go into a file, so that tests can count."""

    capabilities = replace(ToyFiller.capabilities, name="slow")

    def fill(self, canvases, settings, report):
        diary = os.environ.get("SLOW_DIARY")

        def slowly(progress):
            time.sleep(0.1)
            canvas = canvases[0]
            if diary:
                with Path(diary).open("a") as file:
                    file.write(f"{canvas.words_at(0)}|{progress.done}|{time.time()}\\n")
            seen = np.full((1, 8, 8, 3), progress.done % 256, np.uint8)
            report(replace(progress, preview=seen))

        return super().fill(canvases, settings, slowly)


class Deadly(ToyFiller):
    """Ends its own process, as a fault in a library does."""

    capabilities = replace(ToyFiller.capabilities, name="deadly")

    def fill(self, canvases, settings, report):
        os.kill(os.getpid(), signal.SIGKILL)


class Hungry(ToyFiller):
    """Asks for more memory than there is."""

    capabilities = replace(ToyFiller.capabilities, name="hungry")

    def fill(self, canvases, settings, report):
        np.ones(1 << 50, np.uint8)


class Together(ToyFiller):
    """Can share a clip; each rank writes down how many were to share it, and which of how many it is."""

    capabilities = replace(ToyFiller.capabilities, name="together", shared=True)

    def fill(self, canvases, settings, report):
        from torch import distributed

        rank, ranks = distributed.get_rank(), distributed.get_world_size()
        with Path(os.environ["SLOW_DIARY"]).open("a") as file:
            file.write(f"{settings.gpus}: {rank} of {ranks}\\n")
        return super().fill(canvases, settings, report)


ABSENT = Part(name="absent", role="face-finder", summary="", target="x:y", packages=("no_such_package",))
'''
ENTRY_POINTS = """[vitascope.fillers]
slow = vitascope_test_fillers:Slow
deadly = vitascope_test_fillers:Deadly
hungry = vitascope_test_fillers:Hungry
together = vitascope_test_fillers:Together
[vitascope.footage]
face-finder.absent = vitascope_test_fillers:ABSENT
"""


@dataclass
class Running:
    """A server's process, where it listens, and where it keeps everything."""

    data: Path
    port: int
    command: list[str]
    environment: dict[str, str]
    key: str | None = None
    """The secret of a key with all scopes, where keys are needed."""
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def url(self) -> str:
        """http://127.0.0.1:port, without /v1."""
        return f"http://127.0.0.1:{self.port}"

    base_url = url

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self.data.parent / "log.txt").read_text(errors="replace")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data.parent / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        until_s = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until_s:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log}")
            try:
                if httpx.get(f"{self.url}/health/live", timeout=10).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"the server doesn't answer:\n{self.log}")

    def stop(self) -> int:
        """End it as a service manager does; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOPS_WITHIN_S)
        finally:
            self.kill_group()

    def kill_group(self) -> None:
        """kill -9 of the server, its workers and their painters at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def client(self) -> httpx.Client:
        """A client with the server's key, if it has one."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=120)

    def settled(self, job_id: str, within_s: float = 240) -> dict[str, Any]:
        """The job (as /v1/jobs shows it) once it's over."""
        until_s = time.monotonic() + within_s
        with self.client() as client:
            while time.monotonic() < until_s:
                try:
                    answer = client.get(f"/v1/jobs/{job_id}")
                except httpx.TransportError:  # it may be starting again
                    time.sleep(0.2)
                    continue
                assert answer.status_code == 200, answer.text
                job: dict[str, Any] = answer.json()
                if job["status"] in OVER:
                    return job
                time.sleep(0.1)
        raise AssertionError(f"job {job_id} isn't over:\n{self.log[-5000:]}")


Start = Callable[..., Running]


@pytest.fixture(scope="session")
def more_fillers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH in which the fillers above are installed."""
    place = tmp_path_factory.mktemp("installed")
    info = place / "vitascope_test_fillers-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vitascope_test_fillers\nVersion: 1\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (place / "vitascope_test_fillers.py").write_text(FILLERS)
    return place


@pytest.fixture(scope="session")
def make_running(more_fillers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """start(workers=1, key=False, **settings) -> Running; all of them are ended at the end."""
    started: list[Running] = []

    def start(*, data: Path | None = None, key: bool = False, **settings: Any) -> Running:
        data = data or tmp_path_factory.mktemp("server") / "data"
        settings = {"filler": "toy", "require_keys": key} | settings
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environment["PYTHONPATH"] = os.pathsep.join([str(more_fillers), environment.get("PYTHONPATH", "")])
        environment["SLOW_DIARY"] = str(data.parent / "diary.txt")
        for name, value in settings.items():
            environment[PREFIX + name.upper()] = str(value)
        port = _free_port()
        command = [sys.executable, "-c", PROGRAM, "serve", "--port", str(port), "--data", str(data)]
        running = Running(data, port, command, environment)
        started.append(running)
        if key:
            running.key = make_key(running)
        return running

    yield start
    for running in started:
        running.kill_group()


@pytest.fixture
def start_server(make_running: Start) -> Iterator[Start]:
    """start(workers=1, key=False, **settings) -> Running, ended when the test is over."""
    own: list[Running] = []

    def start(**settings: Any) -> Running:
        own.append(make_running(**settings))
        return own[-1]

    yield start
    for running in own:
        running.kill_group()


@pytest.fixture(scope="session")
def server(make_running: Start) -> Running:
    """A server without keys, shared by all tests: leave it as you found it."""
    return make_running()


@pytest.fixture(scope="session")
def keyed_server(make_running: Start) -> Running:
    """A server that needs keys, shared by all tests; `.key` is one with all scopes."""
    return make_running(key=True)


def make_key(running: Running, scopes: tuple[str, ...] = SCOPES, **limits: Any) -> str:
    """A new key's secret."""
    settings = load_settings(data=running.data, require_keys=True)
    engine = make_engine(settings.database_url)
    try:
        _, secret = Accounts(engine, settings).make("test", scopes, **limits)
    finally:
        engine.dispose()
    return secret


@pytest.fixture(scope="session")
def new_key() -> Callable[..., str]:
    """new_key(running, scopes, credits=..., per_minute=...) -> the secret of a new key."""
    return make_key


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
