"""Plans of where things go: read off the words, whole before anything is painted."""

import pytest
import torch

from vitascope.model.bodies import ABSENT
from vitascope.model.planner import FRAMES, MOST_THINGS, Planner, closed
from vitascope.model.words import WordEncoder

TAKES = 8


@pytest.fixture(scope="module")
def encoder() -> WordEncoder:
    return WordEncoder.load()


def planned(encoder: WordEncoder, text: str, lap: bool = False) -> torch.Tensor:
    """TAKES plans [B, T, K, 5]."""
    words = encoder.encode([text]).expand(TAKES, -1, -1)
    return Planner.load().plan(words, lap, torch.Generator().manual_seed(0))


def counted(plans: torch.Tensor) -> torch.Tensor:
    return (plans[:, 0, :, 0] < ABSENT[0] / 2).sum(-1)


def test_plans_are_poses_and_back() -> None:
    poses = torch.rand(3, FRAMES, MOST_THINGS, 5)
    poses[:, :, 2:] = torch.tensor(ABSENT)
    planner = Planner()
    planner.spread.fill_(0.3)
    assert torch.allclose(planner.poses(planner.of_poses(poses)), poses, atol=1e-5)


def test_what_stands_still_is_planned_to(encoder: WordEncoder) -> None:
    first = planned(encoder, "a fox stands still on a beach")[:, :, 0]
    assert (first[..., :2] - first[:, :1, :2]).abs().mean() < 0.02


@pytest.mark.parametrize(("way", "sign"), [("left", -1), ("right", 1)])
def test_things_go_where_the_words_say(encoder: WordEncoder, way: str, sign: int) -> None:
    x = planned(encoder, f"a dog runs to the {way} in a meadow")[:, :, 0, 0]
    gone = sign * (x[:, -1] - x[:, 0])
    assert (gone > 0.3).float().mean() >= 0.75


def test_what_grows_grows_and_what_rises_rises(encoder: WordEncoder) -> None:
    grown = planned(encoder, "a pumpkin grows on a snowy field")[:, :, 0]
    assert (grown[:, -1, 3] - grown[:, 0, 3] > 0.4).float().mean() >= 0.75
    risen = planned(encoder, "a rocket flies up from the desert")[:, :, 0]
    assert (risen[:, 0, 1] - risen[:, -1, 1] > 0.3).float().mean() >= 0.75


def test_as_many_things_as_are_spoken_of(encoder: WordEncoder) -> None:
    assert counted(planned(encoder, "a cat jumps in the city")).float().mean() < 1.3
    assert counted(planned(encoder, "three cats jump in the city")).float().mean() > 2


def test_a_circle_comes_back(encoder: WordEncoder) -> None:
    for text in ("a balloon floats over the beach", "a cow walks to the left", "a star spins"):
        first = planned(encoder, text, lap=True)[:, :, 0]
        steps = torch.cat((first, first[:, :1]), 1).diff(dim=1)
        steps[..., 2] = steps[..., 2].remainder(2 * torch.pi).sub(torch.pi).abs().sub(torch.pi)
        sizes = steps[..., :3].norm(dim=-1)
        assert sizes[:, -1].mean() < 1.5 * sizes[:, :-1].amax(1).mean()
        velocity = steps[..., :2].diff(dim=1).norm(dim=-1)
        assert (steps[:, -1, :2] - steps[:, 0, :2]).norm(dim=-1).mean() < 1.5 * velocity.amax(1).mean()


def test_what_is_missing_from_a_circle_is_made_up_evenly() -> None:
    even = torch.zeros(1, FRAMES, 1, 5)
    even[..., 0] = torch.arange(FRAMES).view(1, -1, 1) * 0.1
    even[..., 2] = torch.arange(FRAMES).view(1, -1, 1) * 2 * torch.pi / FRAMES
    made = closed(even)
    assert made[..., 0].abs().max() < 1e-5
    assert torch.allclose(made[..., 2], even[..., 2], atol=1e-5)


def test_another_seed_is_another_take(encoder: WordEncoder) -> None:
    words = encoder.encode(["a fox jumps on a beach"])
    one, same, other = (
        Planner.load().plan(words, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
