"""A subject known in one frame is found in the others: moved, hidden, gone, and back."""

import numpy as np
import pytest
from tests.footage.cutouts import clip, overlap

from vitascope.footage.following import LOST, Follower, Seen


def follow(path: str = "across", count: int = 20, bar: bool = False) -> tuple[list[Seen], list[np.ndarray]]:
    frames = list(clip(count, path, bar))
    follower = Follower(frames[0][0], (frames[0][1] > 0.5).astype(np.float32))
    return [follower.first, *(follower.step(frame) for frame, _ in frames[1:])], [
        alpha for _, alpha in frames
    ]


def test_what_moves_is_followed() -> None:
    seen, truth = follow()
    overlaps = [overlap(each.alpha, alpha) for each, alpha in zip(seen, truth, strict=True)]
    assert min(overlaps) > 0.9
    assert (
        np.mean([np.abs(each.alpha - alpha).mean() for each, alpha in zip(seen, truth, strict=True)]) < 0.01
    )
    assert min(each.confidence for each in seen) > 0.8


def test_what_passes_in_front_hides_it_and_it_comes_back() -> None:
    seen, truth = follow(count=30, bar=True)
    overlaps = [overlap(each.alpha, alpha) for each, alpha in zip(seen, truth, strict=True)]
    hidden = [alpha.sum() for alpha in truth]
    assert min(hidden) < 0.85 * max(hidden)  # so the bar does hide some of it
    assert min(overlaps) > 0.8
    assert min(overlaps[-4:]) > 0.92


def test_what_leaves_is_said_to_be_gone_and_found_again() -> None:
    seen, truth = follow("out and back", 46)
    there = np.array([alpha.sum() for alpha in truth]) / truth[0].sum()
    gone, whole = there < 0.01, there > 0.95
    assert gone.sum() > 10
    sure = np.array([each.confidence for each in seen])
    assert (sure[gone] < LOST).all()
    assert not np.stack([each.alpha for each in seen])[gone].any()
    back = np.flatnonzero(whole & (np.arange(46) > 23))
    assert (sure[back] > 0.7).all()
    assert min(overlap(seen[index].alpha, truth[index]) for index in back[1:]) > 0.8


def test_a_cut_to_another_place_loses_it() -> None:
    frames = [frame for frame, _ in clip(4)]
    follower = Follower(frames[0], next(clip(4))[1])
    assert follower.step(frames[1]).confidence > 0.8
    elsewhere = np.random.default_rng(5).integers(0, 60, frames[0].shape, np.uint8)
    for _ in range(3):
        gone = follower.step(elsewhere)
    assert gone.confidence < LOST
    assert follower.step(frames[2]).confidence > 0.7


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (30, 20)])
def test_tiny_pictures_are_followed(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    follower = Follower(picture, np.ones(size, np.float32))
    assert follower.step(picture).alpha.shape == size
