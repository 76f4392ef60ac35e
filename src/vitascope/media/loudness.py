"""How loud a sound is and how loud it should be: EBU R128, measured and met, in flat memory.

Knows blocks of samples; nothing of files, tracks or pictures. Loudness is in LUFS (ITU-R BS.1770-5:
K-weighted, gated), the gain between two of them in LU, which are decibels; peaks are true peaks in dBTP (four
times oversampled), for a player's filter finds what lies between samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.audio.layout import AudioLayout
from av.error import BlockingIOError as NoMoreYet
from av.error import EOFError as Ended
from av.filter import Graph
from numpy.typing import NDArray

from vitascope.media.sound import layout_name, sound_frame

Samples = NDArray[np.float32]

WEB_LUFS = -14.0  # what video sites play everything at: louder is turned down there, softer stays soft
BROADCAST_LUFS = -23.0  # EBU R128 itself
CEILING_DBTP = -1.0  # R128's own, which leaves a lossy codec room to overshoot
SILENT_LUFS = -70.0  # the absolute gate: below it there is nothing to measure
_MOST_GAIN_DB = 30.0  # a recording of nothing is not to be made a roar

_OVERSAMPLING = 4
_TAPS = 32  # of each phase: with the 12 of BS.1770 example filter noise came out 0.4 dB above the ceiling
_HALF_S = (
    0.01  # half of the limiter's window: as long as it takes to fade down before a peak, and up after it
)
_MARGIN = 10 ** (-0.15 / 20)  # white noise, the worst there is, comes out 0.08 dB above what it is limited to


@dataclass(frozen=True)
class Loudness:
    """What a meter says of a whole sound: SILENT_LUFS where there is nothing, or less than 0.4 s, to hear."""

    integrated_lufs: float
    true_peak_dbtp: float

    def gain_to(self, target_lufs: float) -> float:
        """The gain in dB that brings the sound to a loudness; 0 for silence, and never above 30."""
        if self.integrated_lufs <= SILENT_LUFS:
            return 0.0
        return min(target_lufs - self.integrated_lufs, _MOST_GAIN_DB)


def measured(blocks: Iterable[Samples], rate_hz: int, channels: int) -> Loudness:
    """Measure float32 [N, channels] blocks, once through, by FFmpeg's EBU R128 meter."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=rate_hz,
        format="flt",
        layout=AudioLayout(layout_name(channels)),
        time_base=Fraction(1, rate_hz),
    )
    meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
    graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
    last: dict[str, str] = {}
    heard = 0
    for block in blocks:
        for start in range(0, len(block), rate_hz):
            piece = block[start : start + rate_hz]
            graph.push(sound_frame(piece, heard, rate_hz))
            heard += len(piece)
        last = _said(graph) or last
    if heard:
        graph.push(None)
        last = _said(graph) or last
    peaks = [float(value) for key, value in last.items() if key.startswith("lavfi.r128.true_peaks_ch")]
    peak = max(peaks, default=0.0)
    return Loudness(
        max(SILENT_LUFS, float(last.get("lavfi.r128.I", SILENT_LUFS))),
        20 * float(np.log10(peak)) if peak > 0 else -float("inf"),
    )


def _said(graph: Graph) -> dict[str, str]:
    """What the meter says in the last of the frames that are ready."""
    last: dict[str, str] = {}
    with suppress(NoMoreYet, Ended):
        while True:
            last = dict(graph.pull().metadata) or last
    return last


def levelled(
    blocks: Iterable[Samples], rate_hz: int, gain_db: float, ceiling_dbtp: float = CEILING_DBTP
) -> Iterator[Samples]:
    """The blocks louder by a gain, and no true peak above the ceiling; as many samples, none later.

    Peaks are faded down to fit within 10 ms before and after, all channels alike, so that nothing moves in
    the stereo picture. What is below the ceiling is multiplied by the gain and by nothing else.
    """
    limiter: _Limiter | None = None
    gain = np.float32(10 ** (gain_db / 20))
    for block in blocks:
        limiter = limiter or _Limiter(rate_hz, block.shape[1], 10 ** (ceiling_dbtp / 20) * _MARGIN)
        if len(done := limiter.feed(block * gain)):
            yield done
    if limiter is not None and len(rest := limiter.finish()):
        yield rest


