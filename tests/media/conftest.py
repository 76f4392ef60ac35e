"""Real films made on the spot by FFmpeg's own sources, and a colour chart to judge them by."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.filter import Graph

CHART_COLOURS = [
    [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)],
    [(0, 0, 0), (128, 128, 128), (255, 255, 0), (200, 150, 120)],
    [(20, 60, 110), (90, 160, 70), (0, 128, 128), (230, 230, 250)],
]
SQUARE = 32


@pytest.fixture
def chart() -> np.ndarray:
    """Twelve colours as squares of 32 px: uint8 [96, 128, 3]."""
    return np.repeat(np.repeat(np.array(CHART_COLOURS, np.uint8), SQUARE, 0), SQUARE, 1)


@pytest.fixture
def chart_error(chart: np.ndarray) -> Callable[[np.ndarray], int]:
    """How far, in levels, the middle of any square is from its true colour at worst."""

    def worst(picture: np.ndarray) -> int:
        assert picture.shape == chart.shape
        off = np.abs(picture.astype(int) - chart)
        squares = off.reshape(3, SQUARE, 4, SQUARE, 3)[:, 8:-8, :, 8:-8]
        return int(squares.max())

    return worst


def drawn(source: str, count: int) -> Iterator[av.VideoFrame]:
    """Frames of an FFmpeg source such as "testsrc2=size=64x48:rate=10"."""
    graph = Graph()
    name, _, arguments = source.partition("=")
    graph.link_nodes(graph.add(name, arguments), graph.add("buffersink")).configure()
    for _ in range(count):
        yield graph.vpull()


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., Path]:
    """film("name.mp4", frames=..., times_s=...): a film as somebody else's tool would write it."""

    def make(
        name: str,
        frames: Any = "testsrc2=size=64x48:rate=10",
        *,
        count: int = 10,
        codec: str = "libx264",
        pixel_format: str = "yuv420p",
        rate_fps: int = 10,
        times_s: list[float] | None = None,
        turn: tuple[float, bool, bool] | None = None,
        tags: dict[str, Any] | None = None,
        sound: np.ndarray | None = None,
        sound_starts_s: float = 0,
        form: str | None = None,
        muxer: dict[str, str] | None = None,
        **options: str,
    ) -> Path:
        pictures = list(drawn(frames, count)) if isinstance(frames, str) else list(frames)
        tick = Fraction(1, 90_000)
        with av.open(str(tmp_path / name), "w", format=form, options=muxer or {}) as output:
            stream: Any = output.add_stream(codec, rate=rate_fps, options=options)
            stream.width, stream.height = pictures[0].width, pictures[0].height
            stream.pix_fmt = pixel_format
            stream.codec_context.time_base = tick if times_s else Fraction(1, rate_fps)
            for tag, value in (tags or {}).items():
                setattr(stream.codec_context, tag, value)
            if turn:
                stream.set_display_rotation(*turn)
            voice: Any = None
            if sound is not None:
                voice = output.add_stream("pcm_s16le", rate=48_000, layout=_layout(sound.shape[1]))
            for index, picture in enumerate(pictures):
                picture.pts = index if times_s is None else round(times_s[index] / tick)
                picture.time_base = stream.codec_context.time_base
                picture.pict_type = 0
                output.mux(stream.encode(picture))
            output.mux(stream.encode(None))
            if voice is not None:
                packed = (sound * 32767).astype(np.int16).reshape(1, -1)
                said = av.AudioFrame.from_ndarray(packed, format="s16", layout=_layout(sound.shape[1]))
                said.sample_rate, said.time_base = 48_000, Fraction(1, 48_000)
                said.pts = round(sound_starts_s * 48_000)
                output.mux(voice.encode(said))
                output.mux(voice.encode(None))
        return tmp_path / name

    return make


def _layout(channels: int) -> str:
    return {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[channels]


@pytest.fixture
def moving() -> Callable[[int], list[np.ndarray]]:
    """moving(n): n grey pictures uint8 [48, 64, 3], each brighter than the last: any one is known again."""

    def make(count: int, height_px: int = 48, width_px: int = 64) -> list[np.ndarray]:
        levels = [20 + 200 * index // max(1, count - 1) for index in range(count)]
        return [np.full((height_px, width_px, 3), level, np.uint8) for level in levels]

    return make
