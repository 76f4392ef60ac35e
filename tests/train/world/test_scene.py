"""What scripts may say: splits, consistency, reproducibility."""

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vitascope.train.world import vocab
from vitascope.train.world.scene import (
    ACTION,
    CAMERA,
    FOLLOWABLE,
    NO_WEATHER,
    PLACE,
    K,
    Mix,
    Scenes,
    Split,
    held_out,
    sample,
)

EVERYTHING = Mix(p_style=0.5, p_colour=0.5, p_count=0.4, p_pair=0.3, p_bump=0.2, p_weather=0.6, p_cut=0.5)


def draw(seed: int, mix: Mix = EVERYTHING, split: Split = "any", count: int = 200) -> Scenes:
    return sample(count, torch.Generator().manual_seed(seed), mix, split)


def same(a: Scenes, b: Scenes, *, but: str = "") -> bool:
    names = [field.name for field in dataclasses.fields(Scenes) if field.name != but]
    return all(torch.equal(getattr(a, name), getattr(b, name)) for name in names)


@given(st.integers(0, 10**6), st.sampled_from(["train", "held-out"]))
def test_a_split_keeps_to_its_combinations(seed: int, split: Split) -> None:
    scenes = draw(seed, split=split)
    subject = scenes.things_BK[:, 0]
    assert (held_out(subject, scenes.action_B, scenes.place_B) == (split == "held-out")).all()
    cut = scenes.second_place_B >= 0
    second = held_out(subject, scenes.action_B, scenes.second_place_B.clamp(min=0))
    assert (second == (split == "held-out"))[cut].all()


def test_about_a_tenth_of_every_action_and_place_is_held_out() -> None:
    every = torch.cartesian_prod(
        torch.arange(64), torch.arange(len(vocab.ACTIONS)), torch.arange(len(vocab.PLACES))
    )
    reserved = held_out(*every.T).view(64, len(vocab.ACTIONS), len(vocab.PLACES)).float()
    for share in (reserved.mean((1, 2)), reserved.mean((0, 2)), reserved.mean((0, 1))):
        assert ((share > 0.04) & (share < 0.2)).all()


@given(st.integers(0, 10**6))
def test_a_script_does_not_contradict_itself(seed: int) -> None:
    s = draw(seed)
    present = s.things_BK >= 0
    bump = s.action_B == ACTION["bumps into"]
    two = (s.relation_B > 0) | bump
    assert (present.sum(1) == torch.where(two, 2, s.count_B)).all()
    assert (s.count_B[two] == 1).all()
    assert (s.things_BK[two, 0] != s.things_BK[two, 1]).all()
    assert ((s.things_BK == s.things_BK[:, :1]) | ~present)[~two].all()
    dry = torch.isin(s.place_B, torch.tensor([PLACE[name] for name in NO_WEATHER]))
    assert (s.weather_B[dry] == 0).all()
    followed = s.action_B[s.camera_B == CAMERA["follow"]]
    assert {vocab.ACTIONS[int(a)] for a in followed} <= set(FOLLOWABLE)
    assert (s.second_place_B != s.place_B).all()
    assert (s.direction_B.abs() == 1).all()
    assert ((s.noise_BP >= 0) & (s.noise_BP < 1)).all()


def test_every_word_of_the_vocabulary_occurs() -> None:
    s = draw(1, dataclasses.replace(EVERYTHING, p_camera=0.9, p_daytime=0.5, p_size=0.5), count=4000)
    for column, names in (
        (s.action_B, vocab.ACTIONS),
        (s.place_B, vocab.PLACES),
        (s.daytime_B, vocab.DAYTIMES),
        (s.weather_B, vocab.WEATHERS),
        (s.camera_B, vocab.CAMERAS),
        (s.style_B, vocab.STYLES),
        (s.colour_B, vocab.COLOURS),
        (s.size_B, vocab.SIZES),
        (s.relation_B, vocab.RELATIONS),
        (s.count_B - 1, range(K)),
        (s.things_BK[:, 0], range(EVERYTHING.n_things)),
    ):
        assert set(column.tolist()) == set(range(len(names)))


def test_nothing_departs_from_the_usual_unless_the_mix_says_so() -> None:
    still = Mix(8, *[0.0] * (len(dataclasses.fields(Mix)) - 1))
    s = draw(2, still)
    for column in (s.style_B, s.colour_B, s.weather_B, s.daytime_B, s.camera_B, s.relation_B):
        assert (column == 0).all()
    assert (s.size_B == 1).all()
    assert (s.count_B == 1).all()
    assert (s.second_place_B == -1).all()
    assert s.things_BK.max() < 8


def test_the_same_seed_draws_the_same_scripts() -> None:
    assert same(draw(7), draw(7))
    assert not same(draw(7), draw(8))


def test_a_second_take_changes_nothing_but_the_noise() -> None:
    first = draw(3)
    second = first.second_take(torch.Generator().manual_seed(4))
    assert same(first, second, but="noise_BP")
    assert not torch.equal(first.noise_BP, second.noise_BP)


def test_rows_of_scenes_are_scenes() -> None:
    scenes = draw(5)
    some = scenes[torch.tensor([4, 1])]
    assert len(some) == 2
    assert torch.equal(some.things_BK[0], scenes.things_BK[4])
    assert same(scenes[:].to("cpu"), scenes)


def test_a_split_that_cannot_be_had_is_refused() -> None:
    with pytest.raises(ValueError, match="use more things"):
        draw(6, Mix(n_things=1), "held-out")
