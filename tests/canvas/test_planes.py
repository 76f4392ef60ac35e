"""Arrays are checked once and closed for writing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError
from vitascope.canvas.planes import as_colours, as_shares, kept, once, sealed, writable

from .strategies import noise


def test_a_writable_array_is_copied_and_a_closed_one_taken() -> None:
    mine = noise((3, 3), 1)
    theirs = kept(mine)
    mine[:] = 0
    assert theirs.any()
    assert kept(theirs) is theirs
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        theirs.setflags(write=True)


def test_sealed_closes_the_array_itself() -> None:
    mine = noise((3, 3), 1)
    assert sealed(mine).base is mine
    with pytest.raises(ValueError, match="read-only"):
        mine[:] = 0


@given(st.lists(st.booleans(), min_size=1, max_size=6))
def test_a_writable_copy_is_equal(frames: list[bool]) -> None:
    plane = noise((len(frames), 4, 4), 1) * np.array(frames, np.uint8)[:, None, None]
    copy = writable(plane)
    assert np.array_equal(copy, plane)
    copy[:] = 1
    assert not np.array_equal(copy, plane)


def test_a_writable_copy_of_nothing_may_be_larger_than_the_machine() -> None:
    empty = np.broadcast_to(np.uint8(0), (50_000, 1080, 1920, 3))
    copy = writable(empty)
    copy[40_000] = 7
    assert copy.nbytes > 300e9
    assert copy[40_000].min() == 7
    assert not copy[39_999].any()


def test_each_value_once() -> None:
    column = np.arange(3, dtype=np.float32)[:, None, None]
    wide = np.broadcast_to(column, (3, 4, 5))
    assert once(wide).shape == (3, 1, 1)
    assert once(wide.copy()).shape == (3, 4, 5)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float64])
def test_numbers_of_any_kind_may_say_how_much(dtype: type) -> None:
    plane = as_shares(np.array([[0, 1]], dtype))
    assert plane.dtype == np.float32
    assert plane.tolist() == [[0, 1]]


@pytest.mark.parametrize(
    "values", [[-0.1], [1.1], [0, np.nan], [np.inf], ["a"], [None], np.broadcast_to(np.float32(2), (9, 9))]
)
def test_numbers_outside_are_refused(values: list[object]) -> None:
    with pytest.raises(CanvasError, match=r"0\.\.1"):
        as_shares(np.array(values))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2, 3)),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((2, 2), np.uint8),
        np.zeros((0, 2, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(array: np.ndarray) -> None:
    with pytest.raises(
        CanvasError, match="wanted a uint8 array with axes H, W, C and 3 colour channels, got"
    ):
        as_colours(array, "HWC")
