"""Training the inbetweener; and whether the packaged one is worth it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from vitascope.engine.inbetween import Pair
from vitascope.evaluate.interpolation import psnr
from vitascope.model.inbetweener import Inbetweener, InbetweenerConfig, seen
from vitascope.train.inbetweening import (
    Moments,
    Recipe,
    Trainer,
    closeness_loss,
    drawn_from,
    make_moments,
    train,
    turned,
)
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, sample
from vitascope.train.world.sprites import Atlas

TINY = InbetweenerConfig(widths=(4, 6, 8), blocks=(1, 1, 1))
SHORT = Recipe(steps=6, batch=4, shards=1, shard=6, side_px=24)


@pytest.fixture(scope="module")
def moments(plain_atlas: Atlas) -> Moments:
    return make_moments(SHORT, plain_atlas, seed=1)


def floats(moments: Moments) -> Moments:
    first, second, true = (frame.float() / 255 for frame in moments[:3])
    return Moments(first, second, true, moments.guesses.float(), moments.share)


def mixed(moments: Moments) -> Tensor:
    """As an untrained network does, which favours no direction."""
    first, second, _, guesses, share = moments
    views = seen(first, second, guesses, share)
    return Inbetweener(TINY)(views, guesses, share).picture(views, first, second, guesses, share)


@pytest.mark.parametrize("how", ["mirrored", "transposed", "backward", "all"])
def test_a_turned_moment_is_the_turned_picture_of_it(moments: Moments, how: str) -> None:
    coins = {name: how in (name, "all") for name in ("mirrored", "transposed", "backward")}
    colours = torch.tensor([2, 0, 1])
    whole = floats(moments)
    # Bends too, and one end surer than the other, whatever was found.
    whole.guesses[:, 9:] = torch.randn(whole.guesses[:, 9:].shape, generator=torch.Generator().manual_seed(1))
    expected = mixed(whole)[:, colours]
    expected = expected.flip(-1) if coins["mirrored"] else expected
    expected = expected.transpose(-1, -2) if coins["transposed"] else expected
    assert torch.allclose(mixed(turned(whole, **coins, colours=colours)), expected, atol=1e-4)


def test_the_truth_has_no_loss(moments: Moments) -> None:
    whole = floats(moments)
    halfway = (whole.first + whole.second) / 2
    assert closeness_loss(whole.true, whole.true) < 0.0011
    assert closeness_loss(mixed(whole), whole.true) < closeness_loss(halfway, whole.true)


def test_training_lessens_the_loss(moments: Moments) -> None:
    torch.manual_seed(0)
    trainer = Trainer(Inbetweener(TINY), Recipe(steps=60, batch=6, warm_up=5))
    batch = drawn_from(moments, 6, torch.Generator().manual_seed(2))
    losses = [trainer.step(batch) for _ in range(30)]
    assert losses[-1] < 0.97 * losses[0]


def test_it_resumes_where_it_stopped(tmp_path: Path, plain_atlas: Atlas) -> None:
    path = train(tmp_path, SHORT, network=Inbetweener(TINY), atlas=plain_atlas)
    stock = (tmp_path / "stock" / "000.pt").stat().st_mtime_ns
    longer = Recipe(**{**SHORT.__dict__, "steps": 8})
    train(tmp_path, longer, network=Inbetweener(TINY), atlas=plain_atlas)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["steps"] == 8
    assert (tmp_path / "stock" / "000.pt").stat().st_mtime_ns == stock
    assert Inbetweener.load(path).config == TINY


def test_the_packaged_one_beats_the_rule_in_scenes_it_never_saw(
    plain_atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes = sample(8, torch.Generator().manual_seed(3), Mix(p_camera=0.2), "held-out")
    clips = render(scenes, plain_atlas, frames=7, rate_fps=48, start_s=0.4).pixels_BTHWC.numpy()

    def nearness() -> float:
        return float(np.mean([psnr(Pair(clip[0], clip[-1]).at(0.5), clip[3]) for clip in clips]))

    learnt = nearness()
    monkeypatch.setattr("vitascope.engine.inbetween.LEARNT_PX", 0)
    assert learnt > nearness() + 0.3
