"""The training loop: it learns, it resumes, it stops when told."""

from pathlib import Path

import pytest
import torch

from vitascope.model.checkpoint import save_network
from vitascope.model.network import Network, NetworkConfig
from vitascope.model.patches import unpatchify
from vitascope.train.batches import Painter, Plan
from vitascope.train.loop import Recipe, Trainer, next_plan, rate_at
from vitascope.train.scripts import Scripts
from vitascope.train.world.scene import Mix, sample
from vitascope.train.world.sprites import Atlas
from vitascope.train.world.things import THINGS

SMALL = NetworkConfig(width=64, depth=1, heads=1)


@pytest.fixture(scope="module")
def painter() -> Painter:
    return make_painter()


def make_painter() -> Painter:
    """Sixteen scenes with squares for sprites and random vectors for words: the loop cares for neither."""
    from io import BytesIO

    from PIL import Image

    square = BytesIO()
    Image.new("RGBA", (32, 32), (200, 60, 20, 255)).save(square, "WEBP", lossless=True)
    things = THINGS[:64]
    atlas = Atlas.of({thing.codepoint: square.getvalue() for thing in things}, things)
    scenes = sample(16, torch.Generator().manual_seed(0), Mix())
    words = torch.randn(16, 32, 384, generator=torch.Generator().manual_seed(1)).bfloat16()
    return Painter(Scripts(scenes, words), atlas, seed=0)


def test_batches_fit_their_plan(painter: Painter) -> None:
    still, clip = painter.draw(Plan(4)), painter.draw(Plan(2, 8, 10, tubelets=4, keys=1))
    assert still.frames_BNP.shape == (4, 64, 192)
    assert still.tubelets_BNP.shape == (4, 0, 768)
    assert clip.frames_BNP.shape == (2, 80, 192)
    assert clip.tubelets_BNP.shape == (2, 320, 768)
    assert clip.clock_BN.shape == clip.weight_BN.shape == (2, 400)
    assert clip.frames_BNP.dtype == torch.uint8


def test_clocks_come_as_users_set_them(painter: Painter) -> None:
    """Given starts and ends stand at 1, others share a time, and some moments have times of their own."""
    moments = torch.cat([painter.draw(Plan(8, tubelets=4)).clock_BN[:, ::64] for _ in range(40)])
    assert ((moments >= 0) & (moments <= 1)).all()
    arrived = moments == 1
    starts = arrived[:, 0] & ~arrived[:, -1]
    ends = ~arrived[:, 0] & arrived[:, -1]
    level = (moments == moments[:, :1]).all(1)
    assert 0.04 < starts.float().mean() < 0.2
    assert 0.01 < ends.float().mean() < 0.12
    assert 0.5 < level.float().mean() < 0.9
    pictured = torch.cat([painter.draw(Plan(8, tubelets=4, keys=1)).clock_BN[:, ::64] for _ in range(20)])
    assert 0.8 < (pictured[:, 0] == 1).float().mean() < 1


def test_some_canvases_are_given_in_part(painter: Painter) -> None:
    """Boxes, all but a box, or the things: some tokens of every moment stand at 1 and others don't."""
    clock = torch.cat([painter.draw(Plan(8, tubelets=4)).clock_BN for _ in range(40)]).view(-1, 4, 64)
    given = (clock == 1).float().mean(-1)
    partly = ((given > 0) & (given < 1)).all(1)
    assert 0.05 < partly.float().mean() < 0.25


def test_frames_are_given_at_any_time(painter: Painter) -> None:
    batch = painter.draw(Plan(2, tubelets=4, keys=3, rate_fps=24))
    times = batch.places_N3[:192:64, 0] * 3
    assert times.tolist() == sorted({round(time) for time in times.tolist()})
    assert (batch.clock_BN[:, :192] == 1).any()


def test_a_lap_comes_round(painter: Painter) -> None:
    batch = painter.draw(Plan(4, tubelets=4, loop=True))
    assert batch.lap_frames == 16
    clip = unpatchify(batch.tubelets_BNP, 4, 8, 8, 8).float()
    inner = (clip[:, 1:] - clip[:, :-1]).abs().mean((2, 3, 4))
    across = (clip[:, 0] - clip[:, -1]).abs().mean((1, 2, 3))
    assert (across <= 2 * inner.amax(1) + 1).all()


def test_who_has_no_name_is_shown() -> None:
    """A thing beyond those that training names always has a portrait; named ones sometimes do."""
    unnamed = make_painter()
    unnamed.scripts.scenes.things_BK[:, 0] = 63
    shown = torch.cat([unnamed.draw(Plan(8)).cast_place_BS3[:, 0, 0] >= 0 for _ in range(20)]).float().mean()
    assert 0.02 < shown < 0.35


def test_it_learns_and_resumes_to_the_bit(tmp_path: Path) -> None:
    def steps(trainer: Trainer, start: int, count: int) -> list[float]:
        painter = make_painter()
        batch = painter.draw(Plan(8))
        losses: list[float] = []
        for number in range(start, start + count):
            torch.manual_seed(number)
            losses.append(trainer.step(batch, 1.0))
        return losses

    torch.manual_seed(0)
    trainer = Trainer(Network(SMALL), Recipe(), "cpu", compiled=False)
    losses = steps(trainer, 0, 30)
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    trainer.save(tmp_path)
    onward = steps(trainer, 30, 3)
    again = Trainer(Network(SMALL), Recipe(), "cpu", compiled=False)
    again.resume(tmp_path / "checkpoint.pt")
    assert steps(again, 30, 3) == onward
    for name, parameter in again.network.named_parameters():
        assert torch.equal(parameter, dict(trainer.network.named_parameters())[name])
        assert torch.equal(again.average[name], trainer.average[name])


def test_the_rate_warms_up_and_falls() -> None:
    recipe = Recipe(stills=1000, clips=1000, warm_up=10, decay_share=0.5)
    assert rate_at(recipe, 0, 0) == pytest.approx(0.1)
    assert rate_at(recipe, 500, 100) == 1
    assert rate_at(recipe, 1750, 300) == pytest.approx(0.5)
    assert rate_at(recipe, 2000, 400) == pytest.approx(0.02)


def test_stills_come_first() -> None:
    generator, recipe = torch.Generator().manual_seed(0), Recipe(stills=100)
    assert all(not next_plan(recipe, 0, generator).tubelets for _ in range(20))
    later = [next_plan(recipe, 100, generator) for _ in range(300)]
    assert 0.7 < sum(plan.tubelets > 0 for plan in later) / 300 < 0.97
    assert 0.2 < sum(plan.keys > 0 for plan in later) / 300 < 0.5
    assert {plan.rate_fps for plan in later} >= {8, 24, 48}
    assert any(plan.loop for plan in later)


def test_it_goes_on_from_shipped_weights(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Network(SMALL)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    save_network(tmp_path / "w.safetensors", network.state_dict(), SMALL, {})
    trainer = Trainer(Network(SMALL), Recipe(stills=500, clips=500), "cpu", compiled=False)
    trainer.begin_with(tmp_path / "w.safetensors")
    assert trainer.seen == 500
    for name, parameter in network.named_parameters():
        assert torch.equal(trainer.average[name], parameter.bfloat16().float())
        assert torch.equal(dict(trainer.network.named_parameters())[name], trainer.average[name])
