"""What happens at every step of a pipeline: it is reported, can be cancelled, and known pixels are held.

Works on any pipeline of diffusers: each of them draws a progress bar and steps a scheduler. Knows no family.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from vitascope.engine.contracts import Progress, Report

if TYPE_CHECKING:
    from torch import Tensor

    from vitascope.engine.open_weights.request import Request

Hold = Callable[["Tensor", float], "Tensor"]
"""(latents, the share of noise that they now have) -> latents in which what is known is as it should be."""


@contextmanager
def reporting(pipe: Any, report: Report, stage: str, hold: Hold | None) -> Generator[None]:
    """Within, the pipeline's own progress bar reports, and its scheduler's steps pass through `hold`.

    What the report raises comes out of the pipeline at once.
    """
    scheduler = pipe.scheduler
    pipe.progress_bar = lambda iterable=None, total=None: _Bar(iterable, total, report, stage)
    if hold is not None:
        scheduler.step = _held_step(scheduler, type(scheduler).step, hold)
    try:
        yield
    finally:
        del pipe.progress_bar
        if hold is not None:
            del scheduler.step


class _Bar:
    """What a pipeline uses of its progress bar."""

    def __init__(self, iterable: Any, total: int | None, report: Report, stage: str) -> None:
        self._items, self._report, self._stage = iterable, report, stage
        self._total = total if total is not None else len(iterable)
        self._done = 0
        self._report(Progress(stage, 0, self._total))

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __iter__(self) -> Any:
        for item in self._items:
            yield item
            self.update()

    def update(self, steps: int = 1) -> None:
        self._done += steps
        self._report(Progress(self._stage, min(self._done, self._total), self._total))

    def set_description(self, *_: Any, **__: Any) -> None:
        """Some pipelines name what they do; the stage says it already."""


def held(pipe: Any, encode: Callable[[Any, Tensor], Tensor], request: Request) -> Hold:
    """Known pixels, held in the latents: noised to the step's level with the noise that the call began with.

    A cell of the latents is as known as the least known pixel in it; half-known ones are let go once there is
    less noise than 1 - known, so the nearer to 1, the later. Frames that are whole in a cell of several stand
    for the others in it.
    """
    import torch

    assert request.pixels is not None
    assert request.known is not None
    pixels, known = _spread(request.pixels, request.known)
    video = torch.from_numpy(pixels.astype(np.float32)).permute(3, 0, 1, 2)[None] / 127.5 - 1
    with torch.no_grad():
        clean = encode(pipe, video)
    level = _cells(torch.from_numpy(np.ascontiguousarray(known)), clean.shape[-3:]).to(clean)
    first: list[Tensor] = []

    def hold(latents: Tensor, noise_share: float) -> Tensor:
        if not first:
            first.append(latents.clone())
            return latents
        there = (level >= 1 - noise_share) & (level > 0)
        noised = (1 - noise_share) * clean + noise_share * first[0]
        return torch.where(there.to(latents.device), noised.to(latents), latents)

    return hold


def _held_step(scheduler: Any, step: Any, hold: Hold) -> Any:
    """The scheduler's step, before whose first `hold` sees the noise and after each of which it writes."""

    def stepped(model_output: Any, timestep: Any, sample: Any, *rest: Any, **more: Any) -> Any:
        if scheduler.step_index in (None, 0):
            hold(sample, 1.0)
        out = step(scheduler, model_output, timestep, sample, *rest, **more)
        share = float(scheduler.sigmas[scheduler.step_index])
        if isinstance(out, tuple):
            return (hold(out[0], share), *out[1:])
        out.prev_sample = hold(out.prev_sample, share)
        return out

    return stepped


def _spread(pixels: Any, known: Any) -> tuple[Any, Any]:
    """Whole known frames stand for the unknown ones of their cell of four: else a last frame could not be
    held.

    Cells are frame 0, then fours.
    """
    pixels, known = np.array(pixels), np.array(known)
    for start in range(1, len(known), 4):
        cell = range(start, min(start + 4, len(known)))
        whole = [frame for frame in cell if known[frame].min() == 1]
        if whole and all(known[frame].max() == 0 for frame in cell if frame not in whole):
            for frame in cell:
                nearest = min(whole, key=lambda other: abs(other - frame))
                pixels[frame], known[frame] = pixels[nearest], known[nearest]
    return pixels, known


def _cells(known_THW: Tensor, shape: Any) -> Tensor:
    """The least known pixel of every cell of latents [1, 1, F, h, w]; frame 0 has a cell of its own."""
    import torch
    import torch.nn.functional as F

    frames, height, width = shape
    least_THW = -F.adaptive_max_pool2d(-known_THW[:, None], (height, width))[:, 0]
    later = least_THW[1:].reshape(frames - 1, -1, height, width).amin(1) if frames > 1 else least_THW[1:]
    return torch.cat((least_THW[:1], later))[None, None]
