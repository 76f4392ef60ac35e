"""Parts cover a film without gaps, are long but not too long, and change names only with their pictures."""

import itertools
import threading
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.films.rendering.ahead import ahead, beside
from vitascope.films.rendering.plan import edges_of, key_of, split
from vitascope.films.rendering.planes import Grid
from vitascope.films.rendering.settings import RenderSettings, encoding_for
from vitascope.films.rendering.sources import Sources
from vitascope.media.timelines import (
    CaptionTrack,
    Colour,
    Cue,
    Gap,
    Look,
    PictureTrack,
    Timeline,
    Title,
    Transition,
)


@given(
    st.integers(0, 5000),
    st.integers(1, 4000),
    st.lists(st.integers(0, 9000), max_size=40),
    st.sampled_from([Fraction(5), Fraction(24), Fraction(30000, 1001), Fraction(60)]),
)
def test_parts_cover_everything_once(start, count, inner, rate_fps):
    stop = start + count
    edges = sorted({0, stop, *(each for each in inner if each < stop)})
    parts = list(split(range(start, stop), edges, rate_fps))
    assert [frame for part in parts for frame in part] == list(range(start, stop))
    assert all(len(part) <= 10 * rate_fps for part in parts)
    assert all(len(part) >= 4 * rate_fps - 1 for part in parts) or len(parts) == 1


def test_parts_end_at_cuts_where_there_are_any():
    assert list(split(range(300), [0, 70, 95, 170, 300], Fraction(10))) == [
        range(95),
        range(95, 170),
        range(170, 260),
        range(260, 300),
    ]


def film(title: str = "one", at_s: Fraction = Fraction(0)) -> Timeline:
    below = PictureTrack(
        items=(
            Colour(colour="#102030", duration_s=Fraction(5) + at_s),
            Transition(in_s=Fraction(1), out_s=Fraction(1)),
            Colour(colour="#405060", duration_s=Fraction(15)),
        )
    )
    above = PictureTrack(
        items=(
            Gap(duration_s=Fraction(12) + at_s),
            Title(text=title, duration_s=Fraction(2), look=Look(fade_in_s=Fraction(1, 2))),
        )
    )
    cues = CaptionTrack(cues=(Cue(start_s=Fraction(1) + at_s, stop_s=Fraction(2) + at_s, text="a"),))
    return Timeline(width_px=64, height_px=48, rate_fps=Fraction(10), tracks=(below, above, cues))


def test_edges_are_where_something_changes():
    assert edges_of(film()) == [0, 10, 20, 40, 50, 60, 120, 125, 140, 200]


@pytest.fixture
def encoding(tmp_path):
    return encoding_for(tmp_path / "a.mp4", (64, 48), Fraction(10), 200, RenderSettings())


def test_a_key_changes_with_what_is_seen_and_with_nothing_else(encoding):
    def keys(timeline, how=encoding):
        return [key_of(timeline, Sources(), how, span) for span in (range(100), range(100, 200))]

    first, second = keys(film())
    assert keys(film("two"))[0] == first
    assert keys(film("two"))[1] != second
    assert keys(replace(film(), ground="#ffffff"))[0] != first
    assert keys(film(), encoding.with_options(crf="30"))[0] != first
    assert keys(replace(film(), name="another name")) == [first, second]
    track = film().tracks[0]
    named = replace(
        track,
        items=tuple(replace(item, name="x") if isinstance(item, Colour) else item for item in track.items),
    )
    assert keys(replace(film(), tracks=(named, *film().tracks[1:]))) == [first, second]


def test_a_key_moves_along_with_its_part(encoding):
    before = key_of(film(), Sources(), encoding, range(110, 200))
    assert key_of(film(at_s=Fraction(3)), Sources(), encoding, range(140, 230)) == before


def test_the_grid_of_ten_bits():
    assert Grid(64, 48, "yuv422p10le").shapes(64, 48) == ((48, 64), (48, 32), (48, 32))
    assert Grid(64, 48).coloured(255, 255, 255) == (235, 128, 128)
    assert Grid(64, 48, "yuv422p10le").coloured(0, 0, 0) == (64, 512, 512)


def test_work_ahead_keeps_the_order_and_raises_at_its_place():
    def things():
        yield from range(10)
        raise KeyError("here")

    with ahead(things()) as made:
        assert [next(made) for _ in range(10)] == list(range(10))
        with pytest.raises(KeyError):
            next(made)


def test_work_ahead_ends_when_nobody_wants_it():
    with ahead(itertools.count()) as made:
        assert next(made) == 0
    assert "ahead" not in {thread.name for thread in threading.enumerate()}


def test_work_beside_ends_with_its_block_and_says_what_went_wrong():
    asked = []

    def work(ask):
        while True:
            ask()
            asked.append(1)

    with beside(work) as running:
        assert not running.done(0.01)
    assert "beside" not in {thread.name for thread in threading.enumerate()}

    def wrong(ask):
        raise KeyError("here")

    with beside(wrong) as running, pytest.raises(KeyError):
        running.done(5)
