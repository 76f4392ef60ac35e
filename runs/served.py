"""A server of one's own for the scripts server_*.py: started, killed, stopped, and what they say in the end.

No script by itself. Knows processes and nothing of what is measured.
"""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from vitascope.apps.cli.tables import show_table

PROGRAM = [sys.executable, "-c", "import sys; from vitascope.apps.cli import main; sys.exit(main())"]
STARTS_WITHIN_S = 180
STOPS_WITHIN_S = 60
OVER = ("completed", "failed", "cancelled")


class Served:
    """`vitascope serve` on a free port, with settings as in VITASCOPE_<NAME>."""

    def __init__(self, folder: Path, cores: Sequence[int] = (), **settings: Any) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.cores = set(cores)
        self.log = folder / "log.txt"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("VITASCOPE_")
        }
        self.set(**settings)
        self.process: subprocess.Popen[bytes]

    def set(self, **settings: Any) -> None:
        """Change settings, for the next start."""
        self._environment |= {f"VITASCOPE_{name.upper()}": str(value) for name, value in settings.items()}

    def start(self, patience_s: float = STARTS_WITHIN_S) -> None:
        """Start it, and wait until it answers."""
        command = [*PROGRAM, "serve", "--port", str(self.port), "--data", str(self.data)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        if self.cores:
            os.sched_setaffinity(self.process.pid, self.cores)
        until(self._answers, patience_s)

    def stop(self) -> None:
        """End it as a service manager does."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOPS_WITHIN_S)
        self.kill_all()

    def kill_all(self) -> None:
        """kill -9 of the API, its workers and their painters at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def workers(self) -> list[int]:
        """The processes of its workers."""
        return [pid for pid in children(self.process.pid) if " worker " in command_of(pid)]

    def painters(self) -> list[int]:
        """The processes that paint."""
        return [
            pid for worker in self.workers() for pid in children(worker) if "spawn_main" in command_of(pid)
        ]

    def client(self, key: str = "none") -> httpx.Client:
        """A client, with a key."""
        return httpx.Client(base_url=self.url, timeout=120, headers={"Authorization": f"Bearer {key}"})

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise SystemExit(f"the server ended at once:\n{self.log.read_text()[-3000:]}")
        try:
            return httpx.get(f"{self.url}/health/live", timeout=10).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def served(cores: Sequence[int] = (), **settings: Any) -> Iterator[Served]:
    """A started server with the filler "toy" (unless the settings say another), gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="vitascope-", ignore_cleanup_errors=True) as folder:
        server = Served(Path(folder), cores, **{"filler": "toy"} | settings)
        try:
            server.start()
            yield server
            server.stop()
        except BaseException:
            sys.stderr.write(server.log.read_text(errors="replace")[-2000:] if server.log.exists() else "")
            raise
        finally:
            with suppress(AttributeError):
                server.kill_all()


def until(true: Callable[[], Any], within_s: float, every_s: float = 0.1) -> Any:
    """Wait for something and give it back; SystemExit if it never comes."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        if found := true():
            return found
        time.sleep(every_s)
    raise SystemExit(f"it never came within {within_s:g} s: {true}")


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return found


def command_of(pid: int) -> str:
    """A process's command line, and a space; empty if it's gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def rss_mib(pid: int) -> float:
    """A process's own memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def machine() -> str:
    """This machine's name, processor, cores and load."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    load = os.getloadavg()[0]
    processor = names[0] if names else platform.processor()
    return f"{platform.node()}: {processor}, {os.cpu_count()} cores, load {load:.1f} at the end"


def conclude(rows: Sequence[Mapping[str, Any]], promises: Mapping[str, bool], json_file: Path | None) -> None:
    """Show the machine, a table and which promises were kept; ends the process with 1 if one was broken."""
    print(machine())
    show_table(rows, json_file)
    for promise, kept in promises.items():
        print(f"{'kept  ' if kept else 'BROKEN'}  {promise}")
    sys.stdout.flush()
    if not all(promises.values()):
        raise SystemExit(1)


class Beside:
    """Something done beside the rest, again and again until it's told to stop; its error is raised then."""

    def __init__(self, do: Callable[[], None]) -> None:
        self._do = do
        self._stopping = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it end."""
        self._stopping.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._do()
        except BaseException as error:
            self._error = error
