"""Finished parts and the sound -> one film, packet by packet: nothing is decoded or encoded again.

Frame k is shown at k / rate, whatever the parts' own clocks were rounded to, and packets are decoded one
frame after the other. How far decoding must be ahead of showing is the most that any part needs. Knows
packets, and no pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import Any

from vitascope.films.rendering.copying import packets_of
from vitascope.films.rendering.parameter_sets import Sets, read_sets
from vitascope.films.rendering.plan import Copied, Part, Plan
from vitascope.media.limits import DEFAULT_LIMITS, MediaError
from vitascope.media.muxing import opened_output
from vitascope.media.opening import opened_film

Joined = Callable[[int], None]
"""Called after every packet of the picture with how many frames are in the film; may raise to cancel."""


def join(
    path: Path,
    plan: Plan,
    files: Sequence[Path | None],
    sound: Path | None,
    metadata: dict[str, str],
    joined: Joined,
) -> None:
    """Write the film. `files` has the file of each painted part, None for those that are copied."""
    encoding = plan.encoding
    ahead = max(_ahead(part, file, encoding.rate_fps) for part, file in zip(plan.parts, files, strict=True))
    options = dict(encoding.container.options)
    with opened_output(path, encoding.container.name, "the film", options) as output:
        output.metadata.update(metadata)
        with opened_film(files[0] or _copied(plan.parts[0]).film.path, DEFAULT_LIMITS) as first:
            stream = output.add_stream_from_template(first.streams.video[0])
        if header := _header(plan, files):
            stream.codec_context.extradata = header
        runs = [_picture_packets(plan, files, ahead, stream, joined)]
        if sound is None:
            output.start_encoding()
            _write(output, runs)
            return
        with opened_film(sound, DEFAULT_LIMITS) as heard:
            voice = output.add_stream_from_template(heard.streams.audio[0])
            _write(output, [*runs, _sound_packets(heard, voice)])


def _write(output: Any, runs: list[Iterator[tuple[Fraction, int, Any]]]) -> None:
    for _, _, packet in merge(*runs, key=lambda timed: timed[:2]):
        output.mux_one(packet)


def _picture_packets(
    plan: Plan, files: Sequence[Path | None], ahead: int, stream: Any, joined: Joined
) -> Iterator[tuple[Fraction, int, Any]]:
    rate_fps = plan.encoding.rate_fps
    count = 0
    for part, file in zip(plan.parts, files, strict=True):
        began = count
        for shown, packet in _numbered(part, file, rate_fps):
            packet.stream = stream
            packet.time_base = 1 / rate_fps
            packet.pts, packet.dts, packet.duration = part.frames.start + shown, count - ahead, 1
            yield (count - ahead) / rate_fps, 0, packet
            count += 1
            joined(count)
        if count - began != len(part.frames):
            raise MediaError(
                f"a part of the film has {count - began} frames in place of {len(part.frames)}; its file was"
                " changed while the film was made"
            )


def _numbered(part: Part, file: Path | None, rate_fps: Fraction) -> Iterator[tuple[int, Any]]:
    """(number within the part, packet) in the order of decoding."""
    if isinstance(part, Copied):
        for slot, packet in packets_of(part.film, part.slots):
            yield slot - part.slot, packet
        return
    if file is None:
        raise MediaError("a painted part has no file")
    with opened_film(file, DEFAULT_LIMITS) as container:
        zero_s: Fraction | None = None
        for packet in container.demux(container.streams.video[0]):
            if packet.pts is not None:
                at_s = packet.pts * packet.time_base
                zero_s = at_s if zero_s is None else zero_s  # a part begins with its first frame
                yield round((at_s - zero_s) * rate_fps), packet


def _sound_packets(container: Any, stream: Any) -> Iterator[tuple[Fraction, int, Any]]:
    for packet in container.demux(container.streams.audio[0]):
        if packet.pts is None:
            continue
        time_s = packet.pts * packet.time_base
        packet.stream = stream
        yield time_s, 1, packet


def _ahead(part: Part, file: Path | None, rate_fps: Fraction) -> int:
    """By how many frames decoding must be ahead of showing, so that no frame comes too late."""
    return max(number - shown for number, (shown, _) in enumerate(_numbered(part, file, rate_fps)))


def _copied(part: Part) -> Copied:
    assert isinstance(part, Copied)
    return part


def _header(plan: Plan, files: Sequence[Path | None]) -> bytes | None:
    """One header for all parts, where they have several; MediaError if they can't be in one track."""
    headers: dict[bytes, Sets | None] = {}
    for part, file in zip(plan.parts, files, strict=True):
        if isinstance(part, Copied):
            headers[part.stream.header] = part.stream.sets
        elif file is not None:
            with opened_film(file, DEFAULT_LIMITS) as container:
                header = bytes(container.streams.video[0].codec_context.extradata or b"")
                headers[header] = read_sets(header)
    if len(headers) < 2 or plan.encoding.encoder.name not in ("libx264", "libx265", "libsvtav1"):
        return None
    sets = list(headers.values())
    whole = sets[0]
    for each in sets[1:]:
        if whole is None or each is None or not whole.agrees(each):
            raise MediaError("the parts of the film were encoded in different ways; render it again")
        whole = whole.joined(each)
    return whole.written() if whole else None
