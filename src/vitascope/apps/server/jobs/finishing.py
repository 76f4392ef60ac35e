"""The last part of a job, in the painting process: parts become a film, with a thumbnail and a spritesheet,
labelled and signed.

Knows no filler, no database and no store.
"""

from __future__ import annotations

import math
import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from vitascope.apps.server.jobs import requests as r
from vitascope.apps.server.jobs.painting import FILM, FILM_TYPES, FINDINGS, Made, Order, Teller
from vitascope.canvas import Canvas
from vitascope.engine import filler_for
from vitascope.media import provenance, read_picture, read_video, write_picture, write_video
from vitascope.media.label import label_metadata, labelled
from vitascope.media.provenance import can_sign, sign
from vitascope.media.signers import Signer, brought_signer, own_signer
from vitascope.media.watermark import MIN_SIDE_PX, message_of, watermarked

if TYPE_CHECKING:
    from vitascope.apps.server.settings import Settings

Pixels = NDArray[np.uint8]

THUMBNAIL_SIDE_PX = 512
SHEET_COLUMNS, SHEET_PICTURES, SHEET_SIDE_PX = 5, 25, 192


def marked(
    frames: Iterator[Pixels], rate_fps: Fraction, order: Order, settings: Settings
) -> Iterator[Pixels]:
    """The frames of a film as they will be seen: with the watermark and, if one is wanted, the label."""
    first = next(frames, None)
    if first is None:
        return iter(())
    frames = chain((first,), frames)
    if settings.watermark and min(first.shape[:2]) >= MIN_SIDE_PX:
        frames = _watermarked(frames, message_of(order.job_id), alpha=first.shape[2] == 4)
    return labelled(frames, rate_fps, settings.label)


def _watermarked(frames: Iterator[Pixels], message: int, alpha: bool) -> Iterator[Pixels]:
    """The mark in the colours; how see-through a pixel is stays as it is."""
    if not alpha:
        return watermarked(frames, message)
    planes: deque[Pixels] = deque()

    def colours() -> Iterator[Pixels]:
        for frame in frames:
            planes.append(frame[..., 3].copy())  # its owner may draw on into the same array
            yield frame[..., :3]

    return (np.dstack((marked, planes.popleft())) for marked in watermarked(colours(), message))


def hidden_label(order: Order, settings: Settings) -> dict[str, str]:
    """What a result's metadata says of itself."""
    return label_metadata(settings.label, settings.producer, order.job_id)


def put_together(order: Order, settings: Settings, teller: Teller) -> list[Made]:
    """The results of a job from its painted parts, in the order's folder. May raise MediaError."""
    if order.painted and order.painted[0] and order.painted[0][0].name == FINDINGS:
        return [_findings(order)]
    if order.request.kind == "image":
        results = [_picture(paths[0], number, order, settings) for number, paths in enumerate(order.painted)]
    else:
        film = _film(order, settings, teller)
        results = [film, *_looks(order.folder / film.name, film, order.folder)]
    if settings.sign:
        signer = _signer(settings)
        for made in (each for each in results if can_sign(each.name)):
            sign(order.folder / made.name, _said(order, made), signer)
    return results


def _signer(settings: Settings) -> Signer:
    if settings.certificate and settings.certificate_key:
        return brought_signer(settings.certificate, settings.certificate_key, settings.timestamps_url)
    return own_signer(settings.folder, settings.timestamps_url)


def _said(order: Order, made: Made) -> provenance.Made:
    """What a result's provenance says: who painted it, and what it was made from."""
    request = order.request
    named = (getattr(request, name, None) for name in ("video", "picture", "file"))
    parent: str | None = next((file for file in named if file), None)
    relation = order.relation or ("extend" if isinstance(request, r.ExtendVideo) else "edit")
    others = [file.path for file_id, file in order.given.items() if file_id != parent]
    return provenance.Made(
        model=_painter_of(order, made),
        parent=None if parent is None else order.given[parent].path,
        relation=cast("provenance.Relation", relation),
        inputs=tuple(others),
        title=made.name,
        trained=not isinstance(request, r.UseTool) and getattr(request, "trained", True),
    )


