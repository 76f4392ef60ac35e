"""Sound made longer or shorter at its own pitch, streaming. Knows nothing of pictures.

FFmpeg's atempo (WSOLA: pieces of the sound are laid over each other where they fit best). It takes tempos of
0.5 to 2 well, so more of them in a row do what is beyond.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
from av import AudioFrame
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as AtEnd
from av.filter import Graph

from vitascope.media.limits import MediaError
from vitascope.media.sound import SoundStream, layout_name, sound_frame

SLOWEST, FASTEST = Fraction(1000), Fraction(1, 100)


class StretchedSound(SoundStream):
    """A file's sound that takes `scale` times as long, at its pitch: blocks of float32 [N, channels].

    It is `scale` times as long to the sample. Raises MediaError for a scale that is not in 1/100..1000.
    """

    def __init__(self, stream: SoundStream, scale: Fraction) -> None:
        if not FASTEST <= scale <= SLOWEST:
            raise MediaError(
                f"sound is stretched {float(FASTEST):g} to {SLOWEST} times, not {float(scale):g}"
            )
        super().__init__(stream.path, stream.start_s, stream.limits)
        self.scale = scale

    def __iter__(self) -> Iterator[np.ndarray]:
        heard, said = 0, 0
        graph = _graph(self.rate_hz, self.channels, self.scale)
        early = _early(self.rate_hz, self.scale)
        graph.push(sound_frame(np.zeros((early, self.channels), np.float32), 0, self.rate_hz))
        for block in super().__iter__():
            for start in range(0, len(block), self.rate_hz):
                graph.push(sound_frame(block[start : start + self.rate_hz], early + heard, self.rate_hz))
                heard += len(block[start : start + self.rate_hz])
                for piece in _pulled(graph, self.channels):
                    said += len(piece)
                    yield piece
        graph.push(None)
        left = round(heard * self.scale) - said
        for piece in _pulled(graph, self.channels):
            piece = piece[: max(0, left)]
            left -= len(piece)
            if len(piece):
                yield piece
        while left > 0:  # the last window is lost in the overlap: a few hundredths of a second
            yield np.zeros((min(left, self.rate_hz), self.channels), np.float32)
            left -= self.rate_hz


def stretched(stream: SoundStream, scale: Fraction) -> StretchedSound:
    """The stream, `scale` times as long at its pitch (2: half as fast), for write_video as it is."""
    return StretchedSound(stream, scale)


def _tempos(scale: Fraction) -> list[float]:
    """Tempos of 0.5..2 that together make a sound so many times as long."""
    tempo, steps = float(1 / scale), 1
    while not 0.5 <= tempo ** (1 / steps) <= 2:
        steps += 1
    return [tempo ** (1 / steps)] * steps


def _early(rate_hz: int, scale: Fraction) -> int:
    """By how many samples all is heard too early behind the tempos: each leaves out its first half window.

    A window is a 24th of a second, brought up to a power of two. With this, tones begin within 20 ms (times
    the scale) of where they should; their ends ring on for as long.
    """
    half = (1 << math.ceil(math.log2(rate_hz / 24))) / 2
    tempos = _tempos(scale)
    return round(half * sum(tempos[0] ** step for step in range(len(tempos))))


def _graph(rate_hz: int, channels: int, scale: Fraction) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=rate_hz, format="flt", layout=layout_name(channels), time_base=Fraction(1, rate_hz)
    )
    chain = [source, *(graph.add("atempo", f"{tempo:.9f}") for tempo in _tempos(scale))]
    chain.append(graph.add("abuffersink"))
    for one, next_one in pairwise(chain):
        one.link_to(next_one)
    graph.configure()
    return graph


def _pulled(graph: Graph, channels: int) -> Iterator[np.ndarray]:
    """What the graph has ready."""
    while True:
        try:
            frame = graph.pull()
        except (NothingYet, AtEnd):
            return
        if isinstance(frame, AudioFrame) and frame.samples:
            yield np.ascontiguousarray(frame.to_ndarray().reshape(-1, channels), np.float32)
