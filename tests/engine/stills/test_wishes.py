"""Words and camera moves become wishes, by rule."""

import pytest

from vitascope.canvas import Camera, Canvas, Span
from vitascope.engine.stills.wishes import Wish, read_words, unread_words, wishes

BLANK = Canvas.blank(24, 9, 16, 12)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("push in", [("push", 0.5)]),
        ("slowly push in, then a light sweep", [("push", 0.25), ("light", 0.5)]),
        ("The camera dollies back fast.", [("push", -1.0)]),
        ("camera moves closer", [("push", 0.5)]),
        ("orbit left", [("orbit", -0.5)]),
        ("the cup floats and the camera orbits around it", [("float", 0.5), ("orbit", 0.5)]),
        ("a floating product", [("float", 0.5)]),
        ("light sweeps over the product", [("light", 0.5)]),
        ("pan left and zoom in", [("pan", -0.5), ("zoom", 0.5)]),
        ("the camera moves to the right", [("pan", 0.5)]),
        ("the camera tilts up", [("tilt", 0.5)]),
        ("roll clockwise", [("roll", 0.5)]),
        ("Ken Burns", [("zoom", 0.125), ("pan", 0.125), ("tilt", 0.0625)]),
        ("zoom out gently", [("zoom", -0.25)]),
        ("a boat moves away", []),
        ("it rains", []),
        ("", []),
    ],
)
def test_words(text: str, wanted: list[tuple[str, float]]) -> None:
    assert read_words(text)[0] == wanted


def test_what_is_not_read_is_said() -> None:
    assert unread_words("push in, a dragon flies by") == ("dragon", "flies")
    assert unread_words("a slow push in; static camera; orbit left") == ()


def test_words_hold_for_their_time() -> None:
    canvas = BLANK.with_words("push in", Span(None, 12)).with_words("pan right", Span(12))
    assert wishes(canvas) == [Wish("push", 0.5, 0, 12), Wish("pan", 0.5, 12, 24)]


def test_camera_moves_come_before_words() -> None:
    canvas = BLANK.with_words("pan left, orbit").with_camera(Camera(pan=30, tilt=-10, span=Span(6)))
    assert wishes(canvas) == [Wish("pan", 0.3, 6, 24), Wish("tilt", -0.1, 6, 24), Wish("orbit", 0.5, 0, 24)]


def test_without_a_wish_there_is_a_gentle_move_and_the_seed_chooses_its_side() -> None:
    (push, orbit), (_, other) = wishes(BLANK), wishes(BLANK, seed=1)
    assert (push.kind, orbit.kind) == ("push", "orbit")
    assert orbit.amount == -other.amount
    assert [wish.kind for wish in wishes(BLANK.with_words("it rains"))] == ["push", "orbit"]


@pytest.mark.parametrize("canvas", [BLANK.with_words("static camera"), BLANK.with_camera(Camera())])
def test_a_still_camera_stays_still(canvas: Canvas) -> None:
    assert wishes(canvas) == []
    assert [wish.kind for wish in wishes(canvas.with_words("light sweep"))] == ["light"]


def test_words_without_weight_are_not_heard() -> None:
    assert wishes(BLANK.with_words("pan left", weight=0).with_words("zoom in")) == [Wish("zoom", 0.5, 0, 24)]
