"""Ways through four places."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.engine.bends import Bend, Turn

YES = np.ones((6, 7), bool)


def everywhere(x: float, y: float) -> np.ndarray:
    return np.broadcast_to(np.array((x, y), np.float32), (6, 7, 2))


@given(st.lists(st.floats(-4, 4), min_size=8, max_size=8), st.floats(0, 1))
def test_a_cubic_way_is_met(numbers: list[float], share: float) -> None:
    cubic = np.array(numbers).reshape(4, 2)

    def place(time: float) -> np.ndarray:
        return np.array([1, time, time**2, time**3]) @ cubic

    def flow(start: float, end: float) -> np.ndarray:
        return everywhere(*(place(end) - place(start)))

    first = Turn(flow(0, 1) + flow(0, -1), YES)
    second = Turn(flow(1, 0) + flow(1, 2), YES)
    bend = Bend.of(first, second)
    assert bend
    straight = place(0) + share * (place(1) - place(0))
    assert bend.at(share) == pytest.approx(np.broadcast_to(place(share) - straight, (6, 7, 2)), abs=1e-3)
    assert not bend.at(0).any()
    assert not bend.at(1).any()


def test_one_neighbour_is_enough_for_even_speeding_up() -> None:
    turn = Turn.of(everywhere(6, 0), YES, everywhere(-2, 0), YES)
    for bend in (Bend.of(turn, None), Bend.of(None, turn)):
        assert bend
        assert bend.at(0.5) == pytest.approx(everywhere(-0.5, 0))
    assert Bend.of(None, None) is None


def test_what_is_lost_or_leaps_bends_as_its_neighbours_do() -> None:
    away, sure = everywhere(6, 0).copy(), YES.copy()
    away[2, 3], sure[4, 4] = (90, -90), False
    turn = Turn.of(away, sure, everywhere(-2, 0), YES)
    assert not turn.sure[2, 3]
    assert not turn.sure[4, 4]
    bend = Bend.of(turn, None)
    assert bend
    assert bend.at(0.5) == pytest.approx(everywhere(-0.5, 0))
    unknown = Turn.of(away, ~YES, everywhere(-2, 0), YES)
    straight = Bend.of(unknown, unknown)
    assert straight
    assert not straight.at(0.5).any()


def test_a_turn_is_seen_where_its_point_comes_from() -> None:
    change = np.zeros((6, 7, 2), np.float32)
    change[2, 5] = (3, 1)
    seen = Turn(change, YES).seen_from(everywhere(2, 0))
    assert tuple(seen.change[2, 3]) == (3, 1)
    assert not seen.change[2, 5].any()
