"""The laws that things obey, read off their paths."""

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from vitascope.train.world import vocab
from vitascope.train.world.clock import Clock
from vitascope.train.world.mechanics import GRAVITY, PIVOT_Y, Motion, move
from vitascope.train.world.scene import Scenes

Script = Callable[..., Scenes]

STEP_S = 0.005
TIMES = torch.arange(0, 2, STEP_S)
ASPECT = torch.tensor([1.0, 2.0, 0.5])  # of the disc, the car and the post


def motion(scenes: Scenes, t: Tensor = TIMES) -> Motion:
    clock = Clock.of(scenes, t.expand(len(scenes), -1))
    return move(scenes, clock, ASPECT[scenes.things_BK.clamp(min=0)])


def feet(m: Motion) -> Tensor:
    """How far the lowest point of an upright thing is above the ground [B, T], for the disc."""
    return m.feet_y[..., 0] - m.y[..., 0] - m.size[..., 0] / 2 / m.stretch[..., 0].sqrt()


@pytest.mark.parametrize("action", vocab.ACTIONS)
def test_any_moment_can_be_asked_for_on_its_own(script: Script, action: str) -> None:
    scenes = script((0, 1), action, scenes=3, relation="left of")
    whole, alone = motion(scenes), motion(scenes, TIMES[123:124])
    for name in ("x", "y", "angle", "size", "stretch"):
        torch.testing.assert_close(getattr(whole, name)[:, 123:124], getattr(alone, name))


@pytest.mark.parametrize("action", ["bounces", "falls"])
def test_what_is_in_the_air_falls_with_gravity(script: Script, action: str) -> None:
    up = feet(motion(script((0,), action, scenes=8))).double()
    downwards = -(up[:, 2:] - 2 * up[:, 1:-1] + up[:, :-2]) / STEP_S**2
    free = (up[:, 1:-1] > 0.05) & (downwards.abs() > 0.1)  # not yet landed, no longer held
    wanted = GRAVITY * (0.55**2 if action == "falls" else 1)
    assert downwards[free].quantile(0.1) == pytest.approx(wanted, rel=0.05)
    assert downwards[free].quantile(0.9) == pytest.approx(wanted, rel=0.05)


def test_a_bouncing_thing_loses_height_at_every_hop(script: Script) -> None:
    m = motion(script((0,), "bounces", scenes=8))
    up = feet(m)
    for row in up:
        tops = [float(b) for a, b, c in zip(row, row[1:], row[2:], strict=False) if a < b > c and b > 0.02]
        assert all(later < sooner for sooner, later in itertools.pairwise(tops))
        assert len(tops) >= 1


def test_a_rolling_thing_does_not_slip(script: Script) -> None:
    for direction in (-1, 1):
        m = motion(script((0,), "rolls", scenes=6, direction=direction))
        way, turn = m.x[..., 0].diff(dim=1), m.angle[..., 0].diff(dim=1)
        torch.testing.assert_close(way, turn * m.size[:, :1, 0] / 2, atol=1e-5, rtol=1e-3)


def test_a_pendulum_keeps_its_length(script: Script) -> None:
    m = motion(script((0,), "swings", scenes=6))
    home = m.x[..., 0] - (m.y[..., 0] - PIVOT_Y) * -torch.tan(m.angle[..., 0])
    torch.testing.assert_close(home, home[:, :1].expand_as(home), atol=1e-4, rtol=0)
    length = torch.hypot(m.x[..., 0] - home, m.y[..., 0] - PIVOT_Y)
    torch.testing.assert_close(length, length[:, :1].expand_as(length), atol=1e-4, rtol=0)
    assert m.hung[..., 0].all()


