"""The built-in filler's windows: all is painted, each from what is there, and gaps are closed from both
sides.
"""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vitascope.engine.tubelet_windows import WINDOW, plan_windows


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.booleans())
def test_every_window_goes_on_from_what_is_there(known: list[bool], loop: bool) -> None:
    there = list(known)
    whole = len(known) <= WINDOW or (loop and not any(known))
    for window in plan_windows(known, loop):
        held = list(dict.fromkeys(frame // 4 for frame in window))
        assert window == [4 * tubelet + frame for tubelet in held for frame in range(4)]
        assert all((b - a) % len(known) == 1 for a, b in pairwise(held))
        assert len(held) <= WINDOW or whole
        assert not all(there[tubelet] for tubelet in held)
        assert any(there[tubelet] for tubelet in held) or not any(there)
        for tubelet in held:
            there[tubelet] = True
    assert all(there)


def test_a_line_is_painted_forwards_with_a_tubelet_shared() -> None:
    assert [window[0] for window in plan_windows([False] * 10)] == [0, 12, 24]


def test_what_comes_before_a_given_end_is_painted_backwards() -> None:
    assert [window[::4] for window in plan_windows([False] * 6 + [True])] == [[12, 16, 20, 24], [0, 4, 8, 12]]


def test_the_last_window_of_a_gap_sees_both_sides() -> None:
    *_, last = plan_windows([True] + [False] * 7 + [True])
    assert last[::4] == [20, 24, 28, 32]


def test_a_loop_is_closed_across_its_end() -> None:
    *_, last = plan_windows([True] * 5 + [False] * 2, loop=True)
    assert last[::4] == [16, 20, 24, 0]
