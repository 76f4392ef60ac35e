"""From a request to the canvases that fill it. Runs in the painting process, where the media are local files.

Knows the tasks; no filler, no queue, and not where results go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vitascope import media, tasks
from vitascope.apps.server.jobs import requests as r
from vitascope.canvas import (
    Camera,
    Canvas,
    CanvasError,
    Sound,
    canvas_from_json,
    exact_rate,
    fit_picture,
    frames_in,
    parse_camera,
)
from vitascope.canvas.canvas import LARGEST_SEED

if TYPE_CHECKING:
    from vitascope.films import Shot

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Given:
    """A file that the request names, on this machine."""

    path: Path
    media_type: str
    name: str
    """What its owner calls it: for a character, who it is."""


Givens = Mapping[str, Given]


def seed_of(request: r.Request, job_id: str) -> int:
    """The request's seed; without one it follows from the job, so that a part painted again is the same."""
    seed: int | None = getattr(request, "seed", None)
    if seed is not None:
        return seed
    return int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4], "big")


def canvas_of(request: r.Request, job_id: str, number: int, given: Givens, rate_fps: int) -> Canvas:
    """The canvas of a part of any request that is one canvas. Raises CanvasError, MediaError."""
    seed = (seed_of(request, job_id) + number) % (LARGEST_SEED + 1)
    match request:
        case r.MakeVideo():
            return _video(request, seed, given, Fraction(request.rate_fps or rate_fps))
        case r.MakePicture():
            canvas = tasks.text_to_image(
                request.prompt, size=request.size, seed=seed, negative=request.negative
            )
            return _with_cast(canvas, request.cast, given)
        case r.EditPicture():
            return _edited(request, seed, given)
        case r.ExtendVideo():
            clip, rate, sound = _clip(given[request.video])
            return tasks.extend(
                clip,
                request.prompt,
                rate_fps=rate,
                duration_s=r.exact(request.seconds),
                direction=request.direction,
                seed=seed,
                sound=sound,
            )
        case r.RestyleVideo():
            clip, rate, sound = _clip(given[request.video])
            canvas = tasks.restyle(clip, request.prompt, rate_fps=rate, strength=request.strength, seed=seed)
            return canvas.with_sound(sound)
        case r.ExpandVideo():
            return _expanded(request, seed, given)
        case r.FillCanvas():
            return _from_document(request, given)
        case r.ShootScript() | r.EnlargeVideo() | r.UseTool() | r.RenderTimeline():
            raise TypeError(f"{request.task} is no single canvas")


def shots_of(request: r.ShootScript, given: Givens) -> list[Shot]:
    """The shots of a script, with their media."""
    from vitascope.films import shots

    return shots(request.script, lambda uri, rate_fps: _frames(_named(uri, request.files, given), rate_fps))


def _video(request: r.MakeVideo, seed: int, given: Givens, rate_fps: Fraction) -> Canvas:
    duration_s = r.exact(request.seconds)
    frames = frames_in(duration_s, rate_fps)
    pictures: list[tuple[Fraction | int | str, Pixels]] = []
    if request.first:
        pictures.append((0, _picture(given[request.first])))
    pictures += [(r.exact(at), _picture(given[file])) for at, file in request.keyframes]
    if request.last and frames > 1:
        pictures.append((frames - 1, _picture(given[request.last])))
    if pictures:
        canvas = tasks.keyframes(
            pictures, request.prompt, duration_s=duration_s, rate_fps=rate_fps, size=request.size, seed=seed
        )
    else:
        canvas = tasks.text_to_video(
            request.prompt, duration_s=duration_s, rate_fps=rate_fps, size=request.size, seed=seed
        )
    canvas = canvas.with_negative(request.negative)
    if request.camera and (camera := parse_camera(request.camera)) != Camera():
        canvas = canvas.with_camera(camera)
    return _with_cast(canvas, request.cast, given)


