"""What a stranger's file is, found by decoding its beginning; its name and declared type count for nothing.

Knows no caller, no limit of bytes and no store.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from vitascope.media import Limits, MediaError, SoundStream, probe
from vitascope.media.moving_pictures import is_moving_picture
from vitascope.media.opening import opened_film

_PICTURES = {"jpeg": "image/jpeg", "mpo": "image/jpeg", "ppm": "image/x-portable-pixmap"}
_FILMS = {
    "mov": "mp4",
    "matroska": "x-matroska",
    "avi": "x-msvideo",
    "mpegts": "mp2t",
    "mpeg": "mpeg",
    "ogg": "ogg",
    "flv": "x-flv",
    "asf": "x-ms-asf",
}
_SOUNDS = {
    "mp3": "mpeg",
    "wav": "wav",
    "w64": "wav",
    "flac": "flac",
    "aac": "aac",
    "ogg": "ogg",
    "mov": "mp4",
}
_WEBM_CODECS = {"vp8", "vp9", "av1"}
_FOR_PROGRAMMERS = re.compile(r"(,| or|;|, or)? raise Limits\.\w+( if that is right)?")


@dataclass(frozen=True)
class Found:
    """What a file turned out to be. `kinds` are what it may be used as: "image", "video", "audio"."""

    kinds: frozenset[str]
    media_type: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: Fraction | None = None
    frames: int | None = None
    rate_fps: Fraction | None = None


def sniff(path: Path, limits: Limits, *, sound: bool = False) -> Found:
    """Decode the first frame of a film, all of a picture, or where `sound` is wanted some sound.

    Raises MediaError, in words that name neither the file nor our code, for what can't be decoded or is over
    the limits.
    """
    try:
        if is_moving_picture(path):
            return _picture(path, limits)
        try:
            return _film(path, limits)
        except MediaError:
            if not sound:
                raise
            return _sound(path, limits)
    except MediaError as error:
        said = str(error).removeprefix(f"{path.name}: ").replace(f"{path}: ", "")
        raise MediaError(_FOR_PROGRAMMERS.sub("", said)) from error


def _picture(path: Path, limits: Limits) -> Found:
    info = probe(path, limits)
    limits.check_duration(float(info.duration_s or 0), path.name)
    media_type = _PICTURES.get(info.codec, f"image/{info.codec}")
    if info.frames == 1:
        return Found(frozenset({"image"}), media_type, info.width_px, info.height_px, frames=1)
    return Found(
        frozenset({"image", "video"}),  # its first frame is a picture, too
        media_type,
        info.width_px,
        info.height_px,
        info.duration_s,
        info.frames,
        info.rate_fps,
    )


def _film(path: Path, limits: Limits) -> Found:
    info = probe(path, limits)
    limits.check_duration(float(info.duration_s or 0), path.name)
    container = _container(path, limits)
    form = _FILMS.get(container, f"x-{container}")
    if container == "mov" and info.metadata.get("major_brand", "").strip() == "qt":
        form = "quicktime"
    if container == "matroska" and info.codec in _WEBM_CODECS:
        form = "webm"
    return Found(
        frozenset({"video", "audio"} if info.has_sound else {"video"}),
        f"video/{form}",
        info.width_px,
        info.height_px,
        info.duration_s,
        info.frames,
        info.rate_fps,
    )


def _sound(path: Path, limits: Limits) -> Found:
    if next(iter(SoundStream(path, None, limits)), None) is None:
        raise MediaError("no sound of it could be decoded; the file is damaged or cut short")
    with opened_film(path, limits) as container:
        duration_s = Fraction(container.duration, 1_000_000) if container.duration else None
    limits.check_duration(float(duration_s or 0), path.name)
    container = _container(path, limits)
    form = _SOUNDS.get(container, f"x-{container}")
    return Found(frozenset({"audio"}), f"audio/{form}", duration_s=duration_s)


def _container(path: Path, limits: Limits) -> str:
    """FFmpeg's name of the container, the first of those that it calls it by."""
    with opened_film(path, limits) as container:
        return container.format.name.partition(",")[0]
