"""Timelines refuse what can't be, saying where, and know what is on screen at any time."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.media import MediaError
from vitascope.media.timelines import (
    CaptionTrack,
    Clip,
    Colour,
    Cue,
    Duck,
    Fill,
    Gap,
    Level,
    Look,
    Loudness,
    PictureTrack,
    SoundTrack,
    Still,
    TextStyle,
    Timeline,
    TimelineError,
    Title,
    Track,
    Transition,
)

F = Fraction


def film(*tracks: Track, **more: Any) -> Timeline:
    return Timeline(width_px=64, height_px=36, rate_fps=F(24), tracks=tracks, **more)


def clip(seconds: Any = 2, **more: Any) -> Clip:
    return Clip(source="a.mp4", duration_s=seconds, **more)


def test_frames_are_those_that_begin_before_the_end() -> None:
    assert film(PictureTrack(items=(clip(F(1)),))).frames == 24
    assert film(PictureTrack(items=(clip(F(25, 24) + F(1, 1000)),))).frames == 26
    assert film().frames == 0


def test_captions_and_disabled_tracks_make_no_film_longer() -> None:
    captions = CaptionTrack(cues=(Cue(start_s=F(0), stop_s=F(9), text="late"),))
    off = PictureTrack(items=(clip(7),), enabled=False)
    assert film(PictureTrack(items=(clip(2),)), SoundTrack(items=(clip(3),)), captions, off).duration_s == 3


def test_a_plain_cut_shows_one_and_then_the_other() -> None:
    first, second = clip(F(1)), Colour(colour="#f00", duration_s=F(1))
    track = PictureTrack(items=(first, second))
    for time, item in ((F(0), first), (F(999, 1000), first), (F(1), second), (F(1999, 1000), second)):
        layer = track.at(time)
        assert layer
        assert layer.seen
        assert layer.seen.item is item
    assert track.at(F(2)) is None
    assert track.at(F(-1)) is None


def test_a_transition_shows_both_with_their_own_times() -> None:
    track = PictureTrack(items=(clip(F(2)), Transition(in_s=F(1, 2), out_s=F(1)), clip(F(2))))
    layer = track.at(F(5, 2))
    assert layer
    assert layer.seen
    assert layer.into
    assert (layer.seen.time_s, layer.into.time_s) == (F(5, 2), F(1, 2))
    assert layer.progress == F(2, 3)
    early = track.at(F(7, 4))
    assert early
    assert early.into
    assert early.into.time_s == F(-1, 4)
    assert [bool(track.at(t) and track.at(t).transition) for t in (F(1), F(3, 2), F(3))] == [
        False,
        True,
        False,
    ]  # type: ignore[union-attr]


def test_a_transition_beside_a_gap_or_an_end_comes_from_nothing() -> None:
    track = PictureTrack(items=(Transition(in_s=F(0), out_s=F(1)), clip(F(2)), Gap(duration_s=F(1))))
    layer = track.at(F(1, 4))
    assert layer
    assert layer.seen is None
    assert layer.into
    assert layer.progress == F(1, 4)
    assert track.at(F(5, 2)) is None
    ending = PictureTrack(items=(clip(F(2)), Transition(in_s=F(1), out_s=F(0))))
    last = ending.at(F(7, 4))
    assert last
    assert last.seen
    assert last.into is None
    assert last.progress == F(3, 4)


@given(
    st.lists(
        st.tuples(st.fractions(F(1, 10), 3), st.fractions(0, 1), st.fractions(0, 1)), min_size=1, max_size=5
    ),
    st.data(),
)
def test_at_every_time_something_lies_where_it_is_placed(parts: list[Any], data: st.DataObject) -> None:
    """Items cover the track without holes; progress runs from 0 to 1 over the transition's own span."""
    items: list[Any] = []
    for number, (length, before, after) in enumerate(parts):
        if number:
            wanted = Transition(
                in_s=min(before, F(1, 2)) * items[-1].duration_s, out_s=after * length / 2 + F(1, 100000)
            )
            if wanted.out_s <= length / 2:
                items.append(wanted)
        items.append(clip(length))
    track = PictureTrack(items=tuple(items))
    time = data.draw(st.fractions(0, track.duration_s).filter(lambda t: t < track.duration_s))
    layer = track.at(time)
    assert layer
    assert layer.seen
    here = next(place for place in track.placed if place.start_s <= time < place.stop_s)
    if layer.transition is None:
        assert layer.seen.item is here.item
        assert layer.seen.time_s == time - here.start_s
    else:
        assert layer.into
        assert here.item in (layer.seen.item, layer.into.item)
        cut_s = layer.into.start_s
        assert time == cut_s - layer.transition.in_s + layer.progress * layer.transition.length_s
        assert 0 <= layer.progress < 1


