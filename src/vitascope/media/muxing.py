"""Opening an output of FFmpeg. Knows nothing of what goes into it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
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
