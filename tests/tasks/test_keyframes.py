"""Keyframes: each picture is on the frame of its time, and only there."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import CanvasError, Time, fit_picture
from vitascope.tasks import keyframes

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (12, 5, 7, 3), np.uint8)


@given(
    st.sets(st.integers(0, 59), min_size=1, max_size=12), st.sampled_from([8, 24, "30000/1001"]), st.data()
)
def test_each_picture_is_exact_at_its_time(at: set[int], rate_fps: float | str, data: st.DataObject) -> None:
    frames = data.draw(st.permutations(sorted(at)))  # in any order
    rate = keyframes([(0, PICTURES[0])], duration_s=1, rate_fps=rate_fps).rate_fps
    times: list[Time] = [data.draw(st.sampled_from([frame, frame / rate, f"{frame}f"])) for frame in frames]
    pairs = list(zip(times, PICTURES, strict=False))
    canvas = keyframes(pairs, "it turns", duration_s=60 / rate, rate_fps=rate_fps, seed=2)
    assert (canvas.frames, canvas.rate_fps, canvas.seed, canvas.words_at(7)) == (60, rate, 2, "it turns")
    for frame, picture in zip(frames, PICTURES, strict=False):
        assert np.array_equal(canvas.pixels[frame], picture)
        assert (canvas.known[frame] == 1).all()
    assert canvas.known.sum() == len(frames) * 5 * 7


def test_it_ends_with_the_last_picture() -> None:
    canvas = keyframes([("first", PICTURES[0]), (2.5, PICTURES[1]), (3, PICTURES[2])])
    assert canvas.frames == 21
    assert np.array_equal(canvas.pixels[[0, 20, 3]], PICTURES[[0, 1, 2]])


def test_names_and_frames_from_the_end() -> None:
    canvas = keyframes([("first", PICTURES[0]), (-3, PICTURES[1]), ("last", PICTURES[2])], duration_s=2)
    assert np.array_equal(canvas.pixels[[0, 13, 15]], PICTURES[:3])


def test_the_first_picture_says_the_size() -> None:
    other = RNG.integers(0, 256, (9, 9, 3), np.uint8)
    canvas = keyframes([(0, PICTURES[0]), (3, other)])
    assert np.array_equal(canvas.pixels[3], fit_picture(other, 7, 5))
    assert keyframes([(0, PICTURES[0]), (3, other)], size=(9, 9)).size == (9, 9)


@pytest.mark.parametrize(
    ("times", "duration_s", "message"),
    [
        ([], 2, "pictures: there are no pictures"),
        ([0, "last"], None, "duration_s: must be given, for there is a picture at last"),
        ([0, -1], None, "duration_s: must be given, for there is a picture at -1f"),
        ([0], None, "duration_s: must be given, for the only picture is at the beginning"),
        ([Fraction(1), 8], 2, r"at 1s and 8f fall on the same frame \(8\) at 8 fps"),
        ([0, 0.1], None, r"at 0f and 1/10s fall on the same frame \(0\)"),
        ([0, 2.0], 2, 'after the last frame .*use "last"'),
        ([0, "soon"], 2, '"soon" is not a time'),
    ],
)
def test_what_is_wrong_is_said(times: list[Time], duration_s: float | None, message: str) -> None:
    with pytest.raises(CanvasError, match=message):
        keyframes([(time, PICTURES[0]) for time in times], duration_s=duration_s)
