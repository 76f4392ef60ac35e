"""Every frame of a render is the right one: across cuts, speeds, rates, transitions and layers."""

from fractions import Fraction

import numpy as np
import pytest

from vitascope.films.rendering import RenderSettings, render
from vitascope.media import MediaError, write_picture
from vitascope.media.timelines import (
    CaptionTrack,
    Clip,
    Colour,
    Cue,
    Gap,
    Look,
    PictureTrack,
    Still,
    Timeline,
    TimelineError,
    Title,
    Transition,
)

PAINTED = RenderSettings(copy=False, preset="veryfast", quality=95)
LEAST = 20


def film(*tracks, rate_fps=10, **more) -> Timeline:
    return Timeline(width_px=96, height_px=64, rate_fps=Fraction(rate_fps), tracks=tracks, **more)


def one(*items) -> PictureTrack:
    return PictureTrack(items=items)


@pytest.mark.parametrize("copy", [True, False])
def test_cuts_show_each_frame_at_its_place(tmp_path, numbered, numbers, copy):
    a, b = numbered("a.mp4", 80), numbered("b.mp4", 60, first=90)
    cut = film(
        one(
            Clip(source=a, duration_s=Fraction(31, 10), start_s=Fraction(7, 10)),
            Clip(source=b, duration_s=Fraction(2), start_s=Fraction(25, 10)),
            Clip(source=a, duration_s=Fraction(1), start_s=Fraction(0)),
        )
    )
    settings = RenderSettings(copy=copy, preset="veryfast", quality=95)
    done = render(cut, tmp_path / "out.mp4", settings=settings)
    assert numbers(tmp_path / "out.mp4") == [*range(7, 38), *range(115, 135), *range(10)]
    assert done.frames == 61
    assert (done.copied > 0) == copy


@pytest.mark.parametrize(
    ("speed", "start", "wanted"),
    [
        (Fraction(2), 1, [10, 12, 14, 16, 18, 20, 22, 24, 26, 28]),
        (Fraction(1, 2), 1, [10, 10, 11, 11, 12, 12, 13, 13, 14, 14]),
        (Fraction(-1), 1, [19, 18, 17, 16, 15, 14, 13, 12, 11, 10]),
        (Fraction(-2), 1, [29, 27, 25, 23, 21, 19, 17, 15, 13, 11]),
        (Fraction(0), 1, [10] * 10),
        (Fraction(1, 3), 2, [20, 20, 20, 21, 21, 21, 22, 22, 22, 23]),
    ],
)
def test_speeds(tmp_path, numbered, numbers, speed, start, wanted):
    a = numbered("a.mp4", 60)
    render(
        film(one(Clip(source=a, duration_s=Fraction(1), start_s=Fraction(start), speed=speed))),
        tmp_path / "out.mp4",
        settings=PAINTED,
    )
    assert numbers(tmp_path / "out.mp4") == wanted


@pytest.mark.parametrize(("own", "film_rate"), [(24, 30), (30, 24), (Fraction(30000, 1001), 25), (10, 10)])
def test_another_rate_shows_what_is_on_screen_at_each_time(tmp_path, numbered, numbers, own, film_rate):
    a = numbered("a.mp4", 60, rate_fps=own)
    render(
        film(one(Clip(source=a, duration_s=Fraction(1), start_s=Fraction(1, 2))), rate_fps=film_rate),
        tmp_path / "out.mp4",
        settings=PAINTED,
    )
    wanted = [int((Fraction(1, 2) + Fraction(k, film_rate)) * Fraction(own)) for k in range(film_rate)]
    assert numbers(tmp_path / "out.mp4") == wanted


def test_a_varying_clock_is_held_where_it_pauses(tmp_path, numbered, numbers):
    times = [*range(10), *range(20, 40)]  # a pause of a second
    a = numbered("a.mkv", 30, times=times)
    render(film(one(Clip(source=a, duration_s=Fraction(25, 10)))), tmp_path / "out.mp4", settings=PAINTED)
    assert numbers(tmp_path / "out.mp4") == [*range(10), *[9] * 10, *range(10, 15)]


def test_a_far_jump_winds_to_the_very_frame(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 200, g="50", bf="3")
    shots = [
        Clip(source=a, duration_s=Fraction(3, 10), start_s=Fraction(start, 10))
        for start in (173, 12, 99, 100, 187, 61)
    ]
    render(film(one(*shots)), tmp_path / "out.mp4", settings=PAINTED)
    assert numbers(tmp_path / "out.mp4") == [s + k for s in (173, 12, 99, 100, 187, 61) for k in range(3)]


