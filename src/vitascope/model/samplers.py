"""Samplers: pure functions that walk tokens from their first clock to 1.

A state is a tuple of patch tensors (frames_BNP, tubelets_BNP) with one clock for each token. `denoise`
predicts the clean state from a state and the time s that all tokens share. Given numbers ride along: before
every step they are put where their token's clock says they would be, and they end exactly as given.
Knows nothing of networks or words; `guided` mixes predictions, whoever made them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from vitascope.model import flow

__all__ = ["Given", "Sampler", "State", "dpm2m", "euler", "guided", "times"]

State = tuple[Tensor, ...]
Denoise = Callable[[State, tuple[Tensor, ...]], State]
Report = Callable[[int, State], None]  # steps done, and what the clean state looks like by now


@dataclass(frozen=True)
class Given:
    """What is known of one patch tensor: its clean numbers [B,N,P], which of them hold [B,N,P] bool, and each
    token's clock at the start [B,N]."""

    clean_BNP: Tensor
    holds_BNP: Tensor
    known_BN: Tensor


Sampler = Callable[[Denoise, Sequence[Given], State, Sequence[float], Report], State]


def times(steps: int, shift: float = 1.0) -> list[float]:
    """steps + 1 times from 0 to 1; a shift above 1 puts more near the noise (SD3, 2403.03206, eq. 23)."""
    even = [i / steps for i in range(steps + 1)]
    return [t / (t + shift * (1 - t)) for t in even]


def guided(without: State, with_words: State, scale: float) -> State:
    """Classifier-free guidance (2207.12598): away from what is painted without the condition."""
    return tuple(u + scale * (c - u) for u, c in zip(without, with_words, strict=True))


def euler(
    denoise: Denoise, given: Sequence[Given], noise: State, when: Sequence[float], report: Report
) -> State:
    """First order: straight to the prediction."""
    return _walk(denoise, given, noise, when, report, second_order=False)


def dpm2m(
    denoise: Denoise, given: Sequence[Given], noise: State, when: Sequence[float], report: Report
) -> State:
    """Second order, one call a step: DPM-Solver++(2M), arXiv 2211.01095, algorithm 2, on this flow's path."""
    return _walk(denoise, given, noise, when, report, second_order=True)


def _walk(
    denoise: Denoise,
    given: Sequence[Given],
    noise: State,
    when: Sequence[float],
    report: Report,
    second_order: bool,
) -> State:
    clocks = _clocks(given, when[0])
    state = tuple(
        flow.mix(g.clean_BNP, n, c[..., None]) for g, n, c in zip(given, noise, clocks, strict=True)
    )
    before: State | None = None
    for i, (now, then) in enumerate(pairwise(when)):
        clocks, next_clocks = _clocks(given, now), _clocks(given, then)
        state = _hold(state, given, noise, clocks)
        clean = denoise(state, clocks)
        aim = clean
        if second_order and before is not None and then < 1:
            ratio = _log_snr_step(now, then) / _log_snr_step(when[i - 1], now)
            aim = tuple(c + ratio / 2 * (c - b) for c, b in zip(clean, before, strict=True))
        state = tuple(
            x + (d - c)[..., None] * flow.velocity(x, a, c[..., None])
            for x, a, c, d in zip(state, aim, clocks, next_clocks, strict=True)
        )
        before = clean
        report(i + 1, clean)
    return tuple(torch.where(g.holds_BNP, g.clean_BNP, x) for x, g in zip(state, given, strict=True))


def _clocks(given: Sequence[Given], time: float) -> tuple[Tensor, ...]:
    return tuple(flow.clock_at(time, g.known_BN) for g in given)


def _hold(state: State, given: Sequence[Given], noise: State, clocks: tuple[Tensor, ...]) -> State:
    """Given numbers where their token's clock says they would be."""
    return tuple(
        torch.where(g.holds_BNP, flow.mix(g.clean_BNP, n, c[..., None]), x)
        for x, g, n, c in zip(state, given, noise, clocks, strict=True)
    )


def _log_snr_step(now: float, then: float) -> float:
    """How far a step goes in the half log signal-to-noise ratio, log(s / (1 - s))."""

    def height(s: float) -> float:
        return math.log(max(s, 1e-4) / max(1 - s, 1e-4))

    return height(then) - height(now)