def test_backwards_and_held_clips_name_the_source_times_they_show() -> None:
    backwards = clip(F(2), start_s=F(3), speed=F(-2))
    assert [backwards.source_s(t) for t in (F(0), F(1), F(2))] == [7, 5, 3]
    assert clip(F(2), start_s=F(3), speed=F(0)).source_s(F(1)) == 3
    assert clip(F(2), start_s=F(3), speed=F(1, 2)).source_s(F(1)) == F(7, 2)
    assert not backwards.heard
    assert clip().heard
    assert not clip(level=None).heard


def test_captions_at_a_time() -> None:
    cues = tuple(
        Cue(start_s=F(a), stop_s=F(b), text=t) for a, b, t in ((0, 9, "long"), (1, 2, "a"), (3, 4, "b"))
    )
    track = CaptionTrack(cues=cues)
    assert [[cue.text for cue in track.at(F(t))] for t in (0, 1, 2, 3, 9)] == [
        ["long"],
        ["long", "a"],
        ["long"],
        ["long", "b"],
        [],
    ]
    moment = film(PictureTrack(items=(clip(5),)), track).at(F(3))
    assert [(number, len(shown)) for number, shown in moment.captions] == [(1, 2)]


WRONG: list[tuple[Any, str]] = [
    (lambda: clip(0), "duration_s: must be above 0"),
    (lambda: clip(float("nan")), "duration_s: nan is not a time"),
    (lambda: clip("soon"), "duration_s: 'soon' is not a number"),
    (lambda: clip(10**9), "duration_s: "),
    (lambda: clip(start_s=-1), "start_s: goes from 0"),
    (lambda: clip(speed=2000), "speed: goes from"),
    (lambda: clip(level=Level(fade_in_s=F(3))), "level: fade_in_s"),
    (lambda: clip(level=3), "level: must be a Level"),
    (lambda: Clip(source=" ", duration_s=F(1)), "source: is empty"),
    (lambda: Clip(source="a\0b", duration_s=F(1)), "source: holds broken"),
    (lambda: Clip(source="a" * 9999, duration_s=F(1)), "source: is 9,999"),
    (lambda: Look(fit="fill"), "fit: one of cover"),  # type: ignore[arg-type]
    (lambda: Look(x=0.5, width=0.6), "reaches out of the frame"),
    (lambda: Look(width=0), "width: must be above 0"),
    (lambda: Look(opacity=True), "opacity: 'True' is not a number"),
    (lambda: Level(gain_db=float("inf")), "gain_db: 'inf'"),
    (lambda: Title(text="  ", duration_s=F(1)), "text: is empty"),
    (lambda: Title(text="a", duration_s=F(1), animation="spin"), "animation: one of none"),  # type: ignore[arg-type]
    (lambda: Title(text="a", duration_s=F(1), animation="fade", animation_s=F(2)), "longer than the title"),
    (lambda: TextStyle(size=2), "size: goes from"),
    (lambda: TextStyle(colour="red"), '^colour: write "#ff8800"'),
    (lambda: TextStyle(font="../x/y.ttf"), "font: the name of a family"),
    (lambda: TextStyle(font=5), "font: "),  # type: ignore[arg-type]
    (lambda: Colour(colour="blue", duration_s=F(1)), "^colour: write"),
    (lambda: Fill(canvas="{nothing", duration_s=F(1)), "canvas: is no JSON"),
    (lambda: Still(source="a.png", duration_s=F(1), look=None), "look: must be a Look"),  # type: ignore[arg-type]
    (lambda: Transition(in_s=F(0), out_s=F(0)), "must be above 0"),
    (lambda: Cue(start_s=F(1), stop_s=F(1), text="a"), "stop_s: must be after"),
    (lambda: Cue(start_s=F(0), stop_s=F(1), text="a", line=1.5), "line: goes from 0 to 1"),
    (lambda: Loudness(lufs=0), "lufs: goes from -70"),
    (
        lambda: PictureTrack(items=(clip(1), Transition(in_s=F(2), out_s=F(0)), clip(1))),
        r"items\[1\].in_s: is 2 s",
    ),
    (
        lambda: PictureTrack(items=(clip(1), Transition(in_s=F(1), out_s=F(2)), clip(1))),
        r"items\[2\]: lasts 1 s",
    ),
    (
        lambda: PictureTrack(items=(clip(1), Transition(in_s=F(1), out_s=F(1)))),
        r"items\[1\].out_s: must be 0",
    ),
    (
        lambda: PictureTrack(items=(Transition(in_s=F(1), out_s=F(1)), clip(1))),
        r"items\[0\].in_s: .* nothing is before",
    ),
    (
        lambda: PictureTrack(items=(clip(1), *[Transition(in_s=F(1, 9), out_s=F(1, 9))] * 2, clip(1))),
        r"items\[2\]: two transitions",
    ),
    (
        lambda: PictureTrack(
            items=(
                clip(1),
                Transition(in_s=F(0), out_s=F(2, 3)),
                clip(1),
                Transition(in_s=F(1, 2), out_s=F(0)),
            )
        ),
        r"items\[3\].in_s: is 0.5 s, and 0.333333 s of the item before are free",
    ),
    (lambda: SoundTrack(items=(Title(text="a", duration_s=F(1)),)), r"items\[0\]: must be one of Clip, Gap"),
    (lambda: PictureTrack(items=(3,)), r"items\[0\]: must be one of"),  # type: ignore[arg-type]
    (
        lambda: CaptionTrack(
            cues=(Cue(start_s=F(2), stop_s=F(3), text="a"), Cue(start_s=F(1), stop_s=F(3), text="b"))
        ),
        r"cues\[1\]",
    ),
    (
        lambda: film(SoundTrack(name="a", duck=Duck(under="b"))),
        r"tracks\[0\].duck.under: no sound or picture track",
    ),
    (
        lambda: film(SoundTrack(name="a", duck=Duck(under="b")), SoundTrack(name="b", duck=Duck(under="a"))),
        r"tracks\[1\].duck.under: these tracks duck",
    ),
    (lambda: film(SoundTrack(name="a", duck=Duck(under="a"))), r"tracks\[0\].duck.under: these tracks duck"),
    (
        lambda: film(SoundTrack(name="a", duck=Duck(under="b")), SoundTrack(name="b"), SoundTrack(name="b")),
        r"tracks\[0\].duck.under: names",
    ),
    (lambda: film(ground="black"), "^ground: write"),
    (lambda: film(markers=(1,)), r"markers\[0\]: must be a Marker"),
    (lambda: Timeline(width_px=0, height_px=1, rate_fps=F(24)), "width_px: a whole number"),
    (lambda: Timeline(width_px=64, height_px=10**6, rate_fps=F(24)), "height_px: a whole number"),
    (lambda: Timeline(width_px=64, height_px=36, rate_fps=F(0)), "rate_fps: a frame rate"),
    (lambda: film(*[SoundTrack()] * 201), "tracks: 201 tracks are more"),
]


@pytest.mark.parametrize(("make", "said"), WRONG)
def test_what_can_not_be_is_refused_in_words_that_say_where(make: Any, said: str) -> None:
    with pytest.raises(MediaError, match=said):
        make()


def test_a_timeline_error_knows_its_place() -> None:
    with pytest.raises(TimelineError) as raised:
        film(SoundTrack(name="a", duck=Duck(under="voice")))
    assert raised.value.where == "tracks[0].duck.under"
    assert not raised.value.message.startswith("tracks")
