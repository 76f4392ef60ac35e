"""Training the finder of things, on plain sprites; and what the packaged one finds."""

import pytest
import torch

from vitascope.model.finder import Finder
from vitascope.train.finding import Stock, overlap, train
from vitascope.train.world.sprites import Atlas


@pytest.fixture(scope="module")
def stock(plain_atlas: Atlas) -> Stock:
    return Stock(plain_atlas, 48)


def test_pictures_and_their_things(stock: Stock) -> None:
    pictures, things = stock.draw(32)
    assert pictures.shape == (32, 64, 64, 3)
    assert things.shape == (32, 64, 64)
    assert set(things.unique().tolist()) == {0.0, 1.0}
    assert 0.02 < things.mean() < 0.5


def test_it_learns_in_a_few_steps(stock: Stock) -> None:
    torch.manual_seed(0)
    seen = stock.draw(16)
    assert overlap(train(stock, 40), *seen) > overlap(Finder().eval(), *seen) + 0.1


def test_the_packaged_finder_finds_what_it_never_saw(plain_atlas: Atlas) -> None:
    assert overlap(Finder.load(), *Stock(plain_atlas, 32, seed=5).draw(32)) > 0.6
