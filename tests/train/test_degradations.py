"""Spoiling pictures on purpose: by formula and by a base model."""

from pathlib import Path

import pytest
import torch

from vitascope.model.checkpoint import save_network
from vitascope.model.network import Network, NetworkConfig
from vitascope.train import degradations
from vitascope.train.degradations import by_base_model, spoil

TINY = NetworkConfig(width=64, depth=1, heads=1, words_width=8)


def pictures(count: int) -> torch.Tensor:
    smooth = torch.rand(count, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.interpolate(smooth, size=(32, 32), mode="bilinear")


def test_every_picture_suffers_in_its_own_way_and_some_not_at_all() -> None:
    clean = (pictures(200) * 255).round() / 255
    spoilt = spoil(clean, torch.Generator().manual_seed(2))
    assert spoilt.shape == clean.shape
    assert spoilt.min() >= 0
    assert spoilt.max() <= 1
    errors = (spoilt - clean).square().mean((1, 2, 3)).sqrt()
    assert 10 <= int((errors < 2e-3).sum()) <= 80
    assert errors.max() > 0.03
    assert errors.max() < 0.3


def test_the_same_seed_spoils_the_same_way() -> None:
    clean = pictures(3)
    once, again, other = (spoil(clean, torch.Generator().manual_seed(s)) for s in (5, 5, 6))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)


def test_waves_are_an_orthonormal_basis() -> None:
    waves, frequency = degradations._WAVES, degradations._FREQUENCY
    torch.testing.assert_close(waves @ waves.T, torch.eye(64), atol=1e-5, rtol=0)
    assert waves[int(frequency.argmin())].std() < 1e-6  # the wave of frequency 0 is the patch's mean


def test_errors_of_a_patch_stay_in_it() -> None:
    clean, none = pictures(4), torch.zeros(4, 1, 1, 1)
    for smear, wrong in ((none, none + 0.2), (none + 1, none)):
        spoilt = degradations._patchwise(clean, smear, wrong, torch.Generator().manual_seed(1))
        changed = clean.clone()
        changed[:, :, 8:16, 8:16] += 0.3
        beside = degradations._patchwise(changed, smear, wrong, torch.Generator().manual_seed(1))
        difference = (beside - spoilt).abs().amax((0, 1)) > 1e-5
        assert difference[8:16, 8:16].all()
        assert difference.sum() == 64


def test_blur_keeps_the_mean_and_lowers_the_contrast() -> None:
    noise = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    blurred = degradations._blur(noise, torch.tensor([1.0]), torch.tensor([1.0]))
    untouched = degradations._blur(noise, torch.tensor([0.0]), torch.tensor([0.0]))
    assert abs(float(blurred.mean() - noise.mean())) < 5e-3
    assert blurred.std() < 0.5 * noise.std()
    torch.testing.assert_close(untouched, noise, atol=1e-5, rtol=0)


@pytest.mark.parametrize("frames", [1, 8])
def test_a_base_model_repaints_stills_and_clips(tmp_path: Path, frames: int) -> None:
    network = Network(TINY)  # untrained it paints mid-grey
    save_network(tmp_path / "w.safetensors", network.state_dict(), TINY, {})
    clips = torch.randint(0, 256, (2, frames, 16, 24, 3), dtype=torch.uint8)
    painted = by_base_model(tmp_path / "w.safetensors")(clips)
    assert painted.shape == clips.shape
    assert painted.dtype == torch.uint8
    assert set(painted.unique().tolist()) <= {127, 128}


def test_a_base_model_puts_every_patch_back_in_its_place(tmp_path: Path) -> None:
    network = Network(TINY)
    with torch.no_grad():  # what every cell of 2 x 2 is painted with: below lighter, to the left redder
        network.pyramid.write[0].bias.copy_(torch.tensor([0, -1, -1, -1, -1, -1, 1, 0, 0, 0, 0, 0.0]))
    save_network(tmp_path / "w.safetensors", network.state_dict(), TINY, {})
    painted = by_base_model(tmp_path / "w.safetensors")(torch.zeros(1, 1, 16, 16, 3, dtype=torch.uint8))
    cell = torch.tensor([[[128, 0, 0], [0, 0, 0]], [[255, 128, 128], [128, 128, 128]]])
    assert torch.equal(painted[0, 0].long(), cell.repeat(8, 8, 1))
