"""Canvases -> tokens: what the built-in network is given of a canvas, at its own size.

Training and filling both come through here, so what is trained is what is asked. Knows canvases and token
layouts; no network, no feature.

Axes: B canvases, T frames, H, W, C; N tokens, P numbers in a patch; S patches of the cast's portraits, R
points of tracks.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from vitascope.canvas import Canvas
from vitascope.model.layout import Layout
from vitascope.model.patches import patchify
from vitascope.model.samplers import Given

PATCH_PX, TUBELET, BASE_PX = 8, 4, 64
MOST_FRAMES_APART = 8  # given frames that get tokens of their own in a window, evenly chosen
TIME_FPS = 8  # the network counts time in frames of this rate, whatever a canvas's own
PLAIN = 6.0  # levels of 255 by which the ground around a subject may vary
CAST_MEMBERS, PORTRAIT = 2, 4  # each shown by a portrait of so many patches a side
TRACKS, TRACK_POINTS = 8, 4


def base_patches(canvas: Canvas) -> tuple[int, int]:
    """Rows and columns of patches: 8 x 8 for every shape, so a wide picture is squeezed and stretched again.

    The shipped weights were last trained on squares only; in wider grids they paint noise beyond the square.
    """
    side = BASE_PX // PATCH_PX
    return side, side


def at_base(canvas: Canvas, height_px: int, width_px: int) -> tuple[Tensor, Tensor]:
    """Pixels in -1..1 [T, H, W, 3] and known [T, H, W] at the base size; 1 only where all of it was 1."""
    pixels = torch.zeros(canvas.frames, height_px, width_px, 3)
    known = torch.zeros(canvas.frames, height_px, width_px)
    for frame in range(canvas.frames):
        level = np.array(canvas.known[frame])
        if not level.any():
            continue
        share = torch.as_tensor(level)[None, None]
        colour = torch.as_tensor(np.array(canvas.pixels[frame], np.float32)).permute(2, 0, 1)[None]
        small = F.interpolate(share, (height_px, width_px), mode="area")[0, 0]
        weighted = F.interpolate(colour * share, (height_px, width_px), mode="area")[0]
        pixels[frame] = (weighted / small.clamp(min=1e-6)).permute(1, 2, 0) / 127.5 - 1
        known[frame] = torch.where(small > 1 - 1e-4, 1.0, small)
    return pixels, known


def layout_of(known_THW: Tensor, loop: bool = False) -> Layout:
    """The tokens of a canvas: whole given frames get their own, unless their whole tubelet is given."""
    frames, height_px, width_px = known_THW.shape
    rows, columns = height_px // PATCH_PX, width_px // PATCH_PX
    if frames == 1:
        return Layout(rows, columns, 0, (0,))
    if loop:  # a circle always has a frame that stands for its beginning, given or not
        return Layout(rows, columns, frames // TUBELET, (0,))
    whole = (known_THW == 1).flatten(1).all(1)
    tubelets = whole.view(-1, TUBELET).all(1).repeat_interleave(TUBELET)
    apart = [frame for frame in range(frames) if whole[frame] and not tubelets[frame]]
    if len(apart) > MOST_FRAMES_APART:
        spread = (len(apart) - 1) / (MOST_FRAMES_APART - 1)
        apart = [apart[round(i * spread)] for i in range(MOST_FRAMES_APART)]
    return Layout(rows, columns, frames // TUBELET, tuple(apart))


def given_tokens(pixels_BTHWC: Tensor, known_BTHW: Tensor, layout: Layout) -> tuple[Given, Given]:
    """What is known of the frame tokens and of the tubelets."""
    apart, clip = list(layout.frame_times), slice(0, layout.tubelets * TUBELET)
    return (
        _given(pixels_BTHWC[:, apart], known_BTHW[:, apart], 1),
        _given(pixels_BTHWC[:, clip], known_BTHW[:, clip], TUBELET),
    )


def _given(pixels_BTHWC: Tensor, known_BTHW: Tensor, frames: int) -> Given:
    """A token is known as well as its least known number; single numbers that are given hold in any case."""
    known = patchify(known_BTHW.unsqueeze(-1).expand(pixels_BTHWC.shape), frames, PATCH_PX)
    lowest = known.amin(-1) if known.numel() else known.new_zeros(known.shape[:2])
    return Given(patchify(pixels_BTHWC, frames, PATCH_PX), known == 1, lowest)


def places_of(layout: Layout, rate_fps: float) -> Tensor:
    """[N, 3] where the tokens stand; times in the network's frames, so a faster clip has them closer
    together.
    """
    return layout.places() * torch.tensor((TIME_FPS / rate_fps, 1.0, 1.0))


def cast_tokens(portraits_BKHWC: Tensor, present_BK: Tensor) -> tuple[Tensor, Tensor]:
    """Portraits in -1..1 [B, K <= 2, 32, 32, 3] -> patches_BSP and their places_BS3; absent members are
    empty.
    """
    B, K = present_BK.shape
    side, S = PORTRAIT * PATCH_PX, PORTRAIT**2
    patches = torch.zeros(B, CAST_MEMBERS * S, 3 * PATCH_PX**2)
    places = torch.full((B, CAST_MEMBERS * S, 3), -1.0)
    middles = (torch.arange(PORTRAIT) + 0.5) / PORTRAIT
    row, column = torch.meshgrid(middles, middles, indexing="ij")
    for k in range(K):
        held = slice(k * S, (k + 1) * S)
        portrait = portraits_BKHWC[:, k].reshape(B, 1, side, side, 3)
        patches[:, held] = patchify(portrait, 1, PATCH_PX) * present_BK[:, k, None, None]
        there = torch.stack((torch.full((S,), float(k)), row.flatten(), column.flatten()), -1)
        places[:, held] = torch.where(present_BK[:, k, None, None], there, -1.0)
    return patches, places


def portraits_of(canvas: Canvas) -> Tensor:
    """The first picture of each of the first two of its cast, small, in -1..1 [1, K, 32, 32, 3].

    Cut to what alpha shows, on white; a picture without alpha is shown whole.
    """
    side = PORTRAIT * PATCH_PX
    shown = [_portrait(subject.pictures[0], side) for subject in canvas.cast[:CAST_MEMBERS]]
    return torch.stack(shown)[None] if shown else torch.zeros(1, 0, side, side, 3)


def cutouts_of(canvas: Canvas) -> list[Tensor]:
    """The same pictures cut to the subject, RGBA 0..1 [h, w, 4] with colours multiplied by alpha; up to the
    first of which nobody knows where in it the subject is.
    """
    result = list[Tensor]()
    for subject in canvas.cast[:CAST_MEMBERS]:
        alpha = _alpha(subject.pictures[0])
        if alpha is None:
            break
        rows, columns = (np.flatnonzero((alpha > 0.03).any(axis)) for axis in (1, 0))
        colours = subject.pictures[0][..., :3].astype(np.float32) / 255 * alpha[..., None]
        whole = np.concatenate((colours, alpha[..., None]), -1)
        seen = whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        plane = torch.as_tensor(seen).permute(2, 0, 1)[None]
        share = min(1.0, BASE_PX / max(seen.shape[:2]))
        size = [max(1, round(side * share)) for side in seen.shape[:2]]
        small = F.interpolate(plane, size, mode="bilinear", antialias=True, align_corners=False)
        result.append(small[0].permute(1, 2, 0))
    return result


def _alpha(picture_HWC: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Where the subject is in 0..1 [H, W]: as alpha says, or all that isn't the plain ground around it."""
    if picture_HWC.shape[-1] == 4:
        alpha = picture_HWC[..., 3].astype(np.float32) / np.float32(255)
    else:
        framed = np.pad(picture_HWC, ((1, 1), (1, 1), (0, 0)), mode="edge")
        edge = np.concatenate((framed[0], framed[-1], framed[:, 0], framed[:, -1])).astype(np.float32)
        plain = np.median(edge, axis=0)
        if (np.abs(edge - plain).max(-1) < PLAIN).mean() < 0.5:  # the subject may touch a side
            return None
        framed[[0, -1]], framed[:, [0, -1]] = plain, plain
        ground = np.zeros((framed.shape[0] + 2, framed.shape[1] + 2), np.uint8)
        near = (2 * PLAIN,) * 3
        fixed = cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY
        cv2.floodFill(np.ascontiguousarray(framed), ground, (0, 0), (0, 0, 0), near, near, fixed)
        alpha = (ground[2:-2, 2:-2] == 0).astype(np.float32)
    return alpha if 0.01 < float(alpha.mean()) < 0.99 else None


