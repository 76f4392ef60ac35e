"""What lies on a track: clips, stills, fills, titles, colours, gaps, and the transitions between them.

Every item checks itself when it is made. Times are Fractions of a second; whole numbers and texts such as
"1/24" become one. Knows no file and no file format: a source is a name that whoever renders resolves.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from vitascope.canvas import CanvasError, Fit
from vitascope.canvas.documents import LARGEST_DOCUMENT
from vitascope.canvas.time import exact_seconds
from vitascope.media.text_styles import TITLE_STYLE, TextStyle, checked_colour
from vitascope.media.timelines.errors import TimelineError, inside

Animation = Literal["none", "fade", "rise", "typewriter"]
Kind = Literal["dissolve", "fade", "wipe", "push"]
Heading = Literal["left", "right", "up", "down"]

LONGEST_S = Fraction(24 * 3600)
FASTEST = 1000
_FINEST = 10**12  # what exact_seconds keeps
_BROKEN = re.compile("[\0\ud800-\udfff]")
LONGEST_TEXT = 2000
LONGEST_SOURCE = 4096
LONGEST_NAME = 200
GAIN_DB = (-120.0, 40.0)


@dataclass(frozen=True, kw_only=True)
class Look:
    """Where and how a picture is laid over those below: a box in shares of the frame (0..1), filled by `fit`.

    "contain" leaves what it doesn't fill see-through. `corner_radius` is a share of the box' shorter side.
    Fades go from and to see-through, within the item; `opacity` 0..1 holds between them.
    """

    fit: Fit = "contain"
    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0
    opacity: float = 1.0
    corner_radius: float = 0.0
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if self.fit not in get_args(Fit):
            raise TimelineError(f"one of {', '.join(get_args(Fit))}, not {str(self.fit)[:40]!r}", "fit")
        for name in ("x", "y", "opacity"):
            check_number(self, name, 0, 1)
        for name in ("width", "height"):
            check_number(self, name, 0, 1)
            if getattr(self, name) == 0:
                raise TimelineError("must be above 0", name)
        check_number(self, "corner_radius", 0, 0.5)
        if self.x + self.width > 1 + 1e-9 or self.y + self.height > 1 + 1e-9:
            raise TimelineError(
                f"the box reaches out of the frame: x + width and y + height are at most 1, not"
                f" {self.x + self.width:g} and {self.y + self.height:g}"
            )
        for name in ("fade_in_s", "fade_out_s"):
            check_seconds(self, name)

    @property
    def whole_frame(self) -> bool:
        """Whether the box is the whole frame, square corners, opaque and without fades."""
        return self == Look(fit=self.fit)


@dataclass(frozen=True, kw_only=True)
class Level:
    """How loud: a gain in dB, and fades from and to silence within the item or track."""

    gain_db: float = 0.0
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        check_number(self, "gain_db", *GAIN_DB)
        for name in ("fade_in_s", "fade_out_s"):
            check_seconds(self, name)


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A stretch of a film's pictures and sound, or of a sound file.

    It is shown for `duration_s`, from `start_s` of the source on (0: its first picture, or a sound file's
    first sample). `speed` 2 plays twice as fast, and so uses twice its duration of the source; 0 holds the
    picture at `start_s`; below 0 it plays that stretch, [start_s, start_s + duration_s |speed|), backwards.
    `level` is None where it isn't heard; what is held or runs backwards is silent.
    """

    source: str
    duration_s: Fraction
    start_s: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    look: Look = field(default_factory=Look)
    level: Level | None = field(default_factory=Level)
    name: str = ""

    def __post_init__(self) -> None:
        _source(self.source)
        _item(self)
        check_seconds(self, "start_s")
        _exact(self, "speed")
        if abs(self.speed) > FASTEST:
            raise TimelineError(
                f"goes from -{FASTEST} to {FASTEST} times, not {float(self.speed):g}", "speed"
            )
        check_kind(self.level, (Level, type(None)), "level", "a Level, or None for silence")
        if self.level is not None:
            with inside("level"):
                _fades(self.level, self.duration_s)

    @property
    def used_s(self) -> Fraction:
        """How much of the source it shows."""
        return self.duration_s * abs(self.speed)

    @property
    def heard(self) -> bool:
        """Whether it has a level and plays forwards."""
        return self.level is not None and self.speed > 0

    def source_s(self, time_s: Fraction) -> Fraction:
        """The source's time that is shown `time_s` after the item's start.

        Backwards it counts down from the end of the stretch, which itself isn't shown. In a transition
        `time_s` may lie outside of the item, and the result outside of the source: its nearest is held.
        """
        return self.start_s + (self.used_s if self.speed < 0 else 0) + time_s * self.speed


