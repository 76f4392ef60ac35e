"""fill(), the one verb: choose a filler, fit the canvas to it, run it, give the canvas back known everywhere.

Promises that hold for every filler: pixels with known = 1 come back to the bit, at their size; whatever can't
be filled is refused before anything heavy is loaded; a canvas that is known everywhere comes back as it is.
A canvas longer than its filler takes is painted in windows of time. A canvas that asks for a sound gets one
as long as it is, to the sample; where all its pixels are known they stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

import numpy as np

from vitascope.canvas import Canvas, Sound
from vitascope.canvas.planes import once
from vitascope.engine.contracts import (
    BrokenFiller,
    Capabilities,
    Filler,
    FillSettings,
    Report,
    StreamsFrames,
)
from vitascope.engine.fitting import Fitted, Pixels, fit, fits, longest, settled, unfit
from vitascope.engine.freezing import with_frozen_known
from vitascope.engine.matching import check, choose
from vitascope.engine.plugins import awake, fillers, find_entry
from vitascope.engine.windows import roll, rolling, windows


def fill(
    canvas: Canvas,
    filler: Filler | str | None = None,
    settings: FillSettings = FillSettings(),
    report: Report | None = None,
) -> Canvas:
    """Fill in what the canvas doesn't know; the answer has its size, length and rate, known everywhere.

    `filler` is a Filler, the name of an installed one, or None for the first that can. Raises CannotFill,
    UnknownFiller or BrokenFiller; and Cancelled, or whatever else `report` raises, at the next step.
    """
    return fill_many([canvas], filler, settings, report)[0]


def fill_many(
    canvases: Sequence[Canvas],
    filler: Filler | str | None = None,
    settings: FillSettings = FillSettings(),
    report: Report | None = None,
) -> list[Canvas]:
    """Fill several canvases as fill() does, those of equal shape together. Answers keep the order."""
    canvases = [with_frozen_known(canvas) for canvas in canvases]
    results = list(canvases)
    chosen = {
        i: filler_for(canvas, filler)
        for i, canvas in enumerate(canvases)
        if not canvas.sound_known or once(canvas.known).min() < 1
    }
    silent = {
        i: choice
        for i, choice in chosen.items()
        if not canvases[i].sound_known and once(canvases[i].known).min() == 1
    }
    long = {
        i: choice
        for i, choice in chosen.items()
        if i not in silent and _too_long(canvases[i], choice.capabilities)
    }
    short = [(i, choice) for i, choice in chosen.items() if i not in long and i not in silent]
    jobs = [_Job(i, choice, fit(canvases[i], choice.capabilities)) for i, choice in short]
    batches = _batches(jobs)
    total = len(batches) + len(long) + len(silent)
    for number, batch in enumerate(batches):
        choice = batch[0].choice
        tell = _counting(report, number, total)
        if all(settled(job.fitted) for job in batch):
            filled = [job.fitted.canvas for job in batch]
        else:
            worker = choice.filler or awake(choice.name)
            filled = _checked(worker.fill([job.fitted.canvas for job in batch], settings, tell), batch)
        for job, canvas in zip(batch, filled, strict=True):
            results[job.index] = _with_its_sound(unfit(job.fitted, canvas, tell), canvas)
    for number, (i, choice) in enumerate(long.items(), len(batches)):
        results[i] = _fill_long(canvases[i], choice, settings, _counting(report, number, total))
    for number, (i, choice) in enumerate(silent.items(), len(batches) + len(long)):
        results[i] = _with_sound(canvases[i], choice, settings, _counting(report, number, total))
    return results


@dataclass(frozen=True)
class Choice:
    """The filler that will fill a canvas: by name until it's loaded, or the object that the caller gave."""

    name: str
    capabilities: Capabilities
    filler: Filler | None = None


def filler_for(canvas: Canvas, filler: Filler | str | None = None) -> Choice:
    """Who would fill this canvas; loads nothing heavy. Raises what fill() raises before it starts."""
    declared = _declared()
    if filler is None:
        name = choose(canvas, declared)
        return Choice(name, declared[name])
    if isinstance(filler, str):
        choice = Choice(filler, find_entry(filler).capabilities)
    else:
        choice = Choice(filler.capabilities.name, filler.capabilities, filler)
    check(canvas, choice.name, choice.capabilities, declared)
    return choice


def fill_windows(
    canvas: Canvas, choice: Choice, held: Sequence[range], settings: FillSettings, report: Report
) -> Iterator[Pixels]:
    """Fill a canvas window by window; yields what is new in each as it's done: uint8 [t,H,W,3]."""
    worker = choice.filler or awake(choice.name)

    def paint(window: Canvas, number: int) -> Canvas:
        if len(held) == 1:
            return fill(window, worker, settings, report)
        which = f"window {number + 1} of {len(held)}"
        return fill(window, worker, settings, lambda p: report(replace(p, stage=f"{p.stage}, {which}")))

    return roll(canvas, held, paint)


def streams_whole(canvas: Canvas, filler: Capabilities) -> bool:
    """Whether the filler makes this canvas frame after frame, as it is."""
    return filler.streams and fits(canvas, filler)


def fill_frames(canvas: Canvas, choice: Choice, settings: FillSettings, report: Report) -> Iterator[Pixels]:
    """Fill a canvas frame by frame with a filler that streams; yields uint8 [1,H,W,3] for each."""
    worker = choice.filler or awake(choice.name)
    if not isinstance(worker, StreamsFrames):
        raise BrokenFiller(f'the filler "{choice.name}" declares that it streams, and has no frames()')
    canvas = with_frozen_known(canvas)
    return _with_known(canvas, worker.frames(canvas, settings, report), choice.name)


