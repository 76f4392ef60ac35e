"""Move: the first frame is the picture, each brush is a track along its path, and the rest stays."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import Camera, Canvas, CanvasError, Ellipse, MaskPicture, Rectangle, Stroke, Track
from vitascope.tasks import move
from vitascope.tasks.move import Path

PHOTO = np.random.default_rng(5).integers(0, 256, (30, 60, 3), np.uint8)
BALL = Ellipse(0.5, 0.6, 0.1, 0.1)
places = st.floats(0, 1, width=32)


def positions(path: Path, **how: float) -> np.ndarray:
    """Where the ball is, for each of 17 frames, unless told otherwise."""
    canvas = move(PHOTO, [(BALL, path)], **{"duration_s": 2.125, "rate_fps": 8, **how})
    return canvas.tracks[0].positions(canvas.frames, canvas.rate_fps)


def test_the_first_frame_is_the_picture() -> None:
    canvas = move(PHOTO, [(BALL, "right")], text="it rolls", rate_fps=12, seed=9, camera=Camera(zoom=20))
    assert (canvas.frames, canvas.size, canvas.seed, canvas.words_at(5)) == (24, (60, 30), 9, "it rolls")
    assert np.array_equal(canvas.pixels[0], PHOTO)
    assert (canvas.known[0] == 1).all()
    assert not canvas.known[1:].any()
    assert canvas.camera == (Camera(zoom=20),)


def held(canvas: Canvas) -> np.ndarray:
    """Where the picture is known after the first frame, bool [H, W]; the same in all of them."""
    later = canvas.known[1:]
    assert (later == later[0]).all()
    assert set(np.unique(later)) <= {0, 1}
    return later[0] == 1


def test_what_is_not_brushed_stays_as_it_is() -> None:
    photo = np.random.default_rng(6).integers(0, 256, (100, 200, 3), np.uint8)
    canvas = move(photo, [(Ellipse(0.3, 0.4, 0.05, 0.1), "right 0.4")], duration_s=1)
    assert (canvas.known[0] == 1).all()
    stays = held(canvas)
    assert (canvas.pixels[:, stays] == photo[stays]).all()
    # Its way is free from 0.25 to 0.75 of the width, and a margin around it, and its shadow below.
    assert not stays[30:50, 50:150].any()
    assert not stays[30:60, 42:158].any()
    assert stays[:16].all()
    assert stays[64:].all()
    assert stays[:, :32].all()
    assert stays[:, 168:].all()


def test_the_ground_below_a_way_upwards_is_free_for_the_shadow() -> None:
    photo = np.zeros((100, 100, 3), np.uint8)
    stays = held(move(photo, [(Ellipse(0.3, 0.7, 0.05, 0.1), [(0.3, 0.7), (0.8, 0.2)])]))
    assert not stays[20:88, 80].any()
    assert stays[92:].all()
    assert stays[70, 10]
    assert stays[40, 20]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.02, 0.3))
def test_a_brushed_part_never_passes_over_what_stays(x: float, y: float, radius: float) -> None:
    photo = np.zeros((80, 120, 3), np.uint8)
    canvas = move(photo, [(Ellipse(0.5, 0.5, radius, radius), [(0.5, 0.5), (x, y)])], duration_s=1)
    stays = held(canvas)
    for there_x, there_y in canvas.tracks[0].positions(canvas.frames, canvas.rate_fps):
        there = Ellipse(float(there_x), float(there_y), radius, radius).coverage(80, 120) > 0
        assert not stays[there].any()


def test_what_is_frozen_stays_unless_something_passes_in_front() -> None:
    photo = np.zeros((100, 200, 3), np.uint8)
    ball = Ellipse(0.3, 0.4, 0.05, 0.1)
    ground, bush = Rectangle(0, 0.52, 1, 1), Rectangle(0.45, 0.2, 0.55, 0.52)
    free, kept = (held(move(photo, [(ball, "right 0.4")], freeze=freeze)) for freeze in ([], [ground, bush]))
    assert not free[52:58, 100].any()
    assert kept[52:].all()
    assert not kept[30:50, 100].any()


def test_the_rest_may_live_and_does_where_the_camera_moves() -> None:
    free = move(PHOTO, [(BALL, "right")], still=False)
    assert not free.known[1:].any()
    assert not free.known.strides[1]
    panned = move(PHOTO, [(BALL, "right")], camera=Camera(pan=20))
    assert not panned.known[1:].any()


def test_a_picture_that_moves_as_a_whole_holds_nothing() -> None:
    assert not move(PHOTO, [(Rectangle(0, 0, 1, 1), "right 0.2")]).known[1:].any()


def test_the_picture_is_held_once() -> None:
    canvas = move(PHOTO, [(BALL, "right 0.1")], duration_s=4)
    assert canvas.pixels.strides[0] == 0


def test_a_path_may_begin_in_the_middle_of_a_ring() -> None:
    y, x = np.mgrid[0:60, 0:60] - 29.5
    ring = MaskPicture((np.hypot(x, y) < 25) & (np.hypot(x, y) > 18))
    canvas = move(PHOTO, [(ring, [ring.centre, (0.7, 0.5)])])
    assert np.allclose(canvas.tracks[0].positions(16, canvas.rate_fps)[-1], (0.7, 0.5), atol=1e-6)


def test_each_brush_and_freeze_is_a_track() -> None:
    house, cloud = Rectangle(0, 0.5, 0.3, 1), Stroke(((0.2, 0.1), (0.4, 0.1)), 0.2)
    canvas = move(
        PHOTO, [(BALL, [(0.5, 0.6), (0.8, 0.3)]), (cloud, "right 0.3")], freeze=[house], size=(20, 10)
    )
    ball, sky, still = canvas.tracks
    assert ball == Track(((0, 0.5, 0.6), (15, 0.8, 0.3)), BALL)
    assert sky.region == cloud
    assert np.allclose(sky.positions(16, canvas.rate_fps)[-1], (0.3 + 0.3, 0.1), atol=1e-6)
    assert still == Track.freeze(house)


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("right 0.3", (0.8, 0.6)),
        ("left 10%", (0.4, 0.6)),
        ("up 0.1", (0.5, 0.4)),  # a tenth of the width is a fifth of the height
        ("down 0.1 right 0.2", (0.7, 0.8)),
        ("right 0.1/s", (0.7, 0.6)),  # two seconds from the first frame to the last
        ("0.9,0.1", (0.9, 0.1)),
        ([(0.9, 0.1)], (0.9, 0.1)),
    ],
)
def test_ways_to_go(path: Path, end: tuple[float, float]) -> None:
    where = positions(path)
    assert np.allclose(where[0], BALL.centre)
    assert np.allclose(where[-1], end)
    steps = np.diff(where, axis=0)
    assert np.allclose(steps, steps[0], atol=1e-5)  # even speed


def test_points_come_in_even_time_between_those_that_have_one() -> None:
    where = positions("0.5,0.6 0.6,0.6 0.9,0.6@1s 0.9,0.2 0.5,0.2")
    assert np.allclose(where[[0, 4, 8, 12, 16]], [(0.5, 0.6), (0.6, 0.6), (0.9, 0.6), (0.9, 0.2), (0.5, 0.2)])


def test_a_timed_end_rests_and_the_very_end_is_the_last_frame() -> None:
    assert np.allclose(positions("0.9,0.6@1s")[8:], (0.9, 0.6))
    assert np.allclose(positions("0.5,0.6 0.9,0.6@2.125s")[-1], (0.9, 0.6))
    assert np.allclose(positions([(None, 0.5, 0.6), ("1s", 0.9, 0.6)])[8], (0.9, 0.6))


def test_a_path_begins_anywhere_on_its_region() -> None:
    assert np.allclose(positions("0.55,0.62 0.65,0.62")[[0, -1]], [(0.5, 0.6), (0.6, 0.6)], atol=1e-6)


@given(st.lists(st.tuples(places, places), min_size=1, max_size=60), st.integers(2, 20))
def test_a_line_drawn_by_hand_keeps_its_ends(line: list[tuple[float, float]], frames: int) -> None:
    path = [BALL.centre, *line]
    canvas = move(PHOTO, [(BALL, path)], duration_s=frames / 8, rate_fps=8)
    where = canvas.tracks[0].positions(canvas.frames, canvas.rate_fps)
    assert canvas.frames == frames
    assert np.allclose(where[[0, -1]], [path[0], path[-1]], atol=1e-6)
    times = [time for time, _, _ in canvas.tracks[0].points]
    assert all(before < after for before, after in pairwise(times))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("0.1,0.1 0.5,0.5", "the path begins at 0.1,0.1, beside its region"),
        ("-0.5,0.6 0.5,0.5", "the path begins at -0.5,0.6, beside its region"),
        ([], "a path needs a point"),
        ("0.5,0.6 0.6,0.6@1s 0.7,0.6@0.5s", r"point 3 of the path \(frame 4\) does not come after"),
        ("0.5,0.6@0 0.6,0.6@0", r"point 2 of the path \(frame 0\) does not come after"),
        ("0.5,0.6 0.6,0.6@9s", "9 s is after the last frame"),
        ("right 2", r"points\[1\]\.x: 2\.5 is not in -1\.\.2"),
        ("sideways", '"sideways" is no way to go'),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: Path, message: str) -> None:
    with pytest.raises(CanvasError, match=message) as caught:
        move(PHOTO, [(BALL, "right"), (BALL, path)])
    assert str(caught.value).startswith("brushes[1]")


def test_what_cannot_move_is_refused() -> None:
    outside = Ellipse(1.5, 0.5, 0.1, 0.1)
    for brushes, freeze, seconds, message in (
        ([], [], 2, "brushes: 1 to 5 of them move a picture, not 0"),
        ([(BALL, "right")] * 6, [], 2, "brushes: 1 to 5 of them move a picture, not 6"),
        ([(outside, "left")], [], 2, r"brushes\[0\]: the region holds no pixel"),
        ([(BALL, "left")], [outside], 2, r"freeze\[0\]: the region holds no pixel"),
        ([(BALL, "left")], [], 0.125, "duration_s: one frame shows no motion"),
    ):
        with pytest.raises(CanvasError, match=message):
            move(PHOTO, brushes, freeze=freeze, duration_s=seconds)
