"""How a film is rendered: what its user may say, what an encoder makes of it. Knows no picture."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from vitascope.films.rendering.planes import Grid
from vitascope.media.colour import tag_bt709
from vitascope.media.encoders import Container, Encoder, container_for, encoder_for
from vitascope.media.limits import MediaError
from vitascope.media.muxing import opened_output, ordinary_priority
from vitascope.media.whole import whole_file


@dataclass(frozen=True, kw_only=True)
class RenderSettings:
    """What may be said about a render beside the timeline and the output.

    `quality` is 1..100, as in write_video; `preset` is the encoder's own word for how hard it tries. `copy`
    False paints what could be taken over without painting. `keep_parts` leaves the finished parts beside the
    film, for the next render of an edited timeline. `filler` fills what names none.
    """

    codec: str | None = None
    quality: int | None = None
    preset: str | None = None
    copy: bool = True
    keep_parts: bool = False
    filler: str | None = None


@dataclass(frozen=True)
class Encoding:
    """How the film's pictures are encoded, the same for all of its parts."""

    container: Container
    encoder: Encoder
    grid: Grid
    rate_fps: Fraction
    options: tuple[tuple[str, str], ...]

    def stream(self, output: Any) -> Any:
        """A stream of an output, its encoder open."""
        stream = output.add_stream(self.encoder.name, rate=self.rate_fps, options=dict(self.options))
        stream.width, stream.height = self.grid.width_px, self.grid.height_px
        stream.pix_fmt = self.grid.pixel_format
        context = stream.codec_context
        context.time_base = 1 / self.rate_fps
        context.thread_type = "AUTO"
        if self.encoder.tag:
            context.codec_tag = self.encoder.tag
        tag_bt709(context)
        with ordinary_priority():
            context.open()
        return stream

    def with_options(self, **options: str) -> Encoding:
        """The same with other options of the encoder."""
        merged = {**dict(self.options), **options}
        return Encoding(self.container, self.encoder, self.grid, self.rate_fps, tuple(sorted(merged.items())))


def encoding_for(
    path: Path, size_px: tuple[int, int], rate_fps: Fraction, frames: int, settings: RenderSettings
) -> Encoding:
    """The encoding that an output's name and the settings mean; MediaError for what it can't do.

    The encoder is opened once, so that it refuses a preset, a size or a rate now and not after an hour.
    """
    width_px, height_px = size_px
    container = container_for(path)
    encoder = encoder_for(container, settings.codec)
    if settings.quality is not None and not 1 <= settings.quality <= 100:
        raise MediaError(f"quality goes from 1 to 100, not {settings.quality}")
    grid = Grid(width_px, height_px, encoder.pixel_format)
    if width_px % 2 or height_px % 2:
        even = f"{width_px + width_px % 2}x{height_px + height_px % 2}"
        raise MediaError(
            f"a film's sides are even numbers of pixels, not {width_px}x{height_px}; take {even}"
        )
    if min(size_px) < encoder.min_side_px:
        raise MediaError(
            f"{encoder.name} needs {encoder.min_side_px} px or more a side, not {width_px}x{height_px}"
        )
    options = encoder.options_for(settings.quality, short=frames < 4)
    if settings.preset is not None:
        if "preset" not in options:
            raise MediaError(f"{encoder.name} has no presets; leave the preset out, or take another codec")
        options["preset"] = settings.preset
    encoding = Encoding(container, encoder, grid, rate_fps, tuple(sorted(options.items())))
    _try(encoding, path)
    return encoding


def _try(encoding: Encoding, path: Path) -> None:
    what = f"{encoding.grid.width_px}x{encoding.grid.height_px} with {encoding.encoder.name}"
    with suppress(_Works), whole_file(path) as trial:
        try:
            with opened_output(trial, encoding.container.name, what, {}) as output:
                stream = encoding.stream(output)
                frame = encoding.grid.blank()
                frame.pts = 0
                output.mux(stream.encode(frame))
                output.mux(stream.encode(None))
        except ValueError as error:  # MediaError too, FFmpeg's own in it
            preset = dict(encoding.options).get("preset")
            wanted = f'; is there a preset "{preset}"?' if preset else ""
            raise MediaError(f"{error}{wanted}") from error
        raise _Works


class _Works(Exception):
    """Raised where all went well, so that the trial's file is thrown away."""
