"""What falls, and what hides."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from vitascope.train.world import weather
from vitascope.train.world.camera import Window
from vitascope.train.world.clock import Clock
from vitascope.train.world.scene import Scenes

Script = Callable[..., Scenes]

WINDOW = Window(48, 64)
TIMES = torch.arange(8) / 8


def grey(level: float = 0.3) -> Tensor:
    return torch.full((1, 3, 8, 48, 64), level)


def fallen(scenes: Scenes, t: Tensor = TIMES, lap_s: float | None = None) -> Tensor:
    return weather.fall(grey(), scenes, Clock.of(scenes, t[None], lap_s), WINDOW)


def test_under_a_clear_sky_nothing_changes(script: Script) -> None:
    assert torch.equal(fallen(script()), grey())
    assert torch.equal(weather.hide_far(grey(), script(), WINDOW), grey())


@pytest.mark.parametrize("name", ["rain", "snowfall"])
def test_drops_are_bright_few_and_on_their_way(script: Script, name: str) -> None:
    image = fallen(script(weather=name))
    changed = (image - grey()).amax(1)
    assert changed.min() >= 0
    assert changed.max() > 0.3
    assert 0.01 < (changed > 0.1).float().mean() < 0.4
    assert (image[:, :, 1:] - image[:, :, :-1]).abs().amax((1, 3, 4)).min() > 0.2


@pytest.mark.parametrize(("name", "slowest", "fastest"), [("rain", 1.9, 2.7), ("snowfall", 0.24, 0.5)])
def test_drops_fall_down(script: Script, name: str, slowest: float, fastest: float) -> None:
    """A short time later the picture fits itself best when shifted down by what drops fall in that time."""
    brief = 0.05
    image = fallen(script(weather=name), torch.arange(8) * brief).mean(1)[0]
    fits = {}
    for shift in range(-10, 11):
        a, b = image[:-1], image[1:].roll(-shift, 1)
        fits[shift] = float((a - b)[:, 12:-12].square().mean())
    best = min(fits, key=lambda shift: fits[shift])
    assert slowest * brief * 48 - 1 <= best <= fastest * brief * 48 + 1


def test_fog_hides_what_is_far_more_than_what_is_near(script: Script) -> None:
    scenes = script(weather="fog")
    stripes = grey().clone()
    stripes[..., ::2] = 0.9
    hidden = weather.hide_far(stripes, scenes, WINDOW)
    contrast = (hidden[..., 1:] - hidden[..., :-1]).abs().mean((0, 1, 2, 4)) / 0.6
    assert contrast.max() < 0.7
    assert contrast[20] < contrast[-1]
    assert fallen(scenes).mean() > grey().mean()


@pytest.mark.parametrize("name", ["rain", "snowfall", "fog"])
@pytest.mark.parametrize("lap_s", [1.5, 2.0, 5.0])
def test_weather_repeats_with_a_lap_and_goes_on_over_its_seam(
    script: Script, name: str, lap_s: float
) -> None:
    scenes, step = script(weather=name), 0.01
    around = fallen(scenes, torch.arange(-4, 4) * step, lap_s)
    torch.testing.assert_close(
        around, fallen(scenes, torch.arange(-4, 4) * step + lap_s, lap_s), atol=1e-3, rtol=0
    )
    steps = (around[:, :, 1:] - around[:, :, :-1]).abs().mean((0, 1, 3, 4))
    assert steps[3] < 1.5 * steps.median()
    assert steps.min() > 1e-5


def test_fog_lies_on_the_ground_when_the_camera_rolls(script: Script) -> None:
    """Turned by a quarter clockwise, the ground is at the right, for what is seen turns the other way."""
    scenes = script(weather="fog")
    roll = torch.full((1, 8), torch.pi / 2)
    upright = weather.hide_far(grey(0.0), scenes, WINDOW)[0, 0, 0]
    turned = weather.hide_far(grey(0.0), scenes, WINDOW, roll)[0, 0, 0]
    assert upright[-1, 32] < 0.9 * upright[0, 32]
    assert turned[24, -1] < 0.9 * turned[24, 0]