def _portrait(picture: np.ndarray, side_px: int) -> Tensor:
    """uint8 [H, W, 3 or 4] -> [side, side, 3], centred in a square that it touches on two sides."""
    alpha = picture[..., 3:] / 255 if picture.shape[-1] == 4 else np.ones((*picture.shape[:2], 1))
    rows, columns = np.flatnonzero((alpha > 0.03).any((1, 2))), np.flatnonzero((alpha > 0.03).any((0, 2)))
    seen = 255 - (255 - picture[..., :3].astype(np.float32)) * alpha
    if len(rows):
        seen = seen[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = seen.shape[:2]
    larger = max(height, width)
    square = np.full((larger, larger, 3), 255, np.float32)
    top, left = (larger - height) // 2, (larger - width) // 2
    square[top : top + height, left : left + width] = seen
    plane = torch.as_tensor(square).permute(2, 0, 1)[None]
    small = F.interpolate(plane, (side_px, side_px), mode="bilinear", antialias=True, align_corners=False)
    return small[0].permute(1, 2, 0) / 127.5 - 1


def track_tokens(paths_BKT2: Tensor, present_BK: Tensor, rows: int, columns: int, rate_fps: float) -> Tensor:
    """Paths (x, y in 0..1 at every frame) -> tracks_BR7 as Context wants them; absent ones are empty."""
    B, K, T, _ = paths_BKT2.shape
    points = torch.linspace(0, T - 1, TRACK_POINTS).round().long()
    size = torch.tensor((columns, rows)).float()
    at = ((paths_BKT2 - 0.5) * size).flip(-1)  # row, column, in patches from the centre
    number = torch.arange(K).view(1, K, 1, 1).expand(B, K, TRACK_POINTS, 1).float()
    time = (points * (TIME_FPS / rate_fps)).view(1, 1, -1, 1).expand(B, K, TRACK_POINTS, 1)
    start = at[:, :, :1].expand(B, K, TRACK_POINTS, 2)
    there = present_BK[:, :, None, None].float().expand(B, K, TRACK_POINTS, 1)
    told = torch.cat((number, time, at[:, :, points], start, there), -1) * there
    return F.pad(told.flatten(1, 2), (0, 0, 0, (TRACKS - K) * TRACK_POINTS))
