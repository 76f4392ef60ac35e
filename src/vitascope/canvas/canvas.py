"""The noun: a volume of pixels, how well each point of it is known, and what is wished for beside.

known = 1: given, and comes back unchanged. known = 0: to be invented. Between: a sketch, redrawn less
freely the nearer to 1. A canvas is a value: every edit returns a new one. Knows nothing of files, networks,
features.

Axes: T time, H height, W width, C colour (RGB).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .cast import Cast
from .errors import CanvasError, inside
from .planes import Bytes, Floats, alike, as_colours, as_shares, kept, sealed, writable
from .regions import Region
from .sound import Sound
from .time import Span, Time, exact_rate, frame_at, frames_in
from .tracks import Track
from .words import Words, check_text

Known: TypeAlias = "float | Region | NDArray[Any]"
"""How well it is known: a number in 0..1, a region (1 inside), or an array of 0..1, [H, W] or [T, H, W]."""

LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, eq=False)
class Canvas:
    """A spacetime volume to be filled.

    pixels: uint8 [T, H, W, 3], read-only, perhaps a broadcast view: an empty canvas costs no memory. A
        writable array is copied; hand in a read-only one to save that.
    known: float32 [T, H, W] in 0..1, read-only.
    words, negative: what to see, and what not.
    tracks: where things go. cast: who appears. camera: its moves, added up where they overlap in time.
    loop: time is a circle, the last frame leads to the first.
    sound, sound_known: what is heard, None for nothing; sound_known = 0: it is to be invented, so is None.
    Raises CanvasError, with the path of what is wrong.
    """

    pixels: Bytes
    known: Floats
    rate_fps: Fraction
    words: tuple[Words, ...] = ()
    negative: str = ""
    tracks: tuple[Track, ...] = ()
    cast: tuple[Cast, ...] = ()
    camera: tuple[Camera, ...] = ()
    sound: Sound | None = None
    seed: int = 0
    loop: bool = False
    sound_known: int = 1

    def __post_init__(self) -> None:
        with inside("pixels"):
            object.__setattr__(self, "pixels", kept(as_colours(self.pixels, "THWC")))
        with inside("known"):
            object.__setattr__(self, "known", kept(as_shares(self.known, self.pixels.shape[:3])))
        with inside("rate_fps"):
            object.__setattr__(self, "rate_fps", exact_rate(self.rate_fps))
        with inside("negative"):
            check_text(self.negative, "the text")
        if (
            isinstance(self.seed, bool)
            or not isinstance(self.seed, Integral)
            or not 0 <= self.seed <= LARGEST_SEED
        ):
            raise CanvasError(f"a seed is a whole number in 0..{LARGEST_SEED}, not {self.seed!r}", "seed")
        object.__setattr__(self, "seed", int(self.seed))
        for name, kind in (("words", Words), ("tracks", Track), ("cast", Cast), ("camera", Camera)):
            items = tuple(getattr(self, name))
            for number, item in enumerate(items):
                if not isinstance(item, kind):
                    raise CanvasError(
                        f"wanted {kind.__name__}, got {type(item).__name__}", f"{name}[{number}]"
                    )
            object.__setattr__(self, name, items)
        if self.sound_known not in (0, 1):
            raise CanvasError(f"a sound is given (1) or to be invented (0), not {self.sound_known}", "sound")
        if self.sound is not None and not self.sound_known:
            raise CanvasError(
                "it is given, so it can't be to be invented too; leave one of them out", "sound"
            )
        self._check_times()

    def _check_times(self) -> None:
        """Refuse times outside this canvas."""
        for name, items in (("words", self.words), ("camera", self.camera)):
            for number, item in enumerate(items):
                with inside(f"{name}[{number}].span"):
                    item.span.frames(self.frames, self.rate_fps)
        for number, track in enumerate(self.tracks):
            with inside(f"tracks[{number}]"):
                track.positions(self.frames, self.rate_fps)

    @staticmethod
    def blank(
        frames: int, height_px: int, width_px: int, rate_fps: float | Fraction | str, seed: int = 0
    ) -> Canvas:
        """A canvas of which nothing is known, by its number of frames."""
        for name, value in (("frames", frames), ("height_px", height_px), ("width_px", width_px)):
            if value < 1:
                raise CanvasError(f"must be 1 or more, not {value}", name)
        with inside("rate_fps"):
            rate = exact_rate(rate_fps)
        pixels = np.broadcast_to(np.uint8(0), (frames, height_px, width_px, 3))
        known = np.broadcast_to(np.float32(0), (frames, height_px, width_px))
        return Canvas(pixels, known, rate, seed=seed)

    @staticmethod
    def empty(
        duration_s: float | Fraction = 2,
        width_px: int = 256,
        height_px: int = 256,
        rate_fps: float | Fraction | str = 8,
        seed: int = 0,
    ) -> Canvas:
        """A canvas of which nothing is known, by its duration: the nearest number of frames, at least one."""
        with inside("rate_fps"):
            rate = exact_rate(rate_fps)
        with inside("duration_s"):
            frames = frames_in(duration_s, rate)
        return Canvas.blank(frames, height_px, width_px, rate, seed)

    # What it is

    @property
    def frames(self) -> int:
        """T."""
        return self.pixels.shape[0]

    @property
    def height_px(self) -> int:
        """H."""
        return self.pixels.shape[1]

    @property
    def width_px(self) -> int:
        """W."""
        return self.pixels.shape[2]

    @property
    def size(self) -> tuple[int, int]:
        """(width_px, height_px)."""
        return self.width_px, self.height_px

    @property
    def duration_s(self) -> Fraction:
        """How long it lasts, exactly."""
        return self.frames / self.rate_fps

    def words_at(self, frame: int) -> str:
        """The words that hold at a frame, in the order given, joined by commas; weight 0 is left out."""
        there = frame_at(frame, self.frames, self.rate_fps)
        held = (w for w in self.words if w.weight > 0 and there in w.span.frames(self.frames, self.rate_fps))
        return ", ".join(text for text in (w.text.strip() for w in held) if text)

    def camera_at(self, frame: int) -> tuple[float, float, float, float]:
        """The camera at a frame: (pan, tilt, zoom, roll), each in -100..100; moves of one time add up."""
        there = frame_at(frame, self.frames, self.rate_fps)
        held = [c.moves for c in self.camera if there in c.span.frames(self.frames, self.rate_fps)]
        pan, tilt, zoom, roll = np.clip(np.sum(np.reshape(held, (-1, 4)), axis=0), -100, 100).tolist()
        return pan, tilt, zoom, roll

    # Edits

    def with_words(self, text: str, span: Span | None = None, weight: float = 1.0) -> Canvas:
        """Add words, for a span of time or for all of it."""
        with inside(f"words[{len(self.words)}]"):
            words = Words(text, span or Span(), weight)
        return replace(self, words=(*self.words, words))

    def with_negative(self, text: str) -> Canvas:
        """Say what must not be seen, in place of what was said before."""
        return replace(self, negative=text)

    def with_picture(self, picture: Bytes, at: Time = "first", known: Known = 1.0) -> Canvas:
        """Put a picture uint8 [H, W, 3] at a time, in place of what was there, known this well.

        The picture must have the canvas's size: fit_picture() scales it.
        """
        with inside("picture"):
            frame = as_colours(picture, "HWC")[None]
        return self._edited(lambda pixels, plane: self._place(pixels, plane, frame, at, known), [known])

    def with_clip(self, clip: Bytes, at: Time = "first", known: Known = 1.0) -> Canvas:
        """Put frames uint8 [T, H, W, 3] from a time on; "last" lets them end with the canvas."""
        return self._edited(lambda pixels, plane: self._place(pixels, plane, clip, at, known), [known])

    def with_clips(self, clips: Iterable[tuple[Bytes, Time, Known]]) -> Canvas:
        """Put several clips, each (frames, at, known): many with_clip() in one copy of the volume."""
        clips = list(clips)

        def place_all(pixels: Bytes, plane: Floats) -> None:
            for number, (clip, at, known) in enumerate(clips):
                with inside(f"clips[{number}]"):
                    self._place(pixels, plane, clip, at, known)

        return self._edited(place_all, [known for _, _, known in clips])

    def with_known(self, where: Region | NDArray[Any], value: float, span: Span | None = None) -> Canvas:
        """Say how well a part is known: `value` where `where` is 1, as before where it is 0, mixed between.

        where: a region, or an array of 0..1, [H, W] or one for each frame of the span [T, H, W].
        """
        known = writable(self.known)
        self._mark(known, where, value, span)
        return replace(self, known=sealed(known))

    def with_knowns(self, marks: Iterable[tuple[Known, float, Span | None]]) -> Canvas:
        """Say it of several parts, each (where, value, span), in order: many with_known(), in one copy."""
        known = writable(self.known)
        for number, (where, value, span) in enumerate(marks):
            with inside(f"known[{number}]"):
                self._mark(known, where, value, span)
        return replace(self, known=sealed(known))

    def with_camera(self, camera: Camera) -> Canvas:
        """Add a camera move."""
        return replace(self, camera=(*self.camera, camera))

    def with_track(self, points: Sequence[tuple[Time, float, float]], region: Region | None = None) -> Canvas:
        """Let a thing, or a region of the first frame, go along points (time, x, y)."""
        with inside(f"tracks[{len(self.tracks)}]"):
            track = Track(tuple(points), region)
        return replace(self, tracks=(*self.tracks, track))

    def with_cast(self, name: str, *pictures: Bytes) -> Canvas:
        """Add a subject that must appear, with one or more pictures of it."""
        with inside(f"cast[{len(self.cast)}]"):
            subject = Cast(name, pictures)
        return replace(self, cast=(*self.cast, subject))

    def with_sound(self, sound: Sound | None) -> Canvas:
        """Give it a sound, or none."""
        return replace(self, sound=sound, sound_known=1)

    def with_unknown_sound(self) -> Canvas:
        """Let its sound be invented, from the words; one that it has is dropped."""
        return replace(self, sound=None, sound_known=0)

    def with_seed(self, seed: int) -> Canvas:
        """The same canvas, to be filled by another chance."""
        return replace(self, seed=seed)

    def with_loop(self, loop: bool = True) -> Canvas:
        """Let time be a circle, or not."""
        return replace(self, loop=loop)

    def _edited(self, edit: Callable[[Bytes, Floats], None], levels: Sequence[Known]) -> Canvas:
        """A canvas with a copy of the pixels and of `known` that `edit` has written the levels into.

        Where all of each frame is known alike, one number for each is kept: 30 GB less for a minute of 1080p
        at 60 frames a second.
        """
        whole = not any(self.known.strides[1:]) and not any(
            isinstance(level, Region) or np.ndim(level) for level in levels
        )
        known = self.known[:, :1, :1].copy() if whole else writable(self.known)
        pixels = writable(self.pixels)
        edit(pixels, known)
        known = np.broadcast_to(sealed(known), self.known.shape)
        return replace(self, pixels=sealed(pixels), known=known)

    def _place(self, pixels: Bytes, plane: Floats, clip: Bytes, at: Time, known: Known) -> None:
        with inside("clip"):
            clip = as_colours(clip, "THWC")
            if (size := (clip.shape[2], clip.shape[1])) != self.size:
                raise CanvasError(
                    "it is {}x{} and the canvas {}x{}; fit_picture() makes it fit".format(*size, *self.size)
                )
            if len(clip) > self.frames:
                raise CanvasError(f"it has {len(clip)} frames and the canvas {self.frames}")
        latest = self.frames - len(clip)
        with inside("at"):
            first = latest if at == "last" else frame_at(at, self.frames, self.rate_fps)
            if first > latest:
                raise CanvasError(
                    f"{len(clip)} frames from frame {first} on go past the end of the canvas "
                    f'({self.frames} frames); start at frame {latest} or before, or at "last"'
                )
        held = slice(first, first + len(clip))
        pixels[held] = clip
        plane[held] = self._plane(known, len(clip), "known")

    def _mark(self, plane: Floats, where: Known, value: float, span: Span | None) -> None:
        with inside("value"):
            new = as_shares(value, ())
        with inside("span"):
            held = (span or Span()).frames(self.frames, self.rate_fps)
        there = self._plane(where, len(held), "where")
        part = plane[held.start : held.stop]
        part[...] = np.clip(part * (1 - there) + new * there, 0, 1)

    def _plane(self, known: Known, frames: int, name: str) -> Floats:
        """A number, a region or an array as float32 that fits [frames, H, W]."""
        flat, deep = (self.height_px, self.width_px), (frames, self.height_px, self.width_px)
        with inside(name):
            if isinstance(known, Region):
                return as_shares(known.coverage(*flat), flat)
            plane = np.asarray(known)
            return as_shares(plane, {0: (), 2: flat}.get(plane.ndim, deep))

    def __eq__(self, other: object) -> bool:
        return alike(self, other)

    __hash__ = None  # type: ignore[assignment]  # arrays inside
