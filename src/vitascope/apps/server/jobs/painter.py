"""The painting process as its worker sees it: start it, give it orders, hear how it goes, stop it.

A job that crashes it or eats the memory takes nothing else along: the worker hears of it and starts another.
Knows no queue and no database.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from vitascope.apps.server.jobs.painting import (
    OUT_OF_MEMORY,
    Answer,
    Cancel,
    Failure,
    Made,
    Order,
    Ready,
    Told,
    main,
)
from vitascope.apps.server.settings import Settings

LOOK_EVERY_S = 0.2
STARTS_WITHIN_S = 300.0
STOPS_WITHIN_S = 20.0


class Died(Exception):
    """The painting process ended in the middle of an order."""


class Painter:
    """One painting process, started when it is first needed and kept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._heard = False

    @property
    def pid(self) -> int | None:
        """The painting process, if there is one."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process, if there is none, and don't wait for it."""
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        process = context.Process(target=main, args=(other, self.settings), name="painter", daemon=True)
        process.start()
        other.close()
        self._process = process

    def do(
        self, order: Order, tell: Callable[[Told], None], cancelled: Callable[[], bool], within_s: float
    ) -> list[Made] | Failure:
        """Have an order done. `cancelled` is asked several times a second.

        A Failure says why it can't be done. Raises Died if the process dies under it for another reason than
        memory.
        """
        pipe, killed = self._ready(), _kills_for_memory()
        began_s, stop_by_s = time.monotonic(), None
        with suppress(OSError):  # it died this very moment: that is heard of below
            pipe.send(order)
        while True:
            answer = self._hear(pipe, killed)
            if isinstance(answer, Told):
                tell(answer)
            elif answer is not None and not isinstance(answer, Ready):
                return answer
            now_s = time.monotonic()
            if stop_by_s is None and cancelled():
                with suppress(OSError):
                    pipe.send(Cancel())
                stop_by_s = now_s + STOPS_WITHIN_S
            if stop_by_s is not None and now_s > stop_by_s:
                self.stop()
                return Failure("cancelled", "it was cancelled")
            if now_s - began_s > within_s:
                self.stop()
                said = f"it took longer than {within_s / 60:g} minutes; ask for a smaller size or less of it"
                return Failure("timeout", said)

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None
        self._heard = False

    def kill(self) -> None:
        """End the process from another thread than the one that waits for it, which will hear of it."""
        with suppress(ValueError, ProcessLookupError):  # that thread may have put it away this very moment
            if (pid := self.pid) is not None:
                os.kill(pid, signal.SIGKILL)

    def _ready(self) -> Connection:
        """The pipe to a process that listens."""
        if self._process is not None and not self._process.is_alive():
            self.stop()  # it was killed while it had nothing to do
        self.start()
        if self._heard and self._pipe is not None:
            return self._pipe
        assert self._pipe is not None
        until_s = time.monotonic() + STARTS_WITHIN_S
        while not isinstance(self._hear(self._pipe, None), Ready):
            if time.monotonic() > until_s:
                self.stop()
                raise Died("the painting process doesn't start")
        self._heard = True
        return self._pipe

    def _hear(self, pipe: Connection, killed: int | None) -> Answer | Failure | None:
        """What it says within a moment, or None; a death for memory is a Failure, any other raises Died."""
        try:
            return pipe.recv() if pipe.poll(LOOK_EVERY_S) else None
        except (EOFError, OSError):
            pass
        process = self._process
        if process is not None:
            process.join(5)
        code = None if process is None else process.exitcode
        self.stop()
        if killed is not None and _kills_for_memory() > killed:
            return Failure("out_of_memory", OUT_OF_MEMORY)
        raise Died(_cause(code))


def _cause(code: int | None) -> str:
    """A process's exit code in words."""
    if code is not None and code < 0:
        try:
            return f"it was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"it was ended by signal {-code}"
    return f"it ended with status {code}"


def _kills_for_memory() -> int:
    """How many processes this machine's kernel has killed to get memory."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
