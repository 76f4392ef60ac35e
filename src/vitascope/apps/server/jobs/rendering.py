"""A timeline rendered into a film, in the painting process.

The finished parts lie beside the film in a folder of the job's own, so that whoever takes the job over on
this machine goes on with them. Knows no queue and no store.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from vitascope.apps.server.jobs.painting import FILM_TYPES, Made, Order, Teller

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.requests import RenderTimeline
    from vitascope.apps.server.settings import Settings
    from vitascope.engine import Progress

PAINTING = 0.9  # of the time, as far as anybody knows before; the rest joins the parts


def room_of(settings: Settings, job_id: str) -> Path:
    """The folder that outlives a worker: a job's film, and its parts while it isn't finished."""
    return settings.folder / "renders" / job_id


def render_film(order: Order, request: RenderTimeline, settings: Settings, teller: Teller) -> list[Made]:
    """Write the film into the order's folder. May raise TimelineError, MediaError, CanvasError."""
    from vitascope.apps.server.timelines import finder
    from vitascope.films.rendering import RenderSettings, render
    from vitascope.media.timelines.otio import from_otio

    timeline = from_otio(json.dumps(request.document), size_px=request.outcome.size).timeline
    find = finder({source: order.given[id_].path for source, id_ in request.files.items()})
    room = room_of(settings, order.job_id)
    room.mkdir(parents=True, exist_ok=True, mode=0o700)
    film = room / f"film.{request.format}"
    share = 0.0

    def report(progress: Progress) -> None:
        nonlocal share
        done = progress.done / max(1, progress.total)
        if progress.stage == "painting":
            share = PAINTING * done
        elif progress.stage == "joining":
            share = PAINTING + (1 - PAINTING) * done
        preview = progress.preview
        teller.tell(progress.stage, share, None if preview is None or not len(preview) else preview[0])

    made = render(timeline, film, find, RenderSettings(filler=request.filler), report)
    target = order.folder / film.name
    if request.trained:
        _mark(film, target, order, settings)
    else:
        shutil.copyfile(film, target)
    size, rate_fps = (timeline.width_px, timeline.height_px), timeline.rate_fps
    seconds = float(made.frames / rate_fps)
    return [Made(target.name, "part", FILM_TYPES[target.suffix], *size, made.frames, str(rate_fps), seconds)]


def forget(settings: Settings, job_id: str) -> None:
    """Throw away what a job that is over left there."""
    room = room_of(settings, job_id)
    if os.path.isdir(room):
        shutil.rmtree(room, ignore_errors=True)


def _mark(film: Path, target: Path, order: Order, settings: Settings) -> None:
    """Write the film once more, labelled and with the watermark: a filler painted some of it."""
    from vitascope.apps.server.jobs.finishing import hidden_label, marked
    from vitascope.media import read_video, write_video

    video = read_video(film)
    seen = marked(iter(video), video.rate_fps, order, settings)
    said = hidden_label(order, settings)
    write_video(target, seen, video.rate_fps, sound=video.sound_stream(), metadata=said)
