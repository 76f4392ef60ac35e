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
    profiles: tuple[str, str, str, str] = ("proxy", "lt", "standard", "hq")
    """Of codecs without a constant rate factor, for a quality below 25, 50, 75, and above."""
    stream_metadata: dict[str, str] = field(default_factory=dict[str, str])

    def options_for(self, quality: int | None, short: bool = False) -> dict[str, str]:
        """The encoder's options at a quality of 1..100 (None: visually lossless to most people).

        ``short`` is a film of fewer than ``SHORT_FRAMES``.
        """
        options = self.options | (self.options_if_short if short else {})
        if self.crf is None:
            return options | ({} if quality is None else {"profile": self.profiles[min(3, quality // 25)]})
        worst, usual, best = self.crf
        crf = usual if quality is None else round(worst + (best - worst) * (quality - 1) / 99)
        return options | {"crf": str(crf)}


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
# What the same codecs are when pictures have alpha. In between nothing and all, a level more or less is seen
# sooner than in a colour, so VP9 gets a better rate factor than it has for colours.
ALPHA_ENCODERS = {
    "prores": Encoder(
        "prores_ks",
        "yuva444p10le",
        {"profile": "4444", "vendor": "apl0", "alpha_bits": "16"},
        even=True,
        profiles=("4444", "4444", "4444", "4444xq"),
    ),
    "vp9": Encoder(
        "libvpx-vp9",
        "yuva420p",
        # Frames that are never shown have no place for their alpha beside them.
        ENCODERS["vp9"].options | {"auto-alt-ref": "0"},
        (60, 12, 4),
        stream_metadata={"alpha_mode": "1"},
    ),
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

_WITH_ALPHA = (
    "write .mov (ProRes 4444), .webm (VP9), .webp, .gif (see-through or not), or a folder of pictures (PNG)"
)


def container_for(path: Place) -> Container:
    """The container that a suffix means; MediaError names those there are."""
    suffix = Path(path).suffix.lower()
    if suffix not in CONTAINERS:
        known = ", ".join([*CONTAINERS, ".gif", ".webp", ".png", ".jpg"])
        raise MediaError(
            f"{path}: don't know how to write {suffix or 'a file without suffix'}; use one of {known}"
        )
    return CONTAINERS[suffix]


def encoder_for(container: Container, codec: str | None, alpha: bool = False) -> Encoder:
    """The encoder for a codec's name (None: the container's usual one); MediaError names those that fit.

    With ``alpha`` one that keeps it.
    """
    codecs = tuple(name for name in container.codecs if name in ALPHA_ENCODERS or not alpha)
    if not codecs:
        raise MediaError(f"{container.name} files can't hold alpha; {_WITH_ALPHA}")
    wanted = codecs[0] if codec is None else codec.lower().replace(".", "")
    wanted = _SYNONYMS.get(wanted, wanted)
    if wanted not in codecs:
        kept = " when alpha is kept" if alpha else ""
        raise MediaError(
            f"{container.name} files are written with {' or '.join(codecs)}{kept}, not {codec!r}"
        )
    return (ALPHA_ENCODERS if alpha else ENCODERS)[wanted]
