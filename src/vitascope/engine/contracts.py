"""What a filler is: the Protocol, the data that it declares about itself, and the errors that fill() raises.

Knows canvases and nothing else: no filler, no feature, no network, no file. It imports nothing heavy, so that
a listing of the fillers costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas

Pattern = Literal["nothing", "frames", "regions", "soft"]
"""How a canvas is known: not at all; in whole frames; in parts of frames; more or less (between 0 and 1)."""

ANY_PATTERN: frozenset[Pattern] = frozenset({"nothing", "frames", "regions", "soft"})


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a filler says it can do: plain data, read before the filler itself is loaded.

    Sizes are in pixels, lengths in frames; a limit of None means no limit. fill() fits other sizes and rates
    to these and back, and refuses what can't be fitted. Of several that can fill a canvas, the highest `rank`
    does.
    """

    name: str
    summary: str
    size_multiple_px: int = 1
    min_side_px: int = 1
    max_side_px: int | None = None
    max_area_px: int | None = None
    frames_multiple: int = 1
    max_frames: int | None = None
    rates_fps: tuple[Fraction, ...] | None = None
    """The rates it works at; None: any."""
    own_rate_fps: Fraction | None = None
    """It takes any rate, but works at this one wherever the given frames leave it the choice."""
    stills: bool = True
    """One single frame can be filled, whatever `frames_multiple` says."""
    known: frozenset[Pattern] = ANY_PATTERN
    words: bool = True
    negative: bool = True
    """It heeds what must not be seen or heard."""
    languages: tuple[str, ...] = ("en",)
    open_vocabulary: bool = False
    """It was trained on the wide world, so a word that a small model lacks is worth trying here."""
    tracks: bool = False
    max_tracks: int | None = None
    """How many may move; frozen ones aren't counted, for fill() holds what they cover."""
    cast: bool = False
    max_cast: int | None = None
    camera: bool = False
    loop: bool = False
    sound: bool = False
    """It hears the canvas's sound. (Sound that a filler doesn't hear goes through it unchanged.)"""
    pictures: bool = True
    """It paints; False: it fills canvases only whose pixels are all known."""
    makes_sound: bool = False
    """It invents the sound of a canvas that asks for one and whose pixels are all known."""
    sound_with_pictures: bool = False
    """It invents the sound together with the pictures that it paints, of a canvas that asks for both."""
    max_sound_s: Fraction | None = None
    sound_rate_hz: int | None = None
    """At what rate its sound comes, for people to read."""
    composed: tuple[str, ...] = ()
    """What it can't do by itself and is made of what it can, in words: "loop: from a frame back to it"."""
    sharp_side_px: int | None = None
    """Beside a given picture with a longer side than this, what it makes looks soft; None: beside none.
    Of several fillers, one that keeps more of what is given sharp is asked first."""
    sees_motion: bool = True
    """It goes on with what moves in given frames; False: each is a picture at rest to it."""
    streams: bool = False
    """It is a StreamsFrames: it makes one frame after the other, so no length needs windows."""
    licence: str = ""
    terms: str = ""
    """Limits in its licence that a person must know of before a first use; "" if there are none."""
    needs: str = ""
    """The machine that it needs, for people to read: "any CPU, 2 GiB"."""
    gpus: int = 0
    """How many a worker of a cluster must have for it."""
    shared: bool = False
    """Several GPUs can share the work on one clip; see FillSettings.gpus."""
    on_request: bool = False
    """Asked only when it is named: its weights are a long download, or it costs money."""
    rank: int = 0


@dataclass(frozen=True)
class FillSettings:
    """How to work, for those who want a say; None leaves it to the filler. Guidance 1 means none."""

    steps: int | None = None
    guidance: float | None = None
    picture_guidance: float | None = None
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    speed: Literal["exact", "balanced", "draft"] = "exact"
    """How much may be lost for speed, by a filler that has a choice."""
    scheduler: str | None = None
    lora: tuple[tuple[str, float], ...] = ()
    """Adapter files and their weights, for a filler that takes some."""
    memory: str | None = None
    """A filler's memory mode by name; None: by what is free."""
    gpus: int = 1
    """How many GPUs share the work on one clip; more than one for a filler on a cluster that is `shared`."""


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps of a stage are over; preview is uint8 [T,H,W,3], if the filler has one."""

    stage: str
    done: int
    total: int
    preview: NDArray[np.uint8] | None = None


Report = Callable[[Progress], None]
"""Called after every step. It may raise Cancelled (or anything else), which a filler lets through at once."""


@runtime_checkable
class Filler(Protocol):
    """Whatever can fill canvases. One method, and the data that says what the method can do."""

    @property
    def capabilities(self) -> Capabilities: ...

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        """Fill canvases that share frames, size and rate; answers come in the same order, shape for shape.

        Only `pixels` of an answer counts; fill() puts the known pixels back and marks everything as known.
        Where `sound_known` is 0, its `sound` counts, which is to be as long as the canvas.
        The same canvas and seed must give the same pixels whatever else is in the batch.
        """
        ...


@runtime_checkable
class StreamsFrames(Filler, Protocol):
    """A filler that makes one frame after the other in the memory of a few; it declares `streams`."""

    def frames(self, canvas: Canvas, settings: FillSettings, report: Report) -> Iterator[NDArray[np.uint8]]:
        """Every frame of a canvas that it takes as it is, in order: uint8 [H, W, 3], as fill() makes them.

        The array may be the same each time: who keeps one copies it.
        """
        ...


@runtime_checkable
class ReadsWords(Protocol):
    """A filler that can tell which words of a text it never learnt, so that people hear of it."""

    def unknown_words(self, text: str) -> tuple[str, ...]: ...


class FillerEntry(Protocol):
    """What an entry point names: something to call for a Filler, that carries its Capabilities already.

    A filler's class whose `capabilities` is a class attribute is one; so is a LazyFiller (engine/plugins.py).
    """

    @property
    def capabilities(self) -> Capabilities: ...

    def __call__(self) -> Any: ...


class EngineError(Exception):
    """Something about filling that a person can do something about; the message says what."""


class CannotFill(EngineError):
    """The canvas asks for what the filler (or every filler here) can't do."""


class UnknownFiller(EngineError):
    """No filler of that name is installed."""


class BrokenFiller(EngineError):
    """A filler is installed but doesn't load, or what it gave back isn't a filled canvas."""


class Cancelled(Exception):
    """Raised by a report callback to stop a fill; it comes out of fill() as it went in."""
