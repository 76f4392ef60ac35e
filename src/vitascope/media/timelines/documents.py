"""A film as a document: tracks from bottom to top, and what is seen at a time.

Knows no file: sources are names. The one clock is rational; frame k is shown from k / rate_fps on. Everything
is checked when it is made, and a TimelineError says where: `tracks[1].items[3].start_s`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import get_args

from vitascope.canvas import CanvasError, exact_rate
from vitascope.canvas.sizes import LARGEST_SIDE_PX
from vitascope.media.text_styles import checked_colour
from vitascope.media.timelines.errors import TimelineError, inside
from vitascope.media.timelines.items import check_kind, check_line, check_number, check_seconds
from vitascope.media.timelines.tracks import MOST_ITEMS, CaptionTrack, Cue, Layer, SoundTrack, Track

MOST_TRACKS = 200
MOST_CUES = 50_000  # on all tracks together: a day of speech has fewer
MOST_MARKERS = 5_000
LOUDNESS_LUFS = (-70.0, -5.0)


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A note at a time of the timeline."""

    at_s: Fraction
    name: str = ""
    duration_s: Fraction = Fraction(0)
    colour: str = "#ff0000"

    def __post_init__(self) -> None:
        check_seconds(self, "at_s")
        check_seconds(self, "duration_s")
        check_line(self.name, "name")
        with inside("colour"):
            object.__setattr__(self, "colour", checked_colour(self.colour))


@dataclass(frozen=True, kw_only=True)
class Loudness:
    """How loud the whole film is made: integrated loudness by EBU R 128, and the highest true peak."""

    lufs: float = -23.0
    peak_dbtp: float = -1.0

    def __post_init__(self) -> None:
        check_number(self, "lufs", *LOUDNESS_LUFS)
        check_number(self, "peak_dbtp", -20, 0)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What is on screen at a time: the picture tracks' layers from bottom to top, then captions by track."""

    layers: tuple[Layer, ...]
    captions: tuple[tuple[int, tuple[Cue, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A film: its size, rate and sound, and its tracks from bottom to top on a `ground` of one colour.

    A track that isn't `enabled` is neither seen nor heard. `loudness` None leaves the mix as loud as it is.
    """

    width_px: int
    height_px: int
    rate_fps: Fraction
    tracks: tuple[Track, ...] = ()
    name: str = ""
    sound_rate_hz: int = 48_000
    sound_channels: int = 2
    ground: str = "#000000"
    loudness: Loudness | None = None
    markers: tuple[Marker, ...] = ()

    def __post_init__(self) -> None:
        check_line(self.name, "name")
        _whole(self, "width_px", 1, LARGEST_SIDE_PX)
        _whole(self, "height_px", 1, LARGEST_SIDE_PX)
        _whole(self, "sound_rate_hz", 8_000, 192_000)
        _whole(self, "sound_channels", 1, 8)
        try:
            object.__setattr__(self, "rate_fps", exact_rate(self.rate_fps))
        except CanvasError as error:
            raise TimelineError(error.message, "rate_fps") from None
        with inside("ground"):
            object.__setattr__(self, "ground", checked_colour(self.ground))
        check_kind(self.loudness, (Loudness, type(None)), "loudness", "a Loudness, or None")
        object.__setattr__(self, "tracks", tuple(self.tracks))
        object.__setattr__(self, "markers", tuple(self.markers))
        for index, track in enumerate(self.tracks):
            check_kind(
                track, get_args(Track), f"tracks[{index}]", "a PictureTrack, SoundTrack or CaptionTrack"
            )
        for index, marker in enumerate(self.markers):
            check_kind(marker, (Marker,), f"markers[{index}]", "a Marker")
        self._check_counts()
        self._check_ducks()

    def _check_counts(self) -> None:
        cues = sum(len(track.cues) for track in self.tracks if isinstance(track, CaptionTrack))
        items = sum(len(track.items) for track in self.tracks if not isinstance(track, CaptionTrack))
        for what, count, most in (
            ("tracks", len(self.tracks), MOST_TRACKS),
            ("items", items, MOST_ITEMS),
            ("captions", cues, MOST_CUES),
            ("markers", len(self.markers), MOST_MARKERS),
        ):
            if count > most:
                raise TimelineError(
                    f"{count:,} {what} are more than {most:,}; split the film into several", what
                )

    def _check_ducks(self) -> None:
        """Whom a track ducks under must be one heard track, and not, through others, itself."""
        heard = [track.name for track in self.tracks if not isinstance(track, CaptionTrack)]
        under: dict[str, str] = {}
        for index, track in enumerate(self.tracks):
            if not isinstance(track, SoundTrack) or track.duck is None:
                continue
            where, name = f"tracks[{index}].duck.under", track.duck.under
            if heard.count(name) != 1 or heard.count(track.name) != 1 or not track.name:
                several = "names of tracks that duck, or are ducked under, must differ from all others"
                raise TimelineError(
                    f"no sound or picture track is called {name!r}; there are {', '.join(map(repr, heard))}"
                    if name not in heard
                    else several,
                    where,
                )
            under[track.name] = name
            seen = {track.name}
            while name in under:
                seen.add(name)
                name = under[name]
                if name in seen:
                    raise TimelineError("these tracks duck under each other in a circle", where)

    @cached_property
    def duration_s(self) -> Fraction:
        """Until the last enabled picture or sound track ends; captions don't make a film longer."""
        return max(
            (t.duration_s for t in self.tracks if t.enabled and not isinstance(t, CaptionTrack)),
            default=Fraction(0),
        )

    @property
    def frames(self) -> int:
        """How many frames it has: those that are shown before `duration_s`."""
        return ceil(self.duration_s * self.rate_fps)

    def at(self, time_s: Fraction) -> Moment:
        """What is on screen at a time (0 up to `duration_s`); what shows nothing isn't among the layers."""
        layers: list[Layer] = []
        captions: list[tuple[int, tuple[Cue, ...]]] = []
        for index, track in enumerate(self.tracks):
            if not track.enabled or isinstance(track, SoundTrack):
                continue
            if isinstance(track, CaptionTrack):
                if cues := track.at(time_s):
                    captions.append((index, cues))
            elif layer := track.at(time_s, index):
                layers.append(layer)
        return Moment(layers=tuple(layers), captions=tuple(captions))


def _whole(owner: object, name: str, least: int, most: int) -> None:
    value: object = getattr(owner, name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise TimelineError(f"a whole number from {least:,} to {most:,}, not {str(value)[:40]}", name)
