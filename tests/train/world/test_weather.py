"""What falls, and what hides."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from vitascope.train.world import weather
from vitascope.train.world.camera import Window
from vitascope.train.world.scene import Scenes

Script = Callable[..., Scenes]

WINDOW = Window(48, 64)
TIMES = torch.arange(8) / 8


def grey(level: float = 0.3) -> Tensor:
    return torch.full((1, 3, 8, 48, 64), level)


def fallen(scenes: Scenes, t: Tensor = TIMES) -> Tensor:
    return weather.fall(grey(), scenes, t[None], WINDOW)


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
