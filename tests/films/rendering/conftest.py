"""Films whose frames carry their number as a grey, so that any frame of a render says where it came from."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vitascope.media.colour import tag_bt709
from vitascope.media.sound import layout_name, sound_frame

LEAST = 20  # the grey of frame 0


@pytest.fixture
def numbered(tmp_path: Path) -> Callable[..., str]:
    """numbered("a.mp4", 100): a film whose frame n is grey LEAST + first + n all over; gives its path."""

    def make(
        name: str,
        count: int,
        *,
        rate_fps: int | Fraction = 10,
        first: int = 0,
        size: tuple[int, int] = (96, 64),
        codec: str = "libx264",
        sound: np.ndarray | None = None,
        times: list[int] | None = None,
        **options: str,
    ) -> str:
        path = tmp_path / name
        if codec == "libx264":
            options = {"crf": "6", "preset": "veryfast", "g": "12"} | options
        with av.open(str(path), "w") as output:
            stream: Any = output.add_stream(codec, rate=rate_fps, options=options)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            tag_bt709(stream.codec_context)
            voice: Any = None
            if sound is not None:
                voice = output.add_stream("pcm_s16le", rate=48_000, layout=layout_name(sound.shape[1]))
            for number in range(count):
                frame = grey(LEAST + first + number, size)
                frame.pts = number if times is None else times[number]
                frame.time_base = 1 / Fraction(rate_fps)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
            if voice is not None:
                output.mux(voice.encode(sound_frame(sound.astype(np.float32), 0, 48_000)))
                output.mux(voice.encode(None))
        return str(path)

    return make


def grey(level: int, size: tuple[int, int]) -> av.VideoFrame:
    """A frame of one grey."""
    frame = av.VideoFrame(*size, "yuv420p")
    for plane, value in zip(frame.planes, (level, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


@pytest.fixture
def numbers() -> Callable[[Path | str], list[int]]:
    """The numbers of a film's frames, from the grey of the middle of each."""

    def read(path: Path | str) -> list[int]:
        with av.open(str(path)) as container:
            return [
                round(float(lights(frame)[28:36, 40:56].mean())) - LEAST
                for frame in container.decode(video=0)
            ]

    return read


def lights(frame: av.VideoFrame) -> np.ndarray:
    """The plane of lightness."""
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]


@pytest.fixture
def pictures() -> Callable[[Path | str], list[np.ndarray]]:
    """A film's frames as planes of lightness."""

    def read(path: Path | str) -> list[np.ndarray]:
        with av.open(str(path)) as container:
            return [lights(frame).astype(int) for frame in container.decode(video=0)]

    return read


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    """noise(seconds): float32 [N, 2] at 48 kHz, not loud."""

    def make(seconds: float, channels: int = 2) -> np.ndarray:
        return (
            np.random.default_rng(0).normal(0, 0.05, (round(seconds * 48_000), channels)).astype(np.float32)
        )

    return make
