"""Timelines (OpenTimelineIO) from the network: checked whole, their media all stored files, before any work.

The document is the very file that `vitascope render` takes; only what names media differs: it is the id of a
stored file, and never a path. Knows no job: a request for one is what comes out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vitascope.apps.server.documents import (
    HEARD,
    PICTURE,
    decoded,
    in_words,
    media_of_canvas,
    named,
    try_canvas,
)
from vitascope.apps.server.errors import ServerError, bad_request
from vitascope.apps.server.jobs.requests import FillCanvas, Outcome, RenderTimeline
from vitascope.apps.server.jobs.sizing import plan_of

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.storage import StoredFile
    from vitascope.media.timelines import Fill, Timeline

Form = Literal["mp4", "mov", "webm"]
MOST_MEDIA = 200
A_FILM = frozenset({"video"})


def read_timeline(server: Server, text: bytes, caller: Caller, form: Form) -> RenderTimeline:
    """The request that an .otio document is. Raises ServerError that says what is wrong, and where."""
    if find_spec("opentimelineio") is None:
        said = "timelines need opentimelineio on the server: pip install 'vitascope[footage]'"
        raise ServerError(501, "missing_part", said)
    from vitascope.media.timelines.otio import from_otio

    with refused():
        plain = decoded(text)
        opened = from_otio(plain)
        timeline = opened.timeline
        if not timeline.frames:
            raise bad_request("the timeline is empty: no enabled track has anything on it")
        _check_length(server, timeline)
        media = Media(server, caller)
        for where, source, kinds in _media_of(timeline):
            media.take(where, source, kinds)
        if not opened.sized and (size_px := _first_size(timeline, media)):
            timeline = from_otio(plain, size_px=size_px).timeline
        fills = [_read_fill(media, where, fill) for where, fill in _fills_of(timeline)]
        _try(server, timeline, media.found, form)
    return RenderTimeline(
        filler=server.settings.filler,
        document=json.loads(plain),
        files={id_: id_ for id_ in media.found},
        format=form,
        texts=tuple(_texts_of(timeline)) + tuple(fill.words for fill in fills),
        trained=bool(fills),
        outcome=Outcome(
            frames=timeline.frames,
            size=(timeline.width_px, timeline.height_px),
            rate_fps=str(timeline.rate_fps),
        ),
        megapixels_filled=sum(plan_of(fill, media.found, server.settings).volume for fill in fills),
    )


class Media:
    """The stored files that a document names, each looked up for its caller."""

    def __init__(self, server: Server, caller: Caller) -> None:
        self.server, self.caller = server, caller
        self.found: dict[str, StoredFile] = {}

    def take(self, where: str, source: str, kinds: frozenset[str]) -> StoredFile:
        """The file of that id. Raises ServerError that names the place."""
        if not source.startswith("file_"):
            raise bad_request(
                f"{where}: {source[:60]!r} is no id of a file (file_...); send the media to /v1/files first",
                where,
            )
        with named(where):
            file = self.server.uploads.take(self.caller, source, purpose="input", kinds=kinds)
        if len(self.found) >= MOST_MEDIA and file.id not in self.found:
            raise bad_request(f"the timeline names more than {MOST_MEDIA} media", where)
        self.found[file.id] = file
        return file


@contextmanager
def refused() -> Generator[None]:
    """Turn what is wrong with a timeline or its media into a 400 that names the place."""
    from vitascope.media import MediaError
    from vitascope.media.timelines import TimelineError

    try:
        with in_words():
            yield
    except TimelineError as error:
        raise bad_request(str(error), error.where or None) from None
    except MediaError as error:
        raise bad_request(str(error)) from None


def _check_length(server: Server, timeline: Timeline) -> None:
    most = server.settings.max_seconds
    if timeline.duration_s > most:
        seconds = float(timeline.duration_s)
        raise bad_request(f"{seconds:g} s are longer than the {most} s that this server makes at most")


def _media_of(timeline: Timeline) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(place, source, what it may be) of every film, picture and sound."""
    from vitascope.media.timelines import Clip, SoundTrack, Still
    from vitascope.media.timelines.tracks import CaptionTrack

    for number, track in enumerate(timeline.tracks):
        for index, item in enumerate(() if isinstance(track, CaptionTrack) else track.items):
            where = f"tracks[{number}].items[{index}].source"
            if isinstance(item, Clip):
                yield where, item.source, HEARD if isinstance(track, SoundTrack) else A_FILM
            elif isinstance(item, Still):
                yield where, item.source, PICTURE


def _first_size(timeline: Timeline, media: Media) -> tuple[int, int] | None:
    """The size of the first film or picture, for a document of an editor that says none."""
    for _, source, kinds in _media_of(timeline):
        file = media.found[source]
        if kinds is not HEARD and file.width_px and file.height_px:
            return file.width_px, file.height_px
    return None


def _fills_of(timeline: Timeline) -> Iterator[tuple[str, Fill]]:
    from vitascope.media.timelines import Fill, PictureTrack

    for number, track in enumerate(timeline.tracks):
        for index, item in enumerate(track.items if isinstance(track, PictureTrack) else ()):
            if isinstance(item, Fill):
                yield f"tracks[{number}].items[{index}].canvas", item


def _read_fill(media: Media, where: str, fill: Fill) -> FillCanvas:
    """The fill as a request of its own, checked like one."""
    from vitascope.canvas.documents import read_form
    from vitascope.canvas.errors import inside
    from vitascope.canvas.schema import CanvasForm

    if not fill.inline:
        raise bad_request(f"{where}: write the canvas itself here, not the name of its file", where)
    with inside(where):
        what = 'a canvas is an object, such as {"words": [{"text": "a fox"}]}'
        read_form(fill.document(), CanvasForm, what)
        document = fill.document()
        for medium in media_of_canvas(document):
            media.take(f"{where}.{medium.where}", medium.uri, medium.kinds)
        try_canvas(document, media.found)
    filler = fill.filler or media.server.settings.filler
    request = FillCanvas(document=document, files={id_: id_ for id_ in media.found}, filler=filler)
    with named(where):
        plan_of(request, media.found, media.server.settings)
    return request


def _texts_of(timeline: Timeline) -> Iterator[str]:
    """All that is written in the film."""
    from vitascope.media.timelines import CaptionTrack, Title

    for track in timeline.tracks:
        if isinstance(track, CaptionTrack):
            yield from (cue.text for cue in track.cues)
        else:
            yield from (item.text for item in track.items if isinstance(item, Title))


def _try(server: Server, timeline: Timeline, files: dict[str, StoredFile], form: str) -> None:
    """Look at the media, the fonts and the encoder as the render will, if the media are on this machine."""
    from vitascope.films.rendering import RenderSettings
    from vitascope.films.rendering.settings import encoding_for
    from vitascope.films.rendering.sources import look_at

    with tempfile.TemporaryDirectory(prefix="vitascope-") as folder:
        size, rate_fps = (timeline.width_px, timeline.height_px), timeline.rate_fps
        encoding_for(Path(folder) / f"film.{form}", size, rate_fps, timeline.frames, RenderSettings())
    paths = {id_: server.store.local_path(file.key) for id_, file in files.items()}
    if None not in paths.values():
        look_at(timeline, finder(paths))


def finder(paths: dict[str, Any]) -> Callable[[str], Path]:
    """Where a stored file lies, by its id."""
    from vitascope.media import MediaError

    def find(source: str) -> Path:
        if source not in paths:
            raise MediaError(f"{source[:80]!r} isn't among the files that came with it")
        return Path(paths[source])

    return find
