"""Who can fill what: by declared data alone."""

from fractions import Fraction

import numpy as np
import pytest

from vitascope.canvas import Camera, Canvas, Rectangle
from vitascope.engine import ANY_PATTERN, CannotFill, Capabilities
from vitascope.engine.matching import check, choose, patterns_of, reasons_against

BLANK = Canvas.blank(4, 16, 24, 8)
WHITE = np.full((16, 24, 3), 255, np.uint8)
WHOLE = Rectangle(0, 0, 1, 1)
CORNER = Rectangle(0, 0, 0.5, 0.5)


@pytest.mark.parametrize(
    ("canvas", "patterns"),
    [
        (BLANK, {"nothing"}),
        (BLANK.with_picture(WHITE), {"frames"}),
        (BLANK.with_picture(WHITE, known=0.5), {"soft"}),
        (BLANK.with_picture(WHITE, known=CORNER), {"regions"}),
        (BLANK.with_picture(WHITE).with_picture(WHITE, at="last", known=CORNER), {"frames", "regions"}),
        (BLANK.with_known(CORNER, 0.5), {"regions", "soft"}),
        (BLANK.with_known(WHOLE, 0.5), {"soft"}),
        (BLANK.with_known(WHOLE, 1).with_known(CORNER, 0.25), {"regions", "soft"}),
    ],
)
def test_patterns(canvas: Canvas, patterns: set[str]) -> None:
    assert patterns_of(canvas) == patterns


def test_a_pattern_that_lies_between_its_frames_extremes_is_found() -> None:
    known = np.zeros((1, 1, 3), np.float32)
    known[0, 0] = 0, 0.5, 1
    canvas = Canvas(np.zeros((1, 1, 3, 3), np.uint8), known, Fraction(8))
    assert patterns_of(canvas) == {"regions", "soft"}


@pytest.mark.parametrize(
    ("canvas", "without", "reason"),
    [
        (BLANK.with_words("a fox"), {"words": False}, "takes no words"),
        (BLANK.with_negative("rain"), {"words": False}, "takes no words"),
        (BLANK.with_track([("first", 0, 0), ("last", 1, 1)]), {}, "takes no tracks"),
        (BLANK.with_cast("Ada", WHITE), {}, "takes no cast"),
        (BLANK.with_camera(Camera(pan=50)), {}, "takes no camera"),
        (BLANK.with_loop(), {}, "takes no loop"),
        (BLANK.with_picture(WHITE), {"known": frozenset({"nothing"})}, "whole frames given"),
        (BLANK.with_known(CORNER, 0.5), {"known": ANY_PATTERN - {"soft"}}, "known between 0 and 1"),
        (Canvas.blank(1, 8, 8, 8), {"stills": False}, "makes no single pictures"),
        (BLANK, {"max_frames": 1}, r"at most 0.125 s at 8 fps, and this is 0.5 s"),
        (BLANK.with_loop(), {"loop": True, "max_frames": 3}, r"at most 0.375 s at 8 fps"),
        (BLANK, {"known": ANY_PATTERN - {"frames"}, "max_frames": 3}, r"at most 0.375 s at 8 fps"),
        (Canvas.blank(1, 8, 800, 8), {"min_side_px": 64, "max_side_px": 256}, "800x8"),
    ],
)
def test_every_lack_is_said(canvas: Canvas, without: dict[str, object], reason: str) -> None:
    can = Capabilities(name="some", summary="", **without)  # type: ignore[arg-type]
    with pytest.raises(CannotFill, match=reason):
        check(canvas, "some", can, {})
    everything = Capabilities(name="all", summary="", tracks=True, cast=True, camera=True, loop=True)
    assert reasons_against(canvas, everything) == []


def test_the_first_that_can_is_chosen() -> None:
    short = Capabilities(name="short", summary="", max_frames=1)
    long = Capabilities(name="long", summary="")
    assert choose(BLANK, {"short": short, "long": long, "later": long}) == "long"
    with pytest.raises(CannotFill, match="short makes at most"):
        choose(BLANK, {"short": short})
    with pytest.raises(CannotFill, match="none is installed"):
        choose(BLANK, {})


def test_too_long_is_no_reason_where_windows_lead_on() -> None:
    assert reasons_against(BLANK, Capabilities(name="short", summary="", max_frames=2)) == []


def test_a_refusal_names_those_that_can() -> None:
    short = Capabilities(name="short", summary="", max_frames=1)
    long = Capabilities(name="long", summary="")
    with pytest.raises(CannotFill, match="these can: long"):
        check(BLANK, "short", short, {"short": short, "long": long})
    with pytest.raises(CannotFill, match="no other installed filler"):
        check(BLANK, "short", short, {"short": short, "tiny": short})


def test_more_cast_or_tracks_than_a_filler_takes_are_refused() -> None:
    filler = Capabilities(name="few", summary="", tracks=True, max_tracks=1, cast=True, max_cast=1)
    picture = np.zeros((4, 4, 3), np.uint8)
    canvas = Canvas.empty(1, 64, 64)
    track = (("first", 0.1, 0.1), ("last", 0.9, 0.9))
    still = (("first", 0.1, 0.1), ("last", 0.1, 0.1))
    assert not reasons_against(canvas.with_track(track).with_track(still).with_cast("a", picture), filler)
    assert reasons_against(canvas.with_track(track).with_track(track), filler) == [
        "takes at most 1 moving tracks, not 2"
    ]
    assert reasons_against(canvas.with_cast("a", picture).with_cast("b", picture), filler) == [
        "takes at most 1 of a cast, not 2"
    ]


GIVEN = Canvas.blank(48, 90, 160, 24).with_picture(np.zeros((90, 160, 3), np.uint8))
FINE = Capabilities(name="fine", summary="", sees_motion=False)
SOFT = Capabilities(name="soft", summary="", sharp_side_px=64)
SOFTER = Capabilities(name="softer", summary="", sharp_side_px=32)


def test_a_filler_that_keeps_what_is_given_sharp_is_asked_first() -> None:
    candidates = {"softer": SOFTER, "soft": SOFT, "fine": FINE}
    assert choose(GIVEN, candidates) == "fine"
    assert choose(GIVEN, {"softer": SOFTER, "soft": SOFT}) == "soft"
    assert choose(Canvas.blank(48, 90, 160, 24), candidates) == "softer", "nothing is given"
    small = Canvas.blank(8, 20, 30, 24).with_picture(np.zeros((20, 30, 3), np.uint8))
    assert choose(small, candidates) == "softer", "each of them keeps it sharp"


def test_footage_goes_to_a_filler_that_sees_motion() -> None:
    candidates = {"fine": FINE, "soft": SOFT}
    black = np.zeros((1, 90, 160, 3), np.uint8)
    assert choose(GIVEN.with_clip(black, at=5), candidates) == "soft"
    assert choose(GIVEN.with_clip(black, at=6), candidates) == "fine"
