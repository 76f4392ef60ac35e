"""The exams of what goes on and on: drift of a long clip, a live stream's pace, and physics.

A long clip is streamed, and only the moments that are looked at stay in memory.
"""

from __future__ import annotations

import dataclasses
import time
from itertools import chain, repeat

import numpy as np
import torch

from vitascope.engine import CannotFill
from vitascope.evaluate.drift import drift, moments
from vitascope.evaluate.physics import Likeness, likeness, physics_iq
from vitascope.tasks import extend, text_to_video
from vitascope.train.features.exam import RATE_FPS, Clip, Clips, Examiner, Goal, Row, Section, Shown, doing
from vitascope.train.world.scene import Scenes

__all__ = ["drifts", "lives", "physics"]

PACE = Goal(low=float(RATE_FPS))
_MOMENT = 16  # frames, as the reader likes them
_FOR_EVER = doing("stands still", "floats", "spins", "swings", "shakes")  # what the world does without an end
_GIVEN, _FRAMES = 4, 16  # half a second, of two
_PHYSICAL = doing("rolls", "slides", "falls", "bounces", "jumps", "swings", "flies up")
_SCRIPTED = 21  # numbers of a scene's noise that decide how things move, not what the place looks like
_UNCERTAIN = 0.1  # how far they differ between two takes of one experiment


def drifts(examiner: Examiner) -> Section:
    """The last two seconds before each of the exam's times, against the first two."""
    if examiner.stream is None:
        raise CannotFill("no stream was given to the exam, so nothing long can be looked at")
    seconds = sorted(examiner.exam.drift_s)
    side, count = examiner.exam.side_px, examiner.exam.some
    scenes = examiner.scenes(count, wanted=_FOR_EVER)
    said = examiner.said(scenes)
    starts = [0, *(second * RATE_FPS - _MOMENT for second in seconds)]
    seen = list[Clips]()
    for i, text in enumerate(said):
        canvas = text_to_video(text, duration_s=seconds[-1], size=(side, side), rate_fps=RATE_FPS)
        seen.append(moments(examiner.stream(canvas.with_seed(examiner.first_seed + i)), starts, _MOMENT))
        examiner.tell("streaming", i + 1, count)
    real = [examiner.clips(examiner.render(scenes, start_s=start / RATE_FPS)) for start in starts]
    things = scenes.things_BK[:, 0].numpy()
    rows = list[Row]()
    for number, second in enumerate([2, *seconds]):
        painted, best = [clips[number] for clips in seen], real[number]
        rows.append(
            Row(
                f"at {second} s: the thing asked for, as read",
                _share(examiner, painted, things),
                real=_share(examiner, best, things),
                unit="%",
                asked=count,
            )
        )
        if number:
            then = [drift(clips[0], clip) for clips, clip in zip(seen, painted, strict=True)]
            truth = [drift(first, clip) for first, clip in zip(real[0], best, strict=True)]
            rows += [
                Row(
                    f"at {second} s: colour, levels of 255 from the first two seconds",
                    float(np.mean([each.colour for each in then])),
                    real=float(np.mean([each.colour for each in truth])),
                    asked=count,
                ),
                Row(
                    f"at {second} s: sharpness over that of the first two seconds",
                    float(np.mean([each.sharpness for each in then])),
                    real=float(np.mean([each.sharpness for each in truth])),
                    unit="x",
                    asked=count,
                ),
            ]
    shown = [
        Shown(clip, f"{second} s: {text}")
        for clips, text in zip(seen, said, strict=True)
        for clip, second in zip(clips, [2, *seconds], strict=True)
    ]
    return Section("drift", rows, shown)


def lives(examiner: Examiner) -> Section:
    """How soon a live stream begins, and how many frames a second follow; words change on the way."""
    if examiner.live is None:
        raise CannotFill("no live stream was given to the exam")
    side = examiner.exam.side_px
    said = examiner.said(examiner.scenes(2))
    first = text_to_video(
        said[0], duration_s=2, size=(side, side), rate_fps=RATE_FPS, seed=examiner.first_seed
    )
    words = chain(repeat(said[0], 2), repeat(said[1]))  # asked once a window
    wanted, seen = examiner.exam.live_s * RATE_FPS, list[Clip]()
    began = begun = time.monotonic()
    for chunk in examiner.live(first, lambda: next(words)):
        if not seen:
            begun = time.monotonic()
        seen.append(chunk)
        later = sum(map(len, seen[1:]))
        examiner.tell("live", min(later, wanted), wanted)
        if later >= wanted:
            break
    seconds = time.monotonic() - begun
    rows = [
        Row(f"seconds to the first frame, {side} px", begun - began, unit="s", asked=1),
        Row(
            f"frames a second after that, {side} px",
            sum(map(len, seen[1:])) / max(seconds, 1e-6),
            PACE,
            unit="fps",
            asked=1,
        ),
    ]
    frames = np.concatenate(seen)
    return Section("live", rows, [Shown(frames, f"{said[0]}; then: {said[1]}")])


def physics(examiner: Examiner) -> Section:
    """Half a second of something that obeys mechanics, and its words: how does it go on?

    The second take is the same experiment once more: speeds, phases and weights differ by a tenth of their
    range, the place is the same.
    """
    n = examiner.exam.samples
    scenes = examiner.scenes(n, wanted=_PHYSICAL)
    real, again = (examiner.clips(examiner.render(some)) for some in (scenes, _retaken(scenes, examiner)))
    said = examiner.said(scenes)
    made = examiner.fill(
        [
            extend(clip[:_GIVEN], text, rate_fps=RATE_FPS, duration_s=(_FRAMES - _GIVEN) / RATE_FPS)
            for clip, text in zip(real, said, strict=True)
        ]
    )
    held = [
        np.concatenate((c[:_GIVEN], np.repeat(c[_GIVEN - 1 : _GIVEN], _FRAMES - _GIVEN, 0))) for c in real
    ]
    second = _likenesses(again, real)
    rows = [
        Row(
            "Physics-IQ's formula, of 100",
            physics_iq(_likenesses(made, real), second),
            None,
            {"last frame held": physics_iq(_likenesses(held, real), second)},
            physics_iq(second, second),
            asked=n,
        ),
        examiner.known(),
    ]
    return Section("physics", rows, [Shown(clip, text) for clip, text in zip(made, said, strict=True)])


def _likenesses(clips: Clips, real: Clips) -> list[Likeness]:
    """Of what comes after the given frames."""
    return [likeness(a[_GIVEN - 1 :], b[_GIVEN - 1 :]) for a, b in zip(clips, real, strict=True)]


def _retaken(scenes: Scenes, examiner: Examiner) -> Scenes:
    noise = scenes.noise_BP.clone()
    change = (torch.rand(noise.shape, generator=examiner.generator) - 0.5) * 2 * _UNCERTAIN
    noise[:, :_SCRIPTED] = (noise + change).clamp(0, 1)[:, :_SCRIPTED]
    return dataclasses.replace(scenes, noise_BP=noise)


def _share(examiner: Examiner, clips: Clips, wanted: np.ndarray) -> float:
    return 100 * float((examiner.read(clips).values["thing"] == wanted).mean())
