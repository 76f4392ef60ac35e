"""Pictures that move by themselves (GIF, WebP, APNG), single ones, and numbered sequences, by Pillow.

Knows nothing of FFmpeg. A single picture is the case of one frame.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from time import monotonic

import numpy as np
from PIL import Image

from vitascope.media.limits import Limits, MediaError, Place
from vitascope.media.pictures import (
    on_white,
    opened_picture,
    read_picture,
    read_picture_rgba,
    turned_size,
    upright_rgba,
)

_SUFFIXES = {".webp", ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".avif", ".ppm"}
_SIGNATURES = (b"GIF8", b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*", b"P5", b"P6")
_MOVING_FORMATS = ("GIF", "WEBP", "PNG", "AVIF")
NUMBER = re.compile(r"%(0\d+)?d")  # of a frame in a file name; "%2d" isn't, for URIs write "-" so
_SEQUENCE_RATE_FPS = Fraction(24)  # a folder has no clock; cinema's is the best guess
_UNSAID_DELAY_MS = 100  # what every browser shows for a delay of zero


@dataclass(frozen=True)
class Look:
    """What a moving picture is: upright size, when each frame starts, when the last one ends, format.

    ``alpha``: its first frame has room for it.
    """

    width_px: int
    height_px: int
    starts_s: list[Fraction]
    end_s: Fraction
    form: str
    alpha: bool


def is_sequence(path: Place) -> bool:
    """Whether this names a sequence of pictures: a folder, or a name such as ``shot_%04d.png``."""
    return os.path.isdir(path) or (bool(NUMBER.search(Path(path).name)) and not os.path.exists(path))


def is_moving_picture(path: Place) -> bool:
    """Whether this is read here, by its first bytes, not by its name; single pictures and sequences are."""
    if is_sequence(path):
        return True
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            start = file.read(12)
    except OSError:  # whoever opens it in earnest will say why
        return False
    return start.startswith(_SIGNATURES) or start[8:] == b"WEBP" or start[4:] == b"ftypavif"


def is_single_picture(path: Place, limits: Limits) -> bool:
    """Whether this is a picture file with one picture in it."""
    if is_sequence(path) or not is_moving_picture(path):
        return False
    with opened_picture(path, limits) as picture:
        return _frame_count(picture) == 1


def look_at_moving_picture(path: Place, limits: Limits) -> Look:
    """Look at a moving or single picture, or a sequence."""
    if is_sequence(path):
        files = sequence_files(path)
        height_px, width_px, _ = read_picture(files[0], limits).shape
        starts_s = [index / _SEQUENCE_RATE_FPS for index in range(len(files))]
        form = files[0].suffix[1:].lower()
        with opened_picture(files[0], limits) as picture:
            alpha = picture.has_transparency_data
        return Look(width_px, height_px, starts_s, len(files) / _SEQUENCE_RATE_FPS, form, alpha)
    with opened_picture(path, limits) as picture:
        width_px, height_px = turned_size(picture)
        form = (picture.format or "picture").lower()
        alpha = picture.has_transparency_data
        time_s = Fraction(0)
        starts_s: list[Fraction] = []
        began_s = monotonic()
        for delay_s in _delays(picture, limits, Path(path).name):
            if (
                monotonic() - began_s > limits.timeout_s
            ):  # a megabyte can hold 100,000 empty frames of any size
                raise MediaError(f"{Path(path).name}: looking through it took over {limits.timeout_s:g} s")
            starts_s.append(time_s)
            time_s += delay_s
    return Look(width_px, height_px, starts_s, time_s, form, alpha)


def moving_picture_frames(
    path: Place, sequence_rate_fps: Fraction | None, limits: Limits, *, alpha: bool = False
) -> Iterator[tuple[Fraction, Fraction, np.ndarray]]:
    """(start, end, picture) of each frame in turn, uint8 [H, W, 3]; see-through parts are white.

    With ``alpha`` they are uint8 [H, W, 4] instead. ``sequence_rate_fps`` (24 if None) is the clock of a
    sequence, which has none of its own.
    """
    if is_sequence(path):
        step_s = 1 / (sequence_rate_fps or _SEQUENCE_RATE_FPS)
        shape: tuple[int, ...] = ()
        for index, file in enumerate(sequence_files(path)):
            picture = read_picture_rgba(file, limits) if alpha else read_picture(file, limits)
            shape = shape or picture.shape
            if picture.shape != shape:
                raise MediaError(
                    f"{file}: is {picture.shape[1]}x{picture.shape[0]} px, unlike those before it"
                )
            yield index * step_s, (index + 1) * step_s, picture
        return
    with opened_picture(path, limits) as picture:
        time_s = Fraction(0)
        for delay_s in _delays(picture, limits, Path(path).name):
            shown = upright_rgba(picture)
            yield time_s, time_s + delay_s, shown if alpha else on_white(shown)
            time_s += delay_s


def sequence_files(path: Place) -> list[Path]:
    """The pictures of a sequence in the order of the numbers in their names; MediaError if there are none."""
    place = Path(path)
    if place.is_dir():
        found = [file for file in place.iterdir() if file.suffix.lower() in _SUFFIXES and file.is_file()]
    else:
        shape = re.compile(NUMBER.sub(r"\\d+", re.escape(place.name)))
        folder = place.parent
        found = [file for file in folder.iterdir() if shape.fullmatch(file.name)] if folder.is_dir() else []
    found = [file for file in found if not file.name.startswith(".")]
    if not found:
        raise MediaError(f"{path}: no pictures there")
    return sorted(
        found, key=lambda file: ([int(digits) for digits in re.findall(r"\d+", file.name)], file.name)
    )


def _frame_count(picture: Image.Image) -> int:
    """Pages of a TIFF are no frames, nor are the depth maps and previews that phones hide in a JPEG."""
    return getattr(picture, "n_frames", 1) if picture.format in _MOVING_FORMATS else 1


def _delays(picture: Image.Image, limits: Limits, name: str) -> Iterator[Fraction]:
    """Step through the frames; yields how long each is shown, while it is the one that is loaded."""
    for index in range(_frame_count(picture)):
        limits.check_frames(index + 1, name)
        picture.seek(index)
        picture.load()  # a WebP frame's delay comes with its pixels, and only then
        delay_ms = round(float(picture.info.get("duration", 0))) or _UNSAID_DELAY_MS
        yield Fraction(delay_ms, 1000)
