"""Which files a timeline names, and which of them may be opened. Opens none, and never asks the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from vitascope.media.limits import MediaError, Place
from vitascope.media.timelines.documents import Timeline
from vitascope.media.timelines.errors import inside
from vitascope.media.timelines.items import Clip, Fill, Still
from vitascope.media.timelines.tracks import CaptionTrack
from vitascope.media.uris import local_path

Resolve: TypeAlias = Callable[[str], Path]
"""The file that a source means; MediaError for one that isn't there or may not be opened."""


def sources(timeline: Timeline) -> tuple[tuple[str, str], ...]:
    """Every (place, source) that it names, such as ("tracks[0].items[2].source", "clips/fox.mp4")."""
    found: list[tuple[str, str]] = []
    for number, track in enumerate(timeline.tracks):
        for index, item in enumerate(() if isinstance(track, CaptionTrack) else track.items):
            place = f"tracks[{number}].items[{index}]"
            if isinstance(item, Clip | Still):
                found.append((f"{place}.source", item.source))
            elif isinstance(item, Fill) and not item.inline:
                found.append((f"{place}.canvas", item.canvas))
    return tuple(found)


def beside(document: Place, *, allow_absolute: bool = False) -> Resolve:
    """Sources by the rules of media.uris: relative to the document's folder (or to a folder), and in it.

    `allow_absolute` is for a person at their own command line: paths from the root, file:// too, are opened,
    and ".." leads out of the folder.
    """
    place = Path(document)
    folder = place if place.is_dir() else place.parent

    def resolve(source: str) -> Path:
        if source[:5].lower() == "data:":
            raise MediaError("a data: URI holds no film; save it as a file beside the timeline")
        path = local_path(_from_root(source, folder) if allow_absolute else source, folder, allow_absolute)
        if not path.exists() and "%" not in path.name:
            raise MediaError(f"{source[:200]}: no such file")
        return path

    return resolve


def _from_root(source: str, folder: Path) -> str:
    """A path that leads out of the folder by "..", as one from the root."""
    plain = source.removeprefix("file://localhost").removeprefix("file://")
    return str(folder.absolute() / unquote(plain)) if ".." in Path(unquote(plain)).parts else source


def check_sources(timeline: Timeline, resolve: Resolve) -> None:
    """TimelineError for the first few sources that can't be opened, each with its place."""
    wrong: list[str] = []
    known: dict[str, str] = {}
    for place, source in sources(timeline):
        if source not in known:
            try:
                resolve(source)
                known[source] = ""
            except MediaError as error:
                known[source] = str(error)
        if known[source]:
            wrong.append(f"{place}: {known[source]}")
    if wrong:
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        with inside(wrong[0].partition(": ")[0]):
            raise MediaError("; ".join([wrong[0].partition(": ")[2], *wrong[1:5]]) + more)
