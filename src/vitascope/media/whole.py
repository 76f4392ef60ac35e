"""Outputs that appear whole or not at all. Knows nothing of what is written.

Each yields a hidden place beside the target, in the same folder, so that the last step is one atomic rename.
Any exception throws the place away, ``KeyboardInterrupt`` too; what was there before stays until the rename.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from vitascope.media.limits import MediaError, Place


@contextmanager
def whole_file(path: Place) -> Generator[Path]:
    """Yield a place with the suffix of ``path`` that becomes ``path`` when the block ends well."""
    final = Path(os.path.realpath(path))  # write through a link rather than over it
    if final.exists() and not final.is_file():
        raise MediaError(f"{path}: is a folder or a device, not a file that can be written")
    part = _hidden_beside(final)
    try:
        with _full_disk_said(path):
            yield part
            os.replace(part, final)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(path: Place) -> Generator[Path]:
    """Yield a new folder that becomes ``path``, which must be new or empty, when the block ends well."""
    final = Path(os.path.realpath(path))
    if final.exists() and (not final.is_dir() or any(final.iterdir())):
        raise MediaError(f"{path}: already exists and isn't an empty folder; name a new one")
    part = _hidden_beside(final)
    part.mkdir()
    try:
        with _full_disk_said(path):
            yield part
            os.replace(part, final)  # a rename over an empty folder is allowed, and atomic
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


@contextmanager
def whole_files(folder: Place) -> Generator[Path]:
    """Yield a new folder whose files move into ``folder``, where others may be, when the block ends well."""
    final = Path(os.path.realpath(folder))
    part = _hidden_beside(final / "files")
    part.mkdir()
    moved: list[Path] = []
    try:
        with _full_disk_said(folder):
            yield part
        for file in sorted(part.iterdir()):
            os.replace(file, final / file.name)
            moved.append(final / file.name)
    except BaseException:
        for file in moved:
            file.unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _full_disk_said(path: Place) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise MediaError(f"{path}: the disk is full; nothing was written") from error


def _hidden_beside(final: Path) -> Path:
    if not final.parent.is_dir():
        raise MediaError(f"{final}: the folder {final.parent} doesn't exist; make it first")
    if not os.access(final.parent, os.W_OK):
        raise MediaError(f"{final}: the folder {final.parent} can't be written to")
    return final.parent / f".{secrets.token_hex(6)}.part{final.suffix}"
