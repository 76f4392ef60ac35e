"""The exam of frame interpolation: frames that the world drew and nobody gave, against classical ways."""

from __future__ import annotations

import numpy as np

from vitascope.evaluate.interpolation import blended, flow_interpolated, psnr
from vitascope.tasks import smooth
from vitascope.train.features.exam import RATE_FPS, Clips, Examiner, Goal, Row, Section, Shown, doing

__all__ = ["GAIN", "smooths"]

GAIN = Goal(low=2.0)
_GIVEN = 8  # frames, a second
_RATES_FPS = (48, 16)
_MOVES = doing("walks", "runs", "jumps", "bounces", "rolls", "slides", "falls", "floats", "spins", "swings")


def smooths(examiner: Examiner) -> Section:
    """8 frames a second given, 48 and 16 asked for."""
    rows, shown = list[Row](), list[Shown]()
    for rate_fps in _RATES_FPS:
        scenes = examiner.scenes(examiner.exam.samples, wanted=_MOVES)
        times = rate_fps // RATE_FPS
        real = examiner.clips(examiner.render(scenes, frames=_GIVEN * times, rate_fps=rate_fps))
        canvases = [smooth(clip[::times], rate_fps=RATE_FPS, to_rate_fps=rate_fps) for clip in real]
        made = examiner.fill(canvases)
        shown += [
            Shown(clip[: _GIVEN * 2], f"{RATE_FPS} to {rate_fps} fps: {text}")
            for clip, text in zip(made, examiner.said(scenes), strict=True)
        ]
        rows += _rows(f"{RATE_FPS} to {rate_fps} fps", made, real, times)
    return Section("smooth", [*rows, examiner.known()], shown)


def _rows(what: str, made: Clips, real: Clips, times: int) -> list[Row]:
    painted, faded, flowed = (
        float(np.mean([_psnr(clip, truth, times) for clip, truth in zip(clips, real, strict=True)]))
        for clips in (
            made,
            [blended(clip[::times], times) for clip in real],
            [flow_interpolated(clip[::times], times) for clip in real],
        )
    )
    ways = {"blending": faded, "DIS flow": flowed}
    return [
        Row(f"{what}: like the true frames", painted, None, ways, unit="dB", asked=len(made)),
        Row(
            f"{what}: gain over the better classical way",
            painted - max(faded, flowed),
            GAIN,
            unit="dB",
            asked=len(made),
        ),
    ]


def _psnr(made: np.ndarray, real: np.ndarray, times: int) -> float:
    """Of frames between two given ones; after the last given one there is nothing to interpolate."""
    last = (len(real) - 1) // times * times
    new = np.arange(last) % times != 0
    return psnr(made[:last][new], real[:last][new])
