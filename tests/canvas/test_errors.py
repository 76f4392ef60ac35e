"""An error knows its place, through every level that it passes."""

import pytest

from vitascope.canvas import CanvasError
from vitascope.canvas.errors import inside, quoted


def test_places_are_joined_as_one_would_write_them() -> None:
    with pytest.raises(CanvasError) as caught, inside("tracks[2]"), inside("points"), inside("[1]"):
        raise CanvasError("too far", "x")
    assert str(caught.value) == "tracks[2].points[1].x: too far"
    assert caught.value.where == "tracks[2].points[1].x"
    assert caught.value.message == "too far"


def test_without_a_place_there_is_only_the_message() -> None:
    with pytest.raises(CanvasError) as caught, inside("seed"):
        raise CanvasError("too large")
    assert str(caught.value) == "seed: too large"
    assert str(CanvasError("alone")) == "alone"


def test_quoted_text_is_short_and_stays_on_its_line() -> None:
    assert quoted("a\x1b[31m\nb") == '"a\\u001b[31m\\nb"'
    assert len(quoted("x" * 1000)) == 42
