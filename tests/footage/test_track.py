"""track: known motions are found, hidden things are said to be hidden, and marks are read or refused."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.footage.filmed import HEIGHT_PX, WIDTH_PX, Warp, carried, film, footage, shifted, turned

from vitascope.footage import FootageError, load_part, load_tool, unheard
from vitascope.footage.track import Followed, Track, Tracks, backwards, bent, parse_marked

POINT, BOX, PLANE = "80,60px", "50,35,50,44px", "45,30 115,34 110,95 40,88px"
CORNERS = {
    "point": np.array([[80.0, 60]]),
    "box": np.array([[50.0, 35], [100, 35], [100, 79], [50, 79]]),
    "plane": np.array([[45.0, 30], [115, 34], [110, 95], [40, 88]]),
}


def everything(at: str = "first") -> Track:
    return Track(points=(POINT,), boxes=(BOX,), planes=(PLANE,), at=at)


def places(track: Followed) -> np.ndarray:
    """[T, 1 or 4, 2]."""
    return np.array([seen.corners_px or ((seen.x_px, seen.y_px),) for seen in track.frames])


def off_px(tracks: Tracks, warps: list[Warp]) -> dict[str, np.ndarray]:
    """By kind, how far the worst corner is from the truth in each frame [T]; marks are of frame `at`."""
    back = np.linalg.inv(warps[tracks.at_frame])
    found: dict[str, np.ndarray] = {}
    for track in tracks.tracks:
        true = np.array([carried(warp @ back, CORNERS[track.kind]) for warp in warps])
        found[track.kind] = np.linalg.norm(places(track) - true, axis=2).max(1)
    return found


def test_what_stands_still_stays_where_it_is() -> None:
    tracks = everything().make(footage(film([np.eye(3)] * 6)), unheard, {})
    for track in tracks.tracks:
        assert np.ptp(places(track), axis=0).max() < 0.01
        assert all(seen.visible and seen.confidence > 0.85 for seen in track.frames)
    assert [seen.frame for seen in tracks.tracks[0].frames] == list(range(6))
    assert [seen.time_s for seen in tracks.tracks[0].frames] == [frame / 25 for frame in range(6)]


@settings(max_examples=8)
@given(st.integers(-7, 7), st.integers(-5, 5), st.integers(0, 3))
def test_a_shift_is_found_exactly(x_px: int, y_px: int, seed: int) -> None:
    warps = [shifted(x_px * frame, y_px * frame) for frame in range(5)]
    tracks = everything().make(footage(film(warps, seed)), unheard, {})
    off = off_px(tracks, warps)
    assert off["point"].max() < 0.05
    assert off["box"].max() < 0.15
    assert off["plane"].max() < 0.25
    assert all(seen.visible for track in tracks.tracks for seen in track.frames)


def test_turn_zoom_perspective_noise_and_light_from_the_middle_both_ways() -> None:
    tilts = [np.array([[1, 0, 0], [0, 1, 0], [4e-5 * n, -3e-5 * n, 1]]) for n in range(16)]
    warps = [tilt @ shifted(2.5 * n, -n) @ turned(0.02 * n, 1.01**n) for n, tilt in enumerate(tilts)]
    light = [1 - 0.4 * np.sin(np.pi * n / 15) for n in range(16)]
    frames = [(f * g).astype(np.uint8) for f, g in zip(film(warps, noise=4), light, strict=True)]
    tracks = everything(at="7f").make(footage(frames), unheard, {})
    assert tracks.at_frame == 7
    off = off_px(tracks, warps)
    assert off["point"].max() < 0.4
    assert off["plane"].max() < 0.8
    assert off["box"].max() < 2.0  # a box has no perspective to say it with
    assert all(seen.visible for track in tracks.tracks for seen in track.frames)


def test_a_reversed_clip_gives_reversed_tracks() -> None:
    warps = [shifted(3 * n, 2 * n) @ turned(0.02 * n) for n in range(10)]
    frames = film(warps, noise=3)
    there = everything(at="4f").make(footage(frames), unheard, {})
    back = everything(at="5f").make(footage(frames[::-1]), unheard, {})
    for one, other in zip(there.tracks, back.tracks, strict=True):
        assert np.abs(places(one) - places(other)[::-1]).max() < 0.05
        assert [seen.visible for seen in one.frames] == [seen.visible for seen in other.frames][::-1]


def test_what_is_hidden_is_said_to_be_and_found_again() -> None:
    warps = [shifted(2 * n, 0.5 * n) for n in range(24)]
    frames = film(warps, noise=3)
    for number in range(8, 14):  # a wall, wider than what is followed
        frames[number][:, 30:150] = (40, 90, 60)
    tracks = everything().make(footage(frames), unheard, {})
    off = off_px(tracks, warps)
    for track in tracks.tracks:
        visible = [seen.visible for seen in track.frames]
        assert visible == [not 8 <= number < 14 for number in range(24)], track.kind
        hidden = [seen.confidence for seen in track.frames if not seen.visible]
        assert max(hidden) < 0.5 < min(seen.confidence for seen in track.frames if seen.visible)
        assert off[track.kind][14:].max() < 0.6
        assert off[track.kind][8:14].max() < 3  # guessed from how it moved


def test_a_point_that_leaves_the_frame_comes_back() -> None:
    xs = [0, 15, 30, 45, 60, 75, 90, 105, 105, 90, 75, 60, 45, 30, 15, 0]
    warps = [shifted(x, 0) for x in xs]
    (track,) = Track(points=(POINT,)).make(footage(film(warps)), unheard, {}).tracks
    gone = [not 0 <= 80 + x <= WIDTH_PX for x in xs]
    assert [seen.visible for seen, out in zip(track.frames, gone, strict=True) if out] == [False] * sum(gone)
    assert track.frames[-1].visible
    assert (track.frames[-1].x_px, track.frames[-1].y_px) == pytest.approx((80, 60), abs=0.1)


def test_another_shot_is_not_taken_for_it() -> None:
    frames = [*film([np.eye(3)] * 4), *film([np.eye(3)] * 4, seed=9), *film([np.eye(3)] * 3)]
    for track in everything().make(footage(frames), unheard, {}).tracks:
        assert [seen.visible for seen in track.frames] == [True] * 4 + [False] * 4 + [True] * 3, track.kind


def test_an_even_area_is_refused_by_name() -> None:
    frames = film([np.eye(3)] * 3)
    frames[0][40:100, 60:130] = 90
    with pytest.raises(FootageError, match="sky: there is nothing in it to hold on to; mark"):
        Track(points=("sky=95,70px",)).make(footage(frames), unheard, {})


def test_the_frames_before_come_backwards_in_blocks() -> None:
    frames = film([shifted(n, 0) for n in range(30)])
    looks = footage(frames)
    order = [frame.copy() for frame in backwards(looks, 25, block_bytes=10 * frames[0].nbytes)]
    assert np.array_equal(np.stack(order), np.stack(frames[:25][::-1]))
    short = footage(frames[:20])
    with pytest.raises(FootageError, match="shorter when it was read a second time"):
        list(islice(backwards(short, 25), 3))


def test_times_after_the_end_are_refused() -> None:
    frames = film([np.eye(3)] * 3)
    with pytest.raises(FootageError, match="after the end: the clip has 3 frames"):
        Track(points=(POINT,), at="3f").make(footage(frames), unheard, {})
    with pytest.raises(FootageError, match="after the end: the clip has 2 frames"):
        Track(points=(POINT,), at="1s").make(footage(frames, count=2), unheard, {})


def test_marks_are_read_as_shares_or_pixels_with_names() -> None:
    tracks = Track(points=("nose = 0.5,0.5", "80 , 60 PX"), boxes=("0.3125 0.25 0.25 0.25",))
    assert [each.name for each in tracks.written()] == ["nose", "point 2", "box 1"]
    nose, same, box = (each.mark(WIDTH_PX, HEIGHT_PX) for each in tracks.written())
    assert np.array_equal(nose.corners_px, same.corners_px)
    assert box.corners_px.tolist() == [[50, 30], [90, 30], [90, 60], [50, 60]]


@pytest.mark.parametrize(
    ("kind", "text", "what"),
    [
        ("point", "0.5", 'write "x,y"'),
        ("point", "0.5,nan", "is no point"),
        ("point", "640,360", 'for pixels write "640,360px"'),
        ("box", "0.1,0.1,0,0.2", "wider and higher than 0"),
        ("box", "0.1,0.1,0.2", "is no box"),
        ("plane", "0.1,0.1 0.9,0.9 0.9,0.1 0.1,0.9", "corners in turn"),
        ("plane", "0,0 1,0 0.1,0.1 0,1", "no dent"),
    ],
)
def test_wrong_marks_are_refused_with_what_is_right(kind: str, text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        parse_marked(kind, text)  # pyright: ignore
    with pytest.raises(ValidationError, match=what):
        Track(**{{"point": "points", "box": "boxes", "plane": "planes"}[kind]: (text,)})


def test_wrong_sets_of_marks_are_refused() -> None:
    for marks in ((), ("0.5,0.5",) * 65):
        with pytest.raises(ValidationError, match="mark something to follow, and at most 64"):
            Track(points=marks)
    with pytest.raises(ValidationError, match='two marks are called "a"'):
        Track(points=("a=0.5,0.5",), boxes=("a=0.1,0.1,0.2,0.2",))
    frames = footage(film([np.eye(3)]))
    with pytest.raises(FootageError, match="its middle is not in the frame, which is 160x120"):
        Track(points=("200,10px",)).make(frames, unheard, {})
    with pytest.raises(FootageError, match="3 px on its shortest side are too few"):
        Track(boxes=("10,10,30,3px",)).make(frames, unheard, {})


def test_tracks_survive_json() -> None:
    tracks = everything(at="1f").make(footage(film([np.eye(3)] * 3)), unheard, {})
    assert Tracks.model_validate_json(tracks.model_dump_json()) == tracks


def test_who_reports_may_stop_it() -> None:
    heard: list[tuple[str, int, int | None]] = []

    def report(stage: str, done: int, total: int | None) -> None:
        heard.append((stage, done, total))
        if stage == "following backwards" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        everything(at="3f").make(footage(film([np.eye(3)] * 5)), report, {})
    assert heard[:5] == [("following", n, None) for n in range(1, 6)]
    assert heard[5:] == [("following backwards", 1, 3), ("following backwards", 2, 3)]


@given(st.lists(st.tuples(st.floats(-50, 50), st.booleans()), min_size=2, max_size=30))
def test_only_guesses_between_two_sightings_are_bent(path: list[tuple[float, bool]]) -> None:
    before = [np.array([[x, -x]]) for x, _ in path]
    visible = [seen for _, seen in path]
    after = bent(before, visible)
    first = visible.index(True) if True in visible else len(path)
    last = len(path) - 1 - visible[::-1].index(True) if True in visible else -1
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        if visible[number] or not first < number < last:
            assert np.array_equal(one, other)


def test_a_guess_that_missed_is_bent_to_meet_where_it_was_found() -> None:
    led = [0.0, 1, 2, 3, 4, 10, 11]  # seen at 0, 1; guessed at 2, 3, 4; seen at 10, 11
    visible = [True, True, False, False, False, True, True]
    x = [float(each[0, 0]) for each in bent([np.array([[x, 0.0]]) for x in led], visible)]
    assert x == pytest.approx([0, 1, 3.25, 5.5, 7.75, 10, 11])


def test_it_is_listed() -> None:
    assert load_tool("track") is Track
    assert type(load_part("tracker", "lucas-kanade")).__name__ == "LucasKanade"
