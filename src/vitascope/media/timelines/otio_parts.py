"""What lies in OpenTimelineIO's objects: kinds, sources, metadata, nested ones. Makes nothing of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, cast

from vitascope.media.timelines.otio_times import seconds_of
from vitascope.media.timelines.otio_writing import KEY

DEEPEST = 16  # compositions in each other


def kind_of(thing: Any) -> str:
    """The name of its schema, "" for None."""
    return "" if thing is None else str(thing.schema_name())


def extras_of(thing: Any) -> dict[str, Any]:
    """Our metadata on it, which otio.py has put there as JSON text."""
    found: Any = thing.metadata.get(KEY)
    read: Any = json.loads(found) if isinstance(found, str) else {}
    return cast("dict[str, Any]", read) if isinstance(read, dict) else {}


def exact_of(extras: Mapping[str, Any]) -> dict[str, Any]:
    """The times that floats lose, as text."""
    found: Any = extras.get("exact")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def span_of(span: Any) -> tuple[Fraction, Fraction]:
    """A TimeRange's start and duration in seconds."""
    return seconds_of(span.start_time), seconds_of(span.duration)


def available_of(clip: Any) -> Any:
    """What a clip's media has, or None."""
    return None if clip.media_reference is None else clip.media_reference.available_range


def source_of(reference: Any) -> str:
    """The name of a clip's media; empty where it is missing."""
    kind = kind_of(reference)
    if kind == "ExternalReference":
        return str(reference.target_url or "")
    if kind == "ImageSequenceReference":
        base = str(reference.target_url_base or "")
        joint = "" if not base or base.endswith("/") else "/"
        number = f"%0{int(reference.frame_zero_padding) or 1}d"
        return f"{base}{joint}{reference.name_prefix}{number}{reference.name_suffix}"
    return ""


def is_sound(composition: Any) -> bool:
    """Whether it is a sound track with something on it."""
    return kind_of(composition) == "Track" and str(composition.kind) == "Audio" and len(composition) > 0


def compositions_in(composition: Any, depth: int = 0) -> Iterator[Any]:
    """All tracks and stacks below it."""
    for child in composition if depth <= DEEPEST else ():
        if kind_of(child) in ("Track", "Stack"):
            yield child
            yield from compositions_in(child, depth + 1)


def pictures_in(stack: Any) -> Iterator[Any]:
    """All clips and gaps below it that aren't sound."""
    for composition in compositions_in(stack):
        for child in () if is_sound(composition) else composition:
            if kind_of(child) in ("Clip", "Gap"):
                yield child