def test_a_collision_keeps_momentum_and_loses_a_quarter_of_the_speed(script: Script) -> None:
    scenes = script((0, 2), "bumps into", scenes=12)
    m = motion(scenes)
    v = (m.x[:, 1:] - m.x[:, :-1]) / STEP_S
    for row, noise in zip(v, scenes.noise_BP, strict=True):
        hit = int((row[:, 1] > 1e-3).nonzero()[0])
        (before, waits), (after, pushed) = row[hit - 3, :2], row[hit + 2, :2]
        heavy = 2.0 ** (2.4 * noise[19] - 1.2)
        assert waits == pytest.approx(0, abs=1e-4)
        assert after + heavy * pushed == pytest.approx(float(before), rel=0.06)
        assert pushed - after == pytest.approx(0.75 * float(before), rel=0.06)


@pytest.mark.parametrize(
    "action", ["stands still", "walks", "runs", "jumps", "bounces", "slides", "flies up", "grows"]
)
@pytest.mark.parametrize("size", vocab.SIZES)
def test_nothing_sinks_into_the_ground(script: Script, action: str, size: str) -> None:
    assert feet(motion(script((0,), action, scenes=6, size=size))).min() > -1e-4


@pytest.mark.parametrize(
    ("action", "least", "most"),
    [("walks", 0.4, 0.8), ("runs", 0.8, 1.3), ("slides", 0.6, 1.0), ("rolls", 0.6, 1.0)],
)
def test_things_go_where_they_are_sent(script: Script, action: str, least: float, most: float) -> None:
    for direction in (-1, 1):
        m = motion(script((0,), action, scenes=6, direction=direction))
        way = (m.x[:, -1, 0] - m.x[:, 0, 0]) * direction
        assert ((way > least) & (way < most)).all()
        assert (m.facing == direction).all()


def test_running_is_faster_than_walking_and_sliding_comes_to_rest(script: Script) -> None:
    walk, run, slide = (motion(script((0,), action)) for action in ("walks", "runs", "slides"))
    speed = [float(m.x[0, :, 0].diff().abs().max()) for m in (walk, run)]
    assert speed[1] > 1.5 * speed[0]
    assert slide.x[0, -20:, 0].diff().abs().max() < 1e-6


def test_growing_and_shrinking_are_steady(script: Script) -> None:
    grown, shrunk = (motion(script((0,), action)).size[0, :, 0] for action in ("grows", "shrinks"))
    assert (grown.diff() >= 0).all()
    assert (shrunk.diff() <= 0).all()
    assert grown[-1] > 2 * grown[0]
    assert shrunk[0] > 2 * shrunk[-1]


def test_a_spin_turns_on_the_spot(script: Script) -> None:
    m = motion(script((0,), "spins", direction=-1))
    assert m.angle[0, -1, 0] - m.angle[0, 0, 0] < -2 * torch.pi
    assert m.x[0, :, 0].diff().abs().max() == 0


@pytest.mark.parametrize("action", [name for name in vocab.ACTIONS if name != "bumps into"])
@pytest.mark.parametrize("direction", [-1, 1])
def test_left_of_stays_left_of(script: Script, action: str, direction: int) -> None:
    for relation, sign in (("left of", 1), ("right of", -1)):
        m = motion(script((0, 1), action, scenes=10, relation=relation, direction=direction))
        assert ((m.x[..., 1] - m.x[..., 0]) * sign > 0.1).all()
        assert m.x[..., 1].diff(dim=1).abs().max() == 0


def test_a_crowd_stands_side_by_side(script: Script) -> None:
    for count in (2, 3, 4, 5):
        m = motion(script((0,) * count, scenes=10))
        x = m.x[:, 0, :count].sort(1).values
        assert (x.diff(dim=1) > 0.12).all()
        assert (m.size[:, 0, :count] > 0.2).all()


def test_a_size_is_said_of_the_first_of_two_and_of_all_in_a_crowd(script: Script) -> None:
    for things, changed in (((0, 1), 1), ((0, 0, 0), 3)):
        small, normal, big = (motion(script(things, size=size)).size[0, 0] for size in vocab.SIZES)
        assert (small[:changed] < 0.8 * normal[:changed]).all()
        assert (big[:changed] > 1.15 * normal[:changed]).all()
        assert torch.equal(small[changed : len(things)], big[changed : len(things)])