def test_a_dissolve_mixes_the_right_frames(tmp_path, numbered, numbers):
    a, b = numbered("a.mp4", 40), numbered("b.mp4", 40, first=100)
    items = (
        Clip(source=a, duration_s=Fraction(2), start_s=Fraction(1)),
        Transition(in_s=Fraction(5, 10), out_s=Fraction(5, 10)),
        Clip(source=b, duration_s=Fraction(2), start_s=Fraction(1)),
    )
    render(film(one(*items)), tmp_path / "out.mp4", settings=PAINTED)
    found = numbers(tmp_path / "out.mp4")
    assert found[:15] == list(range(10, 25))
    assert found[26:] == list(range(116, 130))
    for k in range(15, 25):
        share = (k - 15) / 10
        assert abs(found[k] - ((1 - share) * (10 + k) + share * (90 + k))) <= 1


def test_a_wipe_uncovers_and_a_push_shoves(tmp_path, numbered, pictures):
    a, b = numbered("a.mp4", 40), numbered("b.mp4", 40, first=100)

    def middle(kind, heading):
        items = (
            Clip(source=a, duration_s=Fraction(1)),
            Transition(in_s=Fraction(5, 10), out_s=Fraction(5, 10), kind=kind, heading=heading),
            Clip(source=b, duration_s=Fraction(1), start_s=Fraction(1)),
        )
        render(film(one(*items)), tmp_path / "out.mp4", settings=PAINTED)
        return pictures(tmp_path / "out.mp4")[10] - LEAST

    for kind in ("wipe", "push"):
        right, down = middle(kind, "right"), middle(kind, "down")
        assert np.abs(right[:, :44] - 110).max() <= 4
        assert np.abs(right[:, 52:] - 10).max() <= 4
        assert np.abs(down[:28] - 110).max() <= 4
        assert np.abs(down[36:] - 10).max() <= 4
        left = middle(kind, "left")
        assert np.abs(left[:, 52:] - 110).max() <= 4


def test_a_fade_goes_through_its_colour(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 40, first=100)
    fade = Transition(in_s=Fraction(5, 10), out_s=Fraction(5, 10), kind="fade")
    opens = Transition(in_s=Fraction(0), out_s=Fraction(5, 10), kind="fade")
    items = (
        opens,
        Clip(source=a, duration_s=Fraction(2)),
        fade,
        Clip(source=a, duration_s=Fraction(1), start_s=Fraction(1)),
    )
    render(film(one(*items)), tmp_path / "out.mp4", settings=PAINTED)
    found = numbers(tmp_path / "out.mp4")
    assert found[0] == 16 - LEAST  # black
    assert found[20] == 16 - LEAST
    assert found[5:15] == list(range(105, 115))
    assert found[17] < found[15]
    assert found[25:] == list(range(115, 120))


def test_layers_lie_where_they_should(tmp_path, numbered, pictures):
    a, b = numbered("a.mp4", 20), numbered("b.mp4", 20, first=100)
    corner = Look(x=0.5, y=0.5, width=0.5, height=0.5, fit="stretch")
    render(
        film(
            one(Clip(source=a, duration_s=Fraction(1))),
            one(Clip(source=b, duration_s=Fraction(1), look=corner)),
        ),
        tmp_path / "out.mp4",
        settings=PAINTED,
    )
    for number, picture in enumerate(pictures(tmp_path / "out.mp4")):
        assert np.abs(picture[4:28, 4:44] - LEAST - number).max() <= 3
        assert np.abs(picture[36:60, 52:92] - LEAST - 100 - number).max() <= 3


def test_opacity_fades_and_the_ground(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 20, first=100)
    look = Look(opacity=0.5, fade_in_s=Fraction(5, 10))
    render(
        film(one(Clip(source=a, duration_s=Fraction(1), look=look))), tmp_path / "out.mp4", settings=PAINTED
    )
    found = numbers(tmp_path / "out.mp4")
    for k, got in enumerate(found):
        weight = 0.5 * min(1, k / 5)
        assert abs(got - (weight * (100 + k) + (1 - weight) * (16 - LEAST))) <= 1.5


