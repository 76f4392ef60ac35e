"""What each kind of film is made of: container, codecs, and how good. Plain data, and how to find it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vitascope.media.limits import MediaError, Place

SHORT_FRAMES = 4


@dataclass(frozen=True)
class Encoder:
    """A video codec as FFmpeg knows it, set up for every player there is rather than for the last percent.

    ``crf`` is the constant rate factor at quality 1, without a wish, and at quality 100. ``even`` marks
    codecs that can't hold an odd width or height.
    """

    name: str
    pixel_format: str
    options: dict[str, str]
    crf: tuple[int, int, int] | None = None
    even: bool = False
    tag: str | None = None
    min_side_px: int = 1
    options_if_short: dict[str, str] = field(default_factory=dict[str, str])

    def options_for(self, quality: int | None, short: bool = False) -> dict[str, str]:
        """The encoder's options at a quality of 1..100 (None: visually lossless to most people).

        ``short`` is a film of fewer than ``SHORT_FRAMES``.
        """
        options = self.options | (self.options_if_short if short else {})
        if self.crf is None:
            return options | ({} if quality is None else {"profile": _prores_profile(quality)})
        worst, usual, best = self.crf
        crf = usual if quality is None else round(worst + (best - worst) * (quality - 1) / 99)
        return options | {"crf": str(crf)}


def _prores_profile(quality: int) -> str:
    return ("proxy", "lt", "standard", "hq")[min(3, quality // 25)]


# Below one coding block x265 and SVT-AV1 write past their buffers (seen with glibc's malloc checks).
_BLOCK_PX = 64

ENCODERS = {
    "h264": Encoder("libx264", "yuv420p", {"preset": "medium"}, (48, 18, 2), even=True),
    "h265": Encoder(
        "libx265",
        "yuv420p",
        {"preset": "medium", "x265-params": "log-level=error"},
        (48, 20, 2),
        even=True,
        tag="hvc1",  # Apple's players want this one
        min_side_px=_BLOCK_PX,
        # With B-frames, x265 gives the only one or two frames of a film times that it never set.
        options_if_short={"x265-params": "log-level=error:bframes=0"},
    ),
    "av1": Encoder("libsvtav1", "yuv420p", {"preset": "8"}, (60, 28, 5), min_side_px=_BLOCK_PX),
    "vp9": Encoder(
        "libvpx-vp9",
        "yuv420p",
        {"b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"},
        (60, 28, 4),
    ),
    # FFmpeg's ProRes encoder paints the last column of a width of 16 n + 1 green.
    "prores": Encoder("prores_ks", "yuv422p10le", {"profile": "hq", "vendor": "apl0"}, even=True),
}
_SYNONYMS = {"avc": "h264", "x264": "h264", "hevc": "h265", "x265": "h265", "svt-av1": "av1"}


@dataclass(frozen=True)
class Container:
    """A kind of file: FFmpeg's name, the codecs it takes (the first is the usual one), its sound codec."""

    name: str
    codecs: tuple[str, ...]
    sound: str
    options: dict[str, str] = field(default_factory=dict[str, str])


_MOV_OPTIONS = {"movflags": "+faststart"}  # the index goes first, so that browsers start at once
CONTAINERS = {
    ".mp4": Container("mp4", ("h264", "h265", "av1"), "aac", _MOV_OPTIONS),
    ".mov": Container("mov", ("prores", "h264", "h265"), "pcm_s16le", _MOV_OPTIONS),
    ".webm": Container("webm", ("vp9", "av1"), "libopus"),
    ".mkv": Container("matroska", ("h264", "h265", "av1", "vp9", "prores"), "flac"),
}


def container_for(path: Place) -> Container:
    """The container that a suffix means; MediaError names those there are."""
    suffix = Path(path).suffix.lower()
    if suffix not in CONTAINERS:
        known = ", ".join([*CONTAINERS, ".gif", ".webp", ".png", ".jpg"])
        raise MediaError(
            f"{path}: don't know how to write {suffix or 'a file without suffix'}; use one of {known}"
        )
    return CONTAINERS[suffix]


def encoder_for(container: Container, codec: str | None) -> Encoder:
    """The encoder for a codec's name (None: the container's usual one); MediaError names those that fit."""
    wanted = container.codecs[0] if codec is None else codec.lower().replace(".", "")
    wanted = _SYNONYMS.get(wanted, wanted)
    if wanted not in container.codecs:
        raise MediaError(
            f"{container.name} files are written with {' or '.join(container.codecs)}, not {codec!r}"
        )
    return ENCODERS[wanted]
