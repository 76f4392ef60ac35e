"""Canvases -> where their things go, as the built-in network is told it: along tracks, or as planned from
words.

Knows canvases, the planner and poses (`model.bodies`); no network that paints, and no feature.

Axes: B canvases, T frames, K things.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitascope.canvas import Canvas, Track
from vitascope.engine.tokens import BASE_PX
from vitascope.model.bodies import ABSENT, filmed, told
from vitascope.model.camera import View
from vitascope.model.planner import RATE_FPS, Planner

__all__ = ["planned_ways", "tracked_ways"]


def tracked_ways(canvas: Canvas, frames: list[int]) -> Tensor:
    """Poses [1, T, K, 5] of the regions that have a track; of a track without one nothing but its points is
    known.
    """
    ways = [
        _way(track, track.positions(canvas.frames, canvas.rate_fps)[frames])
        for track in canvas.tracks
        if track.region is not None
    ]
    nobody = torch.tensor(ABSENT).expand(len(frames), 5)
    return torch.stack(ways or [nobody], 1)[None]


def _way(track: Track, path_T2: NDArray[Any]) -> Tensor:
    """Poses [T, 5] of a region's box that goes along x and y in 0..1 of the picture and keeps its size."""
    assert track.region is not None
    inside = track.region.coverage(BASE_PX, BASE_PX) > 0.5
    if not inside.any():
        return torch.tensor(ABSENT).expand(len(path_T2), 5)
    across, down = (np.flatnonzero(inside.any(axis)) for axis in (0, 1))
    left, right = int(across[0]) / BASE_PX, (int(across[-1]) + 1) / BASE_PX
    top, bottom = int(down[0]) / BASE_PX, (int(down[-1]) + 1) / BASE_PX
    middle_x, middle_y = track.region.centre
    aside = torch.tensor(((left + right) / 2 - middle_x - 0.5, (top + bottom) / 2 - middle_y - 0.5))
    poses = torch.zeros(len(path_T2), 5)
    poses[:, :2] = torch.as_tensor(path_T2) + aside
    poses[:, 3:] = torch.tensor((right - left, bottom - top)).div(2).log()
    return poses


def planned_ways(
    words_BLW: Tensor,
    frames: list[int],
    rate_fps: float,
    lap_frames: int | None,
    view: View,
    generator: torch.Generator,
) -> Tensor:
    """Poses [1, T, K, 5] at these frames, as planned from the words and seen by the camera."""
    plan = Planner.load().plan(words_BLW, lap_frames is not None, generator)
    there = plan[:, :, told(plan[0, 0])] if told(plan[0, 0]).any() else plan[:, :, :1]
    return filmed(_at(there, frames, rate_fps, lap_frames), view.camera_BT4)


def _at(plan_BTK5: Tensor, frames: list[int], rate_fps: float, lap_frames: int | None) -> Tensor:
    """A plan at the frames of a canvas; of a still, its middle. A circle goes round once in any time."""
    T = plan_BTK5.shape[1]
    if lap_frames is not None:
        # After the last frame comes the first, which a spinning thing meets some whole turns on.
        again = plan_BTK5[:, :1].clone()
        again[..., 2] += ((plan_BTK5[:, -1:, :, 2] - again[..., 2]) / math.tau).round() * math.tau
        plan_BTK5 = torch.cat((plan_BTK5, again), 1)
        at = torch.arange(len(frames)) * (T / lap_frames)
    elif len(frames) == 1:
        at = torch.tensor([T / 2])
    else:
        at = torch.tensor([(frame - frames[0]) * (RATE_FPS / rate_fps) for frame in frames]).clamp(max=T - 1)
    first = at.floor().long()
    second = (first + 1).clamp(max=plan_BTK5.shape[1] - 1)
    return torch.lerp(plan_BTK5[:, first], plan_BTK5[:, second], (at - first).view(1, -1, 1, 1))
