"""Several sounds -> one, on the film's clock, in flat memory: gains, fades, speeds, channels, ducking.

Each piece of a file is decoded from just before where it is needed, at the mix' rate, in as many channels as
the mix has. The mix comes in blocks of a second. Knows sound files and seconds; nothing of timelines or
pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log
from typing import Any

import numpy as np
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.error import BlockingIOError as NoMoreYet
from av.error import EOFError as Ended
from av.error import FFmpegError
from av.filter import Graph
from numpy.typing import NDArray

from vitascope.media.limits import DEFAULT_LIMITS, Limits, Place
from vitascope.media.opening import decodable, decoded, file_name, opened_film, seconds
from vitascope.media.sound import layout_name, sound_frame

Samples = NDArray[np.float32]

_JITTER_S = Fraction(1, 50)  # as in media/sound.py
_EARLIER_S = 1  # decoding starts so much before a piece: codecs need some packets to come right
_HOP_S = Fraction(1, 100)  # between two looks at how loud what is ducked under is
_LEAST_TEMPO = 0.5  # of FFmpeg's atempo; slower is several in a row

_HALF = 0.7071
# How much of each loudspeaker goes to the left and the right one (ITU-R BS.775-4, table 2). Its bass is left
# out, as there.
_TO_STEREO: dict[str, tuple[float, float]] = {
    "FL": (1, 0),
    "FR": (0, 1),
    "FC": (_HALF, _HALF),
    "LFE": (0, 0),
    "BL": (_HALF, 0),
    "BR": (0, _HALF),
    "SL": (_HALF, 0),
    "SR": (0, _HALF),
    "BC": (0.5, 0.5),
    "FLC": (1, 0),
    "FRC": (0, 1),
}


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """A rise from silence, or a fall to it, between two times of the mix: straight, or of constant power."""

    start_s: Fraction
    stop_s: Fraction
    rises: bool
    constant_power: bool = False

    def gains(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """The gain 0..1 at each time."""
        length_s = max(float(self.stop_s - self.start_s), 1e-9)
        way = ((times_s - float(self.start_s)) / length_s).clip(0, 1)
        way = way if self.rises else 1 - way
        return np.sin(way * np.pi / 2) if self.constant_power else way


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a file's sound: heard from `at_s` of the mix on for `duration_s`, `from_s` of the file on.

    The file's clock is 0 at `zero_s` of its timestamps (the first picture of a film; None: its first sample).
    `speed` changes the tempo and not the pitch. What lies before or after the file's sound is silent.
    """

    path: Place
    at_s: Fraction
    duration_s: Fraction
    from_s: Fraction = Fraction(0)
    zero_s: Fraction | None = None
    speed: Fraction = Fraction(1)
    gain_db: float = 0.0
    ramps: tuple[Ramp, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ducking:
    """By how much a strand falls while number `under` is louder than a threshold (dB of full scale)."""

    under: int
    by_db: float = 12.0
    threshold_db: float = -40.0
    attack_s: Fraction = Fraction(1, 10)
    release_s: Fraction = Fraction(1, 2)


@dataclass(frozen=True, kw_only=True)
class Strand:
    """Pieces that belong together, in the order in which they are heard, with one gain over all of them."""

    pieces: tuple[Piece, ...]
    gain_db: float = 0.0
    ramps: tuple[Ramp, ...] = ()
    ducking: Ducking | None = None


class Mix:
    """The sum of strands as blocks of float32 [N, channels], exactly as long as asked; any number of times.

    Nothing is limited: a sum may go beyond -1..1 (`loudness.levelled` brings it back). Strands that duck
    under each other in a circle are the caller's mistake.
    """

    def __init__(
        self,
        strands: Sequence[Strand],
        duration_s: Fraction,
        rate_hz: int = 48_000,
        channels: int = 2,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.rate_hz = rate_hz
        self.channels = channels
        self.samples = round(duration_s * rate_hz)
        self._strands = tuple(strands)
        self._limits = limits
        self._order = _ducked_last(self._strands)

    def __iter__(self) -> Iterator[Samples]:
        playing = [_Playing(strand, self.rate_hz, self.channels, self._limits) for strand in self._strands]
        try:
            for start in range(0, self.samples, self.rate_hz):
                yield self._block(playing, start, min(self.rate_hz, self.samples - start))
        finally:
            for strand in playing:
                strand.close()

    def _block(self, playing: list[_Playing], start: int, count: int) -> Samples:
        heard: dict[int, Samples | None] = {}
        total = np.zeros((count, self.channels), np.float32)
        for number in self._order:
            ducking = self._strands[number].ducking
            louder = heard[ducking.under] if ducking else None
            heard[number] = block = playing[number].block(start, count, louder)
            if block is not None:
                total += block
        return total


def _ducked_last(strands: tuple[Strand, ...]) -> list[int]:
    """The numbers of the strands, none before the one that it ducks under."""
    order: list[int] = []

    def add(number: int) -> None:
        ducking = strands[number].ducking
        if number not in order:
            if ducking:
                add(ducking.under)
            order.append(number)

    for number in range(len(strands)):
        add(number)
    return order


class _Playing:
    """One strand on its way: the files of the pieces that are heard now are open."""

    def __init__(self, strand: Strand, rate_hz: int, channels: int, limits: Limits) -> None:
        self._strand = strand
        self._rate_hz = rate_hz
        self._channels = channels
        self._limits = limits
        self._next = 0
        self._open: list[tuple[Piece, _Reader]] = []
        self._pieces = sorted(strand.pieces, key=lambda piece: piece.at_s)
        self._duck = _Duck(strand.ducking, rate_hz) if strand.ducking else None

    def close(self) -> None:
        """Close the files."""
        for _, reader in self._open:
            reader.close()
        self._open = []

    def block(self, start: int, count: int, louder: Samples | None) -> Samples | None:
        """What is heard from sample `start` on; None: nothing."""
        ducked = self._duck.gains(louder, count) if self._duck else None
        while self._next < len(self._pieces):
            piece = self._pieces[self._next]
            if round(piece.at_s * self._rate_hz) >= start + count:
                break
            reader = _Reader(piece, self._rate_hz, self._channels, self._limits)
            self._open.append((piece, reader))
            self._next += 1
        if not self._open:
            return None
        times_s = (start + np.arange(count)) / self._rate_hz
        total = np.zeros((count, self._channels), np.float32)
        for piece, reader in self._open:
            first = max(round(piece.at_s * self._rate_hz), start)
            stop = min(round((piece.at_s + piece.duration_s) * self._rate_hz), start + count)
            if stop > first:
                inside = slice(first - start, stop - start)
                gain = _gain(piece.gain_db, piece.ramps, times_s[inside])
                total[inside] += reader.take(stop - first) * gain
        self._done(start + count)
        total *= _gain(self._strand.gain_db, self._strand.ramps, times_s)
        return total if ducked is None else total * ducked[:, None]

    def _done(self, sample: int) -> None:
        """Close the files of pieces that are over."""
        still: list[tuple[Piece, _Reader]] = []
        for piece, reader in self._open:
            if round((piece.at_s + piece.duration_s) * self._rate_hz) <= sample:
                reader.close()
            else:
                still.append((piece, reader))
        self._open = still


def _gain(gain_db: float, ramps: tuple[Ramp, ...], times_s: NDArray[np.float64]) -> Any:
    """One gain, or one for each sample: float32 [N, 1]."""
    gain = np.float32(10 ** (gain_db / 20))
    near = [ramp for ramp in ramps if _matters(ramp, times_s)]
    if not near:
        return gain
    curve = np.full(len(times_s), gain, np.float64)
    for ramp in near:
        curve *= ramp.gains(times_s)
    return curve[:, None].astype(np.float32)


def _matters(ramp: Ramp, times_s: NDArray[np.float64]) -> bool:
    return times_s[0] < ramp.stop_s if ramp.rises else times_s[-1] > ramp.start_s


class _Duck:
    """Falls while somebody speaks, and rises after: in dB, straight, a hundred looks a second."""

    def __init__(self, ducking: Ducking, rate_hz: int) -> None:
        self._ducking = ducking
        self._hop = max(1, round(_HOP_S * rate_hz))
        hop_s = self._hop / rate_hz
        self._fall_db = ducking.by_db * min(1.0, hop_s / max(float(ducking.attack_s), 1e-6))
        self._rise_db = ducking.by_db * min(1.0, hop_s / max(float(ducking.release_s), 1e-6))
        self._threshold = 10 ** (ducking.threshold_db / 10)  # of power
        self._now_db = 0.0

    def gains(self, louder: Samples | None, count: int) -> Samples:
        """A gain for each of `count` samples."""
        hops = ceil(count / self._hop)
        loud = np.zeros(hops, bool)
        if louder is not None:
            power = np.zeros(hops * self._hop)
            power[:count] = np.square(louder, dtype=np.float64).max(1)
            loud = power.reshape(hops, self._hop).mean(1) > self._threshold
        levels_db = [self._now_db]
        for hop in loud:
            before_db = levels_db[-1]
            fell_db = max(before_db - self._fall_db, -self._ducking.by_db)
            levels_db.append(fell_db if hop else min(before_db + self._rise_db, 0.0))
        at = np.minimum(np.arange(hops + 1) * self._hop, count)
        self._now_db = levels_db[-1]
        return (10 ** (np.interp(np.arange(count), at, levels_db) / 20)).astype(np.float32)


class _Reader:
    """A piece's samples, from its first on, as many as are asked for; silence where the file has none."""

    def __init__(self, piece: Piece, rate_hz: int, channels: int, limits: Limits) -> None:
        self._channels = channels
        blocks = _blocks(piece, rate_hz, channels, limits)
        self._blocks = blocks if piece.speed == 1 else _hurried(blocks, rate_hz, channels, piece.speed)
        self._held = np.zeros((0, channels), np.float32)

    def take(self, count: int) -> Samples:
        """The next samples."""
        parts: list[Samples] = []
        missing = count
        while missing:
            if not len(self._held):
                block = next(self._blocks, None)
                self._held = np.zeros((missing, self._channels), np.float32) if block is None else block
            parts.append(self._held[:missing])
            self._held = self._held[missing:]
            missing -= len(parts[-1])
        return np.concatenate(parts) if len(parts) != 1 else parts[0]

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()


def _blocks(piece: Piece, rate_hz: int, channels: int, limits: Limits) -> Any:
    """What a piece's file says from `from_s` on: float32 [N, channels]; gaps are silence."""
    name = file_name(piece.path)
    with opened_film(piece.path, limits) as container:
        streams = (
            each for each in container.streams.audio if decodable(each) and each.rate and each.channels
        )
        stream = next(streams, None)
        if stream is None:
            return
        zero_s = piece.zero_s
        if zero_s is None:
            zero_s = seconds(stream.start_time, stream.time_base) or Fraction(0)
        begin_s = zero_s + piece.from_s
        if piece.from_s > 2 * _EARLIER_S:
            with suppress(FFmpegError):
                ticks = int((begin_s - _EARLIER_S) / (stream.time_base or Fraction(1, rate_hz)))
                container.seek(ticks, stream=stream, backward=True)
        heard = 0
        for start_s, block in _resampled(decoded(container, stream, limits, name), rate_hz, channels):
            late = 0 if start_s is None else round((start_s - begin_s) * rate_hz) - heard
            if late > _JITTER_S * rate_hz or (late > 0 and not heard):
                for start in range(0, late, rate_hz):
                    yield np.zeros((min(rate_hz, late - start), channels), np.float32)
                heard += late
            elif late < -_JITTER_S * rate_hz or not heard:
                block = block[-late:] if late < 0 else block
            heard += len(block)
            if len(block):
                yield block


def _resampled(
    frames: Iterator[Any], rate_hz: int, channels: int
) -> Iterator[tuple[Fraction | None, Samples]]:
    """(start, samples [N, channels]) of frames of any kind; the kind may change on the way."""
    resampler, matrix, kind = None, None, None
    for frame in frames:
        if kind != (frame.layout.name, frame.sample_rate, frame.format.name) or resampler is None:
            kind = frame.layout.name, frame.sample_rate, frame.format.name
            resampler = AudioResampler(format="flt", layout=frame.layout, rate=rate_hz)
            matrix = _matrix(frame.layout, channels)
        try:
            pieces = resampler.resample(frame)
        except (FFmpegError, ValueError):
            resampler = None
            continue
        for piece in pieces:
            own: Any = piece.to_ndarray().reshape(-1, piece.layout.nb_channels)
            samples: Samples = np.nan_to_num(own, posinf=0, neginf=0)
            yield seconds(piece.pts, piece.time_base), samples if matrix is None else samples @ matrix


def _matrix(layout: AudioLayout, channels: int) -> Samples | None:
    """How much of each channel goes to each of the mix': [own, channels]; None: each to itself."""
    names = [channel.name for channel in layout.channels]
    wanted = [channel.name for channel in AudioLayout(layout_name(channels)).channels]
    if len(names) == channels and (names == wanted or not set(names) <= set(_TO_STEREO)):
        return None
    matrix = np.zeros((len(names), channels), np.float32)
    for row, name in enumerate(names):
        if name in wanted:
            matrix[row, wanted.index(name)] = 1
            continue
        left, right = _TO_STEREO.get(name, (_HALF, _HALF))
        if len(names) == 1:
            left = right = 1.0  # one microphone is as loud in two loudspeakers
        if channels == 1:
            matrix[row, 0] = (left + right) / 2
        else:
            matrix[row, wanted.index("FL")] += left
            matrix[row, wanted.index("FR")] += right
    if channels == 1 and len(names) > 1:  # a centre that has its own place would be louder than the sides
        matrix[[name == "FC" for name in names], 0] = _HALF
    return matrix


def _hurried(blocks: Any, rate_hz: int, channels: int, speed: Fraction) -> Any:
    """The same faster or slower, at its own pitch (FFmpeg's atempo, a WSOLA)."""
    steps = max(1, ceil(log(float(speed)) / log(100) if speed > 1 else log(float(speed)) / log(_LEAST_TEMPO)))
    graph = Graph()
    layout = AudioLayout(layout_name(channels))
    last: Any = graph.add_abuffer(
        sample_rate=rate_hz, format="flt", layout=layout, time_base=Fraction(1, rate_hz)
    )
    for _ in range(steps):
        node = graph.add("atempo", f"{float(speed) ** (1 / steps):.9f}")
        graph.link_nodes(last, node)
        last = node
    form = graph.add("aformat", f"sample_fmts=flt:channel_layouts={layout.name}")
    graph.link_nodes(last, form, graph.add("abuffersink")).configure()
    said = 0
    try:
        for block in blocks:
            graph.push(sound_frame(block, said, rate_hz))
            said += len(block)
            yield from _pulled(graph, channels)
        graph.push(None)
        yield from _pulled(graph, channels)
    finally:
        blocks.close()


def _pulled(graph: Graph, channels: int) -> Iterator[Samples]:
    with suppress(NoMoreYet, Ended):
        while True:
            frame: Any = graph.pull()
            yield frame.to_ndarray().reshape(-1, channels)