def test_a_still_with_holes_shows_what_is_below(tmp_path, numbered, pictures):
    picture = np.zeros((64, 96, 4), np.uint8)
    picture[:, 48:] = (255, 255, 255, 255)
    write_picture(tmp_path / "half.png", picture)
    a = numbered("a.mp4", 10)
    render(
        film(
            one(Clip(source=a, duration_s=Fraction(1))),
            one(Still(source=str(tmp_path / "half.png"), duration_s=Fraction(1))),
        ),
        tmp_path / "out.mp4",
        settings=PAINTED,
    )
    for number, seen in enumerate(pictures(tmp_path / "out.mp4")):
        assert np.abs(seen[:, :40] - LEAST - number).max() <= 3
        assert np.abs(seen[:, 56:] - 235).max() <= 3


def test_titles_and_captions_are_seen_when_they_should_be(tmp_path, pictures):
    dark = Colour(colour="#000000", duration_s=Fraction(3))
    tracks = (
        one(dark),
        one(Gap(duration_s=Fraction(1)), Title(text="HELLO", duration_s=Fraction(1))),
        CaptionTrack(cues=(Cue(start_s=Fraction(2), stop_s=Fraction(5, 2), text="below"),)),
    )
    render(film(*tracks), tmp_path / "out.mp4", settings=PAINTED)
    lit = [int(picture.max()) > 150 for picture in pictures(tmp_path / "out.mp4")]
    assert lit == [False] * 10 + [True] * 15 + [False] * 5


def test_contain_leaves_bars_and_cover_leaves_none(tmp_path, numbered, pictures):
    a = numbered("tall.mp4", 10, size=(64, 96), first=100)
    for fit, bars in (("contain", True), ("cover", False)):
        render(
            film(one(Clip(source=a, duration_s=Fraction(1), look=Look(fit=fit)))),
            tmp_path / "out.mp4",
            settings=PAINTED,
        )
        seen = pictures(tmp_path / "out.mp4")[0]
        assert (seen[32, 4] < 30) == bars
        assert abs(seen[32, 48] - LEAST - 100) <= 2


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.webm", "out.mkv"])
def test_every_kind_of_film(tmp_path, numbered, pictures, name):
    a = numbered("a.mp4", 12, first=60)
    render(film(one(Clip(source=a, duration_s=Fraction(1)))), tmp_path / name)
    import av

    with av.open(str(tmp_path / name)) as container:
        greys = [int(frame.to_ndarray(format="gray")[30, 40]) for frame in container.decode(video=0)]
    assert len(greys) == 10
    assert greys == sorted(greys)
    assert greys[-1] > greys[0]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Clip(source="gone.mp4", duration_s=Fraction(1)), r"tracks\[0\].items\[0\].*gone.mp4"),
        (Clip(source="a.mp4", duration_s=Fraction(9)), r"tracks\[0\].items\[0\].*a.mp4 ends at 1 s"),
        (Clip(source="text.mp4", duration_s=Fraction(1)), r"tracks\[0\].items\[0\].*can't be read as video"),
        (Still(source="text.mp4", duration_s=Fraction(1)), r"tracks\[0\].items\[0\].*not a picture"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_painted(tmp_path, numbered, item, said):
    numbered("a.mp4", 10)
    (tmp_path / "text.mp4").write_text("hello " * 100)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(TimelineError, match=said):
        render(film(one(item)), tmp_path / "out.mp4", find=tmp_path.joinpath)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (RenderSettings(codec="vp9"), "not 'vp9'"),
        (RenderSettings(preset="hasty"), "hasty"),
        (RenderSettings(quality=0), "1 to 100"),
    ],
)
def test_settings_that_no_encoder_takes(tmp_path, numbered, settings, said):
    a = numbered("a.mp4", 10)
    with pytest.raises(MediaError, match=said):
        render(film(one(Clip(source=a, duration_s=Fraction(1)))), tmp_path / "out.mp4", settings=settings)
    assert not (tmp_path / "out.mp4").exists()


def test_an_empty_timeline_and_odd_sides(tmp_path):
    with pytest.raises(MediaError, match="empty"):
        render(film(), tmp_path / "out.mp4")
    odd = Timeline(
        width_px=95,
        height_px=64,
        rate_fps=Fraction(10),
        tracks=(one(Colour(colour="#fff", duration_s=Fraction(1))),),
    )
    with pytest.raises(MediaError, match="96x64"):
        render(odd, tmp_path / "out.mp4")
