"""Stored bytes by key, in a folder or a bucket, and the table `files` that says whose they are.

Nothing is ever half-written: a key holds a whole file or none. Knows no job and nothing of what is in a file.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import fsspec  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy import Engine, delete

from vitascope.apps.server.errors import not_found
from vitascope.apps.server.jobs.database import FileRow, new_id, reading, writing

CHUNK_BYTES = 256 * 1024
SUFFIXES = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "application/json": ".json",
}


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """What is to be said of a file that will be kept; `id` None: a new one."""

    key_id: str
    purpose: str
    """input, output, upload or character"""
    media_type: str
    name: str = ""
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    frames: int | None = None
    rate_fps: str | None = None
    job_id: str | None = None
    expires_at: float | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A row of the table `files`. Times are unix seconds; rate_fps is a fraction as text."""

    id: str
    key_id: str
    purpose: str
    media_type: str
    name: str
    bytes: int
    width_px: int | None
    height_px: int | None
    duration_s: float | None
    frames: int | None
    rate_fps: str | None
    key: str
    sha256: str
    created_at: float
    expires_at: float | None
    job_id: str | None

    @property
    def suffix(self) -> str:
        """What its kind of file ends in."""
        return SUFFIXES.get(self.media_type, "")


class Store:
    """Bytes by key: text with slashes, of our own making, never a client's."""

    def __init__(self, url: str) -> None:
        library: Any = fsspec  # it has no types
        self._fs, self._root = library.url_to_fs(url)
        self._local = "file" in self._fs.protocol
        if self._local:
            Path(self._root).mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, key: str, source: Path) -> None:
        """Keep a copy of a file."""
        place = self._place(key)
        if not self._local:
            self._fs.put_file(str(source), place)
            return
        with self._whole(place) as part:
            shutil.copyfile(source, part)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Keep a few bytes."""
        place = self._place(key)
        if not self._local:
            self._fs.pipe_file(place, data)
            return
        with self._whole(place) as part:
            part.write_bytes(data)

    def read(self, key: str) -> bytes | None:
        """All of it; None if there is nothing."""
        try:
            return self._fs.cat_file(self._place(key))
        except FileNotFoundError:
            return None

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Its bytes from start up to, not including, end, in chunks; FileNotFoundError at once."""
        return self._chunks(self._fs.open(self._place(key), "rb"), start, end)

    def _chunks(self, file: Any, start: int, end: int | None) -> Iterator[bytes]:
        with file:
            file.seek(start)
            left = None if end is None else end - start
            while left is None or left > 0:
                chunk: bytes = file.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk

    def fetch(self, key: str, target: Path) -> None:
        """Bring a copy to a path of this machine; FileNotFoundError if there is nothing."""
        self._fs.get_file(self._place(key), str(target))

    def delete(self, key: str) -> None:
        """Forget it; it needn't be there."""
        with suppress(FileNotFoundError):
            self._fs.rm_file(self._place(key))

    def delete_under(self, prefix: str) -> None:
        """Forget all keys that begin with `prefix/`."""
        with suppress(FileNotFoundError):
            self._fs.rm(self._place(prefix), recursive=True)

    def local_path(self, key: str) -> Path | None:
        """Where it is if that is a file of this machine."""
        return Path(self._place(key)) if self._local else None

    def check(self) -> None:
        """Raise OSError if nothing can be kept now."""
        key = f"check/{secrets.token_hex(6)}"
        self.put_bytes(key, b"1")
        self.delete(key)

    def _place(self, key: str) -> str:
        if key.startswith("/") or ".." in key.split("/"):
            raise ValueError(f"no key: {key!r}")  # keys are ours, so this is a fault of ours
        return f"{self._root}/{key}"

    @contextmanager
    def _whole(self, place: str) -> Generator[Path]:
        final = Path(place)
        final.parent.mkdir(parents=True, exist_ok=True)
        part = final.with_name(f".{secrets.token_hex(6)}.part")
        try:
            yield part
            os.replace(part, final)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


class Files:
    """The files of everybody, each with its row."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self.engine = engine
        self.store = store

    def keep(self, source: Path, new: NewFile) -> StoredFile:
        """Keep a copy of a local file, and its row."""
        row = self.place(source, new)
        with writing(self.engine) as session:
            session.merge(row)
        return stored_file(row)

    def place(self, source: Path, new: NewFile) -> FileRow:
        """Keep a copy of a local file, and give the row that is to be added (`merge`) to a transaction.

        A file that is kept again under the same id takes the place of the old one.
        """
        digest, size = _digest(source)
        file_id = new.id or new_id("file")
        key = f"{new.purpose}/{file_id[-2:]}/{file_id}{SUFFIXES.get(new.media_type, '')}"
        self.store.put(key, source)
        values = {each.name: getattr(new, each.name) for each in fields(new) if each.name != "id"}
        return FileRow(**values, id=file_id, key=key, bytes=size, sha256=digest, created_at=time.time())

    def get(self, file_id: str, key_id: str | None) -> StoredFile:
        """The file, if it is that key's (None: anybody's); else ServerError 404."""
        with reading(self.engine) as session:
            row = session.get(FileRow, file_id) if "\0" not in file_id else None
        if row is None or key_id not in (None, row.key_id):
            raise not_found(f"file {file_id[:80]}")
        if row.expires_at is not None and row.expires_at < time.time():
            raise not_found(f"file {file_id[:80]}")
        return stored_file(row)

    def open(self, file: StoredFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Its bytes from start up to, not including, end, in chunks; ServerError 404 if they are gone."""
        try:
            return self.store.open(file.key, start, end)
        except FileNotFoundError:
            raise not_found(f"file {file.id}") from None

    @contextmanager
    def local(self, file: StoredFile) -> Generator[Path]:
        """A path of this machine where it can be read, for as long as the block lasts."""
        path = self.store.local_path(file.key)
        if path is not None:
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="vitascope-") as folder:
            path = Path(folder) / f"file{file.suffix}"
            self.store.fetch(file.key, path)
            yield path

    def delete(self, file: StoredFile) -> None:
        """Forget a file and its row."""
        with writing(self.engine) as session:
            session.execute(delete(FileRow).where(FileRow.id == file.id))
        self.store.delete(file.key)


def stored_file(row: FileRow) -> StoredFile:
    """The row as a value."""
    return StoredFile(**{each.name: getattr(row, each.name) for each in fields(StoredFile)})


def _digest(path: Path) -> tuple[str, int]:
    """(SHA-256, bytes) of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()
