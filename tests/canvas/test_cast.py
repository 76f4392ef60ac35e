"""Cast keeps its own pictures."""

import numpy as np
import pytest

from vitascope.canvas import CanvasError, Cast

from .strategies import noise


def test_cast_is_a_value() -> None:
    picture = noise((3, 4, 4), 1)
    cast = Cast("fox", (picture, noise((5, 5, 3), 2)))
    same = Cast("fox", (picture.copy(), noise((5, 5, 3), 2)))
    assert cast == same
    picture[:] = 0
    assert cast == same
    assert cast != Cast("fox", (picture, noise((5, 5, 3), 2)))
    assert cast != Cast("cat", same.pictures)
    assert cast != Cast("fox", same.pictures[:1])


def test_what_is_no_cast_is_refused() -> None:
    with pytest.raises(CanvasError, match="at least one picture"):
        Cast("fox", ())
    with pytest.raises(
        CanvasError, match=r"pictures\[1\]: wanted .* 3 or 4 colour channels, got the shape \(2, 2\)"
    ):
        Cast("fox", (noise((2, 2, 3), 1), np.zeros((2, 2), np.uint8)))
