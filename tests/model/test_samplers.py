"""Samplers on denoisers whose answer is known."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.model import flow, samplers
from vitascope.model.samplers import Given, State

WALKS = [samplers.euler, samplers.dpm2m]


def nothing(*_: object) -> None:
    pass


def given_of(clean: torch.Tensor, holds: torch.Tensor, known: torch.Tensor) -> tuple[Given]:
    return (Given(clean, holds, known),)


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_perfect_denoiser_is_reached(walk: object, steps: int) -> None:
    target, blank = torch.randn(1, 4, 6), torch.zeros(1, 4, 6)
    unknown = given_of(blank, torch.zeros(1, 4, 6, dtype=torch.bool), torch.zeros(1, 4))
    (end,) = walk(
        lambda state, clocks: (target,), unknown, (torch.randn(1, 4, 6),), samplers.times(steps), nothing
    )  # type: ignore[operator]
    torch.testing.assert_close(end, target, atol=1e-5, rtol=1e-5)


@settings(deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 6), st.floats(0.2, 5))
def test_what_is_given_comes_back_to_the_bit(seed: int, steps: int, shift: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    clean = torch.randn(2, 5, 8, generator=generator)
    holds = torch.rand(2, 5, 8, generator=generator) < 0.5
    known = torch.where(holds.all(-1), 1.0, torch.rand(2, 5, generator=generator) * 0.5)

    def noisy(state: State, clocks: tuple[torch.Tensor, ...]) -> State:
        return (state[0] * 0.3 + torch.randn(2, 5, 8, generator=generator),)

    (end,) = samplers.dpm2m(
        noisy,
        given_of(clean, holds, known),
        (torch.randn(2, 5, 8, generator=generator),),
        samplers.times(steps, shift),
        nothing,
    )
    assert torch.equal(end[holds], clean[holds])
    assert torch.isfinite(end).all()


def test_the_network_sees_given_tokens_clean_and_others_at_their_clock() -> None:
    clean, noise = torch.full((1, 3, 2), 5.0), torch.randn(1, 3, 2)
    known = torch.tensor([[1.0, 0.4, 0.0]])
    holds = known[..., None].expand(1, 3, 2) == 1
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def watch(state: State, clocks: tuple[torch.Tensor, ...]) -> State:
        seen.append((state[0].clone(), clocks[0].clone()))
        return (clean,)

    samplers.euler(watch, given_of(clean, holds, known), (noise,), samplers.times(4), nothing)
    state, clock = seen[0]
    assert clock.tolist() == [[1.0, pytest.approx(0.4), 0.0]]
    assert torch.equal(state[:, 0], clean[:, 0])
    torch.testing.assert_close(state[:, 1], 0.4 * clean[:, 1] + 0.6 * noise[:, 1])
    assert torch.equal(state[:, 2], noise[:, 2])
    assert [c[0, 2].item() for _, c in seen] == [0, 0.25, 0.5, 0.75]


def test_the_second_order_is_closer_for_the_same_calls() -> None:
    """Exact answer by many steps; a Gaussian's best denoiser: E[x | x_c] for x ~ N(m, v)."""
    mean, variance = 0.7, 0.05

    def best(state: State, clocks: tuple[torch.Tensor, ...]) -> State:
        c = clocks[0][..., None]
        gain = variance * c / (variance * c**2 + (1 - c) ** 2)
        return (mean + gain * (state[0] - c * mean),)

    noise = torch.linspace(-2, 2, 64).view(1, 64, 1)
    free = given_of(torch.zeros(1, 64, 1), torch.zeros(1, 64, 1, dtype=torch.bool), torch.zeros(1, 64))
    (exact,) = samplers.euler(best, free, (noise,), samplers.times(2000), nothing)
    errors = [
        (walk(best, free, (noise,), samplers.times(30), nothing)[0] - exact).abs().mean() for walk in WALKS
    ]
    assert errors[1] < errors[0] / 3


def test_cancelling_passes_through_at_once() -> None:
    class Stop(Exception):
        pass

    calls: list[int] = []

    def stop(done: int, clean: State) -> None:
        calls.append(done)
        raise Stop

    free = given_of(torch.zeros(1, 1, 1), torch.zeros(1, 1, 1, dtype=torch.bool), torch.zeros(1, 1))
    with pytest.raises(Stop):
        samplers.euler(lambda s, c: s, free, (torch.zeros(1, 1, 1),), samplers.times(5), stop)
    assert calls == [1]


def test_guidance_one_is_the_conditioned_prediction() -> None:
    a, b = (torch.randn(3),), (torch.randn(3),)
    torch.testing.assert_close(samplers.guided(a, b, 1.0)[0], b[0])
    torch.testing.assert_close(samplers.guided(a, b, 0.0)[0], a[0])


def test_the_flow_is_straight() -> None:
    clean, noise, clock = torch.randn(4), torch.randn(4), torch.tensor(0.3)
    now = flow.mix(clean, noise, clock)
    torch.testing.assert_close(flow.velocity(now, clean, clock), clean - noise)
    torch.testing.assert_close(now + 0.7 * flow.velocity(now, clean, clock), clean)


def test_given_tokens_cost_nothing() -> None:
    predicted, clean = torch.zeros(1, 2, 3), torch.ones(1, 2, 3)
    clock, weight = torch.tensor([[1.0, 0.5]]), torch.ones(1, 2)
    assert flow.loss(predicted, clean, clock, weight) == pytest.approx(0.5 * 4)
