"""Canvases -> where their things go, as the built-in network is told it: along tracks, or as planned from
words and from where they are found in given frames.

Knows canvases, the finder, the planner and poses (`model.bodies`); no network that paints, and no feature.

Axes: B canvases, T frames, K things.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitascope.canvas import Canvas, Track
from vitascope.engine.tokens import BASE_PX
from vitascope.model.bodies import ABSENT, filmed, told, unfilmed
from vitascope.model.camera import View
from vitascope.model.finder import Finder
from vitascope.model.planner import FRAMES, MOST_THINGS, RATE_FPS, Planner

__all__ = ["brushed", "found_ways", "planned_ways", "tracked_ways"]

Box = tuple[float, float, float, float, float]  # a pose whose angle nobody knows
LEAST, MOST = 0.004, 0.5  # of a picture: what is smaller or larger is no thing
# How sure the finder must be of a thing's pixels: in a single picture, where half of a face may look like a
# thing (0.85 in a photo of a cat; three of four things of the world have more), and where several agree.
SURE, SURE_AGAIN = 0.86, 0.7
LOST = 0.3  # frame heights from one given frame to the next that no thing goes


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


def brushed(tracks: Sequence[Track], height_px: int, width_px: int) -> Tensor:
    """Where the regions of tracks are in the first frame, bool [H, W]."""
    regions = [track.region for track in tracks if track.region is not None]
    inside = [torch.as_tensor(region.coverage(height_px, width_px)) > 0.5 for region in regions]
    return torch.stack(inside).any(0) if inside else torch.zeros(height_px, width_px, dtype=torch.bool)


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
    count: int,
    rate_fps: float,
    lap_frames: int | None,
    view: View,
    generator: torch.Generator,
    known_BTK5: Tensor | None = None,
) -> Tensor:
    """Poses [1, T, K, 5] at `count` frames, as planned from the words and seen by the camera.

    known_BTK5: poses on the screen at these frames as far as they are known, as `Planner.forward` wants them;
    the plan goes through them.
    """
    times = _times(count, rate_fps, lap_frames)
    if known_BTK5 is not None:
        known_BTK5 = _at_plan(unfilmed(known_BTK5, view.camera_BT4), times)
    plan = Planner.load().plan(words_BLW, lap_frames is not None, generator, known_BTK5=known_BTK5)
    there = plan[:, :, told(plan[0, 0])] if told(plan[0, 0]).any() else plan[:, :, :1]
    return filmed(_at(there, times, lap_frames is not None), view.camera_BT4)


def found_ways(pictures_THWC: Tensor, given: list[int], count: int) -> Tensor | None:
    """Poses [1, count, MOST_THINGS, 5] of what is found in the given frames of `count`, NaN in all others;
    None where the first of them shows nothing.

    pictures_THWC: the given frames, -1..1 at the base size. Only boxes are found, no angles. What is found in
    the first is looked for in the others; there it may be lost.
    """
    least = SURE if len(given) == 1 else SURE_AGAIN
    boxes = [_boxes(likely, least) for likely in Finder.load()(pictures_THWC).sigmoid().numpy()]
    if not boxes or not boxes[0]:
        return None
    poses = torch.full((1, count, MOST_THINGS, 5), math.nan)
    poses[0, given, len(boxes[0]) :] = torch.tensor(ABSENT)
    last = boxes[0]
    for frame, seen in zip(given, boxes, strict=True):
        for number, before in enumerate(last):
            nearest = min(seen, key=lambda box: math.dist(box[:2], before[:2]), default=None)
            if nearest is not None and math.dist(nearest[:2], before[:2]) < LOST:
                last[number] = nearest
                poses[0, frame, number] = torch.tensor(nearest)
    return poses


def _boxes(likely_HW: NDArray[np.float32], least: float) -> list[Box]:
    """The poses of what stands out, the largest first; what is a thing less surely than `least` doesn't
    count.
    """
    height, width = likely_HW.shape
    unit = min(height, width)
    labels = cv2.connectedComponentsWithStats((likely_HW > 0.5).astype(np.uint8))
    found = list[tuple[int, Box]]()
    for number, (left, top, wide, high, area) in enumerate(labels[2][1:].tolist(), start=1):
        sure = likely_HW[labels[1] == number].mean() >= least
        if sure and LEAST * height * width <= area <= MOST * height * width:
            x, y = (left + wide / 2 - width / 2) / unit, (top + high / 2 - height / 2) / unit
            half = math.log(wide / 2 / unit), math.log(high / 2 / unit)
            found.append((area, (x, y, math.nan, *half)))
    return [box for _, box in sorted(found, key=lambda each: -each[0])[:MOST_THINGS]]


def _times(count: int, rate_fps: float, lap_frames: int | None) -> Tensor:
    """Where in a plan the frames of a canvas are [T], in the plan's frames; a still is in its middle. A
    circle goes round once in any time.
    """
    if lap_frames is not None:
        return torch.arange(count) * (FRAMES / lap_frames)
    if count == 1:
        return torch.tensor([FRAMES / 2])
    return (torch.arange(count) * (RATE_FPS / rate_fps)).clamp(max=FRAMES - 1)


def _at(plan_BTK5: Tensor, times: Tensor, lap: bool) -> Tensor:
    """A plan at these times."""
    if lap:
        # After the last frame comes the first, which a spinning thing meets some whole turns on.
        again = plan_BTK5[:, :1].clone()
        again[..., 2] += ((plan_BTK5[:, -1:, :, 2] - again[..., 2]) / math.tau).round() * math.tau
        plan_BTK5 = torch.cat((plan_BTK5, again), 1)
    first = times.floor().long()
    second = (first + 1).clamp(max=plan_BTK5.shape[1] - 1)
    return torch.lerp(plan_BTK5[:, first], plan_BTK5[:, second], (times - first).view(1, -1, 1, 1))


def _at_plan(known_BTK5: Tensor, times: Tensor) -> Tensor:
    """What is known at these times of a plan, at the plan's own frames; the nearest counts."""
    places = times.round().long().clamp(max=FRAMES - 1)
    known = torch.full((len(known_BTK5), FRAMES, *known_BTK5.shape[2:]), math.nan)
    for i in map(int, np.argsort(-(times - places).abs().numpy())):
        if not known_BTK5[:, i].isnan().all():
            known[:, places[i]] = known_BTK5[:, i]
    return known
