"""Time that goes on, and time that comes back."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vitascope.train.world import vocab
from vitascope.train.world.clock import Clock, frame_times
from vitascope.train.world.scene import Scenes

Script = Callable[..., Scenes]


@pytest.mark.parametrize("rate_fps", [8, 12, 23.976, 24, 48, 7.5])
def test_frames_follow_each_other_at_any_rate(rate_fps: float) -> None:
    t_BT = frame_times(2, 5, rate_fps, torch.tensor([0.0, 1.5]), "cpu")
    torch.testing.assert_close(t_BT[1] - t_BT[0], torch.full((5,), 1.5))
    torch.testing.assert_close(t_BT[0] * rate_fps, torch.arange(5.0))


def test_ordinarily_the_story_goes_on_with_the_clip(script: Script) -> None:
    clock = Clock.of(script(), torch.tensor([[0.0, 0.5, 3.0]]))
    assert torch.equal(clock.told_BT, clock.t_BT)
    assert torch.equal(clock.since_BT, clock.t_BT)
    assert clock.turns(2.0)[0, :, 0].tolist() == [0, 1, 6]
    assert clock.heading_BT is None


@given(st.floats(0.3, 20), st.floats(0.05, 6))
def test_what_repeats_does_so_a_whole_number_of_times_in_a_lap(lap_s: float, per_s: float) -> None:
    t_BT = torch.tensor([[0.0, 0.999 * lap_s]])
    turned = float(Clock(t_BT, t_BT, lap_s).turns(per_s)[0, 1, 0]) / 0.999
    assert turned == pytest.approx(round(turned), abs=1e-3)
    assert round(turned) >= 1
    assert abs(turned - per_s * lap_s) < 1.001


@pytest.mark.parametrize("action", vocab.ACTIONS)
@pytest.mark.parametrize("lap_s", [0.75, 2.0, 5.0, 16.0])
def test_in_a_lap_the_story_goes_there_and_back_at_an_ordinary_speed(
    script: Script, action: str, lap_s: float
) -> None:
    scenes = script((0, 1), action)
    t_BT = torch.linspace(0, lap_s, 1601)[None]
    told = Clock.of(scenes, t_BT, lap_s).told_BT[0]
    assert told[0] == pytest.approx(float(told[-1]), abs=1e-5)
    speed = told.diff() / (lap_s / 1600)
    assert speed.abs().mean() == pytest.approx(0.8, rel=0.01)
    assert speed.abs().max() < 1.3
    torch.testing.assert_close(speed[0], speed[-1], atol=0.01, rtol=0)
    assert told.min() > -0.5
    assert told.max() < 2.5


def test_a_lap_may_begin_anywhere_on_its_circle(script: Script) -> None:
    scenes = script(scenes=2)
    t_BT = frame_times(2, 9, 4, torch.tensor([0.0, 0.5]), "cpu")
    told = Clock.of(scenes, t_BT, 2.0).told_BT
    torch.testing.assert_close(told[0, 2:], told[1, :-2])


def test_a_lap_has_a_length(script: Script) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Clock.of(script(), torch.zeros(1, 1), 0.0)
