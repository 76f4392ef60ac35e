"""Pictures -> GIF and animated WebP, which repeat for ever. Knows nothing of films or sound."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from av import VideoFrame
from av.error import BlockingIOError, EOFError
from av.filter import Graph
from av.video.format import VideoFormat

from vitascope.media.colour import Colours
from vitascope.media.limits import DEFAULT_LIMITS
from vitascope.media.muxing import opened_output
from vitascope.media.rate import constant_rate

_CENTISECOND = Fraction(1, 100)  # a GIF's clock
_MILLISECOND = Fraction(1, 1000)  # a WebP's
_GIF_FASTEST_FPS = Fraction(50)  # browsers show anything faster at 10 fps

# An ordered dither stands still where the picture does, and makes smaller files than error diffusion.
_DITHER = "dither=bayer:bayer_scale=4:diff_mode=rectangle"


def write_gif(part: Path, pictures: Iterator[np.ndarray], rate_fps: Fraction) -> None:
    """Write a GIF with the best 255 colours of the whole clip, in flat memory; alpha becomes all or nothing.

    It looks at the pictures twice: the first pass counts colours and lays the pictures aside in an unnamed
    file, the second draws. Above 50 fps pictures are left out, because browsers slow such files down.
    """
    if rate_fps > _GIF_FASTEST_FPS:
        pictures, rate_fps = _thinned(pictures, rate_fps), _GIF_FASTEST_FPS
    first = next(pictures)
    palette = _Palette(first)
    with tempfile.TemporaryFile(dir=part.parent) as aside:
        count = 0
        for picture in chain((first,), pictures):
            aside.write(np.ascontiguousarray(picture).data)
            palette.look_at(picture)
            count += 1
        aside.seek(0)
        again = (np.frombuffer(aside.read(first.nbytes), np.uint8).reshape(first.shape) for _ in range(count))
        starts = [_tick(index, rate_fps, _CENTISECOND) for index in range(count + 1)]
        _draw_gif(part, zip(starts, again, strict=False), palette.colours(), starts[-1] - starts[-2])


def _thinned(pictures: Iterator[np.ndarray], rate_fps: Fraction) -> Iterator[np.ndarray]:
    timed = ((n / rate_fps, (n + 1) / rate_fps, picture) for n, picture in enumerate(pictures))
    return constant_rate(timed, _GIF_FASTEST_FPS, DEFAULT_LIMITS)


class _Palette:
    """FFmpeg's median cut over every pixel of every picture."""

    def __init__(self, like: np.ndarray) -> None:
        self._graph = Graph()
        source = _source(self._graph, like.shape[1], like.shape[0], _form_of(like))
        self._graph.link_nodes(source, self._graph.add("palettegen"), self._graph.add("buffersink"))
        self._graph.configure()
        self._seen = 0

    def look_at(self, picture: np.ndarray) -> None:
        self._graph.vpush(_rgb_frame(picture, self._seen, _CENTISECOND))
        self._seen += 1
        # Pulling makes the graph work off its queue, which would grow else; the answer comes at the end.
        with suppress(BlockingIOError):
            self._graph.vpull()

    def colours(self) -> VideoFrame:
        self._graph.vpush(None)
        return self._graph.vpull()


def _draw_gif(
    part: Path, timed: Iterator[tuple[int, np.ndarray]], palette: VideoFrame, last_delay: int
) -> None:
    """Draw (start, picture) pairs with the palette; starts and the last one's delay are in 1/100 s."""
    start, first = next(timed)
    height_px, width_px = first.shape[:2]
    graph = Graph()
    drawing = graph.add("paletteuse", _DITHER)
    _source(graph, width_px, height_px, _form_of(first)).link_to(drawing, 0, 0)
    _source(graph, palette.width, palette.height, palette.format.name).link_to(drawing, 0, 1)
    drawing.link_to(graph.add("buffersink"))
    graph.configure()
    palette.pts, palette.time_base = 0, _CENTISECOND
    graph.vpush(palette, at=1)
    graph.vpush(None, at=1)
    options = {"final_delay": str(last_delay)}
    with opened_output(part, "gif", f"a GIF of {width_px}x{height_px}", options) as output:
        stream = output.add_stream("gif", rate=_GIF_FASTEST_FPS)
        stream.width, stream.height = width_px, height_px
        stream.pix_fmt = "pal8"
        stream.codec_context.time_base = _CENTISECOND
        for pts, picture in chain(((start, first),), timed):
            graph.vpush(_rgb_frame(picture, pts, _CENTISECOND), at=0)
            _encode_drawn(graph, output, stream)
        graph.vpush(None, at=0)
        _encode_drawn(graph, output, stream)
        output.mux(stream.encode(None))


def _encode_drawn(graph: Graph, output: Any, stream: Any) -> None:
    while True:
        try:
            frame = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        output.mux(stream.encode(frame))


def write_animated_webp(
    part: Path, pictures: Iterator[np.ndarray], rate_fps: Fraction, quality: int | None
) -> None:
    """Write an animated WebP of quality 1..100 (85 if None); 100 is lossless.

    The compressed frames are held until the end, as the format wants. Without loss the uncompressed ones are
    too, for FFmpeg's encoder then lets go of none: more than ``DEFAULT_LIMITS`` allows to hold is refused.
    """
    lossless = quality == 100
    first = next(pictures)
    height_px, width_px = first.shape[:2]
    alpha = first.shape[2] == 4
    how = {"quality": str(85 if quality is None else quality), "lossless": str(int(lossless))}
    with opened_output(part, "webp", f"a WebP of {width_px}x{height_px}", {"loop": "0"}) as output:
        stream = output.add_stream("libwebp_anim", rate=rate_fps, options=how)
        stream.width, stream.height = width_px, height_px
        stream.pix_fmt = "bgra" if lossless else "yuva420p" if alpha else "yuv420p"
        stream.codec_context.time_base = _MILLISECOND
        colours = Colours()
        for index, picture in enumerate(chain((first,), pictures)):
            if lossless:
                DEFAULT_LIMITS.check_clip((index + 1) * height_px * width_px * 4, "a WebP without loss")
            frame = colours.from_rgb(picture, stream.pix_fmt, "BT.601")
            start = _tick(index, rate_fps, _MILLISECOND)
            frame.pts, frame.time_base = start, _MILLISECOND
            frame.duration = _tick(index + 1, rate_fps, _MILLISECOND) - start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _tick(index: int, rate_fps: Fraction, tick_s: Fraction) -> int:
    """When a picture begins, in whole ticks: rounded one by one, so that the error doesn't add up."""
    return round(index / rate_fps / tick_s)


def _source(graph: Graph, width_px: int, height_px: int, pixel_format: str) -> Any:
    form = VideoFormat(pixel_format, width_px, height_px)
    return graph.add_buffer(width=width_px, height=height_px, format=form, time_base=_CENTISECOND)


def _rgb_frame(picture: np.ndarray, pts: int, time_base: Fraction) -> VideoFrame:
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=_form_of(picture))
    frame.pts, frame.time_base = pts, time_base
    return frame


def _form_of(picture: np.ndarray) -> str:
    return "rgba" if picture.shape[2] == 4 else "rgb24"
