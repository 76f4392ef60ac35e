"""The best of several: what was asked for wins, then what is steady; and the numbers say why."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vitascope.evaluate.choosing import choose, consistency
from vitascope.evaluate.reading import TrainedReader, at_readers_size
from vitascope.model.reader import Read
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, sample
from vitascope.train.world.sprites import Atlas


class Brightness(nn.Module):
    """Reads a bright clip as a fox and a dark one as a cat."""

    def forward(self, pixels_BTHWC: Tensor) -> Read:
        bright = pixels_BTHWC.mean(dim=(1, 2, 3, 4))
        return Read({"thing": torch.stack((4 * bright, -4 * bright), dim=1)}, bright[:, None])


def reader(scores: Mapping[str, float] = {}) -> TrainedReader:
    return TrainedReader(Brightness(), {"thing": ("fox", "cat")}, scores)  # pyright: ignore


def grey(level: int, frames: int = 5) -> np.ndarray:
    clip = np.full((frames, 16, 16, 3), level, np.uint8)
    clip.setflags(write=False)
    return clip


def flickering(level: int) -> np.ndarray:
    return np.stack([grey(level + (20 if frame % 2 else -20), 1)[0] for frame in range(8)])


def test_what_was_asked_for_wins() -> None:
    clips = [grey(40), grey(220), grey(128)]
    scores = choose(clips, "a fox", 2, reader())
    assert [score.number for score in scores] == [0, 1, 2]
    assert [score.rank for score in scores] == [3, 1, 2]
    assert [score.kept for score in scores] == [False, True, True]
    assert [score.rank for score in choose(clips, "a cat", 1, reader())] == [1, 3, 2]
    (named,) = scores[1].named
    assert (named.attribute, named.values) == ("thing", ("fox",))
    assert named.probability == pytest.approx(1 / (1 + np.exp(-8 * (2 * 220 / 255 - 1))), abs=1e-4)
    assert scores[1].score == pytest.approx((named.probability + 1) / 2)
    assert scores[1].adherence == named.probability


def test_where_words_name_nothing_the_steady_one_wins() -> None:
    scores = choose([flickering(100), grey(100), flickering(150)], "a lion", 1, reader())
    assert [score.kept for score in scores] == [False, True, False]
    assert all(score.adherence is None and not score.named for score in scores)
    assert scores[1].score == scores[1].consistency == 1


def test_pictures_are_judged_by_what_they_show_and_equals_by_their_order() -> None:
    scores = choose([grey(40, 1), grey(200, 1), grey(200, 1)], "a fox", 1, reader())
    assert [score.rank for score in scores] == [3, 1, 2]
    assert {score.consistency for score in scores} == {None}
    assert [score.rank for score in choose([grey(9, 1)] * 3, "a lion", 1, reader())] == [1, 2, 3]


@pytest.mark.parametrize("keep", [0, 3])
def test_more_than_there_are_can_t_be_kept(keep: int) -> None:
    with pytest.raises(ValueError, match="of 2 clips, 1 to 2 can be kept"):
        choose([grey(1), grey(2)], "a fox", keep, reader())


def test_each_clip_is_told_of() -> None:
    told: list[int] = []
    choose([grey(1), grey(2), grey(3)], "a fox", 1, reader(), told.append)
    assert told == [1, 2, 3]


@pytest.mark.weights
def test_of_the_worlds_clips_the_one_that_the_words_are_of_is_chosen_and_damage_is_seen() -> None:
    scenes = sample(6, torch.Generator().manual_seed(3), Mix(n_things=16), "any")
    clips = render(scenes, Atlas.load(16), frames=12, height_px=64, width_px=64, rate_fps=8).pixels_BTHWC
    noise = torch.randn(clips.shape, generator=torch.Generator().manual_seed(0)) * 10
    pulse = 10.0 * (-1) ** torch.arange(12).view(1, 12, 1, 1, 1)
    for number, clip in enumerate(clips):
        own = consistency(at_readers_size(clip[None]))
        for damage in (noise[number : number + 1], pulse):
            worse = (clip[None] + damage).clamp(0, 255).round().to(torch.uint8)
            assert consistency(at_readers_size(worse)) < own  # pyright: ignore
    from vitascope.train.reading import LABELS

    for wanted in range(6):
        thing = LABELS["thing"][int(scenes.things_BK[wanted, 0])]
        action = LABELS["action"][int(scenes.action_B[wanted])]
        place = LABELS["place"][int(scenes.place_B[wanted])]
        scores = choose(list(clips.numpy()), f"a {thing} that {action}, {place}", 1)
        assert [score.kept for score in scores].index(True) == wanted
