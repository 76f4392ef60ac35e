"""What the cutting-room commands share: a file becomes footage, what a tool makes becomes a file.

Knows no tool. Outputs and parameters are checked before a frame is read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Generator

    from vitascope.apps.cli.progress import Display
    from vitascope.footage import Footage, Frame, Made, Tool
    from vitascope.media import Video


@contextmanager
def asked(tool: str, options: Mapping[str, str] | None = None) -> Generator[None]:
    """Turn pydantic's refusal of a tool's parameters into a usage error that names the option.

    `options` says under which name a command offers a parameter, where that isn't the parameter's own.
    """
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        option = (options or {}).get(field) or ("--" + field.replace("_", "-") if field else tool)
        message = str(first["msg"]).removeprefix("Value error, ")
        raise typer.BadParameter(message, param_hint=option) from error


def footage_of(video: Video, size_px: tuple[int, int] | None = None) -> Footage:
    """A film that was opened with read_video, as footage; every look opens the file anew.

    With a (width_px, height_px) it is scaled and cropped to that.
    """
    from vitascope.footage import Footage

    info = video.info
    width_px, height_px = size_px or (info.width_px, info.height_px)
    return Footage(
        frames=_Scaled(video, size_px) if size_px else video,
        width_px=width_px,
        height_px=height_px,
        rate_fps=video.rate_fps,
        count=info.frames,
    )


@dataclass(frozen=True)
class _Scaled:
    """A film's frames at another size, looked through any number of times."""

    video: Video
    size_px: tuple[int, int]

    def __iter__(self) -> Iterator[Frame]:
        from vitascope.canvas import fit_picture

        return (fit_picture(frame, *self.size_px) for frame in self.video)


def output_of(clip: Path, output: Path | None, done: str) -> Path:
    """The file to write: the one asked for, or "CLIP-DONE.mp4" (.png of a picture), checked."""
    from vitascope.apps.cli.outputs import outputs_for
    from vitascope.media import read_video

    frames = read_video(clip).info.frames
    return outputs_for(output, f"{clip.stem} {done}", 1 if frames == 1 else max(2, frames or 2), 1)[0]


def run(
    tool: Tool,
    clip: Path,
    output: Path,
    *,
    codec: str | None = None,
    quality: int | None = None,
    sound: bool = True,
    size_px: tuple[int, int] | None = None,
) -> None:
    """Apply a tool that makes frames to a clip and write the result, streaming, with progress and the sound.

    With a (width_px, height_px) the clip is scaled to it first.
    """
    from vitascope.apps.cli.progress import Display
    from vitascope.footage import Made
    from vitascope.media import read_video, write_video

    began_s = time.monotonic()
    video = read_video(clip)
    with Display() as display:
        made = tool.make(footage_of(video, size_px), reporter(display), others_of(tool))
        if not isinstance(made, Made):
            raise TypeError(f"{tool.name} makes no frames")
        heard = sound_of(video, made) if sound else None
        frames = _counted(made, display)
        write_video(output, frames, made.rate_fps, sound=heard, codec=codec, quality=quality)
        typer.echo(f"{output}")
        display.say(f"Done in {time.monotonic() - began_s:.1f} s.")


def reporter(display: Display) -> Any:
    """A footage Report that shows on the display."""
    from vitascope.engine import Progress

    def report(stage: str, done: int, total: int | None) -> None:
        display.report(Progress(stage, done, max(done, total or done + 1)))

    return report


def others_of(tool: Tool) -> Mapping[str, Footage]:
    """The pictures and clips that a tool's parameters name, opened, by field name."""
    from vitascope.media import read_video

    named = {name: getattr(tool, name) for name in tool.media}
    return {
        name: footage_of(read_video(Path(str(value)), alpha=name in tool.see_through))
        for name, value in named.items()
        if value
    }


def sound_of(video: Video, made: Made) -> Any:
    """The clip's sound, as long as what was made."""
    if made.time_scale is None:
        return None
    stream = video.sound_stream()
    if stream is None or made.time_scale == 1:
        return stream
    from vitascope.media.stretching import stretched

    return stretched(stream, made.time_scale)


def _counted(made: Made, display: Display) -> Iterator[Frame]:
    total = made.count
    for number, frame in enumerate(made.frames, 1):
        display.written(number, max(number, total or number + 1))
        yield frame
