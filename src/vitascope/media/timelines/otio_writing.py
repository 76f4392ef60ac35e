"""A timeline -> OpenTimelineIO's own objects, with what they have no place for in metadata["vitascope"].

Other editors see clips, gaps, transitions, speeds and markers; see docs/timeline.md for the table.
"""

from __future__ import annotations

import importlib
from fractions import Fraction
from typing import Any

from vitascope.media.limits import MediaError
from vitascope.media.timelines.documents import Marker, Timeline
from vitascope.media.timelines.extras import to_plain
from vitascope.media.timelines.items import Clip, Colour, Fill, Gap, Item, Still, Title, Transition
from vitascope.media.timelines.otio_times import exact_times, rational_time
from vitascope.media.timelines.tracks import CaptionTrack, Cue, SoundTrack, Track

KEY = "vitascope"
VERSION = 1
MARKER_COLOURS = {
    "RED": "#ff0000",
    "GREEN": "#00ff00",
    "BLUE": "#0000ff",
    "YELLOW": "#ffff00",
    "CYAN": "#00ffff",
    "MAGENTA": "#ff00ff",
    "ORANGE": "#ff8000",
    "PINK": "#ff80c0",
    "PURPLE": "#800080",
    "WHITE": "#ffffff",
    "BLACK": "#000000",
}
GENERATORS = {"vitascope.fill": Fill, "vitascope.title": Title, "SolidColor": Colour}
ITEM_KINDS = {"clip": Clip, "still": Still, "fill": Fill, "title": Title, "colour": Colour, "gap": Gap}
TRACK_KINDS = {"picture": "Video", "sound": "Audio", "captions": "Video"}
_OWN = frozenset({"name", "items", "cues", "tracks", "markers", "enabled"})  # what OTIO has a place for


def opentimelineio() -> Any:
    """The library; MediaError where it isn't installed."""
    try:
        return importlib.import_module("opentimelineio")
    except ImportError as error:
        raise MediaError("timelines need opentimelineio: pip install 'vitascope[footage]'") from error


def built(timeline: Timeline) -> Any:
    """The otio.schema.Timeline of a timeline."""
    otio = opentimelineio()
    schema = otio.schema
    made = schema.Timeline(name=timeline.name)
    made.metadata[KEY] = {"version": VERSION, **to_plain(timeline, _OWN)}
    made.tracks.markers.extend(_marker(otio, marker, timeline.rate_fps) for marker in timeline.markers)
    for track in timeline.tracks:
        made.tracks.append(_track(otio, track, timeline.rate_fps))
    return made


def _track(otio: Any, track: Track, rate_fps: Fraction) -> Any:
    if isinstance(track, CaptionTrack):
        kind = "captions"
    else:
        kind = "sound" if isinstance(track, SoundTrack) else "picture"
    made = otio.schema.Track(name=track.name, kind=TRACK_KINDS[kind])
    made.enabled = track.enabled
    made.metadata[KEY] = {"kind": kind, **to_plain(track, _OWN)}
    if isinstance(track, CaptionTrack):
        made.markers.extend(_cue(otio, cue, rate_fps) for cue in track.cues)
    else:
        for item in track.items:
            made.append(
                _transition(otio, item, rate_fps)
                if isinstance(item, Transition)
                else _item(otio, item, rate_fps)
            )
    return made


def _item(otio: Any, item: Item, rate_fps: Fraction) -> Any:
    schema = otio.schema
    kind = next(name for name, kind in ITEM_KINDS.items() if type(item) is kind)
    start_s = item.start_s if isinstance(item, Clip | Fill) else Fraction(0)
    times = {"start_s": start_s, "duration_s": item.duration_s}
    span = otio.opentime.TimeRange(
        rational_time(otio, start_s, rate_fps), rational_time(otio, item.duration_s, rate_fps)
    )
    extras = {"kind": kind, **to_plain(item, frozenset({"name", "source", "speed", *times}))}
    if exact := exact_times(times, rate_fps):
        extras["exact"] = exact
    if isinstance(item, Gap):
        made = schema.Gap(name=item.name, source_range=span)
    else:
        made = schema.Clip(name=item.name, media_reference=_reference(schema, item), source_range=span)
    if isinstance(item, Clip) and item.speed != 1:
        extras["speed"] = str(item.speed)
        warp = schema.LinearTimeWarp(time_scalar=float(item.speed)) if item.speed else schema.FreezeFrame()
        made.effects.append(warp)
    made.metadata[KEY] = extras
    return made


def _reference(schema: Any, item: Clip | Still | Fill | Title | Colour) -> Any:
    if isinstance(item, Clip | Still):
        return schema.ExternalReference(target_url=item.source)
    kind = next(name for name, kind in GENERATORS.items() if type(item) is kind)
    said: dict[str, Any] = {}
    if isinstance(item, Title):
        said = {"text": item.text}
    elif isinstance(item, Colour):
        said = {"color": item.colour}
    return schema.GeneratorReference(generator_kind=kind, parameters=said)


def _transition(otio: Any, item: Transition, rate_fps: Fraction) -> Any:
    times = {"in_s": item.in_s, "out_s": item.out_s}
    made = otio.schema.Transition(
        name=item.name,
        transition_type="SMPTE_Dissolve" if item.kind == "dissolve" else "Custom_Transition",
        in_offset=rational_time(otio, item.in_s, rate_fps),
        out_offset=rational_time(otio, item.out_s, rate_fps),
    )
    extras = to_plain(item, frozenset({"name", *times}))
    if exact := exact_times(times, rate_fps):
        extras["exact"] = exact
    made.metadata[KEY] = extras
    return made


def _marker(otio: Any, marker: Marker, rate_fps: Fraction) -> Any:
    named = next((name for name, colour in MARKER_COLOURS.items() if colour == marker.colour), "RED")
    times = {"start_s": marker.at_s, "duration_s": marker.duration_s}
    extras: dict[str, Any] = {"colour": marker.colour}
    return _marked(otio, marker.name, named, times, extras, rate_fps)


def _cue(otio: Any, cue: Cue, rate_fps: Fraction) -> Any:
    times = {"start_s": cue.start_s, "duration_s": cue.stop_s - cue.start_s}
    extras = {"kind": "cue", **to_plain(cue, frozenset({"start_s", "stop_s"}))}
    return _marked(otio, cue.text, "WHITE", times, extras, rate_fps)


def _marked(
    otio: Any,
    name: str,
    colour: str,
    times: dict[str, Fraction],
    extras: dict[str, Any],
    rate_fps: Fraction,
) -> Any:
    if exact := exact_times(times, rate_fps):
        extras["exact"] = exact
    span = otio.opentime.TimeRange(
        rational_time(otio, times["start_s"], rate_fps), rational_time(otio, times["duration_s"], rate_fps)
    )
    return otio.schema.Marker(name=name, marked_range=span, color=colour, metadata={KEY: extras})
