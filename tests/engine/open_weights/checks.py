"""What is checked of every family: its own library's pixels, what is known, each step."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from vitascope.canvas import Canvas
from vitascope.engine import Cancelled, FillSettings, Progress, fill
from vitascope.engine.open_weights.catalogue import MODELS, Model
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import between, extend, image_to_video, restyle, text_to_video

FEW = FillSettings(steps=2, guidance=2.0)
SEED = 3


def small(name: str, **more: Any) -> Model:
    """A model of the catalogue that may be as small as the tests' weights."""
    sizes: dict[str, Any] = {"min_side_px": 16, "size_multiple_px": 16}
    return replace(MODELS[name], **sizes | {"max_frames": min(17, MODELS[name].max_frames)} | more)


def rate(filler: OpenWeights) -> Fraction:
    """Frames per second that need no resampling."""
    return filler.model.rate_fps or Fraction(16)


def words(filler: OpenWeights, frames: int = 9, side_px: int = 32) -> Canvas:
    """A canvas of which only words are known."""
    how = {"rate_fps": rate(filler), "seed": SEED}
    return text_to_video("a fox jumps", size=(side_px, side_px), duration_s=frames / rate(filler), **how)


def clip(frames: int = 5, side_px: int = 32) -> np.ndarray:
    """A clip of coloured squares."""
    rng = np.random.default_rng(0)
    squares = rng.integers(256, size=(frames, 4, 4, 3), dtype=np.uint8)
    return np.repeat(np.repeat(squares, side_px // 4, 1), side_px // 4, 2)


def from_picture(filler: OpenWeights, frames: int = 9, side_px: int = 32) -> Canvas:
    """A canvas whose first frame is known."""
    how = {"rate_fps": rate(filler), "seed": SEED}
    return image_to_video(clip(1, side_px)[0], "a fox jumps", duration_s=frames / rate(filler), **how)


def pattern(filler: OpenWeights, name: str, side_px: int = 32) -> Canvas:
    """Nine frames of which a part is known."""
    how = {"rate_fps": rate(filler), "seed": SEED}
    first, second = clip(2, side_px)
    four, five = (frames / rate(filler) for frames in (4, 5))
    if name == "extend":
        return extend(clip(4, side_px), "a fox jumps", duration_s=five, **how)
    if name == "backward":
        return extend(clip(4, side_px), "a fox jumps", duration_s=five, direction="backward", **how)
    if name == "between":
        return between(first, second, "a fox jumps", duration_s=2 * four, **how)
    if name == "restyle":
        return restyle(clip(9, side_px), "a fox jumps", strength=0.5, **how)
    return from_picture(filler, side_px=side_px)


def known_comes_back(filler: OpenWeights, canvas: Canvas, settings: FillSettings = FEW) -> Canvas:
    """Fill it: what is known is there to the bit, and the rest is painted."""
    filled = fill(canvas, filler, settings)
    assert filled.pixels.shape == canvas.pixels.shape
    assert filled.known.min() == 1
    given = canvas.known == 1
    assert np.array_equal(filled.pixels[given], canvas.pixels[given])
    assert filled.pixels[~given].std() > 1
    return filled


def library(filler: OpenWeights, kind: str, **asked: Any) -> np.ndarray:
    """What the library's own pipeline makes of the same folder and seed: uint8 [T, H, W, 3]."""
    import diffusers

    pipe = getattr(diffusers, kind).from_pretrained(filler.where, dtype=torch.float32)
    return called(pipe, **asked)


def called(pipe: Any, **asked: Any) -> np.ndarray:
    """What a pipeline makes with the tests' seed and steps: uint8 [T, H, W, 3]."""
    pipe.set_progress_bar_config(disable=True)
    asked = {"num_inference_steps": 2, "guidance_scale": 2.0} | asked
    asked = {name: value for name, value in asked.items() if value is not None}
    out = pipe(**asked, generator=torch.Generator().manual_seed(SEED), output_type="np")
    made = out.frames[0] if hasattr(out, "frames") else out.images
    return np.round(np.clip(np.asarray(made, np.float32), 0, 1) * 255).astype(np.uint8)


def reports_and_stops(filler: OpenWeights, canvas: Canvas, steps: int = 4, told: int | None = None) -> None:
    """Every step is told, `told` or else `steps`, and what the report raises comes out within one."""
    total = told or steps
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.stage == "painting" and progress.done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        fill(canvas, filler, FillSettings(steps=steps, guidance=2.0), report)
    assert [(p.done, p.total) for p in seen if p.stage == "painting"] == [(0, total), (1, total)]
    seen.clear()
    fill(canvas, filler, FillSettings(steps=steps, guidance=2.0), seen.append)
    assert [p.done for p in seen if p.stage == "painting"] == list(range(total + 1))
