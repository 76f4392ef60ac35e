"""Work done at the same time: the next frames while the last are encoded, the sound while there are pictures.

Knows threads only. Whatever happens in the block, its thread has ended when the block has.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

Made = TypeVar("Made")

_MOST = 4  # frames that wait: more would only take memory
_PATIENCE_S = (
    0.05  # how long it takes at most until a thread that waits for room sees that it isn't wanted any more
)


@contextmanager
def ahead(things: Iterator[Made]) -> Generator[Iterator[Made]]:
    """Yield the same things in the same order, made in another thread, a few of them ahead of time.

    What is raised there is raised here, at its place. When the block ends, however it ends, the thread has
    ended.
    """
    made: Queue[tuple[bool, Made | BaseException | None]] = Queue(_MOST)
    unwanted = Event()

    def hand(over: tuple[bool, Made | BaseException | None]) -> bool:
        while not unwanted.is_set():
            try:
                made.put(over, timeout=_PATIENCE_S)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for thing in things:
                if not hand((True, thing)):
                    return
            hand((False, None))
        except BaseException as error:
            hand((False, error))

    thread = Thread(target=work, name="ahead", daemon=True)

    def given() -> Iterator[Made]:
        while True:
            more, thing = made.get()
            if more:
                yield thing  # type: ignore[misc]
            elif thing is None:
                return
            else:
                raise thing  # type: ignore[misc]

    thread.start()
    try:
        yield given()
    finally:
        unwanted.set()
        try:
            while True:
                made.get_nowait()
        except Empty:
            pass
        thread.join()


class Unwanted(Exception):
    """Raised in work that runs beside a block which has ended."""


class Beside:
    """What runs in the other thread."""

    def __init__(self, work: Callable[[Callable[[], None]], None]) -> None:
        self._unwanted = Event()
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, args=(work,), name="beside", daemon=True)
        self._thread.start()

    def done(self, wait_s: float) -> bool:
        """Whether it is, after at most so long; what was raised there is raised here."""
        self._thread.join(wait_s)
        if self._error is not None:
            raise self._error
        return not self._thread.is_alive()

    def end(self) -> None:
        """Have it stop where it next asks, and wait for that."""
        self._unwanted.set()
        self._thread.join()

    def _run(self, work: Callable[[Callable[[], None]], None]) -> None:
        try:
            work(self._ask)
        except BaseException as error:
            self._error = error

    def _ask(self) -> None:
        if self._unwanted.is_set():
            raise Unwanted


@contextmanager
def beside(work: Callable[[Callable[[], None]], None]) -> Generator[Beside]:
    """Run `work` in another thread during the block; it gets a function to call often, which may end it."""
    running = Beside(work)
    try:
        yield running
    finally:
        running.end()
