"""Opening an output of FFmpeg, and its encoders. Knows nothing of what goes into them."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from vitascope.media.limits import MediaError


@contextmanager
def opened_output(part: Path, form: str, what: str, options: dict[str, str]) -> Generator[Any]:
    """Yield PyAV's container to write to (untyped: its stubs leave packets half known).

    A failure of FFmpeg in the block becomes a MediaError: "can't write" ``what``.
    """
    os.environ.setdefault(
        "SVT_LOG", "1"
    )  # the AV1 encoder prints to the terminal by itself; 1 leaves errors only
    try:
        with av.open(str(part), "w", format=form, options=options) as output:
            yield output
    except FFmpegError as error:
        raise MediaError(f"can't write {what}: {error.strerror or error}") from error


@contextmanager
def ordinary_priority() -> Generator[None]:
    """Opens an encoder in the block, and takes back the real-time priority that it may give to this program.

    As root SVT-AV1 makes the thread that opens it (and its own threads) real-time, at the highest priority.
    Whatever this thread starts from then on is so too, and on few cores starves the machine.
    """
    threads = Path("/proc/self/task")
    if not (hasattr(os, "sched_setscheduler") and threads.is_dir()):
        yield
        return
    before, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        for thread in threads.iterdir():
            with suppress(ProcessLookupError):  # it ended meanwhile
                if os.sched_getscheduler(int(thread.name)) not in (os.SCHED_OTHER, before):
                    os.sched_setscheduler(int(thread.name), before, parameters)
