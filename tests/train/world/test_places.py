"""What places look like: bright, different, and the same from every distance."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from vitascope.train.world import vocab
from vitascope.train.world.paper import Paper
from vitascope.train.world.places import PARALLAX, paint
from vitascope.train.world.scene import P


def view(n: int, low: float = -0.5, high: float = 0.5) -> Tensor:
    return low + (torch.arange(n) + 0.5) / n * (high - low)


def painted(place: str, *, x: Tensor, y: Tensor, daytime: int = 0, scenes: int = 4, seed: int = 0) -> Tensor:
    noise = torch.rand(scenes, P, generator=torch.Generator().manual_seed(seed))
    image = torch.zeros(scenes, 3, len(y), len(x))
    for layer in range(len(PARALLAX)):
        times = torch.full((scenes,), daytime)
        image = paint(place, layer, Paper(image, x.expand(scenes, -1), y.expand(scenes, -1), noise, times))
    return image


@pytest.mark.parametrize("place", vocab.PLACES)
def test_colours_are_colours(place: str) -> None:
    for daytime in range(len(vocab.DAYTIMES)):
        image = painted(place, x=view(96, -1.5, 1.5), y=view(64, -1, 1), daytime=daytime)
        assert image.min() >= 0
        assert image.max() <= 1


def test_places_differ_from_one_another() -> None:
    pictures = {place: painted(place, x=view(32), y=view(32)) for place in vocab.PLACES}
    for one, other in itertools.combinations(vocab.PLACES, 2):
        assert (pictures[one] - pictures[other]).abs().mean() > 0.06, (one, other)


@pytest.mark.parametrize("place", [name for name in vocab.PLACES if name != "space"])
def test_night_is_darker_and_sunset_warmer_than_day(place: str) -> None:
    day, sunset, night = (painted(place, x=view(32), y=view(32), daytime=i) for i in range(3))
    assert night.mean() < 0.7 * day.mean()
    warmth = [(image[:, 0] - image[:, 2]).mean() for image in (day, sunset)]
    assert warmth[1] > warmth[0]


@pytest.mark.parametrize("place", vocab.PLACES)
def test_another_noise_is_another_picture_of_the_same_kind(place: str) -> None:
    a, b = (painted(place, x=view(32), y=view(32), seed=seed) for seed in (0, 1))
    assert 0.002 < (a - b).abs().mean() < 0.25


@given(st.sampled_from(vocab.PLACES), st.integers(0, 40), st.integers(0, 40))
def test_a_part_of_a_picture_is_the_picture_of_that_part(place: str, left: int, top: int) -> None:
    x, y = view(96, -1, 1), view(80, -0.8, 0.8)
    whole = painted(place, x=x, y=y, scenes=2)
    part = painted(place, x=x[left : left + 48], y=y[top : top + 32], scenes=2)
    # A profile's slope is unknown at the outermost columns.
    wanted = whole[..., top : top + 32, left + 1 : left + 47]
    torch.testing.assert_close(part[..., 1:-1], wanted, atol=2e-3, rtol=0)


def test_a_layer_with_alpha_is_the_layer_over_what_is_behind() -> None:
    noise, daytime = torch.rand(3, P, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 2])
    x, y = view(40).expand(3, -1), view(40).expand(3, -1)
    behind = torch.rand(3, 3, 40, 40, generator=torch.Generator().manual_seed(2))
    for place, layer in itertools.product(vocab.PLACES, (1, 2)):
        over = paint(place, layer, Paper(behind, x, y, noise, daytime))
        alone = paint(place, layer, Paper(torch.zeros(3, 4, 40, 40), x, y, noise, daytime))
        torch.testing.assert_close(over, alone[:, :3] + behind * (1 - alone[:, 3:]), atol=1e-5, rtol=0)