def _edited(request: r.EditPicture, seed: int, given: Givens) -> Canvas:
    """The see-through part of the region (or of the picture) is new; without any, all of it is redrawn."""
    picture = media.read_picture_rgba(given[request.picture].path)
    size = request.size or (picture.shape[1], picture.shape[0])
    alpha = picture[..., 3]
    if request.region:
        region = media.read_picture_rgba(given[request.region].path)
        if region.shape != picture.shape:
            raise CanvasError(
                f"it is {region.shape[1]}x{region.shape[0]} and the picture {picture.shape[1]}x"
                f"{picture.shape[0]}; make them alike",
                "region",
            )
        alpha = region[..., 3]
    whole = fit_picture(np.dstack((picture[..., :3], alpha)), *size)
    clip, new = whole[None, ..., :3], whole[..., 3] < 255
    if not new.any():
        return tasks.restyle(clip, request.prompt, rate_fps=8, seed=seed)
    return tasks.replace(clip, new.astype(np.float32), request.prompt, rate_fps=8, seed=seed)


def _expanded(request: r.ExpandVideo, seed: int, given: Givens) -> Canvas:
    """The video as large as fits into the new size, in its middle."""
    clip, rate, sound = _clip(given[request.video])
    height_px, width_px = clip.shape[1:3]
    scale = min(Fraction(request.size[0], width_px), Fraction(request.size[1], height_px))
    inner = (
        min(request.size[0], max(1, round(width_px * scale))),
        min(request.size[1], max(1, round(height_px * scale))),
    )
    if inner != (width_px, height_px):
        clip = np.stack([fit_picture(picture, *inner, fit="stretch") for picture in clip])
    canvas = tasks.expand(clip, size=request.size, rate_fps=rate, text=request.prompt, seed=seed)
    return canvas.with_sound(sound)


def _from_document(request: r.FillCanvas, given: Givens) -> Canvas:
    def load(uri: str, rate_fps: Fraction) -> Pixels:
        return _frames(_named(uri, request.files, given), rate_fps)

    def load_sound(uri: str) -> Sound:
        return media.read_sound(_named(uri, request.files, given).path)

    return canvas_from_json(request.document, load, load_sound)


def _with_cast(canvas: Canvas, cast: tuple[str, ...], given: Givens) -> Canvas:
    """Everybody of the cast; several files of one name are pictures of one subject."""
    seen: dict[str, list[Pixels]] = {}
    for number, file_id in enumerate(cast, 1):
        file = given[file_id]
        name = Path(file.name).stem.strip() or f"subject {number}"
        seen.setdefault(name, []).append(_subject(file))
    for name, pictures in seen.items():
        canvas = canvas.with_cast(name, *pictures)
    return canvas


def _subject(file: Given) -> Pixels:
    """uint8 [H, W, 4], or 3 if nothing is see-through; of a film the picture in its middle."""
    if not file.media_type.startswith("image/"):
        clip = media.read_clip(file.path)
        return clip[len(clip) // 2].copy()
    picture = media.read_picture_rgba(file.path)
    return picture[..., :3] if (picture[..., 3] == 255).all() else picture


def _picture(file: Given) -> Pixels:
    return media.read_picture(file.path)


def _clip(file: Given) -> tuple[Pixels, Fraction, Sound | None]:
    """All of a film at its own rate, and what is heard while it lasts."""
    video = media.read_video(file.path)
    clip = media.read_clip(file.path)
    rate_fps, whole = exact_rate(video.rate_fps), video.sound()
    if whole is None:
        return clip, rate_fps, None
    heard = whole.samples[: round(len(clip) / rate_fps * whole.rate_hz)]
    return clip, rate_fps, Sound(heard, whole.rate_hz)


def _frames(file: Given, rate_fps: Fraction) -> Pixels:
    """What a document's URI means: a film at the document's rate, or a picture with its alpha."""
    if file.media_type.startswith("image/"):
        picture = media.read_picture_rgba(file.path)
        return picture[..., :3] if (picture[..., 3] == 255).all() else picture
    return media.read_clip(file.path, rate_fps=rate_fps)


def _named(uri: str, files: Mapping[str, str], given: Givens) -> Given:
    if uri not in files:
        raise CanvasError(f"{uri[:80]!r} isn't among the files that came with it")
    return given[files[uri]]
