"""A first guess of the frames that nobody gave: the nearest given one, its things carried along their ways
and the rest as the camera passes by.

A painter who begins from it, rather than from noise, need not remember what things look like. What a thing
bares is filled from around it; light, legs and whatever else changes is the painter's. Knows arrays, poses
(`model.bodies`) and cameras; no canvas and no network.

Axes: T frames, K things, H, W, C at the base size; P places on the screen.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.engine.screen import filled, from_place, on_any, places, pose_of, taken, wider
from vitascope.model.bodies import placed, seen_on, told

__all__ = ["Forecast", "forecast", "handing_over", "portrayed", "shaped", "stands_still"]

# How well a guess is known: of the place, of things, which may turn and bend, and of what they bare.
PLACE, THING, BARED = 0.97, 0.88, 0.8
# Of a hole without words: enough to paint the place there and nothing else (18.4 dB like it; at 0.8 18.0).
EMPTIED = 0.3
TONE_PX, OTHER_TONE = 2, 20.0  # around which a tone is taken; levels of 255 by which another one differs
SHY_PX = 4  # around a thing nothing is taken for the place behind it
HANDED_OVER_S = 0.9  # after so long only what was painted is seen
# Levels of 255 by which the place of neighbouring given frames may differ under a still camera.
STILL = 6.0


class Forecast(NamedTuple):
    """Frames -1..1 [T, H, W, C], and how well each of their pixels is known in 0..1 [T, H, W]."""

    frames_THWC: Tensor
    known_THW: Tensor
    rough: bool = False
    """It has no detail that a painter lacks."""

    def detailed(self, painted_THWC: Tensor, share_T: Tensor | None = None) -> Tensor:
        """What was painted of the same, with its detail where both have the same tone: a small painter
        softens what it was shown. `share_T`: how much of each frame (None: all).
        """
        gap = self.frames_THWC - painted_THWC
        around = F.avg_pool2d(gap.permute(0, 3, 1, 2), 2 * TONE_PX + 1, 1, TONE_PX, count_include_pad=False)
        apart = around.abs().mean(1, keepdim=True).permute(0, 2, 3, 1) * 127.5
        share = self.known_THW[..., None] / (1 + (apart / OTHER_TONE) ** 2)
        if share_T is not None:
            share = torch.where(self.known_THW[..., None] == 1, 1.0, share * share_T.view(-1, 1, 1, 1))
        return painted_THWC + share * gap


def forecast(
    pixels_THWC: Tensor,
    given: list[int],
    things_NHW: Tensor,
    poses_TK5: Tensor,
    camera_T4: Tensor,
    *,
    lap: bool,
) -> Forecast:
    """All T frames: the given ones as they are, each other one carried from the nearest.

    things_NHW: where things are in the given frames (bool). poses_TK5: on the screen, at every frame.
    camera_T4: as `model.camera.View` has it. lap: the frame after the last is the first.
    """
    T = len(pixels_THWC)
    frames, known = pixels_THWC.clone(), torch.ones(pixels_THWC.shape[:3])
    for t in range(T):
        if t in given:
            continue
        source = min(given, key=lambda s: min(abs(s - t), T - abs(s - t)) if lap else abs(s - t))
        frames[t], known[t] = _carried(
            pixels_THWC[source],
            things_NHW[given.index(source)],
            (poses_TK5[source], poses_TK5[t]),
            (camera_T4[source], camera_T4[t]),
        )
    return Forecast(frames, known)


def emptied(pixels_THWC: Tensor, known_THW: Tensor) -> Forecast:
    """Frames whose unknown parts show the place and nothing else: as other frames saw it there, if it stands
    still, and else filled from around.
    """
    holes = known_THW < 1
    frames, seen = pixels_THWC, ~holes
    if stands_still(pixels_THWC, holes):
        often = seen.sum(0)
        bare = torch.where(seen[..., None], pixels_THWC, torch.nan).nanmedian(0).values.nan_to_num()
        frames = torch.where((holes & (often > 0))[..., None], bare, pixels_THWC)
        seen = seen | (often > 0)
    frames = torch.stack([filled(frame, sure) for frame, sure in zip(frames, seen, strict=True)])
    return Forecast(frames, torch.where(holes, EMPTIED, 1.0), rough=True)


def portrayed(portraits: list[Tensor], poses_TK5: Tensor, height_px: int, width_px: int) -> Forecast:
    """Frames in which the first things are shown by their portraits, each RGBA 0..1 [h, w, 4] cut to what is
    seen; nothing else of them is known.
    """
    T, K = poses_TK5.shape[:2]
    frames, known = torch.zeros(T, height_px, width_px, 3), torch.zeros(T, height_px, width_px)
    place = places(height_px, width_px)
    for t in range(T):
        for k in reversed(range(min(K, len(portraits)))):
            if told(poses_TK5[t, k]):
                down, right = seen_on(place, pose_of(poses_TK5[t, k]))
                grid = torch.stack((right, down), -1)[None]
                picture = portraits[k].permute(2, 0, 1)[None]
                seen = F.grid_sample(picture, grid, align_corners=False)[0].permute(1, 2, 0)
                on = seen[..., 3] > 0.5
                frames[t] = torch.where(
                    on[..., None], seen[..., :3] / seen[..., 3:].clamp(min=0.5) * 2 - 1, frames[t]
                )
                known[t] = torch.where(on, THING, known[t])
    return Forecast(frames, known)


def shaped(poses_TK5: Tensor, portraits: list[Tensor]) -> Tensor:
    """The same ways of things as wide and as high as their portraits, as large as before."""
    result = poses_TK5.clone()
    for k, portrait in enumerate(portraits[: poses_TK5.shape[1]]):
        narrow = 0.5 * math.log(portrait.shape[1] / portrait.shape[0])
        size = poses_TK5[:, k, 3:].mean(-1)
        result[:, k, 3:] = torch.stack((size + narrow, size - narrow), -1)
    return result


def handing_over(frames: int, given: list[int], rate_fps: float, *, lap: bool) -> Tensor:
    """How much of a forecast is seen in each frame [T]: all of it beside a given one, none HANDED_OVER_S
    later.
    """
    between = (torch.arange(frames)[:, None] - torch.tensor(given)).abs()
    apart = (torch.minimum(between, frames - between) if lap else between).amin(1)
    return 0.5 + 0.5 * torch.cos(math.pi * (apart / (HANDED_OVER_S * rate_fps)).clamp(max=1))


def stands_still(pixels_NHWC: Tensor, things_NHW: Tensor) -> bool:
    """Whether the place behind the things of neighbouring frames, -1..1, stays where it is."""
    behind = ~(wider(things_NHW, SHY_PX)[1:] | wider(things_NHW, SHY_PX)[:-1])
    change = pixels_NHWC.diff(dim=0).abs().mean(-1) * 127.5
    return not behind.any() or bool(change[behind].mean() < STILL)


def _carried(
    picture_HWC: Tensor, things_HW: Tensor, poses_K5: tuple[Tensor, Tensor], cameras_4: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """One picture as it may look at another moment, and how well it is known: (then, now) are the poses and
    the cameras.
    """
    H, W, _ = picture_HWC.shape
    unit = min(H, W)
    row, column = places(H, W)
    rows, columns = from_place((row, column), cameras_4[0][None], cameras_4[1])
    came = rows[0], columns[0]
    colours = taken(picture_HWC, *came)
    known = [k for k in range(len(poses_K5[0])) if told(poses_K5[0][k]) and told(poses_K5[1][k])]
    things_HW = things_HW & on_any((row, column), poses_K5[0][known])
    free = ~wider(things_HW[None], SHY_PX)[0]
    sure = taken(free.float()[..., None], *came)[..., 0] > 0.5
    sure &= (came[0].abs() < H / 2 / unit) & (came[1].abs() < W / 2 / unit)
    colours, level = filled(colours, sure), torch.where(sure, PLACE, BARED)
    for k in reversed(known):  # the nearest last
        then, now = (pose_of(poses[k]) for poses in poses_K5)
        at = placed(seen_on((row, column), now), then)
        on = on_any((row, column), poses_K5[1][[k]]) & (
            taken(things_HW.float()[..., None], *at)[..., 0] > 0.5
        )
        colours = torch.where(on[..., None], taken(picture_HWC, *at), colours)
        level = torch.where(on, THING, level)
    return colours, level
