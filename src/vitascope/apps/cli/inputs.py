"""What a command is given to begin with: clips and pictures, with their own rate and size, or words.

Knows media files and the sizes that a command line can live with; no command and no feature.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.generate import LONGEST_SIDE_PX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope.canvas import Sound
    from vitascope.media import Video

OwnSize = Annotated[
    str | None,
    typer.Option(
        "--size",
        help='Scale and crop to "1280x720", "720p" ...',
        show_default=f"its own, at most {LONGEST_SIDE_PX} px a side",
    ),
]

# What a word that is meant as a file ends in, beside what we write ourselves.
_SUFFIXES = {
    *(".gif", ".avif", ".heic", ".ppm", ".apng", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".mts"),
    *(".ogv", ".flv", ".wmv", ".3gp", ".mxf", ".y4m"),
}


@dataclass(frozen=True)
class Clip:
    """A clip that has been looked at and not yet been read; `note` says if it will be scaled."""

    path: Path
    video: Video
    size_px: tuple[int, int]
    note: str

    @property
    def rate_fps(self) -> Fraction:
        return self.video.rate_fps

    @property
    def frames_said(self) -> int:
        """How many frames the file says it has, at least two: for what is checked before it is read."""
        return max(2, self.video.info.frames or 2)

    def pictures(self) -> NDArray[np.uint8]:
        """All of it, uint8 [T, H, W, 3]; MediaError if that is more than a machine should hold."""
        import numpy as np

        width_px, height_px = self.size_px
        one: Any = np.dtype((np.uint8, (height_px, width_px, 3)))
        return np.fromiter(self._scaled(), one)

    def sound(self, frames: int) -> Sound | None:
        """What is heard during so many frames; None if the file has no sound."""
        from vitascope.canvas import Sound

        whole = self.video.sound()
        if whole is None:
            return None
        return Sound(whole.samples[: round(frames / self.rate_fps * whole.rate_hz)], whole.rate_hz)

    def _scaled(self) -> Iterator[NDArray[np.uint8]]:
        from vitascope.canvas import fit_picture

        for count, picture in enumerate(self.video, 1):
            self.check_length(count)
            yield fit_picture(picture, *self.size_px)

    def check_length(self, frames: int) -> None:
        """Refuse so many frames if they would not fit into memory."""
        from vitascope.media import DEFAULT_LIMITS, MediaError

        width_px, height_px = self.size_px
        most = DEFAULT_LIMITS.max_clip_bytes // (width_px * height_px * 3)
        if frames > most:
            raise MediaError(
                f"{self.path.name}: at most {most} frames of {width_px}x{height_px} px are held at once, and "
                f"this takes {frames} or more; cut it shorter, or name a smaller --size"
            )


def open_clip(path: Path, size: str | None = None, rate_fps: Fraction | None = None) -> Clip:
    """Look at a clip: at the size that `size` names, or its own with no side above LONGEST_SIDE_PX; at its
    own rate, unless another is named. Raises MediaError, or a usage error for the size.
    """
    from vitascope.media import read_video

    wanted = o.read_size(size) if size else None
    video = read_video(path, rate_fps=rate_fps)
    own = video.info.width_px, video.info.height_px
    size_px = wanted or _within(own)
    clip = Clip(path, video, size_px, "" if size else scaling_note(path, own, size_px))
    clip.check_length(clip.frames_said)
    return clip


def read_photo(path: Path, size: str | None = None) -> tuple[NDArray[np.uint8], tuple[int, int], str]:
    """A picture uint8 [H, W, 3], the (width_px, height_px) for its video as in open_clip, and a note if that
    is another.
    """
    from vitascope.media import read_picture

    wanted = o.read_size(size) if size else None
    picture = read_picture(path)
    own = picture.shape[1], picture.shape[0]
    size_px = wanted or _within(own)
    return picture, size_px, "" if size else scaling_note(path, own, size_px)


def scaling_note(path: Path, own: tuple[int, int], size_px: tuple[int, int]) -> str:
    """A line that says from what size to what size something is scaled; empty if it isn't."""
    if own == size_px:
        return ""
    return "Scaling {} from {}x{} to {}x{}; --size takes another size.".format(path.name, *own, *size_px)


def file_meant(text: str) -> Path | None:
    """The file that an argument names, or None if it is words; what looks like a file must be there."""
    from vitascope.media import CONTAINERS, WRITABLE
    from vitascope.media.moving_pictures import NUMBER

    path = Path(text)
    looks = path.suffix.lower() in {*_SUFFIXES, *CONTAINERS, *WRITABLE}
    if os.path.isfile(text) or (looks and NUMBER.search(path.name)):
        return path
    if looks:
        raise typer.BadParameter(f"{text}: no such file", param_hint="WORDS|FILE")
    return None


def _within(own: tuple[int, int]) -> tuple[int, int]:
    from vitascope.canvas import size_within

    return size_within(*own, LONGEST_SIDE_PX)