@dataclass(frozen=True, kw_only=True)
class Still:
    """A picture file, shown for `duration_s`; see-through parts stay so."""

    source: str
    duration_s: Fraction
    look: Look = field(default_factory=Look)
    name: str = ""

    def __post_init__(self) -> None:
        _source(self.source)
        _item(self)


@dataclass(frozen=True, kw_only=True)
class Fill:
    """A canvas to be filled: the source of a canvas document, or the document itself as JSON text.

    Shown from `start_s` of what comes back. `filler` names who fills it; empty: who can.
    """

    canvas: str
    duration_s: Fraction
    start_s: Fraction = Fraction(0)
    filler: str = ""
    look: Look = field(default_factory=Look)
    name: str = ""

    def __post_init__(self) -> None:
        _text(self.canvas, "canvas", LARGEST_DOCUMENT)
        if self.inline:
            self.document()
        else:
            _source(self.canvas, "canvas")
        _item(self)
        check_seconds(self, "start_s")
        check_line(self.filler, "filler")

    @property
    def inline(self) -> bool:
        """Whether `canvas` is the document itself."""
        return self.canvas.lstrip()[:1] == "{"

    def document(self) -> dict[str, Any]:
        """The inline document, parsed; whether it is a canvas is seen when it is filled."""
        try:
            found: Any = json.loads(self.canvas)
        except (ValueError, RecursionError) as error:
            raise TimelineError(f"is no JSON document: {error}", "canvas") from None
        return found


@dataclass(frozen=True, kw_only=True)
class Title:
    """A text on a see-through ground. "fade", "rise" and "typewriter" take `animation_s` to come in."""

    text: str
    duration_s: Fraction
    style: TextStyle = TITLE_STYLE
    animation: Animation = "none"
    animation_s: Fraction = Fraction(1, 2)
    look: Look = field(default_factory=Look)
    name: str = ""

    def __post_init__(self) -> None:
        check_words(self.text, "text")
        _item(self)
        check_kind(self.style, (TextStyle,), "style", "a TextStyle")
        if self.animation not in get_args(Animation):
            raise TimelineError(
                f"one of {', '.join(get_args(Animation))}, not {str(self.animation)[:40]!r}", "animation"
            )
        check_seconds(self, "animation_s")
        if self.animation != "none" and self.animation_s > self.duration_s:
            raise TimelineError(f"is longer than the title ({said(self.duration_s)})", "animation_s")


