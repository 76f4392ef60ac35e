"""Worn clips stay the clips that they were."""

import torch

from vitascope.train.wear import wear


def test_clips_stay_legible_and_some_stay_as_they_are() -> None:
    generator = torch.Generator().manual_seed(0)
    ramp = (torch.arange(32) * 8).view(1, 1, 1, 32, 1).expand(64, 6, 20, 32, 3).byte()
    clean = ramp.float() / 127.5 - 1
    worn = wear(ramp, generator)
    assert worn.shape == clean.shape
    off = (worn - clean).abs().flatten(1).mean(1)
    assert (off == 0).any()
    assert (off > 0.02).any()
    assert off.max() < 0.35  # of a range of 2
    again = wear(ramp, torch.Generator().manual_seed(0))
    assert torch.equal(worn, again)


def test_every_clip_wears_its_own_way() -> None:
    same = torch.full((32, 4, 16, 16, 3), 90, dtype=torch.uint8)
    worn = wear(same, torch.Generator().manual_seed(1))
    touched = worn[(worn != worn[0, 0, 0, 0, 0]).flatten(1).any(1)]
    assert len(touched) > 10
    assert len(torch.unique(touched.flatten(1), dim=0)) == len(touched)
