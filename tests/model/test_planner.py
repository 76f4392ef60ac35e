"""Plans of where things go: read off the words, whole before anything is painted."""

import math

import pytest
import torch

from vitascope.model.bodies import ABSENT
from vitascope.model.planner import FRAMES, MOST_THINGS, UNSAID, Planner, closed, met
from vitascope.model.words import WordEncoder
from vitascope.train.world import wordings
from vitascope.train.world.vocab import ACTIONS

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


def test_it_hears_most_actions_in_words_that_training_never_held(encoder: WordEncoder) -> None:
    kept = [(name, verb) for name, bank in wordings.ACTION.items() for verb in bank.kept]
    said = [f"a fox {wordings.third(verb)} in a meadow" for _, verb in kept]
    heard = Planner.load().heard(encoder.encode(said)).tolist()
    right = sum(name == ([*ACTIONS, ""])[action] for (name, _), action in zip(kept, heard, strict=True))
    assert right >= 0.55 * len(kept)


def test_of_silence_no_action_is_heard(encoder: WordEncoder) -> None:
    assert Planner.load().heard(encoder.encode([""])).tolist() == [UNSAID]


def unknown() -> torch.Tensor:
    return torch.full((TAKES, FRAMES, MOST_THINGS, 5), math.nan)


def test_a_plan_goes_through_what_is_known(encoder: WordEncoder) -> None:
    known = unknown()
    known[:, :4, 0] = torch.tensor((-0.2, 0.1, math.nan, -1.6, -1.6))
    known[:, :4, 0, 0] += 0.03 * torch.arange(4)
    known[:, :4, 1:] = torch.tensor(ABSENT)
    words = encoder.encode(["a fox walks to the right"]).expand(TAKES, -1, -1)
    plans = Planner.load().plan(words, generator=torch.Generator().manual_seed(0), known_BTK5=known)
    assert (counted(plans) == 1).all()
    assert torch.allclose(plans[:, :4, 0, :2], known[:, :4, 0, :2], atol=1e-5)
    assert torch.allclose(plans[:, :4, 0, 3:], known[:, :4, 0, 3:], atol=1e-5)
    # And it goes on at about that speed: 0.03 a frame.
    step = (plans[:, 8, 0, 0] - plans[:, 4, 0, 0]).median() / 4
    assert 0.015 < step < 0.06


def test_things_that_are_known_before_and_after_go_from_there_to_there(encoder: WordEncoder) -> None:
    known = unknown()
    for frame, x in ((0, -0.3), (FRAMES - 1, 0.2)):
        known[:, frame, 0] = torch.tensor((x, 0.1, math.nan, -1.5, -1.5))
        known[:, frame, 1:] = torch.tensor(ABSENT)
    words = encoder.encode(["a dog runs to the right"]).expand(TAKES, -1, -1)
    first = Planner.load().plan(words, generator=torch.Generator().manual_seed(0), known_BTK5=known)[:, :, 0]
    assert torch.allclose(first[:, 0, 0], torch.tensor(-0.3), atol=1e-5)
    assert torch.allclose(first[:, -1, 0], torch.tensor(0.2), atol=1e-5)
    assert first[:, 1:-1, 0].diff(dim=1).abs().amax() < 0.2


def test_what_is_off_is_put_right_in_between_too() -> None:
    ways, known = torch.zeros(1, FRAMES, 1, 5), torch.full((1, FRAMES, 1, 5), math.nan)
    known[0, 0, 0], known[0, 10, 0] = 1.0, 3.0
    x = met(ways, known)[0, :, 0, 0]
    assert torch.allclose(x[:11], torch.linspace(1, 3, 11))
    assert (x[11:] == 3).all()
    circle = met(ways, known, lap=True)[0, :, 0, 0]
    assert torch.allclose(circle[13], torch.tensor(2.0))
