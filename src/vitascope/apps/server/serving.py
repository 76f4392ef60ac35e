"""Processes: the API in this one, workers as its children, started again when they die; and how it all ends.

Knows no route and no job.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from vitascope.apps.server.errors import SettingsError

if TYPE_CHECKING:
    from vitascope.apps.server.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
SOON_S = 5.0  # a worker that died sooner than that after its start waits as long for the next
STOPS_WITHIN_S = 25
REQUESTS_END_WITHIN_S = 5  # streams of events would go on for as long as their jobs


def serve(settings: Settings, arguments: list[str]) -> None:
    """Serve until SIGTERM or Ctrl-C. `arguments` are what workers are started with."""
    import uvicorn

    from vitascope.apps.server.application import create_app
    from vitascope.apps.server.watching import set_up_logs

    set_up_logs(settings)
    _check_shared(settings)
    _check_cluster(settings)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=REQUESTS_END_WITHIN_S,
        server_header=False,
    )
    try:
        listening = config.bind_socket()
    except SystemExit:  # uvicorn's way to say that it can't
        raise SettingsError(
            f"can't listen on {settings.host}:{settings.port}; is another server running there?"
        ) from None
    # uvicorn's own socket doesn't say that it's TCP, so asyncio leaves this out: an answer's body then waited
    # 40 ms for the client to acknowledge its head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server, workers = uvicorn.Server(config), Workers(arguments, settings.workers)

    def end(number: int, frame: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)  # to be told to stop is no failure: the status is 0
    workers.start()
    try:
        server.run(sockets=[listening])
    finally:
        workers.stop()


class Workers:
    """So many worker processes, and a thread that starts them again."""

    def __init__(self, arguments: list[str], count: int) -> None:
        program = "from vitascope.apps.cli import main; raise SystemExit(main())"
        self._command = [sys.executable, "-c", program, "worker", *arguments, "--parent", str(os.getpid())]
        self._count = count
        self._running: list[tuple[subprocess.Popen[bytes], float]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Start them."""
        if self._count:
            self._thread.start()

    def stop(self) -> None:
        """End them; what they were painting goes on at the next start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for process, _ in self._running:
            process.terminate()
        until_s = time.monotonic() + STOPS_WITHIN_S
        for process, _ in self._running:
            try:
                process.wait(max(0.1, until_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S if self._running else 0):
            now_s, alive = time.monotonic(), list[tuple[subprocess.Popen[bytes], float]]()
            for process, since_s in self._running:
                if process.poll() is None or now_s - since_s < SOON_S:
                    alive.append((process, since_s))
                else:
                    log.warning("a worker ended with status %s; another one is started", process.returncode)
            for _ in range(self._count - len(alive)):
                alive.append((subprocess.Popen(self._command), now_s))
            self._running = alive


def work_with(settings: Settings, parent: int | None) -> None:
    """Be a worker until SIGTERM, Ctrl-C or, if there is one, the parent's end."""
    from vitascope.apps.server.jobs.worker import Worker
    from vitascope.apps.server.watching import set_up_logs

    set_up_logs(settings)
    if parent is None:  # a server's own must come back whatever is gone: their jobs say what it is
        _check_shared(settings)
        _check_cluster(settings)
    worker = Worker(settings)

    def stop(number: int, frame: object) -> None:
        worker.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent, worker.stopping), daemon=True).start()
    worker.run()


def _check_cluster(settings: Settings) -> None:
    """Refuse a cluster that can't be reached."""
    from vitascope.engine.cluster import NoCluster, check_reachable

    if settings.cluster_address is not None:
        try:
            check_reachable(settings.cluster_address)
        except NoCluster as error:
            raise SettingsError(f"cluster: {error}") from None


def _check_shared(settings: Settings) -> None:
    """Refuse several GPUs to a clip where a filler of the settings can't share one, where none is named (the
    one that fits may be any), and where several workers would each take this machine's.
    """
    if settings.gpus == 1:
        return
    if settings.workers > 1 and settings.cluster in (None, "local"):
        raise SettingsError(
            f"gpus: {settings.workers} workers on one machine would all take the same GPUs; say --workers 1,"
            " or make a cluster of it (`ray start --head`) and name that (--cluster)"
        )
    from vitascope.engine import EngineError
    from vitascope.engine.gangs import check_shared, sharers
    from vitascope.engine.plugins import find_entry

    if settings.filler is None:
        raise SettingsError(
            f"gpus: name the filler whose clips {settings.gpus} GPUs are to share (--filler): "
            + ", ".join(sharers())
        )
    for name in sorted({settings.filler, *settings.models.values()} - {""}):
        try:
            check_shared(name, find_entry(name).capabilities, settings.gpus)
        except EngineError as error:
            raise SettingsError(f"gpus: {error}") from None


def _end_with(parent: int, stopping: threading.Event) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    stopping.set()
