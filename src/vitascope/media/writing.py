"""Frames -> a film, a moving picture, a sequence or a single picture; the suffix of the path says which.

Everything streams: one picture is held at a time, whatever the length. An error leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np

from vitascope.canvas import Sound
from vitascope.media.animations import write_animated_webp, write_gif
from vitascope.media.encoders import container_for, encoder_for
from vitascope.media.encoding import encode_film
from vitascope.media.limits import MediaError, Place
from vitascope.media.moving_pictures import NUMBER
from vitascope.media.pictures import WRITABLE, checked_picture, save_picture
from vitascope.media.rate import Rate, rational_rate
from vitascope.media.sound import SoundStream
from vitascope.media.whole import whole_file, whole_files, whole_folder


def write_video(
    path: Place,
    frames: Iterable[np.ndarray],
    rate_fps: Rate,
    *,
    sound: Sound | SoundStream | None = None,
    codec: str | None = None,
    quality: int | None = None,
    metadata: dict[str, str] | None = None,
) -> None:
    """Write uint8 [H, W, 3 or 4] frames of one size at a constant rate; ``path`` appears whole or not at all.

    The suffix says what: .mp4 (H.264; codec "h265" or "av1"), .mov (ProRes), .webm (VP9 or "av1"), .mkv,
    .gif, .webp, .png or .jpg for a single frame; a folder, or a name such as "shot_%04d.png", gets one PNG
    for each frame. Alpha, the fourth channel, is kept by .mov (as ProRes 4444), .webm and .mkv (VP9, .mkv
    ProRes too), .webp, .gif (see-through or not) and PNG; the others refuse it. ``quality`` is 1..100, more
    is better; left out, few people see a difference. Colours are BT.709, tagged. ``sound`` starts with the
    first frame and is cut where the last one ends; GIF, WebP and pictures have no place for it and leave it
    out. ``metadata`` (title, comment, or any key) goes where the format has room. Raises MediaError, also for
    no frames, wrong shapes, or a codec that the container can't hold.
    """
    rate = rational_rate(rate_fps)
    if quality is not None and not 1 <= quality <= 100:
        raise MediaError(f"quality goes from 1 to 100, not {quality}")
    place = Path(path)
    suffix = place.suffix.lower()
    if place.is_dir() or not suffix or NUMBER.search(place.name):
        _write_sequence(place, _checked(frames), metadata)
    elif suffix == ".gif":
        with whole_file(place) as part:
            write_gif(part, _checked(frames), rate)
    elif suffix in WRITABLE:
        _write_picture_or_webp(place, _checked(frames), rate, quality, metadata)
    else:
        container = container_for(place)
        encoder_for(container, codec)  # a wrong name is refused before the first frame is made
        pictures = _checked(frames)
        first = next(pictures).copy()  # its owner may draw the second into the same array
        how = container, encoder_for(container, codec, alpha=first.shape[2] == 4), quality
        with whole_file(place) as part:
            encode_film(part, chain((first,), pictures), rate, how, sound, metadata or {})


def _checked(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The frames, if there is one and all are alike."""
    shape: tuple[int, ...] = ()
    for index, frame in enumerate(frames):
        picture = checked_picture(frame, f"frame {index}")
        shape = shape or picture.shape
        if picture.shape != shape:
            raise MediaError(
                f"frame {index} is {list(picture.shape)} and the first was {list(shape)};"
                " all frames of a film have one size"
            )
        yield picture
    if not shape:
        raise MediaError("there are no frames to write")


def _write_picture_or_webp(
    path: Path,
    pictures: Iterator[np.ndarray],
    rate_fps: Fraction,
    quality: int | None,
    metadata: dict[str, str] | None,
) -> None:
    first = next(pictures).copy()  # its owner may draw the second into the same array
    second = next(pictures, None)
    if second is not None and path.suffix.lower() != ".webp":
        raise MediaError(
            f"{path}: a {path.suffix} holds one picture and there are more; write .mp4, .gif or .webp, or"
            f" {path.stem}_%04d.png for one file each"
        )
    with whole_file(path) as part:
        if second is None:
            save_picture(part, first, quality, metadata)
        else:
            write_animated_webp(part, chain((first, second), pictures), rate_fps, quality)


def _write_sequence(path: Path, pictures: Iterator[np.ndarray], metadata: dict[str, str] | None) -> None:
    """One PNG for each frame, numbered from 0; all of them appear at the end, or none."""
    if not NUMBER.search(path.name):
        with whole_folder(path) as folder:
            for index, picture in enumerate(pictures):
                save_picture(folder / f"frame_{index:05d}.png", picture, None, metadata)
        return
    if path.suffix.lower() != ".png":
        raise MediaError(f"{path}: sequences are written as .png")
    if not path.parent.is_dir():
        raise MediaError(f"{path}: the folder {path.parent} doesn't exist; make it first")
    shape = re.compile(NUMBER.sub(r"\\d+", re.escape(path.name)))
    if old := next((file.name for file in path.parent.iterdir() if shape.fullmatch(file.name)), None):
        raise MediaError(
            f"{path}: {old} is there already, and two sequences would mix; remove the old one first"
        )
    with whole_files(path.parent) as folder:
        for index, picture in enumerate(pictures):
            name = NUMBER.sub(lambda number, index=index: number[0] % index, path.name)
            save_picture(folder / name, picture, None, metadata)
