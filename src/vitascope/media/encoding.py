"""Pictures and sound -> one film file by FFmpeg. Knows nothing of temporary files or of what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from vitascope.canvas import Sound
from vitascope.media.colour import Colours, tag_bt709
from vitascope.media.encoders import SHORT_FRAMES, Container, Encoder
from vitascope.media.limits import MediaError
from vitascope.media.muxing import opened_output, ordinary_priority
from vitascope.media.probing import SIZE_MARK
from vitascope.media.sound import SoundStream, encoded_rate, layout_name, sound_blocks, sound_frame

_PLAIN_KEYS = {"title", "artist", "comment", "description", "copyright", "date", "genre", "album"}


def encode_film(
    part: Path,
    pictures: Iterator[np.ndarray],
    rate_fps: Fraction,
    how: tuple[Container, Encoder, int | None],
    sound: Sound | SoundStream | None,
    metadata: dict[str, str],
) -> None:
    """Write checked pictures (uint8 [H, W, 3 or 4], one size, one or more) and their sound, cut at their end.

    ``how`` is the container, the encoder and the quality of 1..100 or None. H.264 and H.265 in 4:2:0 can't
    hold an odd width or height, nor say that one row is to be cropped (their crop counts in pairs): the last
    row or column is doubled, and the true size is noted in the file, where our reader finds it.
    """
    container, encoder, quality = how
    start = [
        picture.copy() for picture in islice(pictures, SHORT_FRAMES)
    ]  # the owner may draw on into its own
    height_px, width_px = start[0].shape[:2]
    if min(height_px, width_px) < encoder.min_side_px:
        raise MediaError(
            f"{encoder.name} needs {encoder.min_side_px} px or more a side, not {width_px}x{height_px};"
            " H.264 (.mp4), VP9 (.webm) and .gif can be smaller"
        )
    pad = [(0, height_px % 2), (0, width_px % 2), (0, 0)] if encoder.even else [(0, 0)] * 3
    padded = any(after for _, after in pad)
    if padded:
        metadata = metadata | {SIZE_MARK: f"{width_px}x{height_px}"}
    what = f"{width_px}x{height_px} at {float(rate_fps):g} fps with {encoder.name}"
    with opened_output(part, container.name, what, muxer_options(container, metadata)) as output:
        output.metadata.update(metadata)
        options = encoder.options_for(quality, short=len(start) < SHORT_FRAMES)
        stream = _picture_stream(output, encoder, options, rate_fps)
        stream.width, stream.height = width_px + pad[1][1], height_px + pad[0][1]
        with ordinary_priority():
            stream.codec_context.open()
        voice = None if sound is None else _Voice(output, container.sound, sound)
        colours = Colours()
        for index, picture in enumerate(chain(start, pictures)):
            whole = np.pad(picture, pad, "edge") if padded else picture
            frame = colours.from_rgb(whole, encoder.pixel_format)
            frame.pts, frame.time_base = index, 1 / rate_fps
            output.mux(stream.encode(frame))
            if voice:
                voice.say_until((index + 1) / rate_fps)
        output.mux(stream.encode(None))
        if voice:
            voice.finish()


def muxer_options(container: Container, metadata: dict[str, str]) -> dict[str, str]:
    """The container's options for a film that says so much of itself."""
    options = dict(container.options)
    if "movflags" in options and set(metadata) - _PLAIN_KEYS:
        options["movflags"] += "+use_metadata_tags"  # mp4 drops keys that it doesn't know, unless asked
    return options


def _picture_stream(output: Any, encoder: Encoder, options: dict[str, str], rate_fps: Fraction) -> Any:
    stream = output.add_stream(encoder.name, rate=rate_fps, options=options)
    stream.pix_fmt = encoder.pixel_format
    stream.metadata.update(encoder.stream_metadata)
    stream.codec_context.time_base = 1 / rate_fps
    stream.codec_context.thread_type = "AUTO"
    if encoder.tag:
        stream.codec_context.codec_tag = encoder.tag
    tag_bt709(stream.codec_context)
    return stream


class _Voice:
    """The film's sound, encoded a little at a time so that it lies beside its pictures in the file."""

    def __init__(self, output: Any, codec: str, sound: Sound | SoundStream) -> None:
        self._output = output
        self._rate_hz = sound.rate_hz
        self._blocks = sound_blocks(sound)
        self._waiting = next(self._blocks, None)
        self._said = 0  # samples
        channels = 1 if self._waiting is None else self._waiting.shape[1]
        rate_hz = encoded_rate(codec, sound.rate_hz)
        self._stream = output.add_stream(codec, rate=rate_hz, layout=layout_name(channels))

    def say_until(self, time_s: Fraction) -> None:
        """Encode what is heard before this time."""
        until = round(time_s * self._rate_hz)
        while self._waiting is not None and self._said < until:
            now, later = self._waiting[: until - self._said], self._waiting[until - self._said :]
            self._output.mux(self._stream.encode(sound_frame(now, self._said, self._rate_hz)))
            self._said += len(now)
            self._waiting = later if len(later) else next(self._blocks, None)

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if self._said:
            self._output.mux(self._stream.encode(None))
