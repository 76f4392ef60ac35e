"""Canvases -> tokens: what the built-in network is given of a canvas, at its own size.

Training and filling both come through here, so what is trained is what is asked. Knows canvases and token
layouts; no network, no feature.

Axes: B canvases, T frames, H, W, C; N tokens, P numbers in a patch.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.canvas import Canvas
from vitascope.model.layout import Layout
from vitascope.model.patches import patchify
from vitascope.model.samplers import Given

PATCH_PX, TUBELET, BASE_PX = 8, 4, 64
MOST_FRAMES_APART = 3  # given frames that get tokens of their own; more would outnumber the clip's


def base_patches(canvas: Canvas) -> tuple[int, int]:
    """Rows and columns of patches: 8 on the short side, as many on the long one as the shape asks for."""
    short = BASE_PX // PATCH_PX
    longer = max(canvas.height_px, canvas.width_px) / min(canvas.height_px, canvas.width_px)
    long = max(short, round(short * longer))
    return (short, long) if canvas.width_px >= canvas.height_px else (long, short)


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


def layout_of(known_THW: Tensor) -> Layout:
    """The tokens of a canvas: whole given frames get their own, unless their whole tubelet is given."""
    frames, height_px, width_px = known_THW.shape
    rows, columns = height_px // PATCH_PX, width_px // PATCH_PX
    if frames == 1:
        return Layout(rows, columns, 0, (0,))
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
