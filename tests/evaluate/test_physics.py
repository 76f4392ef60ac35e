"""Physics-IQ's formula on squares that move as told."""

import numpy as np
import pytest

from vitascope.evaluate.physics import Likeness, likeness, motion, physics_iq


def square(path: list[int], top: int = 26) -> np.ndarray:
    """A white square of 12 px at x on black: uint8 [T, 64, 64, 3]."""
    clip = np.zeros((len(path), 64, 64, 3), np.uint8)
    for frame, x in zip(clip, path, strict=True):
        frame[top : top + 12, x : x + 12] = 255
    return clip


GOES, COMES, STAYS = [2 + 6 * t for t in range(9)], [50 - 6 * t for t in range(9)], [2] * 9


def test_motion_is_where_something_changes() -> None:
    moves = motion(square(GOES))
    assert moves.shape == (8, 64, 64)
    assert moves[0, 30, 14:20].all()
    assert not moves[:, :20].any()
    assert not motion(square(STAYS)).any()


def test_a_take_is_like_itself_and_unlike_the_other_way() -> None:
    same, other = likeness(square(GOES), square(GOES)), likeness(square(GOES), square(COMES, top=32))
    assert (same.where, same.how_much, same.when, same.error) == (1, 1, 1, 0)
    assert 0 < other.where < 1
    assert other.when < 0.3
    assert other.error > 0.02


def test_the_error_is_of_shares() -> None:
    black, white = np.zeros((3, 8, 8, 3), np.uint8), np.full((3, 8, 8, 3), 255, np.uint8)
    assert likeness(black, white).error == 1
    assert likeness(black, black).where == 1  # neither moves


def test_the_formula() -> None:
    real = [Likeness(0.8, 0.5, 0.4, 0.01), Likeness(0.4, 0.5, 0.4, 0.03)]
    painted = [Likeness(0.3, 0.25, 0.1, 0.07)]
    shares = (0.3 / 0.6 + 0.25 / 0.5 + 0.1 / 0.4) / 3
    assert physics_iq(painted, real) == pytest.approx(100 * (shares - (0.07 - 0.02)))
    assert physics_iq(real, real) == pytest.approx(100)
    assert physics_iq([Likeness(1, 1, 1, 0)], real) == 100  # never more
    assert physics_iq([Likeness(0, 0, 0, 0.5)], real) == 0


def test_what_stays_where_something_should_move_scores_little() -> None:
    second = [likeness(square([x + 1 for x in GOES]), square(GOES))]
    assert physics_iq([likeness(square(STAYS), square(GOES))], second) < 10
