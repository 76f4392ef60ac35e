"""Camera moves in words become sliders with the right signs."""

import pytest

from vitascope.canvas import Camera, CanvasError, Span, parse_camera


@pytest.mark.parametrize(
    ("text", "camera"),
    [
        ("pan left", Camera(pan=-50)),
        ("pan right, zoom in 80", Camera(pan=50, zoom=80)),
        ("Slowly tilt up and roll counterclockwise", Camera(tilt=25, roll=-50)),
        ("fast zoom out", Camera(zoom=-100)),
        ("zoom out 30%", Camera(zoom=-30)),
        ("roll -20; tilt +5", Camera(roll=-20, tilt=5)),
        ("roll 12.5 clockwise", Camera(roll=12.5)),
        ("tilt down 0", Camera()),
        ("static", Camera()),
        ("", Camera()),
    ],
)
def test_parse_camera(text: str, camera: Camera) -> None:
    assert parse_camera(text) == camera


def test_a_span_is_taken_along() -> None:
    assert parse_camera("pan left", Span(2)) == Camera(pan=-50, span=Span(2))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pann left", '"pann left" is no camera move; write "pan right" or "pan left"'),
        ("dance", '"dance" is no camera move; write "pan left", "tilt up 30"'),
        ("zoom left", '"left" is no way to zoom; write "zoom in" or "zoom out"'),
        ("pan left, pan right", '"pan" is there twice'),
        ("pan left -20", '"pan left -20" has both a sign and a direction'),
        ("pan 101", "pan: pan must be in -100..100, not 101"),
        ("?!", "is no camera move"),
    ],
)
def test_what_is_no_move_is_refused(text: str, message: str) -> None:
    with pytest.raises(CanvasError) as caught:
        parse_camera(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [101, -101, float("nan"), float("inf")])
def test_sliders_have_ends(value: float) -> None:
    with pytest.raises(CanvasError, match="roll: roll must be in"):
        Camera(roll=value)
