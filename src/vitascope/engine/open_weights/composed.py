"""A filler that plans a canvas into calls and puts what they make in place; how a call is made is left open.

What is known goes back in by the engine, to the bit. Knows plans; no model, no library and no service.
Axes: T frames, H, W, C.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from vitascope.canvas import Canvas, Sound
from vitascope.engine.contracts import Capabilities, FillSettings, Report
from vitascope.engine.open_weights.composing import Able, Call, plan
from vitascope.engine.open_weights.request import Made, Pixels, Request


class Composed(ABC):
    """Fills canvases by calls of what `able` says that it can do."""

    def __init__(self, able: Able) -> None:
        self.able = able

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What it says it can do, composed ways included."""

    @abstractmethod
    def make(self, call: Call, request: Request, settings: FillSettings, report: Report, said: str) -> Made:
        """One call: call.frames frames. `said` is which of several, for what is reported."""

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        """One canvas after the other: a batch would change the last bits, and rarely fits."""
        return [self._fill_one(canvas, settings, report) for canvas in canvases]

    def _fill_one(self, canvas: Canvas, settings: FillSettings, report: Report) -> Canvas:
        calls = plan(canvas, self.able)
        heard: Sound | None = None
        painted, done = np.array(canvas.pixels), canvas.known.min(axis=(1, 2)) == 1
        for number, call in enumerate(calls):
            said = f", part {number + 1} of {len(calls)}" if len(calls) > 1 else ""
            request = self._request(call, canvas, painted, number, settings)
            made = self.make(call, request, settings, report, said)
            heard = made.sound
            _place(made.frames, call, painted, done)
            done[call.start : call.stop] = True
        painted.setflags(write=False)
        filled = replace(canvas, pixels=painted, known=np.broadcast_to(np.float32(1), canvas.known.shape))
        # Only loops are made by several calls of who makes sound, and with a loop it is asked for none.
        return filled if heard is None else filled.with_sound(_as_long(heard, canvas.duration_s))

    def _request(
        self, call: Call, canvas: Canvas, painted: Pixels, number: int, settings: FillSettings
    ) -> Request:
        """The call in our words; `painted` has what is given and what earlier calls made."""
        able = self.able
        asked = Request(
            frames=call.frames,
            height_px=canvas.height_px,
            width_px=canvas.width_px,
            rate_fps=canvas.rate_fps,
            text=words_in(canvas, range(call.start, call.stop)),
            negative=canvas.negative,
            steps=settings.steps or able.steps,
            guidance=able.guidance if settings.guidance is None else settings.guidance,
            seed=_seed(canvas.seed, number),
            cast=tuple(np.array(member.pictures[0][..., :3]) for member in canvas.cast),
            sound=not canvas.sound_known,
        )
        first = None if call.first is None else painted[call.first % canvas.frames]
        last = None if call.last is None else painted[call.last % canvas.frames]
        if call.way in ("first", "first-last"):
            return replace(asked, first=first if first is not None else painted[0], last=last)
        if call.way == "words" and not call.hold:
            return asked
        if first is not None and last is not None:
            given = ((0, first[None]), (call.frames - 1, last[None]))
            return replace(asked, given=given, **_volume(given, call.frames))
        known = _longer(canvas.known, call.frames)
        given = tuple(_runs(canvas, able.frames_step))
        return replace(asked, given=given, pixels=_longer(painted, call.frames), known=known)


def _place(made: Pixels, call: Call, painted: Pixels, done: Any) -> None:
    """Put made frames where nothing is yet; dissolve into what an earlier call made where they are `over`
    it."""
    shown = call.shown()
    for i, source in enumerate(shown):
        frame = call.start + i
        if frame >= len(painted) or (done[frame] and not call.over):
            continue
        share = (i + 1) / (len(shown) + 1) if call.over else 1.0
        mixed = (1 - share) * painted[frame].astype(np.float32) + share * made[source]
        painted[frame] = np.round(mixed).astype(np.uint8)


def _as_long(sound: Sound, duration_s: Fraction) -> Sound:
    """Cut off there, or silent from where it ends."""
    count = round(duration_s * sound.rate_hz)
    samples = np.zeros((count, sound.samples.shape[1]), np.float32)
    samples[: len(sound.samples)] = sound.samples[:count]
    return Sound(samples, sound.rate_hz)


def words_in(canvas: Canvas, frames: range) -> str:
    """What is said of these frames, each text once."""
    texts: dict[str, None] = {}
    for words in canvas.words:
        span = words.span.frames(canvas.frames, canvas.rate_fps)
        if span.start < frames.stop and span.stop > frames.start:
            texts[words.text] = None
    return ". ".join(texts)


def _seed(seed: int, number: int) -> int:
    """The chance of a call; that of the first is the canvas's own."""
    return seed if not number else int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _longer(plane: Any, frames: int) -> Any:
    """A clip with so many frames: the last one is shown on; where nothing is known it stays so."""
    short = frames - len(plane)
    return plane if short <= 0 else np.concatenate((plane, np.repeat(plane[-1:], short, axis=0)))


def _volume(given: tuple[tuple[int, Pixels], ...], frames: int) -> dict[str, Any]:
    """The same given frames as pixels and `known`, for pipelines that take a volume."""
    height, width = given[0][1].shape[1:3]
    pixels, known = (
        np.zeros((frames, height, width, 3), np.uint8),
        np.zeros((frames, height, width), np.float32),
    )
    for start, clip in given:
        pixels[start : start + len(clip)], known[start : start + len(clip)] = clip, 1
    return {"pixels": pixels, "known": known}


def _runs(canvas: Canvas, step: int) -> list[tuple[int, Pixels]]:
    """Whole given frames as clips of 1 + step * n frames, by where they begin."""
    whole = [frame for frame in range(canvas.frames) if canvas.known[frame].min() == 1]
    runs: list[tuple[int, Pixels]] = []
    while whole:
        length = next((n for n in range(len(whole)) if n and whole[n] != whole[0] + n), len(whole))
        length = 1 + (length - 1) // step * step
        runs.append((whole[0], canvas.pixels[whole[0] : whole[0] + length]))
        whole = whole[length:]
    return runs
