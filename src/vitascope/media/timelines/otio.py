"""OpenTimelineIO files (.otio) in and out: a timeline that other editors open, and theirs.

What OTIO has no place for lies in metadata["vitascope"] and comes back exactly. Opens no media.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place, regular_file
from vitascope.media.timelines.documents import Timeline
from vitascope.media.timelines.errors import TimelineError, inside
from vitascope.media.timelines.items import Clip, Still
from vitascope.media.timelines.otio_reading import Reading
from vitascope.media.timelines.otio_writing import KEY, built, opentimelineio
from vitascope.media.timelines.sources import Resolve, beside, check_sources, sources
from vitascope.media.timelines.tracks import PictureTrack
from vitascope.media.whole import whole_file

__all__ = [
    "Opened",
    "Resolve",
    "beside",
    "check_sources",
    "from_otio",
    "read_timeline",
    "sources",
    "to_otio",
    "write_timeline",
]

LARGEST_FILE_BYTES = 64 << 20
_DEEPEST = 200  # of brackets: OTIO's own reader overflows its stack at some thousands
_SCHEMA = "OTIO_SCHEMA"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A timeline, and in words what of its file was left aside; empty: nothing."""

    timeline: Timeline
    aside: tuple[str, ...] = ()
    sized: bool = True
    """Whether the size of its pictures was said, and not assumed."""


def to_otio(timeline: Timeline) -> str:
    """The text of an .otio file."""
    return cast("str", built(timeline).to_json_string(indent=2))


def from_otio(text: str, *, name: str = "the timeline", size_px: tuple[int, int] | None = None) -> Opened:
    """The timeline in the text of an .otio file, of any editor. `name` is the file's, for errors.

    OTIO says no size of pictures: of a file that isn't ours it is `size_px`, or 1920x1080. Raises
    TimelineError for what is no timeline, clips whose media is missing (naming them), and impossible times.
    """
    with inside(name):
        otio = opentimelineio()
        aside: list[str] = []
        document = _parsed(text)
        _prepare(document, _schemas(otio), aside)
        try:
            root = otio.core.deserialize_json_from_string(json.dumps(document))
        except (otio.exceptions.OTIOError, ValueError, KeyError, TypeError, RuntimeError) as error:
            said = " ".join(str(error).split())[:200]
            raise TimelineError(f"OpenTimelineIO can't read it: {said}") from error
        reading = Reading(size_px)
        timeline = reading.timeline(_timeline_in(otio, root))
        return Opened(timeline=timeline, aside=tuple(aside + reading.aside), sized=reading.sized)


def read_timeline(
    path: Place,
    *,
    resolve: Resolve | None = None,
    size_px: tuple[int, int] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Opened:
    """Read an .otio file. With `resolve` (see beside()) all of its media must be there.

    A file of another editor then has the size of its first film or picture. Raises MediaError, as from_otio.
    """
    place = regular_file(path, limits)
    if place.suffix.lower() != ".otio":
        raise MediaError(
            f"{place}: timelines are read from .otio files; export it as such, or unpack it first"
        )
    if place.stat().st_size > LARGEST_FILE_BYTES:
        raise MediaError(f"{place}: a timeline of more than {LARGEST_FILE_BYTES >> 20} MiB")
    try:
        text = place.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MediaError(f"{place}: is no text in UTF-8, as .otio files are") from error
    opened = from_otio(text, name=place.name, size_px=size_px)
    if resolve is None:
        return opened
    with inside(place.name):
        check_sources(opened.timeline, resolve)
    found = None if opened.sized else _first_size(opened.timeline, resolve, limits)
    return from_otio(text, name=place.name, size_px=found) if found else opened


def write_timeline(path: Place, timeline: Timeline) -> None:
    """Write an .otio file; it appears whole or not at all."""
    if Path(path).suffix.lower() != ".otio":
        raise MediaError(f"{path}: timelines are written as .otio")
    with whole_file(Path(path)) as part:
        part.write_text(to_otio(timeline), encoding="utf-8")


def _first_size(timeline: Timeline, resolve: Resolve, limits: Limits) -> tuple[int, int] | None:
    from vitascope.media.probing import probe

    for track in timeline.tracks:
        for item in track.items if isinstance(track, PictureTrack) else ():
            if isinstance(item, Clip | Still):
                info = probe(resolve(item.source), limits)
                return info.width_px, info.height_px
    return None


def _parsed(text: str) -> Any:
    """The JSON, if it isn't nested so deeply that OTIO's reader would overflow its stack."""
    if len(text) > LARGEST_FILE_BYTES:
        raise TimelineError(f"has more than {LARGEST_FILE_BYTES >> 20} Mi letters")
    try:
        document: Any = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise TimelineError(f"is no JSON, as .otio files are: {str(error)[:200]}") from None
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        level = [part for value in level for part in _parts(value)]
        if not level:
            return document
    raise TimelineError(f"is nested more than {_DEEPEST} deep")


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number that a timeline can hold")


def _schemas(otio: Any) -> frozenset[str]:
    kinds = [getattr(otio.schema, name) for name in dir(otio.schema)]
    kinds += [getattr(otio.core, name) for name in dir(otio.core)] + [
        getattr(otio.opentime, name) for name in dir(otio.opentime)
    ]
    return frozenset(kind.__name__ for kind in kinds if isinstance(kind, type))


def _prepare(value: Any, known: frozenset[str], aside: list[str]) -> None:
    """Make a document one that OTIO reads without loss.

    Objects of unknown schemas are taken out of lists: it refuses a whole file for one of them.
    """
    for part in _parts(value):
        _prepare(part, known, aside)
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        for name, part in fields.items():
            if name == KEY:  # as text, because OTIO's reader of numbers is off by the last bit now and then
                fields[name] = json.dumps(part)
            elif name == "media_reference" and _unknown(part, known):
                fields[name] = {
                    _SCHEMA: "MissingReference.1",
                    "name": "",
                    "metadata": {},
                    "available_range": None,
                }
            elif isinstance(part, list) and name in ("children", "effects", "markers"):
                parts = cast("list[Any]", part)
                for child in parts:
                    if _unknown(child, known):
                        aside.append(
                            f"{str(child.get('name') or name)[:60]!r} of unknown kind {child[_SCHEMA]!r}"
                        )
                fields[name] = [child for child in parts if not _unknown(child, known)]


def _unknown(value: Any, known: frozenset[str]) -> bool:
    if not isinstance(value, dict):
        return False
    said: Any = cast("dict[str, Any]", value).get(_SCHEMA)
    return isinstance(said, str) and said.partition(".")[0] not in known


def _timeline_in(otio: Any, root: Any) -> Any:
    """The timeline that a file holds, alone, in a collection, or as a bare composition."""
    schema = otio.schema
    if isinstance(root, schema.Timeline):
        return root
    if isinstance(root, schema.SerializableCollection):
        timelines = [child for child in root if isinstance(child, schema.Timeline)]
        if len(timelines) == 1:
            return timelines[0]
        raise TimelineError(f"holds {len(timelines)} timelines; save the one that is meant by itself")
    if isinstance(root, schema.Stack):
        made = schema.Timeline(name=root.name)
        made.tracks = root.clone()
        return made
    if isinstance(root, schema.Track | schema.Clip):
        made = schema.Timeline(name=root.name)
        made.tracks.append(root.clone())
        return made
    raise TimelineError("holds no timeline, but something else")
