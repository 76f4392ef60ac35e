"""The exams of time: extend, loop, between and keyframes.

A join is measured in position and in velocity against what goes on inside the clip anyway
(evaluate/joins.py). Real clips go on across the same frame, and laps of the world close: they say what the
measure gives at best.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitascope.evaluate.interpolation import blended, flow_interpolated, psnr
from vitascope.evaluate.joins import Join, join_jumps
from vitascope.tasks import between, extend, keyframes, loop
from vitascope.train.features.exam import (
    RATE_FPS,
    Clip,
    Clips,
    Examiner,
    Goal,
    Row,
    Section,
    Shown,
    doing,
    together,
)

__all__ = ["JUMP", "betweens", "extends", "loops"]

JUMP = Goal(high=1.5)
_GIVEN, _NEW = 8, 8  # frames: a second of each
_LAP = 16
_KEYS = (0, 6, 15)
_MOVES = doing("walks", "runs", "jumps", "bounces", "rolls", "slides", "floats", "spins", "swings", "shakes")


def extends(examiner: Examiner) -> Section:
    """Forward and backward: a second is given, a second is new."""
    n = examiner.exam.samples
    scenes = examiner.scenes(n, wanted=_MOVES)
    real, said = examiner.clips(examiner.render(scenes)), examiner.said(scenes)
    forward = [
        extend(c[:_GIVEN], t, rate_fps=RATE_FPS, duration_s=1) for c, t in zip(real, said, strict=True)
    ]
    backward = [
        extend(c[_NEW:], t, rate_fps=RATE_FPS, duration_s=1, direction="backward")
        for c, t in zip(real, said, strict=True)
    ]
    made = examiner.fill([*forward, *backward])
    held = [np.concatenate((c[:_GIVEN], np.repeat(c[_GIVEN - 1 : _GIVEN], _NEW, 0))) for c in real]
    first, last = range(1, _GIVEN), range(_NEW + 1, _GIVEN + _NEW)
    rows = [
        *_rows("forward", made[:n], real, _GIVEN, first, {"last frame held": held}),
        *_rows("backward", made[n:], real, _NEW, last, {"first frame held": _backward(real)}),
        examiner.known(),
    ]
    shown = [
        Shown(clip, f"{what}: {text}")
        for part, what in ((made[:n], "forward"), (made[n:], "backward"))
        for clip, text in zip(part, said, strict=True)
    ]
    return Section("extend", rows, shown)


def loops(examiner: Examiner) -> Section:
    """From words, from a picture and from a clip with a bridge of a second."""
    n, side = examiner.exam.samples, examiner.exam.side_px
    scenes = examiner.scenes(n, wanted=_MOVES)
    said = examiner.said(scenes)
    open_ended = examiner.clips(examiner.render(scenes, frames=_LAP + _NEW))
    laps = examiner.clips(examiner.render(scenes, lap_s=_LAP / RATE_FPS))
    canvases = [
        *(loop(text, duration_s=_LAP / RATE_FPS, size=(side, side), rate_fps=RATE_FPS) for text in said),
        *(
            loop(text, picture=lap[0], duration_s=_LAP / RATE_FPS, rate_fps=RATE_FPS)
            for lap, text in zip(laps, said, strict=True)
        ),
        *(
            loop(text, clip=clip[:_GIVEN], duration_s=_NEW / RATE_FPS, rate_fps=RATE_FPS)
            for clip, text in zip(open_ended, said, strict=True)
        ),
    ]
    made = examiner.fill(canvases)
    others = {
        "repeated": _at_zero([clip[:_LAP] for clip in open_ended]),
        "cross-fade": _at_zero([_faded(clip) for clip in open_ended]),
    }
    best = _at_zero(laps)
    inner = range(1, _GIVEN)
    bridges = [join_jumps(clip, at, circle=True, inner=inner) for clip in made[2 * n :] for at in (0, _GIVEN)]
    rows = [
        *_joined("from words", _at_zero(made[:n]), best, others),
        *_joined("from a picture", _at_zero(made[n : 2 * n]), best, others),
        *_joined("from a clip", bridges, best, others),
        examiner.known(),
    ]
    kinds = ("words", "a picture", "a clip")
    shown = [Shown(clip, f"from {kinds[i // n]}: {said[i % n]}") for i, clip in enumerate(made)]
    return Section("loop", rows, shown)


def betweens(examiner: Examiner) -> Section:
    """Both ends given; and three keys at uneven times."""
    n = examiner.exam.samples
    scenes = examiner.scenes(n, wanted=_MOVES)
    real, said = examiner.clips(examiner.render(scenes)), examiner.said(scenes)
    canvases = [
        *(
            between(clip[0], clip[-1], text, duration_s=2, rate_fps=RATE_FPS)
            for clip, text in zip(real, said, strict=True)
        ),
        *(
            keyframes([(key, clip[key]) for key in _KEYS], text, rate_fps=RATE_FPS)
            for clip, text in zip(real, said, strict=True)
        ),
    ]
    made = examiner.fill(canvases)
    ends = slice(1, -1)
    inside = np.array([t not in _KEYS for t in range(_KEYS[-1] + 1)])
    faded, flowed = ([way(clip[[0, -1]], 15) for clip in real] for way in (blended, flow_interpolated))
    key = _KEYS[1]
    jumps, real_jumps = (
        [join_jumps(clip, at).position for clip in clips for at in (key, key + 1)]
        for clips in (made[n:], real)
    )
    rows = [
        Row(
            "both ends given: like the true frames",
            _mean_psnr(made[:n], real, ends),
            baselines={
                "cross-fade": _mean_psnr(faded, real, ends),
                "DIS flow": _mean_psnr(flowed, real, ends),
            },
            unit="dB",
            asked=n,
        ),
        Row("three keys: like the true frames", _mean_psnr(made[n:], real, inside), unit="dB", asked=n),
        Row(
            "three keys: position jump at the middle one",
            together(jumps),
            JUMP,
            real=together(real_jumps),
            asked=n,
        ),
        examiner.known(),
    ]
    kinds = ("between", "keyframes")
    shown = [Shown(clip, f"{kinds[i // n]}: {said[i % n]}") for i, clip in enumerate(made)]
    return Section("between", rows, shown)


def _rows(
    what: str, made: Clips, real: Clips, at: int, inner: Sequence[int], others: dict[str, Clips]
) -> list[Row]:
    def joins(clips: Clips) -> list[Join]:
        return [join_jumps(clip, at, inner=inner) for clip in clips]

    told = {name: joins(clips) for name, clips in others.items()}
    painted, best = joins(made), joins(real)
    rows = _joined(what, painted, best, told)
    if what == "forward":
        rows.append(_row("forward: speed after the join over before", "speed", painted, best, told, None))
    return rows


def _joined(what: str, painted: list[Join], best: list[Join], others: dict[str, list[Join]]) -> list[Row]:
    return [
        _row(f"{what}: position jump", "position", painted, best, others, JUMP),
        _row(f"{what}: velocity jump, flow", "flow_velocity", painted, best, others, JUMP),
        _row(f"{what}: velocity jump, pixels", "velocity", painted, best, others, JUMP),
        _row(f"{what}: what no motion brings", "unexplained", painted, best, others, JUMP),
    ]


def _row(
    measure: str,
    name: str,
    painted: list[Join],
    best: list[Join],
    others: dict[str, list[Join]],
    goal: Goal | None,
) -> Row:
    def number(joins: list[Join]) -> float:
        return together([getattr(join, name) for join in joins])

    return Row(
        measure,
        number(painted),
        goal,
        {other: number(joins) for other, joins in others.items()},
        number(best),
        "x",
        len(painted),
    )


def _at_zero(clips: Clips) -> list[Join]:
    return [join_jumps(clip, 0, circle=True) for clip in clips]


def _backward(real: Clips) -> Clips:
    return [np.concatenate((np.repeat(c[_NEW : _NEW + 1], _NEW, 0), c[_NEW:])) for c in real]


def _faded(clip_THWC: Clip, frames: int = 4) -> Clip:
    """A lap of a longer clip whose beginning fades in from what comes after its end."""
    faded = clip_THWC[:_LAP].astype(np.float32)
    for t in range(frames):
        share = (t + 1) / (frames + 1)
        faded[t] = share * faded[t] + (1 - share) * clip_THWC[_LAP + t]
    return faded.round().astype(np.uint8)


def _mean_psnr(made: Clips, real: Clips, frames: slice | np.ndarray) -> float:
    return float(np.mean([psnr(a[frames], b[frames]) for a, b in zip(made, real, strict=True)]))
