"""Fallen leaves."""

import torch

from vitascope.train.leaves import leaves


def test_pictures_differ_have_edges_and_repeat_with_the_seed() -> None:
    one, again, other = (leaves(2, 48, torch.Generator().manual_seed(s), shapes=20) for s in (1, 1, 2))
    assert one.shape == (2, 48, 48, 3)
    assert one.dtype == torch.uint8
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert not torch.equal(one[0], one[1])
    steps = one.float().diff(dim=2).abs()
    assert steps.median() < 12  # mostly smooth ...
    assert steps.quantile(0.99) > 30  # ... with hard edges
