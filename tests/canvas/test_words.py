"""Words are text, of a length that someone wrote."""

import pytest

from vitascope.canvas import CanvasError, Span, Words
from vitascope.canvas.words import LONGEST_TEXT


def test_words() -> None:
    words = Words("a kitty hops", Span(0, 4), 2)
    assert (words.text, words.span, words.weight) == ("a kitty hops", Span(0, 4), 2.0)
    assert Words("猫がはねる").span == Span()
    assert Words("x" * LONGEST_TEXT).weight == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * (LONGEST_TEXT + 1), "the text is 20001 characters long; at most 20000"),
        ("\ud800", "broken characters"),
        ("\0", "broken characters"),
        (b"bytes", "must be text, not bytes"),
    ],
)
def test_what_is_no_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(CanvasError, match=message):
        Words(text)


@pytest.mark.parametrize("weight", [-1, 10.5, float("nan")])
def test_weights_have_ends(weight: float) -> None:
    with pytest.raises(CanvasError, match="weight must be in"):
        Words("a", weight=weight)