class _Limiter:
    """A limiter that sees a window ahead: the least gain asked for within the window, faded by a triangle.

    The triangle's weights lie within the window, and each of the gains that it averages is at most what the
    peak in the middle asks for; so the average is too.
    """

    def __init__(self, rate_hz: int, channels: int, ceiling: float) -> None:
        self._half = max(2, round(_HALF_S * rate_hz) // 2 * 2)
        self._edge = 2 * self._half + _TAPS  # what is seen on either side of a sample
        self._ceiling = ceiling
        self._held = np.zeros((self._edge, channels), np.float32)  # silence before the first sample

    def feed(self, block: Samples) -> Samples:
        """What can be given out now that these samples are known."""
        held = np.concatenate((self._held, block))
        ready = max(0, len(held) - 2 * self._edge)
        self._held = held[ready:]
        return self._limited(held[: ready + 2 * self._edge]) if ready else block[:0]

    def finish(self) -> Samples:
        """What is still held, with silence after it."""
        return self.feed(np.zeros((self._edge, self._held.shape[1]), np.float32))

    def _limited(self, samples: Samples) -> Samples:
        """The samples without the edges on both sides."""
        inner = samples[self._edge : -self._edge]
        peaks = _true_peaks(samples, self._ceiling)
        if peaks.max() <= self._ceiling:
            return inner
        asked = np.minimum(1, self._ceiling / np.maximum(peaks, 1e-9)).astype(np.float64)
        least = _least_within(asked, self._half)
        gains = _triangle(least, self._half)
        start = (len(gains) - len(inner)) // 2
        return inner * gains[start : start + len(inner), None].astype(np.float32)


def _true_peaks(samples: Samples, above: float) -> Samples:
    """The greatest magnitude at or between each sample and the next, over all channels: [N].

    Where nothing between the samples can be above `above`, that of the samples alone: most sound is far from
    its peaks, and what lies between samples is bounded by those around it.
    """
    peaks = np.abs(samples).max(1)
    near = _most_within(peaks, _TAPS)
    places = np.flatnonzero(near * _REACH > above)
    if not len(places):
        return peaks
    some = slice(None) if 2 * len(places) > len(peaks) else places  # picking them out has its price too
    padded = np.pad(samples, ((_TAPS // 2 - 1, _TAPS // 2), (0, 0)))
    for channel in padded.T:
        windows = np.lib.stride_tricks.sliding_window_view(channel, _TAPS)[some]
        between = np.abs(np.ascontiguousarray(windows) @ _PHASES).max(1)
        peaks[some] = np.maximum(peaks[some], between)
    return peaks


def _phases() -> Samples:
    """A windowed sinc at the places between two samples: [_TAPS, _OVERSAMPLING - 1]."""
    at = np.arange(_TAPS) - (_TAPS // 2 - 1)
    columns: list[NDArray[np.float64]] = []
    for phase in range(1, _OVERSAMPLING):
        away = at - phase / _OVERSAMPLING
        column = np.sinc(away) * np.cos(np.pi * away / _TAPS) ** 2
        columns.append(column / column.sum())
    return np.stack(columns, 1).astype(np.float32)


_PHASES = _phases()
_REACH = float(np.abs(_PHASES).sum(0).max())  # 2.6: how far samples of 1 can swing between themselves


def _most_within(values: Samples, width: int) -> Samples:
    """The greatest of the values less than `width` away on either side, and of a few more."""
    padded = np.pad(values, width)
    done = 1
    while done < 2 * width:
        padded = np.maximum(padded[:-done], padded[done:])
        done *= 2
    return padded[: len(values)]


def _least_within(values: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """The least of the 2 * half + 1 values around each; shorter by half on both sides.

    Windows double in length until two of them cover it, so an hour costs ten passes and not a thousand.
    """
    width, done = 2 * half + 1, 1
    while done * 2 <= width:
        values = np.minimum(values[:-done], values[done:])
        done *= 2
    rest = width - done
    return np.minimum(values[: len(values) - rest], values[rest:])


def _triangle(values: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """A mean of the 2 * half + 1 values around each, the middle weighing most: two running means in a row."""
    for _ in range(2):
        sums = np.concatenate(([0.0], np.cumsum(values)))
        values = (sums[half + 1 :] - sums[: -half - 1]) / (half + 1)
    return values