def _with_known(canvas: Canvas, frames: Iterator[Pixels], name: str) -> Iterator[Pixels]:
    """What a filler streams, with what is known put back to the bit."""
    count = 0
    for frame in frames:
        if count == canvas.frames or frame.shape != canvas.pixels.shape[1:] or frame.dtype != np.uint8:
            raise BrokenFiller(f'the filler "{name}" streams something else than {canvas.frames} such frames')
        given = canvas.known[count] == 1
        if given.any():
            frame = np.where(given[..., None], canvas.pixels[count], frame)
        yield frame[None]
        count += 1
    if count < canvas.frames:
        raise BrokenFiller(f'the filler "{name}" was to stream {canvas.frames} frames and gave {count}')


def _too_long(canvas: Canvas, filler: Capabilities) -> bool:
    most = longest(canvas, filler)
    return canvas.frames > 1 and most is not None and canvas.frames > most


def _fill_long(canvas: Canvas, choice: Choice, settings: FillSettings, report: Report) -> Canvas:
    """A canvas that its filler can't take at once, put together from windows."""
    held = windows(canvas, rolling(canvas, choice.capabilities))
    pixels, done = np.empty(canvas.pixels.shape, np.uint8), 0
    for new in fill_windows(canvas, choice, held, settings, report):
        pixels[done : done + len(new)] = new
        done += len(new)
    pixels.setflags(write=False)
    return replace(canvas, pixels=pixels, known=np.broadcast_to(np.float32(1), canvas.known.shape))


def _with_sound(canvas: Canvas, choice: Choice, settings: FillSettings, report: Report) -> Canvas:
    """A canvas with the sound that it asks for; raises BrokenFiller where that is none, or of another length.

    One at a time: a batch of sounds would change their last bits.
    """
    worker = choice.filler or awake(choice.name)
    sound = _heard(worker.fill([canvas], settings, report))
    _check_sound(sound, canvas, choice.name)
    return canvas.with_sound(sound)


def _with_its_sound(canvas: Canvas, filled: Canvas) -> Canvas:
    """A painted canvas with the sound that was made for it, where it asks for one. What its filler filled is
    as long or longer.
    """
    if canvas.sound_known or filled.sound is None:
        return canvas
    samples = filled.sound.samples[: round(canvas.duration_s * filled.sound.rate_hz)]
    return canvas.with_sound(Sound(samples, filled.sound.rate_hz))


def _check_sound(sound: Sound | None, canvas: Canvas, name: str) -> None:
    """Raise BrokenFiller for no sound, or one that isn't as long as the canvas that it was made for."""
    if sound is None:
        raise BrokenFiller(f'the filler "{name}" was to make a sound and gave none')
    wanted = round(canvas.duration_s * sound.rate_hz)
    if len(sound.samples) != wanted:
        raise BrokenFiller(f'the filler "{name}" was to make {wanted} samples and gave {len(sound.samples)}')


def _heard(filled: object) -> Sound | None:
    """The sound of what a filler gave back for one canvas, if it is such a thing."""
    answers = cast("list[object]", filled) if isinstance(filled, list) else []
    answer = answers[0] if len(answers) == 1 else None
    return answer.sound if isinstance(answer, Canvas) else None


def _declared() -> Mapping[str, Capabilities]:
    return {name: item.entry.capabilities for name, item in fillers().items() if item.entry}


@dataclass(frozen=True)
class _Job:
    index: int
    choice: Choice
    fitted: Fitted


def _batches(jobs: Sequence[_Job]) -> list[list[_Job]]:
    """Jobs for one filler with fitted canvases of one shape and rate go together."""
    groups: dict[tuple[str, tuple[int, ...], Fraction, bool, bool], list[_Job]] = {}
    for job in jobs:
        canvas = job.fitted.canvas
        alike = (job.choice.name, canvas.pixels.shape, canvas.rate_fps, canvas.loop, settled(job.fitted))
        groups.setdefault(alike, []).append(job)
    return list(groups.values())


def _counting(report: Report | None, number: int, total: int) -> Report:
    """The caller's report, which says of several batches which one is being filled."""
    if report is None:
        return lambda progress: None
    if total == 1:
        return report
    return lambda progress: report(replace(progress, stage=f"{progress.stage} ({number + 1} of {total})"))


def _checked(filled: object, batch: Sequence[_Job]) -> list[Canvas]:
    """What a filler gave back, if it is what the contract asks for; else BrokenFiller, naming the filler."""
    name, wanted = batch[0].choice.name, batch[0].fitted.canvas.pixels.shape
    answers = cast("list[object]", filled) if isinstance(filled, list) else []
    if len(answers) != len(batch):
        raise BrokenFiller(
            f'the filler "{name}" was given {len(batch)} canvases and gave back {len(answers)}'
        )
    canvases = [answer for answer in answers if isinstance(answer, Canvas) and answer.pixels.shape == wanted]
    if len(canvases) != len(batch):
        raise BrokenFiller(f'the filler "{name}" gave back something else than canvases of shape {wanted}')
    for job, canvas in zip(batch, canvases, strict=True):
        if not job.fitted.canvas.sound_known:
            _check_sound(canvas.sound, job.fitted.canvas, name)
    return canvases
