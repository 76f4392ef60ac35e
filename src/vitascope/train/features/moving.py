"""The exams of what moves on demand: region motion by brush and path, and the camera's sliders.

The world carries a thing along any path, so the truth of every brush is a render; and it drives its camera
by the same sliders.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from vitascope.canvas import Camera, MaskPicture
from vitascope.evaluate.paths import found_path, moved_outside, path_error, swept
from vitascope.evaluate.views import View, camera_move
from vitascope.tasks import move, text_to_video
from vitascope.train.features.exam import RATE_FPS, Examiner, Goal, Row, Section, Shown, doing

__all__ = ["cameras", "moves"]

PATH, LEAK = Goal(high=5.0), Goal(high=1.0)
SLIDERS = (-80.0, -40.0, 40.0, 80.0)
_FRAMES = 16
_POINTS = (0, 5, 10, 15)  # of the true path, that a person would click
_STANDS = doing("stands still")


def moves(examiner: Examiner) -> Section:
    """A thing that stands is brushed and sent along a line or a bend."""
    n = examiner.exam.samples
    scenes = examiner.scenes(n, wanted=_STANDS)
    drawn = examiner.render(scenes, frames=_FRAMES, carry_BT2=_ways(n, examiner.generator))
    real, tracks = examiner.clips(drawn), drawn.tracks_BTK2[:, :, 0].numpy()
    assert drawn.masks_BTHW is not None
    brushes = (drawn.masks_BTHW[:, 0] == 0).numpy().astype(np.float32)
    filled = examiner.fill(
        [
            move(
                clip[0],
                [(MaskPicture(brush), _path(track, brush))],
                duration_s=_FRAMES / RATE_FPS,
                rate_fps=RATE_FPS,
            )
            for clip, brush, track in zip(real, brushes, tracks, strict=True)
        ]
    )
    errors, floor, still, leaks, real_leaks = ([] for _ in range(5))
    for made, truth, brush, track in zip(filled, real, brushes, tracks, strict=True):
        height, width = brush.shape
        errors.append(path_error(found_path(made, brush), track, height, width))
        floor.append(path_error(found_path(truth, brush), track, height, width))
        still.append(path_error(np.repeat(track[:1], _FRAMES, 0), track, height, width))
        inside = _with_shadow(swept(brush, track), brush)
        leaks.append(moved_outside(made, inside))
        real_leaks.append(moved_outside(truth, inside))
    rows = [
        Row(
            "path error, of the width",
            _percent(errors),
            PATH,
            {"stays": _percent(still)},
            _percent(floor),
            "%",
            n,
        ),
        Row("motion outside, of the width", _percent(leaks), LEAK, {}, _percent(real_leaks), "%", n),
        examiner.known(),
    ]
    return Section(
        "move", rows, [Shown(clip, text) for clip, text in zip(filled, examiner.said(scenes), strict=True)]
    )


def cameras(examiner: Examiner) -> Section:
    """Each of the four sliders at several values, alone, from words."""
    side, takes = examiner.exam.side_px, examiner.exam.some
    asked = [(axis, value) for axis in range(4) for value in SLIDERS for _ in range(takes)]
    scenes = examiner.scenes(len(asked), wanted=doing("stands still", "shakes", "spins", "floats"))
    sliders = torch.zeros(len(asked), 4)
    for row, (axis, value) in enumerate(asked):
        sliders[row, axis] = value / 100
    said = examiner.said(scenes)
    made = examiner.fill(
        [
            text_to_video(
                text,
                duration_s=_FRAMES / RATE_FPS,
                size=(side, side),
                rate_fps=RATE_FPS,
                camera=Camera(*(100 * moved).tolist()),
            )
            for text, moved in zip(said, sliders, strict=True)
        ]
    )
    real = examiner.clips(examiner.render(scenes, frames=_FRAMES, camera=sliders))
    views, truths = ([camera_move(clip) for clip in clips] for clips in (made, real))
    rows = list[Row]()
    for axis, name in enumerate(("pan", "tilt", "zoom", "roll")):
        mine = [i for i, (other, _) in enumerate(asked) if other == axis]
        wanted = np.array([asked[i][1] for i in mine])
        seen, true = (np.array([_along(some[i], axis) for i in mine]) for some in (views, truths))
        rows += [
            Row(
                f"{name}: correlation with the slider",
                _alike(wanted, seen),
                real=_alike(wanted, true),
                asked=len(mine),
            ),
            Row(
                f"{name}: the right way",
                100 * float((np.sign(seen) == np.sign(wanted)).mean()),
                real=100 * float((np.sign(true) == np.sign(wanted)).mean()),
                unit="%",
                asked=len(mine),
            ),
        ]
    names = ("pan", "tilt", "zoom", "roll")
    shown = [
        Shown(clip, f"{names[axis]} {value:+g}: {text}")
        for clip, (axis, value), text in zip(made, asked, said, strict=True)
    ]
    return Section("camera", [*rows, examiner.known()], shown)


def _ways(count: int, generator: torch.Generator) -> Tensor:
    """How far each thing is carried by each frame [B, T, 2]: 0.15 to 0.3 of the height, level to upright."""

    def uniform() -> Tensor:
        return torch.rand(count, 1, generator=generator)

    time = (torch.arange(_FRAMES) / (_FRAMES - 1)).view(1, -1)
    side = torch.where(uniform() < 0.5, -1.0, 1.0)
    angle = math.pi / 2 * uniform()  # from level to straight up: below is the ground
    reach = 0.15 + 0.15 * uniform()
    bend = torch.where(uniform() < 0.4, 0.5 * reach, 0.0)
    x = side * reach * angle.cos() * time + side * bend * angle.sin() * time * (1 - time)
    y = -reach * angle.sin() * time - bend * angle.cos() * time * (1 - time)
    return torch.stack((x, y), -1)


def _path(track_T2: np.ndarray, brush_HW: np.ndarray) -> list[tuple[int | None, float, float]]:
    """The true path as a few points that begin in the middle of the brush."""
    x, y = MaskPicture(brush_HW).centre
    gone = track_T2 - track_T2[0]
    return [(t, float(x + gone[t, 0]), float(y + gone[t, 1])) for t in _POINTS]


def _with_shadow(inside_HW: np.ndarray, brush_HW: np.ndarray) -> np.ndarray:
    """And the ground below, down to a little under where the thing stood: its shadow goes there with it."""
    ground = int(np.nonzero(brush_HW.any(axis=1))[0].max()) + brush_HW.shape[0] // 10
    below = np.logical_or.accumulate(inside_HW, axis=0)
    below[ground + 1 :] = False
    return inside_HW | below


def _along(view: View, axis: int) -> float:
    return (view.pan, view.tilt, view.zoom, view.roll)[axis]


def _alike(asked: np.ndarray, seen: np.ndarray) -> float:
    """Pearson's correlation; 0 where nothing varies."""
    if np.ptp(seen) < 1e-9:
        return 0.0
    return float(np.corrcoef(asked, seen)[0, 1])


def _percent(shares: list[float]) -> float:
    return 100 * float(np.mean(shares))
