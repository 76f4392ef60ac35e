"""A tool of the cutting room at work on a stored film: the film that it makes, or what it found, as a file.

Runs in the painting process. Knows the tools' contract and none of the tools; no filler, for nothing is
filled, and no queue.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from vitascope.apps.server.jobs.painting import FILM_TYPES, FINDINGS, Made, Order, Teller

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope import footage as room
    from vitascope.apps.server.jobs.requests import UseTool
    from vitascope.apps.server.settings import Settings
    from vitascope.media import Limits, Video

    Pixels = NDArray[np.uint8]

FASTEST_FPS = 240


def tool_of(name: str, parameters: Mapping[str, Any]) -> room.Tool:
    """The tool with these parameters (JSON values). Raises pydantic's ValidationError, FootageError."""
    from vitascope.footage import load_tool

    return load_tool(name).model_validate_json(json.dumps(parameters))


def form_of(wanted: str | None, alpha: bool) -> str:
    """The kind of file that a film is written as: the one wanted, or what every browser plays."""
    return wanted or ("webm" if alpha else "mp4")


def cut(order: Order, request: UseTool, settings: Settings, teller: Teller) -> list[Made]:
    """Write what the tool makes into the order's folder. May raise FootageError, MediaError, CanvasError."""
    from vitascope.footage import Made as Stream
    from vitascope.media import Limits, read_video

    limits = Limits(
        max_duration_s=settings.max_seconds,
        max_frames=settings.max_seconds * FASTEST_FPS,
        max_pixels_per_frame=8192 * 8192,
    )
    paths = {file_id: str(file.path) for file_id, file in order.given.items()}
    video = read_video(order.given[request.file].path, limits=limits)
    tool = tool_of(request.tool, request.parameters)
    others = {
        name: read_video(paths[request.parameters[name]], limits=limits, alpha=name in tool.see_through)
        for name in tool.media
        if request.parameters.get(name) is not None
    }
    progress = _Progress(teller)
    made = tool.make(
        _footage(video), progress.report, {name: _footage(each) for name, each in others.items()}
    )
    if isinstance(made, Stream):
        return [_film(made, video, order, settings, progress, limits)]
    (order.folder / FINDINGS).write_text(made.model_dump_json(indent=2))
    return [Made(FINDINGS, "part", "application/json")]


def _film(
    made: room.Made, video: Video, order: Order, settings: Settings, progress: _Progress, limits: Limits
) -> Made:
    from vitascope.apps.server.jobs.finishing import hidden_label, marked
    from vitascope.media import write_video

    request, count = cast("UseTool", order.request), 0
    form = form_of(request.format, made.alpha)
    place = order.folder / f"film.{form}"

    def frames() -> Iterator[Pixels]:
        nonlocal count
        for frame in made.frames:
            count += 1
            limits.check_frames(count, "what the tool makes")
            limits.check_duration(float(count / made.rate_fps), "what the tool makes")
            progress.wrote(count, made.count, frame)
            yield frame

    sound = _sound(video, made) if request.sound else None
    seen, said = marked(frames(), made.rate_fps, order, settings), hidden_label(order, settings)
    write_video(place, seen, made.rate_fps, sound=sound, metadata=said)
    size, rate_fps = (made.width_px, made.height_px), str(made.rate_fps)
    seconds = float(count / made.rate_fps)
    return Made(place.name, "part", FILM_TYPES[place.suffix], *size, count, rate_fps, seconds)


def _footage(video: Video) -> room.Footage:
    from vitascope.apps.cli.footage import footage_of

    return footage_of(video)


def _sound(video: Video, made: room.Made) -> Any:
    from vitascope.apps.cli.footage import sound_of

    return sound_of(video, made)


class _Progress:
    """How far a tool is. What it does before its first frame is written counts as half of the work."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._stage, self._before, self._share = "looking", 0.0, 0.0
        self._writing = False

    def report(self, stage: str, done: int, total: int | None) -> None:
        """The tool's Report. Raises Cancelled."""
        self._stage = stage
        if not self._writing and total:
            self._before = max(self._before, min(1.0, done / total) / 2)
            self._share = self._before
        self._teller.tell(stage, self._share)

    def wrote(self, number: int, total: int | None, frame: Pixels) -> None:
        """That a frame, from 1 on, is being written. Raises Cancelled."""
        self._writing = True
        share = min(1.0, number / total) if total else 0.5
        self._share = self._before + (1 - self._before) * share
        self._teller.tell(self._stage, self._share, frame[..., :3])
