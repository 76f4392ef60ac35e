"""A film with another sound: its pictures' packets as they are, and the new sound beside them.

Nothing is decoded but the film's own sound, where the new one is laid over it. Knows packets; nothing of what
is seen or heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vitascope.canvas import Sound
from vitascope.media.encoders import CONTAINERS, container_for
from vitascope.media.encoding import muxer_options
from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place
from vitascope.media.moving_pictures import is_moving_picture
from vitascope.media.muxing import opened_output
from vitascope.media.opening import file_name, opened_film, picture_stream
from vitascope.media.probing import probe
from vitascope.media.reading import read_video
from vitascope.media.sound import at_rate, encoded_rate, layout_name, sound_blocks, sound_frame
from vitascope.media.whole import whole_file
from vitascope.media.writing import write_video


def played_s(path: Place, limits: Limits = DEFAULT_LIMITS) -> Fraction:
    """How long a film's pictures are shown, by their packets: what its header says may be wrong."""
    info = probe(path, limits)
    if not is_moving_picture(path):
        with opened_film(path, limits) as container:
            stream = picture_stream(container, limits, file_name(path))
            shown = [span for packet in container.demux(stream) if (span := _span(packet, info.rate_fps))]
        if shown:
            span_s = max(stop for _, stop in shown) - min(start for start, _ in shown)
            whole = info.rate_fps if not info.variable_rate else 1000  # Matroska counts milliseconds
            return max(1, round(span_s * whole)) / Fraction(whole)
    return sum(1 for _ in read_video(path, limits=limits)) / info.rate_fps


_CODECS = {"hevc": "h265"}  # FFmpeg's name: ours


def dub(film: Place, path: Place, sound: Sound) -> bool:
    """Write a film with this sound in place of its own; ``path`` appears whole or not at all.

    True: its pictures were copied as they are encoded. False: its packets don't go into such a file, or can't
    be taken over one by one, so its pictures were encoded anew as ``write_video`` does.
    """
    container, info = container_for(path), probe(film)
    suffix = Path(path).suffix.lower()
    taken = _CODECS.get(info.codec, info.codec) in container.codecs or Path(film).suffix.lower() == suffix
    if taken and not is_moving_picture(film):
        try:
            _copy(film, path, sound)
        except MediaError:
            pass  # FFmpeg's muxers know best what they hold; what is wrong with the film itself is said below
        else:
            return True
    video = read_video(film, alpha=info.alpha and suffix != ".mp4")
    write_video(path, video, video.rate_fps, sound=sound, metadata=info.metadata)
    return False


def laid_over(own: Sound, new: Sound) -> Sound:
    """Both at once, at the higher rate and in the more channels, as long as the new one; softer as a whole
    where their sum would clip."""
    rate_hz = max(own.rate_hz, new.rate_hz)
    own, new = at_rate(own, rate_hz), at_rate(new, rate_hz)
    channels = max(own.samples.shape[1], new.samples.shape[1])
    total = _in_channels(new.samples, channels).copy()
    under = _in_channels(own.samples, channels)[: len(total)]
    total[: len(under)] += under
    loudest = float(np.abs(total).max(initial=0))
    return Sound(total / loudest if loudest > 1 else total, rate_hz)


def _in_channels(samples: Any, channels: int) -> Any:
    """One microphone is heard from each loudspeaker, two from the front ones; others stay where they are."""
    if samples.shape[1] == 1:
        return np.repeat(samples, channels, axis=1)
    return np.pad(samples, ((0, 0), (0, channels - samples.shape[1])))


def _span(packet: Any, rate_fps: Fraction) -> tuple[Fraction, Fraction] | None:
    """When a packet's picture is shown; None for one that names no time or is only there to be decoded."""
    if packet.pts is None or packet.is_discard:
        return None
    start = packet.pts * packet.time_base
    return start, start + (packet.duration * packet.time_base if packet.duration else 1 / rate_fps)


def _copy(film: Place, path: Place, sound: Sound) -> None:
    """MediaError where the packets can't be taken over."""
    info, container = probe(film), CONTAINERS[Path(path).suffix.lower()]
    with (
        opened_film(film, DEFAULT_LIMITS) as source,
        whole_file(path) as part,
        opened_output(part, container.name, "these packets", muxer_options(container, info.metadata)) as out,
    ):
        out.metadata.update(info.metadata)
        pictures = picture_stream(source, DEFAULT_LIMITS, file_name(film))
        try:
            taken = out.add_stream_from_template(pictures, opaque=True)
        except ValueError as error:
            raise MediaError(f"{path}: {error}") from error
        taken.metadata.update(pictures.metadata)
        rate_hz = encoded_rate(container.sound, sound.rate_hz)
        voice = out.add_stream(container.sound, rate=rate_hz, layout=layout_name(sound.samples.shape[1]))
        blocks, said = sound_blocks(sound), 0
        early = round(info.start_s / (pictures.time_base or Fraction(1)))
        for packet in _in_time(source.demux(pictures), file_name(film), info.rate_fps):
            packet.pts, packet.dts = packet.pts - early, packet.dts - early
            while said < packet.dts * packet.time_base * sound.rate_hz:
                block = next(blocks, None)
                if block is None:
                    break
                out.mux(voice.encode(sound_frame(block, said, sound.rate_hz)))
                said += len(block)
            packet.stream = taken
            out.mux(packet)
        for block in blocks:
            out.mux(voice.encode(sound_frame(block, said, sound.rate_hz)))
            said += len(block)
        out.mux(voice.encode(None))


def _in_time(packets: Iterator[Any], name: str, rate_fps: Fraction) -> Iterator[Any]:
    """The packets with times at which to decode them, which Matroska leaves out before the first picture that
    is shown out of order. MediaError where one can't be taken over."""
    waiting: list[Any] = []
    for packet in packets:
        if not packet.size:
            continue  # the end
        if packet.pts is None or packet.is_discard or packet.is_corrupt:
            raise MediaError(f"{name}: not every packet of it is a picture that is shown")
        waiting.append(packet)
        if packet.dts is None:
            continue
        step = packet.duration or round(1 / (rate_fps * packet.time_base))
        for earlier, each in enumerate(reversed(waiting)):
            each.dts = packet.dts - earlier * step
        yield from waiting
        waiting = []
    if waiting:
        raise MediaError(f"{name}: its packets don't say when to decode them")
