"""The sound of a film: samples in, samples out, on the pictures' clock. Knows nothing of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from vitascope.canvas import Sound
from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place
from vitascope.media.muxing import opened_output
from vitascope.media.opening import decodable, decoded, file_name, opened_film, seconds
from vitascope.media.whole import whole_file

SOUNDS = {
    ".wav": ("wav", "pcm_f32le"),
    ".flac": ("flac", "flac"),
    ".mp3": ("mp3", "libmp3lame"),
    ".m4a": ("ipod", "aac"),
}
"""The files that hold a sound by itself: FFmpeg's names of their container and codec. The first two lose
nothing (FLAC beyond 24 bits)."""

_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_RATES_HZ = {
    "aac": (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350),
    "libmp3lame": (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000),
    "libopus": (48000,),
}
_JITTER_S = Fraction(1, 50)  # timestamps are off by less than this; more is a real gap, or an overlap


class SoundStream:
    """A file's sound as blocks of float32 [N, channels], in flat memory, any number of times.

    The first sample is heard at ``start_s`` of the file's clock (the moment of a film's first picture; None:
    when the sound begins). Earlier sound is left out, and gaps, one at the start too, become silence.
    """

    def __init__(self, path: Place, start_s: Fraction | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.path = path
        self.limits = limits
        self.start_s = start_s
        with opened_film(path, limits) as container:
            stream = _sound_stream(container, file_name(path))
            self.rate_hz: int = stream.rate
            self.channels: int = stream.channels

    def __iter__(self) -> Iterator[np.ndarray]:
        name = file_name(self.path)
        with opened_film(self.path, self.limits) as container:
            stream = _sound_stream(container, name)
            zero_s, heard = self.start_s, 0
            frames = decoded(container, stream, self.limits, name)
            for start_s, block in _timed_samples(frames, stream, self.rate_hz):
                if start_s is not None:
                    zero_s = start_s if zero_s is None else zero_s
                    late = round((start_s - zero_s) * self.rate_hz) - heard
                    early = -late if -late > _JITTER_S * self.rate_hz or not heard else 0
                    if late > _JITTER_S * self.rate_hz:
                        self.limits.check_duration((heard + late) / self.rate_hz, name)
                        yield from _silence(late, self.channels, self.rate_hz)
                        heard += late
                    block = block[max(early, 0) :]
                heard += len(block)
                self.limits.check_duration(heard / self.rate_hz, name)
                if len(block):
                    yield block

    def whole(self) -> Sound:
        """All of it at once; MediaError if that takes more memory than ``limits.max_clip_bytes``."""
        blocks: list[np.ndarray] = []
        size_bytes = 0
        for block in self:
            size_bytes += block.nbytes
            self.limits.check_clip(size_bytes, file_name(self.path))
            blocks.append(block)
        samples = np.concatenate(blocks) if blocks else np.zeros((0, self.channels), np.float32)
        return Sound(samples, self.rate_hz)


def read_sound(path: Place, limits: Limits = DEFAULT_LIMITS) -> Sound:
    """Read a sound file, or a film's sound from its own first sample on, at its own rate and channels."""
    return SoundStream(path, None, limits).whole()


