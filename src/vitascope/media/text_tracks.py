"""A film with its captions as a track of text that a player shows or hides; the rest stays as it is.

The film's packets are copied, nothing is decoded. Knows nothing of how captions look.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.packet import Packet

from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place
from vitascope.media.marked_text import plain
from vitascope.media.muxing import opened_output
from vitascope.media.opening import file_name, opened_film
from vitascope.media.probing import probe
from vitascope.media.timelines.subtitles import srt_text, vtt_text
from vitascope.media.timelines.tracks import CaptionTrack, Cue
from vitascope.media.whole import whole_file

_CODECS = {".mp4": "mov_text", ".mov": "mov_text", ".m4v": "mov_text", ".webm": "webvtt", ".mkv": "subrip"}
_FORMS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".webm": "webm", ".mkv": "matroska"}
_TICK_S = Fraction(1, 1000)
_MOST_UNDATED = 64
# FFmpeg opens an encoder of text for a known style only, if we use it or not.
_STYLES = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def add_text_track(clip: Place, track: CaptionTrack, path: Place, limits: Limits = DEFAULT_LIMITS) -> None:
    """Write the film again with the captions as its text track; ``path`` appears whole or not at all.

    .mp4, .mov and .m4v hold plain text, .mkv <i>, <b> and <u> too, .webm WebVTT without places. The track's
    language goes along (three letters, "eng", for .mp4). Text tracks that the film had are left out. Raises
    MediaError, also for pictures or sound that the container can't hold.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _CODECS:
        raise MediaError(
            f"{path}: a text track goes into {', '.join(_CODECS)}; into others captions are drawn"
        )
    start_s = probe(clip, limits).start_s
    name = file_name(clip)
    with (
        opened_film(clip, limits) as source,
        whole_file(Path(path)) as part,
        opened_output(part, _FORMS[suffix], f"{name} as {suffix}", {}) as output,
    ):
        output.metadata.update(source.metadata)
        streams = _copied_streams(source, output, Path(path))
        text: Any = output.add_stream(_CODECS[suffix])
        text.codec_context.subtitle_header = _STYLES
        text.codec_context.time_base = _TICK_S
        if track.language:
            text.metadata["language"] = track.language
        waiting = _packets(track, _CODECS[suffix], start_s)
        due = next(waiting, None)
        for packet in _dated(source.demux([source.streams[index] for index in streams])):
            while due is not None and due[0] <= packet.dts * packet.time_base:
                _mux(output, text, due)
                due = next(waiting, None)
            packet.stream = streams[packet.stream_index]
            output.mux(packet)
        while due is not None:
            _mux(output, text, due)
            due = next(waiting, None)


def _copied_streams(source: Any, output: Any, path: Path) -> dict[int, Any]:
    """The output's stream for each of the film's pictures and sounds, by its number there."""
    try:
        return {
            stream.index: output.add_stream_from_template(stream)
            for stream in (*source.streams.video, *source.streams.audio)
        }
    except ValueError as error:
        raise MediaError(f"{path}: {error}; keep the clip's own ending, or use .mkv") from error


def _dated(packets: Iterator[Any]) -> Iterator[Any]:
    """The packets, each with a time to be decoded at: Matroska has none, FFmpeg doesn't guess the first."""
    waiting: dict[int, list[Any]] = {}
    for packet in packets:
        if not packet.size:
            continue
        held = waiting.setdefault(packet.stream_index, [])
        if packet.dts is None and len(held) < _MOST_UNDATED:
            held.append(packet)
            continue
        if packet.dts is None:
            raise MediaError("it doesn't say when its pictures are decoded; write it anew first")
        for number, early in enumerate(held):
            early.dts = packet.dts - (len(held) - number) * max(1, early.duration or 1)
            yield early
        held.clear()
        yield packet
    for held in waiting.values():  # a film of very few pictures
        for early in held:
            early.dts = early.pts
            yield early


def _mux(output: Any, text: Any, due: tuple[Fraction, Fraction, bytes]) -> None:
    start_s, stop_s, data = due
    packet = Packet(data)
    packet.stream = text
    packet.time_base = _TICK_S
    packet.pts = packet.dts = round(start_s / _TICK_S)
    packet.duration = max(1, round((stop_s - start_s) / _TICK_S))
    output.mux(packet)


def _packets(
    track: CaptionTrack, codec: str, start_s: Fraction
) -> Iterator[tuple[Fraction, Fraction, bytes]]:
    """(start, stop, bytes) of each caption in a codec's own form."""
    if codec != "mov_text":
        write = vtt_text if codec == "webvtt" else srt_text
        for cue in track.cues:
            yield cue.start_s + start_s, cue.stop_s + start_s, write(cue.text).encode()
        return
    for cue in one_at_a_time(track.cues):
        data = plain(cue.text).encode()[:0xFFFF]
        yield cue.start_s + start_s, cue.stop_s + start_s, len(data).to_bytes(2, "big") + data


def one_at_a_time(cues: tuple[Cue, ...]) -> Iterator[Cue]:
    """The same captions with those that overlap put into one, line under line, for as long as they do."""
    track = CaptionTrack(cues=cues)
    times = sorted({time for cue in cues for time in (cue.start_s, cue.stop_s)})
    shown: tuple[Cue, ...] = ()
    since_s = Fraction(0)
    for time_s in times:
        now = track.at(time_s)
        if now == shown:
            continue
        if shown:
            yield _joined(shown, since_s, time_s)
        shown, since_s = now, time_s


def _joined(cues: tuple[Cue, ...], start_s: Fraction, stop_s: Fraction) -> Cue:
    return Cue(start_s=start_s, stop_s=stop_s, text="\n".join(cue.text for cue in cues)[:2000])
