"""The media that a canvas document names: files beside it and data: URIs, in and out. No network, ever.

A document may come from a stranger, so it reaches only what lies in its own folder: no ``..`` out of it, no
link out of it, and no absolute path unless the caller (a person at their own command line) allows it.
"""

from __future__ import annotations

import base64
import binascii
import re
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

import numpy as np

from vitascope.canvas import Sound
from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place
from vitascope.media.moving_pictures import NUMBER, is_sequence, is_single_picture, sequence_files
from vitascope.media.pictures import read_picture_rgba, write_picture
from vitascope.media.rate import Rate
from vitascope.media.reading import read_clip
from vitascope.media.sound import read_sound, write_sound
from vitascope.media.writing import write_video

MAX_DATA_URI_CHARACTERS = 32 << 20
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def load_uri(
    uri: str,
    base_dir: Place,
    *,
    rate_fps: Rate | None = None,
    allow_absolute: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> np.ndarray:
    """Load what a canvas document's URI names as uint8 [T, H, W, 3], or 4 for pictures with alpha.

    ``uri`` is a path relative to ``base_dir`` (a film, picture, folder or pattern of pictures) or a data:
    URI. Raises MediaError for anything that lies elsewhere, can't be read, or is over a limit.
    """
    with _local(uri, base_dir, allow_absolute) as path:
        if is_sequence(path):
            return _pictures(_inside(sequence_files(path), path, base_dir, allow_absolute), limits)
        if is_single_picture(path, limits):
            return _pictures([path], limits)
        return read_clip(path, rate_fps=rate_fps, limits=limits)


def _pictures(files: list[Path], limits: Limits) -> np.ndarray:
    """Pictures of one size as [T, H, W, 4], or 3 if none is see-through."""
    pictures: list[np.ndarray] = []
    limits.check_frames(len(files), files[0].name)
    for file in files:
        picture = read_picture_rgba(file, limits)
        limits.check_clip(picture.nbytes * (len(pictures) + 1), file.name)
        if pictures and picture.shape != pictures[0].shape:
            raise MediaError(
                f"{file.name}: is {picture.shape[1]}x{picture.shape[0]} px, unlike those before it"
            )
        pictures.append(picture)
    clip = np.stack(pictures)
    return np.ascontiguousarray(clip[..., :3]) if (clip[..., 3] == 255).all() else clip


def _inside(files: list[Path], path: Path, base_dir: Place, allow_absolute: bool) -> list[Path]:
    """The files of a sequence, if none of them is a link that leads outside."""
    if not allow_absolute:
        base = Path(base_dir).resolve()
        if any(not file.resolve().is_relative_to(base) for file in files):
            raise MediaError(f"{path.name}: a picture of it is a link to outside the folder of the document")
    return files


def load_sound_uri(
    uri: str, base_dir: Place, *, allow_absolute: bool = False, limits: Limits = DEFAULT_LIMITS
) -> Sound:
    """Load the sound, of a sound file or a film, that a canvas document's URI names; as ``load_uri``."""
    with _local(uri, base_dir, allow_absolute) as path:
        return read_sound(path, limits)


def save_frames(name: str, frames: np.ndarray, folder: Place) -> str:
    """Keep uint8 [T, H, W, 3 or 4] without loss beside a canvas document; returns the URI to write into it.

    One frame becomes a PNG, more become a folder of them.
    """
    if len(frames) == 1:
        write_picture(Path(folder) / f"{name}.png", frames[0])
        return f"{name}.png"
    write_video(Path(folder) / name, frames, 24)
    return name


def save_sound(name: str, sound: Sound, folder: Place) -> str:
    """Keep a sound without loss (WAV, 32-bit float) beside a canvas document; returns its URI."""
    write_sound(Path(folder) / f"{name}.wav", sound)
    return f"{name}.wav"


@contextmanager
def _local(uri: str, base_dir: Place, allow_absolute: bool) -> Generator[Path]:
    """The file that a URI means, for as long as the block lasts."""
    if uri[:5].lower() == "data:":
        with tempfile.TemporaryDirectory(prefix="vitascope-") as folder:
            place = Path(folder) / "data"
            place.write_bytes(_data_bytes(uri))
            yield place
        return
    yield local_path(uri, Path(base_dir), allow_absolute)


def local_path(uri: str, base_dir: Path, allow_absolute: bool) -> Path:
    """The file that a URI means (it may not be there); MediaError for the network, and what lies outside."""
    shown = uri if len(uri) <= 80 else f"{uri[:80]}..."
    text = uri
    if text[:7].lower() == "file://":
        text = unquote(text[7:])
    elif _SCHEME.match(text):
        raise MediaError(
            f"{shown}: only files and data: URIs are read, nothing from the network; save it as a file first"
        )
    if not text or "\0" in text:
        raise MediaError(f"{shown!r} names no file")
    base = base_dir.resolve()
    try:
        asked = Path(text)
        # "my%20clip.mp4" is how a URI spells a blank; a name that exists as it stands wins.
        if (
            not asked.is_absolute()
            and "%" in text
            and not (base / asked).exists()
            and not NUMBER.search(text)
        ):
            asked = Path(unquote(text))
        place = (base / asked).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name too long
        raise MediaError(f"{shown}: not a path that can be followed") from error
    inside = place.is_relative_to(base)
    if not inside and not (allow_absolute and asked.is_absolute()):
        raise MediaError(
            f"{shown}: lies outside the folder of the document that names it; put it beside the document"
        )
    return place


def _data_bytes(uri: str) -> bytes:
    if len(uri) > MAX_DATA_URI_CHARACTERS:
        raise MediaError(
            f"a data: URI of {len(uri):,} characters; above {MAX_DATA_URI_CHARACTERS:,} give a file instead"
        )
    head, comma, body = uri.partition(",")
    if not comma:
        raise MediaError("a data: URI without its comma; it looks like data:image/png;base64,iVBOR...")
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(unquote(body), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MediaError(f"a data: URI that isn't base64 ({error})") from error
