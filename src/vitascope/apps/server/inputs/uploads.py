"""Media from clients become stored files: bytes, streams, data: URLs, https: URLs, and files that are here.

Everything is first a file in a folder that nobody else sees, of a limited size; then it is decoded to learn
what it is; then it is kept. What can't be decoded never reaches the queue. Knows no dialect.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import tempfile
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.errors import ServerError, bad_request
from vitascope.apps.server.inputs.fetching import CannotFetch, Fetcher
from vitascope.apps.server.jobs.storage import Files, NewFile, StoredFile
from vitascope.apps.server.settings import Settings

if TYPE_CHECKING:
    from vitascope.apps.server.inputs.sniffing import Found

PICTURES_AND_VIDEOS = frozenset({"image", "video"})
MOST_PIXELS = 8192 * 6144  # of a frame: the largest telephones' pictures; decoded they take 200 MB
MOST_AT_ONCE = 4  # are decoded, so that many small files of many pixels can't fill the memory
_WORDS = {"image": "a picture", "video": "a video", "audio": "sound"}
_MIB = 1 << 20
_CHUNK = 1 << 18
_DATA = re.compile(r"data:[^,]{0,200}?;base64,", re.IGNORECASE)


class Uploads:
    """Takes media in."""

    def __init__(self, files: Files, settings: Settings) -> None:
        self._files, self._settings = files, settings
        self._fetcher = Fetcher(seconds=settings.fetch_seconds, private=settings.allow_private_urls)
        self._decoding = threading.BoundedSemaphore(MOST_AT_ONCE)

    def take(
        self,
        caller: Caller,
        data: bytes | BinaryIO | str,
        *,
        purpose: str,
        kinds: Collection[str] = PICTURES_AND_VIDEOS,
        name: str | None = None,
    ) -> StoredFile:
        """Keep media for a caller: bytes, a stream, or text: a data: or https: URL, or the id of a file.

        `kinds` are those of image, video and audio that will do; a picture that moves does as either of the
        first two. `name` is only shown. A file that is here already stays as it is. Raises ServerError 400 or
        413, and 404 for an id of nobody's file.
        """
        if isinstance(data, str) and data.startswith("file_"):
            return self._known(data, caller, kinds)
        with tempfile.TemporaryDirectory(prefix="vitascope-") as folder:
            path = Path(folder) / "file"
            with path.open("xb") as file:
                name = self._receive(data, file, kinds) or name
            found = self._look(path, kinds)
            new = NewFile(
                key_id=caller.key_id,
                purpose=purpose,
                media_type=found.media_type,
                name=_shown(name or ""),
                width_px=found.width_px,
                height_px=found.height_px,
                duration_s=None if found.duration_s is None else float(found.duration_s),
                frames=found.frames,
                rate_fps=None if found.rate_fps is None else str(found.rate_fps),
                # A character is kept until it is deleted, for videos that nobody has thought of yet.
                expires_at=None if purpose == "character" else time.time() + self._settings.keep_hours * 3600,
            )
            return self._files.keep(path, new)

    def _known(self, file_id: str, caller: Caller, kinds: Collection[str]) -> StoredFile:
        stored = self._files.get(file_id, None if caller.may("admin") else caller.key_id)
        kind = stored.media_type.partition("/")[0]
        moves = kind == "image" and (stored.frames or 1) > 1 and "video" in kinds
        heard = kind == "video" and "audio" in kinds
        if not (kind in kinds or moves or heard):
            raise _wrong_kind(stored.media_type, kinds)
        return stored

    def _receive(self, data: bytes | BinaryIO | str, file: BinaryIO, kinds: Collection[str]) -> str | None:
        """Write what was sent into a file, within the limits; returns the name that a URL has for it."""
        most = self._most_bytes(kinds)
        if isinstance(data, str):
            if data[:5].lower() == "data:":
                _copy(io.BytesIO(_from_data_url(data, most)), file, most)
                return None
            if "://" in data[:12]:
                return self._fetch(data, file, most, kinds)
            raise bad_request(
                f"{data[:60]!r} names no media: give an https:// URL, a data: URL with base64, or the id of "
                "a file that was uploaded before (file_...)"
            )
        _copy(io.BytesIO(data) if isinstance(data, bytes) else data, file, most)
        return None

    def _fetch(self, url: str, file: BinaryIO, most: int, kinds: Collection[str]) -> str:
        try:
            self._fetcher.fetch(url, file, most, kinds)
        except CannotFetch as error:
            raise bad_request(str(error), code="invalid_url") from error
        return unquote(urlsplit(url).path.rpartition("/")[2])

    def _look(self, path: Path, kinds: Collection[str]) -> Found:
        """What it is, if it is what is needed. Raises ServerError 400 or 413."""
        from vitascope.apps.server.inputs.sniffing import sniff
        from vitascope.media import Limits, MediaError

        size = path.stat().st_size
        if not size:
            raise bad_request("the file is empty", code="invalid_media")
        longest_s = self._settings.max_seconds
        limits = Limits(
            max_pixels_per_frame=MOST_PIXELS,
            max_duration_s=longest_s,
            max_frames=longest_s * 240,
            max_file_bytes=self._settings.max_upload_mb * _MIB,
        )
        try:
            with self._decoding:
                found = sniff(path, limits, sound="audio" in kinds)
        except MediaError as error:
            raise bad_request(f"this file can't be used: {error}", code="invalid_media") from error
        if not found.kinds & set(kinds):
            raise _wrong_kind(found.media_type, kinds)
        if found.media_type.startswith("image/") and size > self._settings.max_picture_mb * _MIB:
            raise _too_large(self._settings.max_picture_mb * _MIB)
        return found

    def _most_bytes(self, kinds: Collection[str]) -> int:
        only_pictures = set(kinds) <= {"image"}
        return _MIB * (self._settings.max_picture_mb if only_pictures else self._settings.max_upload_mb)


def _copy(source: BinaryIO, file: BinaryIO, most: int) -> None:
    count = 0
    while chunk := source.read(_CHUNK):
        count += len(chunk)
        if count > most:
            raise _too_large(most)
        file.write(chunk)


def _from_data_url(url: str, most: int) -> bytes:
    """The bytes of data:image/png;base64,iVBOR...; nothing but proper base64 will do."""
    head = _DATA.match(url)
    if head is None:
        raise bad_request("this data: URL isn't base64; it looks like data:image/png;base64,iVBORw0KGgo...")
    if (len(url) - head.end()) * 3 // 4 > most + 2:
        raise _too_large(most)
    try:
        return base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_request("this data: URL isn't proper base64; is all of it there?") from error


def _too_large(most: int) -> ServerError:
    return ServerError(413, "file_too_large", f"the file is larger than the limit of {most / _MIB:g} MiB")


def _wrong_kind(media_type: str, kinds: Collection[str]) -> ServerError:
    needed = " or ".join(_WORDS[kind] for kind in sorted(kinds))
    return bad_request(f"{needed} is needed, and this is {media_type}", code="invalid_media")


def _shown(name: str) -> str:
    """A client's name for a file: for people only, without folders and control characters."""
    base = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in base if letter.isprintable())[:200].strip()