def write_sound(path: Place, sound: Sound) -> None:
    """Write a sound as WAV (32-bit float), FLAC (24 bits), MP3 or M4A (AAC), by the path's suffix.

    ``path`` appears whole or not at all. MP3 and AAC are read back with a little silence around.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SOUNDS:
        raise MediaError(f"{path}: sound by itself is written as {', '.join(SOUNDS)}")
    form, codec = SOUNDS[suffix]
    channels = sound.samples.shape[1]
    if codec == "libmp3lame" and channels > 2:
        raise MediaError(f"{path}: an MP3 has one or two channels, not {channels}; write .flac or .m4a")
    with whole_file(path) as part, opened_output(part, form, f"a {suffix} file", {}) as output:
        rate_hz = encoded_rate(codec, sound.rate_hz)
        stream = output.add_stream(codec, rate=rate_hz, layout=layout_name(channels))
        if codec == "flac":
            stream.codec_context.format = "s32"  # of which it takes 24 bits; its usual one has 16
        for second, block in enumerate(sound_blocks(sound)):
            output.mux(stream.encode(sound_frame(block, second * sound.rate_hz, sound.rate_hz)))
        output.mux(stream.encode(None))


def at_rate(sound: Sound, rate_hz: int) -> Sound:
    """The same at another rate (swresample's filter), as long to the nearest sample."""
    if rate_hz == sound.rate_hz:
        return sound
    channels = sound.samples.shape[1]
    count = round(sound.duration_s * rate_hz)
    resampler = AudioResampler(format="flt", layout=layout_name(channels), rate=rate_hz)
    pieces: list[np.ndarray] = []
    for second, block in enumerate(sound_blocks(sound)):
        frame = sound_frame(block, second * sound.rate_hz, sound.rate_hz)
        pieces += [piece.to_ndarray().reshape(-1, channels) for piece in resampler.resample(frame)]
    pieces += [piece.to_ndarray().reshape(-1, channels) for piece in resampler.resample(None)]
    samples = np.concatenate([*pieces, np.zeros((count, channels), np.float32)])[:count]
    return Sound(samples.clip(-1, 1), rate_hz)  # a filter overshoots where a sound is at its loudest


def sound_blocks(sound: Sound | SoundStream) -> Iterator[np.ndarray]:
    """Blocks of float32 [N, channels], N from 1 to a second's worth for a Sound."""
    if isinstance(sound, SoundStream):
        yield from sound
        return
    for start in range(0, len(sound.samples), sound.rate_hz):
        yield sound.samples[start : start + sound.rate_hz]


def sound_frame(samples: np.ndarray, start: int, rate_hz: int) -> AudioFrame:
    """Samples float32 [N, channels], heard from sample ``start`` on, as FFmpeg wants them."""
    packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
    frame = AudioFrame.from_ndarray(packed, format="flt", layout=layout_name(samples.shape[1]))
    frame.sample_rate = rate_hz
    frame.pts, frame.time_base = start, Fraction(1, rate_hz)
    return frame


def layout_name(channels: int) -> str:
    """FFmpeg's name for so many channels; MediaError for more than it has loudspeakers for."""
    if channels not in _LAYOUTS:
        raise MediaError(
            f"sound with {channels} channels can't be written; mix it down to 1..{max(_LAYOUTS)}"
        )
    return _LAYOUTS[channels]


def encoded_rate(codec: str, rate_hz: int) -> int:
    """The rate that a codec takes in place of the sound's own: the same where it can."""
    return rate_hz if rate_hz in _RATES_HZ.get(codec, (rate_hz,)) else 48000


def _sound_stream(container: InputContainer, name: str) -> AudioStream:
    for stream in container.streams.audio:
        if decodable(stream) and stream.rate and stream.channels:
            return stream
    raise MediaError(f"{name}: has no sound that can be decoded")


def _timed_samples(
    frames: Iterator[AudioFrame], stream: AudioStream, rate_hz: int
) -> Iterator[tuple[Fraction | None, np.ndarray]]:
    """(start, samples [N, channels] in -1..1) of each frame; those that fit no more are left out."""
    resampler = AudioResampler(format="flt", layout=stream.layout, rate=rate_hz)
    channels = stream.channels
    for frame in frames:
        try:
            pieces = resampler.resample(frame)
        except (FFmpegError, ValueError):  # the format changed on the way
            resampler = AudioResampler(format="flt", layout=stream.layout, rate=rate_hz)
            continue
        for piece in pieces:
            samples = np.nan_to_num(piece.to_ndarray().reshape(-1, channels))
            yield seconds(piece.pts, piece.time_base), samples.clip(-1, 1)  # a lossy codec overshoots


def _silence(samples: int, channels: int, rate_hz: int) -> Iterator[np.ndarray]:
    """Second by second, so that a long gap takes no memory."""
    for start in range(0, samples, rate_hz):
        yield np.zeros((min(rate_hz, samples - start), channels), np.float32)
