"""Views: at rest where a picture is given, eased, at the pace that sliders say, never beyond the picture."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.stills.scenes import textured

from vitascope.canvas import Camera, Canvas, Span
from vitascope.engine.stills.drawing import Easel
from vitascope.engine.stills.layers import Scene, scene_of
from vitascope.engine.stills.paths import Path, View, eased

FLAT = scene_of(textured(64, 36), flat=True)
SLIDER = st.integers(-100, 100)


def canvas(seconds: float = 2, *moves: Camera) -> Canvas:
    result = Canvas.empty(seconds, 64, 36, 24)
    for move in moves:
        result = result.with_camera(move)
    return result


def test_a_move_starts_and_ends_at_rest_and_goes_all_the_way() -> None:
    for length_s in (0.1, 1.0, 60.0):
        way = eased(np.linspace(0, 1, 20_001), length_s)
        assert way[0] == 0
        assert math.isclose(way[-1], 1)
        pace = np.diff(way) * 20_000
        assert pace.min() >= -1e-9
        assert max(pace[0], pace[-1]) < 0.02
        assert np.abs(np.diff(pace)).max() < 0.03, "no jolt"


@pytest.mark.parametrize(
    ("move", "read", "in_a_second"),
    [
        (Camera(pan=4), lambda view: view.right_px / 36, 0.46 * 0.04),
        (Camera(tilt=4), lambda view: -view.down_px / 36, 0.42 * 0.04),
        (Camera(zoom=10), lambda view: view.log_zoom, 0.58 * 0.1),
        (Camera(roll=4), lambda view: view.roll, math.pi / 8 * 0.04),
    ],
    ids=["pan", "tilt", "zoom", "roll"],
)
def test_a_slider_means_what_it_means_to_the_built_in_model(move, read, in_a_second) -> None:  # type: ignore[no-untyped-def]
    path = Path(canvas(2, move), [0])
    end = read(path.view(47, 0))
    assert math.isclose(end, 2 * in_a_second, rel_tol=0.01)


def seen_beyond(scene: Scene, view: View) -> float:
    """How far beyond the scene's edges a view reads, in the picture's pixels."""
    easel = Easel(scene)
    easel.draw(view)
    height, width = scene.backdrop_HWC.shape[:2]
    edges = (-easel.map_x, easel.map_x - (width - 1), -easel.map_y, easel.map_y - (height - 1))
    return max(float(edge.max()) for edge in edges) / scene.scale


@settings(max_examples=25)
@given(
    sliders=st.tuples(SLIDER, SLIDER, SLIDER, SLIDER),
    words=st.sampled_from(["", "push in fast", "pull back fast", "orbit left fast", "orbit fast, push in"]),
    seconds=st.sampled_from([0.25, 2, 30]),
    keys=st.sampled_from([[0], [3], [0, 5]]),
    loop=st.booleans(),
)
def test_no_camera_sees_beyond_the_picture(
    sliders: tuple[int, int, int, int], words: str, seconds: float, keys: list[int], loop: bool
) -> None:
    asked = canvas(seconds, Camera(*sliders)).with_loop(loop)
    path = Path(asked.with_words(words) if words else asked, keys)
    for frame in np.linspace(0, asked.frames - 1, 5).astype(int).tolist():
        for key in path.neighbours(frame):
            if key is not None:
                assert seen_beyond(FLAT, path.view(frame, key)) < 0.5
    for key in keys:
        assert path.view(key, key) == View()


def test_a_move_that_leads_out_of_the_picture_is_slowed_and_not_cut() -> None:
    path = Path(canvas(4, Camera(pan=100)), [0])
    places = [path.view(frame, 0).right_px for frame in range(96)]
    steps = np.diff(places)
    assert places[-1] > 0.1 * 64
    assert steps.min() >= 0
    assert steps[30:60].std() < 0.01 * steps[30:60].mean()


def test_moves_are_added_up_and_hold_for_their_time() -> None:
    path = Path(canvas(2, Camera(pan=4, span=Span(None, 24)), Camera(tilt=4, span=Span(24))), [0])
    assert path.view(23, 0).right_px > 0.3
    assert path.view(23, 0).down_px == 0
    assert path.view(47, 0).right_px == pytest.approx(path.view(30, 0).right_px)
    assert path.view(47, 0).down_px < -0.3


def test_a_loop_closes() -> None:
    path = Path(canvas(2, Camera(pan=10)).with_loop(), [0])
    places = [path.view(frame, 0).right_px for frame in range(48)]
    steps = [later - now for now, later in pairwise([*places, places[0]])]
    assert max(abs(step) for step in steps) < 1.2 * max(places) * math.pi / 48
    assert path.neighbours(47) == (0, 48)
    assert Path(canvas(2).with_loop(), [5, 30]).neighbours(2) == (-18, 5)


def test_light_and_floating_things_rest_where_a_picture_is_given() -> None:
    path = Path(canvas(4).with_words("floating, light sweep"), [0, 40, 95])
    for key in (0, 40, 95):
        assert path.view(key, key) == View()
    middle = path.view(20, 0)
    assert middle.lift == pytest.approx(1)
    assert middle.light == pytest.approx(0.5)
    lifts = [path.view(frame, 0).lift for frame in range(40)]
    assert max(abs(b - a) for a, b in pairwise(lifts)) < 0.1
