"""One part of a film: frame numbers in, an encoded file out, whole or not at all. Knows no plan, no sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vitascope.films.rendering.ahead import ahead
from vitascope.films.rendering.compositing import Compositor
from vitascope.films.rendering.settings import Encoding
from vitascope.media.muxing import opened_output
from vitascope.media.whole import whole_file


def paint(
    path: Path, frames: range, compositor: Compositor, encoding: Encoding, painted: Callable[[int], None]
) -> None:
    """Paint and encode a stretch of the timeline's frames; `painted` hears of each, and may raise to cancel.

    The part begins with a frame that stands by itself and needs none outside of it.
    """
    what = f"{encoding.grid.width_px}x{encoding.grid.height_px} with {encoding.encoder.name}"
    with whole_file(path) as part, opened_output(part, encoding.container.name, what, {}) as output:
        stream = encoding.stream(output)
        with ahead(compositor.frame(index) for index in frames) as composed:
            for number, frame in enumerate(composed):
                frame.pts, frame.time_base = number, 1 / encoding.rate_fps
                output.mux(stream.encode(frame))
                painted(frames[number])
        output.mux(stream.encode(None))