def _painter_of(order: Order, made: Made) -> str:
    """The filler that painted it, or the tool."""
    if isinstance(order.request, r.EnlargeVideo):
        return "upscaler"
    if isinstance(order.request, r.UseTool):
        return order.request.tool
    if isinstance(order.request, r.RenderTimeline):
        return "render"
    if order.request.filler:
        return order.request.filler
    canvas = Canvas.blank(made.frames, made.height_px, made.width_px, made.rate_fps or 8)
    return filler_for(canvas).name


def _picture(source: Path, number: int, order: Order, settings: Settings) -> Made:
    name = f"picture-{number + 1}.png"
    (picture,) = labelled([read_picture(source)], 1, settings.label)
    write_picture(order.folder / name, picture, metadata=hidden_label(order, settings))
    return Made(name, "image", "image/png", picture.shape[1], picture.shape[0])


def _film(order: Order, settings: Settings, teller: Teller) -> Made:
    """The film of all parts, one after the other; a single part is it already."""
    stem = Path(FILM).stem
    parts = [next(path for path in paths if path.stem == stem) for paths in order.painted]
    target = order.folder / f"video{parts[0].suffix}"
    videos = [read_video(part) for part in parts]
    info, rate_fps = videos[0].info, videos[0].rate_fps
    if len(parts) == 1:
        shutil.copyfile(parts[0], target)
        frames = info.frames or round((info.duration_s or 0) * rate_fps)
    else:
        frames = 0

        def all_frames() -> Iterator[Pixels]:
            nonlocal frames
            for number, video in enumerate(videos):
                for picture in video:
                    teller.tell("putting together", number / len(videos))
                    frames += 1
                    yield picture

        frames_as_seen = marked(all_frames(), rate_fps, order, settings)
        write_video(target, frames_as_seen, rate_fps, metadata=hidden_label(order, settings))
    seconds = float(frames / rate_fps)
    media_type, size = FILM_TYPES[target.suffix], (info.width_px, info.height_px)
    return Made(target.name, "video", media_type, *size, frames, str(rate_fps), seconds)


def _findings(order: Order) -> Made:
    shutil.copyfile(order.painted[0][0], order.folder / FINDINGS)
    return Made(FINDINGS, "data", "application/json")


def _looks(film: Path, made: Made, folder: Path) -> Sequence[Made]:
    """A thumbnail (the first picture) and a spritesheet (pictures at equal distances, row by row)."""
    wanted = min(SHEET_PICTURES, max(1, made.frames))
    at = {number * made.frames // wanted for number in range(wanted)}
    pictures = [picture.copy() for number, picture in enumerate(read_video(film)) if number in at]
    thumbnail = _small(pictures[0], THUMBNAIL_SIDE_PX)
    small = [_small(picture, SHEET_SIDE_PX) for picture in pictures]
    height_px, width_px = small[0].shape[:2]
    columns = min(SHEET_COLUMNS, len(small))
    sheet = np.zeros((math.ceil(len(small) / columns) * height_px, columns * width_px, 3), np.uint8)
    for number, picture in enumerate(small):
        top, left = number // columns * height_px, number % columns * width_px
        sheet[top : top + height_px, left : left + width_px] = picture
    return [
        _written(folder, "thumbnail.webp", "image/webp", thumbnail),
        _written(folder, "spritesheet.jpg", "image/jpeg", sheet),
    ]


def _written(folder: Path, name: str, media_type: str, picture: Pixels) -> Made:
    write_picture(folder / name, picture)
    variant = name.partition(".")[0]
    return Made(name, variant, media_type, picture.shape[1], picture.shape[0])


def _small(picture: Pixels, longest_px: int) -> Pixels:
    from vitascope.canvas import fit_picture, size_within

    return fit_picture(picture, *size_within(picture.shape[1], picture.shape[0], longest_px), fit="stretch")
