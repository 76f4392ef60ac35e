"""How much a file may ask of this machine, and the one error this room raises. Knows nothing of codecs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

Place = str | os.PathLike[str]


class MediaError(ValueError):
    """A file, a picture or a sound that can't be read or written: says what is wrong, and what would do."""


@dataclass(frozen=True)
class Limits:
    """What is refused, however politely a file asks for it.

    ``max_clip_bytes`` bounds what is held in memory at once (``read_clip``, ``Video.sound``); streaming holds
    a few frames whatever the length. ``timeout_s`` is the longest wait for the next frame: it bounds hostile
    files without bounding long ones, and the time that a consumer takes between frames doesn't count.
    """

    max_pixels_per_frame: int = 8192 * 8192
    max_frames: int = 2_000_000
    max_duration_s: float = 6 * 3600
    max_file_bytes: int = 64 << 30
    max_clip_bytes: int = 4 << 30
    timeout_s: float = 30.0

    def check_size(self, width_px: int, height_px: int, name: str) -> None:
        """Refuse a frame that has no pixels or too many."""
        if width_px < 1 or height_px < 1:
            raise MediaError(f"{name}: a picture of {width_px}x{height_px} px has nothing to show")
        if width_px * height_px > self.max_pixels_per_frame:
            raise MediaError(
                f"{name}: {width_px}x{height_px} px is above the limit of {self.max_pixels_per_frame:,}"
                " pixels a frame; scale it down first, or raise Limits.max_pixels_per_frame"
            )

    def check_frames(self, count: int, name: str) -> None:
        """Refuse the frame after the last allowed one."""
        if count > self.max_frames:
            raise MediaError(
                f"{name}: more than {self.max_frames:,} frames; raise Limits.max_frames if that is right"
            )

    def check_duration(self, duration_s: float, name: str) -> None:
        """Refuse a film (or a gap in its clock) that is too long."""
        if duration_s > self.max_duration_s:
            raise MediaError(
                f"{name}: its clock runs to {duration_s:,.0f} s, past the limit of {self.max_duration_s:,.0f}"
                " s; raise Limits.max_duration_s if that is right"
            )

    def check_clip(self, size_bytes: int, name: str) -> None:
        """Refuse to hold more in memory than allowed."""
        if size_bytes > self.max_clip_bytes:
            raise MediaError(
                f"{name}: would need more than {self.max_clip_bytes / 2**30:.3g} GiB of memory at once; read"
                " fewer frames, stream it with read_video, or raise Limits.max_clip_bytes"
            )


DEFAULT_LIMITS = Limits()


def regular_file(path: Place, limits: Limits) -> Path:
    """The path of an ordinary file of an allowed size; pipes and devices may never end, and are refused."""
    place = Path(path)
    try:
        if not place.exists():
            raise MediaError(f"{place}: no such file")
        if not place.is_file():
            raise MediaError(f"{place}: not an ordinary file")
        size_bytes = place.stat().st_size
    except (
        OSError,
        ValueError,
    ) as error:  # a name too long, a folder that is closed to us, a NUL in the name
        if isinstance(error, MediaError):
            raise
        raise MediaError(f"{place}: can't be looked at ({error})") from error
    if not os.access(place, os.R_OK):
        raise MediaError(f"{place}: you may not read it (its permissions)")
    if size_bytes == 0:
        raise MediaError(f"{place}: the file is empty")
    if size_bytes > limits.max_file_bytes:
        raise MediaError(f"{place}: {size_bytes:,} bytes are above the limit of {limits.max_file_bytes:,}")
    return place