@dataclass(frozen=True, kw_only=True)
class Colour:
    """One colour, "#rrggbb" or "#rrggbbaa", all over its box."""

    colour: str
    duration_s: Fraction
    look: Look = field(default_factory=Look)
    name: str = ""

    def __post_init__(self) -> None:
        with inside("colour"):
            object.__setattr__(self, "colour", checked_colour(self.colour))
        _item(self)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Nothing for a while: what is below shows through, and it is silent."""

    duration_s: Fraction
    name: str = ""

    def __post_init__(self) -> None:
        _item(self)


@dataclass(frozen=True, kw_only=True)
class Transition:
    """How the item before becomes the item after; it takes no time of its own.

    It begins `in_s` before the cut and ends `out_s` after it: the item after is shown that much earlier, the
    item before that much longer. "fade" goes through `colour`; a "wipe" uncovers the item after and a "push"
    shoves the item before, towards `heading`; `softness` (0..1, a share of the frame) is how broad a wipe's
    edge is. At an end of the track, and beside a gap, the other side is nothing. In a sound track it is a
    cross-fade, and so it is for the sound of the clips of a picture track.
    """

    in_s: Fraction
    out_s: Fraction
    kind: Kind = "dissolve"
    colour: str = "#000000"
    heading: Heading = "right"
    softness: float = 0.0
    name: str = ""

    def __post_init__(self) -> None:
        check_line(self.name, "name")
        check_seconds(self, "in_s")
        check_seconds(self, "out_s")
        if self.in_s + self.out_s == 0:
            raise TimelineError("in_s + out_s must be above 0; leave a transition out for a plain cut")
        if self.kind not in get_args(Kind):
            raise TimelineError(f"one of {', '.join(get_args(Kind))}, not {str(self.kind)[:40]!r}", "kind")
        if self.heading not in get_args(Heading):
            raise TimelineError(
                f"one of {', '.join(get_args(Heading))}, not {str(self.heading)[:40]!r}", "heading"
            )
        with inside("colour"):
            object.__setattr__(self, "colour", checked_colour(self.colour))
        check_number(self, "softness", 0, 1)

    @property
    def length_s(self) -> Fraction:
        """How long it takes."""
        return self.in_s + self.out_s


Item: TypeAlias = Clip | Still | Fill | Title | Colour | Gap
"""What takes time on a picture track; a sound track holds Clip and Gap."""
ITEMS: tuple[type[Item], ...] = (Clip, Still, Fill, Title, Colour, Gap)


def check_words(text: object, where: str) -> None:
    """Refuse what is no text, is too long, or holds letters that no one can type."""
    _text(text, where, LONGEST_TEXT)
    if not str(text).strip():
        raise TimelineError("is empty; leave it out, or write something", where)


def _item(item: Item) -> None:
    check_line(item.name, "name")
    check_seconds(item, "duration_s")
    if item.duration_s == 0:
        raise TimelineError("must be above 0", "duration_s")
    if not isinstance(item, Gap):
        check_kind(item.look, (Look,), "look", "a Look")
        with inside("look"):
            _fades(item.look, item.duration_s)


def _fades(faded: Look | Level, duration_s: Fraction) -> None:
    if faded.fade_in_s + faded.fade_out_s > duration_s:
        raise TimelineError(
            f"fade_in_s + fade_out_s is {said(faded.fade_in_s + faded.fade_out_s)}, longer than what fades"
            f" ({said(duration_s)})"
        )


def _exact(owner: object, name: str) -> None:
    value: object = getattr(owner, name)
    if isinstance(value, Fraction) and value.denominator <= _FINEST:
        return
    try:
        exact = exact_seconds(Fraction(value[:40]) if isinstance(value, str) else value)
    except CanvasError as error:
        raise TimelineError(error.message, name) from None
    except (ValueError, ZeroDivisionError):
        shown = str(value)[:40]
        raise TimelineError(f'{shown!r} is not a number; write a Fraction, 2, or "1/24"', name) from None
    object.__setattr__(owner, name, exact)


def check_seconds(owner: object, name: str) -> None:
    _exact(owner, name)
    value: Fraction = getattr(owner, name)
    if not 0 <= value <= LONGEST_S:
        raise TimelineError(f"goes from 0 to {LONGEST_S} s, not {said(value)}", name)


def check_number(owner: object, name: str, least: float, most: float) -> None:
    value: object = getattr(owner, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TimelineError(f"{str(value)[:40]!r} is not a number", name)
    if not least <= value <= most:
        raise TimelineError(f"goes from {least:g} to {most:g}, not {value:g}", name)
    object.__setattr__(owner, name, float(value))


def _text(value: object, where: str, longest: int) -> None:
    if not isinstance(value, str):
        raise TimelineError(f"must be text, not {type(value).__name__}", where)
    if len(value) > longest:
        raise TimelineError(f"is {len(value):,} characters long; at most {longest:,}", where)
    if _BROKEN.search(value):
        raise TimelineError("holds broken characters", where)


def check_line(value: object, where: str) -> None:
    _text(value, where, LONGEST_NAME)


def _source(value: object, where: str = "source") -> None:
    _text(value, where, LONGEST_SOURCE)
    if not str(value).strip():
        raise TimelineError("is empty; it names a file, such as clips/fox.mp4", where)


def check_kind(value: object, kinds: tuple[type, ...], where: str, wanted: str) -> None:
    if not isinstance(value, kinds):
        raise TimelineError(f"must be {wanted}, not {type(value).__name__}", where)


def said(seconds: Fraction) -> str:
    return f"{float(seconds):.6g} s"
