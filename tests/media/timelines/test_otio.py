"""OpenTimelineIO in and out: ours comes back exactly, other editors' is read, the hostile is refused."""

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitascope.media import MediaError, write_picture
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
    Marker,
    PictureTrack,
    SoundTrack,
    Still,
    TextStyle,
    Timeline,
    TimelineError,
    Title,
    Transition,
)
from vitascope.media.timelines.otio import beside, from_otio, read_timeline, sources, to_otio, write_timeline

F = Fraction
schema: Any = otio.schema
Time, Range = otio.opentime.RationalTime, otio.opentime.TimeRange

seconds = st.one_of(
    st.fractions(0, 100, max_denominator=10**6),
    st.integers(0, 3000).map(lambda frames: F(frames * 1001, 24000)),
)
lengths = seconds.filter(lambda s: s > 0)
shares = st.floats(0, 1, allow_subnormal=False)
letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
words = letters.filter(str.strip)
colours = st.from_regex(r"#[0-9a-f]{6}([0-9a-f]{2})?", fullmatch=True)
levels = st.builds(Level, gain_db=st.floats(-120, 40))
styles = st.builds(
    TextStyle,
    size=st.floats(0.005, 1),
    colour=colours,
    outline=st.floats(0, 0.5),
    bold=st.booleans(),
    align=st.sampled_from(["start", "left", "centre", "right", "end"]),
    max_lines=st.integers(0, 100),
    language=st.sampled_from(["", "ja", "zh-Hans"]),
)


@st.composite
def looks(draw: st.DrawFn, length: Fraction) -> Look:
    return Look(
        fit=draw(st.sampled_from(["cover", "contain", "stretch"])),
        x=draw(st.floats(0, 0.4)),
        width=draw(st.floats(0.1, 0.6)),
        opacity=draw(shares),
        corner_radius=draw(st.floats(0, 0.5)),
        fade_in_s=length * draw(st.fractions(0, F(1, 2), max_denominator=9)),
    )


@st.composite
def items(draw: st.DrawFn, sound: bool = False) -> Any:
    length = draw(lengths)
    about: dict[str, Any] = {"duration_s": length, "name": draw(letters)}
    kind = draw(st.sampled_from([Clip, Gap] if sound else [Clip, Still, Fill, Title, Colour, Gap]))
    if kind is not Gap:
        about["look"] = draw(looks(length))
    if kind is Clip:
        about |= {"source": draw(words), "start_s": draw(seconds), "level": draw(st.none() | levels)}
        about["speed"] = draw(st.sampled_from([F(1), F(0), F(-1), F(2), F(1, 3), F(-24000, 1001)]))
    elif kind is Still:
        about["source"] = draw(words)
    elif kind is Fill:
        about |= {
            "canvas": draw(st.sampled_from(["a.json", '{"seed": 18446744073709551615}'])),
            "start_s": draw(seconds),
        }
    elif kind is Title:
        about |= {"text": draw(words), "style": draw(styles)}
    elif kind is Colour:
        about["colour"] = draw(colours)
    return kind(**about)


@st.composite
def rows(draw: st.DrawFn, sound: bool = False) -> tuple[Any, ...]:
    found: list[Any] = []
    for item in draw(st.lists(items(sound), max_size=4)):
        if found and draw(st.booleans()):
            before = found[-1].duration_s / 2
            found.append(
                Transition(
                    in_s=before * draw(st.fractions(0, 1, max_denominator=7)),
                    out_s=item.duration_s / draw(st.integers(2, 9)),
                    kind=draw(st.sampled_from(["dissolve", "fade", "wipe", "push"])),
                    heading=draw(st.sampled_from(["left", "right", "up", "down"])),
                    softness=draw(shares),
                )
            )
        found.append(item)
    return tuple(found)


cues = st.builds(
    lambda start, length, text, line, align: Cue(
        start_s=start, stop_s=start + length, text=text, line=line, align=align
    ),
    *(seconds, lengths, words, st.none() | shares, st.none() | st.sampled_from(["left", "centre", "end"])),
)
tracks = st.one_of(
    st.builds(PictureTrack, items=rows(), name=letters, enabled=st.booleans()),
    st.builds(SoundTrack, items=rows(True), name=letters, level=levels),
    st.builds(
        CaptionTrack,
        cues=st.lists(cues, max_size=4).map(lambda found: tuple(sorted(found, key=lambda cue: cue.start_s))),
        style=styles,
        name=letters,
    ),
)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    found = draw(st.lists(tracks, max_size=4))
    if draw(st.booleans()):
        found += [
            PictureTrack(name="speech!"),
            SoundTrack(name="music!", duck=Duck(under="speech!")),
        ]
    return Timeline(
        width_px=draw(st.integers(1, 4000)),
        height_px=draw(st.integers(1, 4000)),
        rate_fps=draw(st.sampled_from([F(24), F(25), F(30000, 1001), F(2997, 100), F(1, 3), F(1000)])),
        tracks=tuple(found),
        name=draw(letters),
        ground=draw(colours),
        loudness=draw(st.none() | st.builds(Loudness, lufs=st.floats(-70, -5))),
        markers=tuple(
            draw(
                st.lists(
                    st.builds(Marker, at_s=seconds, duration_s=seconds, name=letters, colour=colours),
                    max_size=3,
                )
            )
        ),
    )


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(timelines())
def test_a_timeline_comes_back_exactly(timeline: Timeline) -> None:
    opened = from_otio(to_otio(timeline))
    assert opened.timeline == timeline
    assert opened.aside == ()
    assert opened.sized


def at(frames: float, rate: float = 24) -> Any:
    return Time(frames, rate)


def foreign(*children: Any, kind: str = "Video", **more: Any) -> Any:
    """A track of another editor."""
    track = schema.Track(kind=kind, **more)
    track.extend(children)
    return track


def shot(name: str = "shot", start: float = 0, length: float = 48, rate: float = 24, **more: Any) -> Any:
    more.setdefault("media_reference", schema.ExternalReference(target_url=f"{name}.mp4"))
    return schema.Clip(name=name, source_range=Range(at(start, rate), at(length, rate)), **more)


def opened(*tracks: Any) -> Any:
    timeline = schema.Timeline("theirs")
    timeline.tracks.extend(tracks)
    return from_otio(timeline.to_json_string(), size_px=(64, 36))


def test_another_editors_file_with_times_at_several_rates() -> None:
    reference = schema.ExternalReference("a.mov", available_range=Range(at(86400), at(240)))
    found = opened(
        foreign(
            shot("a", 86424, 48, media_reference=reference),
            schema.Transition(transition_type="SMPTE_Dissolve", in_offset=at(6), out_offset=at(12)),
            shot("b", 30, 60, 30),
            schema.Gap(source_range=Range(duration=at(12))),
        ),
        foreign(shot("song", 48000, 96000, 48000), kind="Audio"),
    )
    picture, sound = found.timeline.tracks
    assert found.timeline.rate_fps == 24
    first, dissolve, second, gap = picture.items
    assert (first.source, first.start_s, first.duration_s) == ("a.mov", 1, 2)
    assert first.level is None  # it has sound tracks, where editors put the sound
    assert (dissolve.kind, dissolve.in_s, dissolve.out_s) == ("dissolve", F(1, 4), F(1, 2))
    assert (second.start_s, second.duration_s, gap.duration_s) == (1, 2, F(1, 2))
    assert isinstance(sound, SoundTrack)
    assert (sound.items[0].start_s, sound.items[0].duration_s, sound.items[0].heard) == (1, 2, True)
    assert found.aside == ()


def test_broadcast_rates_are_the_fractions_they_stand_for() -> None:
    found = opened(foreign(shot(length=30, rate=29.97)))
    assert found.timeline.rate_fps == F(30000, 1001)
    assert found.timeline.duration_s == F(1001, 1000)


def test_without_sound_tracks_a_films_own_sound_is_heard() -> None:
    assert opened(foreign(shot())).timeline.tracks[0].items[0].heard


def test_speeds_and_freezes_and_what_is_left_aside() -> None:
    fast, still, blurred = shot("fast"), shot("still"), shot("blurred")
    fast.effects.append(schema.LinearTimeWarp(time_scalar=-1.5))
    still.effects.append(schema.FreezeFrame())
    blurred.effects.append(schema.Effect(name="b", effect_name="Gaussian Blur"))
    found = opened(foreign(fast, still, blurred), foreign(kind="Data"))
    assert [item.speed for item in found.timeline.tracks[0].items] == [F(-3, 2), 0, 1]
    assert found.aside == (
        "tracks[0].items[2]: the effect 'Gaussian Blur'",
        "tracks[1]: a track of kind 'Data'",
    )


def test_pictures_generators_and_disabled_clips() -> None:
    off = shot()
    off.enabled = False
    colour = schema.GeneratorReference(generator_kind="SolidColor", parameters={"color": "#ff8800"})
    bars = schema.GeneratorReference(generator_kind="SMPTEBars")
    sequence = schema.ImageSequenceReference(
        target_url_base="shots",
        name_prefix="s_",
        name_suffix=".png",
        frame_zero_padding=4,
        start_frame=1,
        rate=24,
    )
    found = opened(
        foreign(
            shot(media_reference=schema.ExternalReference("photo.JPG")),
            shot(media_reference=colour),
            shot("bars", media_reference=bars),
            off,
            shot(media_reference=sequence),
        )
    )
    photo, solid, nothing, gap, frames = found.timeline.tracks[0].items
    assert isinstance(photo, Still)
    assert solid == Colour(colour="#ff8800", duration_s=F(2), name="shot")
    assert isinstance(nothing, Gap)
    assert isinstance(gap, Gap)
    assert frames.source == "shots/s_%04d.png"
    assert found.aside == (
        "tracks[0].items[2]: what the generator 'SMPTEBars' would make; nothing is shown there",
    )


def test_missing_media_is_named() -> None:
    with pytest.raises(
        TimelineError, match=r"tracks\[0\].items\[1\] \('lost'\), tracks\[0\].items\[2\].*relink"
    ):
        opened(
            foreign(
                shot(),
                shot("lost", media_reference=schema.MissingReference()),
                shot("", media_reference=None),
            )
        )


def test_a_clip_that_says_no_length_is_refused_with_its_place() -> None:
    bare = schema.Clip(media_reference=schema.ExternalReference("a.mp4"))
    with pytest.raises(TimelineError, match=r"tracks\[0\].items\[0\]: says neither"):
        opened(foreign(bare))


def test_nested_compositions_lie_flat() -> None:
    """A stack of two layers inside of a track: the lower takes its place, the upper a track of its own."""
    stack = schema.Stack(source_range=Range(at(12), at(24)))
    stack.extend(
        [foreign(shot("low", 0, 48)), foreign(shot("high", 100, 24), shot("later", 0, 24), name="over")]
    )
    inner = foreign(shot("x", 0, 24), shot("y", 0, 24), source_range=Range(at(12), at(24)))
    found = opened(foreign(shot("first", 0, 24), stack, inner, shot("last", 0, 24)))
    under, over = found.timeline.tracks
    assert [(i.name, i.start_s, i.duration_s) for i in under.items] == [
        ("first", 0, 1),
        ("low", F(1, 2), 1),
        ("x", F(1, 2), F(1, 2)),
        ("y", 0, F(1, 2)),
        ("last", 0, 1),
    ]
    assert over.name == "over"
    assert [(i.name, i.duration_s) for i in over.items] == [("", 1), ("high", F(1, 2)), ("later", F(1, 2))]
    assert over.items[1].start_s == F(112, 24)


def test_a_track_cut_through_a_backwards_clip() -> None:
    back = shot("back", 0, 48)
    back.effects.append(schema.LinearTimeWarp(time_scalar=-1))
    whole = opened(foreign(back)).timeline.tracks[0].items[0]
    part = opened(foreign(back.clone(), source_range=Range(at(12), at(24)))).timeline.tracks[0].items[0]
    for time in (F(0), F(1, 3), F(1)):
        assert part.source_s(time) == whole.source_s(time + F(1, 2))


def test_transitions_without_room_are_made_to_fit_and_said() -> None:
    def dissolve() -> Any:
        return schema.Transition(transition_type="SMPTE_Dissolve", in_offset=at(24), out_offset=at(24))

    found = opened(foreign(dissolve(), shot(length=30), dissolve(), shot(length=48)))
    first, _, second, _ = found.timeline.tracks[0].items
    assert (first.in_s, first.out_s, second.in_s, second.out_s) == (0, 1, F(1, 4), 1)
    assert len(found.aside) == 2


def test_markers_come_along() -> None:
    clip = shot("a", 24, 48)
    clip.markers.append(schema.Marker(name="here", marked_range=Range(at(36), at(12)), color="GREEN"))
    found = opened(foreign(shot("first", 0, 24), clip)).timeline
    assert found.markers == (Marker(at_s=F(3, 2), name="here", duration_s=F(1, 2), colour="#00ff00"),)


def test_our_extras_yield_to_what_another_editor_changed() -> None:
    """It moves a clip by whole frames and keeps our metadata, which says the old times."""
    ours = Timeline(
        width_px=64,
        height_px=36,
        rate_fps=F(24),
        tracks=(
            PictureTrack(items=(Clip(source="a.mp4", duration_s=F(1, 7), start_s=F(1, 7), speed=F(1, 3)),)),
        ),
    )
    changed: Any = otio.adapters.read_from_string(to_otio(ours), "otio_json")
    clip = changed.tracks[0][0]
    clip.source_range = Range(at(48), clip.source_range.duration)
    clip.effects[0].time_scalar = 2.0
    item = from_otio(changed.to_json_string()).timeline.tracks[0].items[0]
    assert item == Clip(source="a.mp4", duration_s=F(1, 7), start_s=F(2), speed=F(2))


def test_other_editors_see_standard_parts() -> None:
    ours = Timeline(
        width_px=64,
        height_px=36,
        rate_fps=F(30000, 1001),
        tracks=(
            PictureTrack(
                items=(
                    Clip(source="a.mp4", duration_s=F(1001, 1000), start_s=F(1001, 3000), speed=F(2)),
                    Transition(in_s=F(1001, 30000), out_s=F(1001, 30000)),
                    Still(source="a.png", duration_s=F(1001, 500)),
                )
            ),
            CaptionTrack(cues=(Cue(start_s=F(0), stop_s=F(1), text="hello"),)),
        ),
    )
    theirs: Any = otio.adapters.read_from_string(to_otio(ours), "otio_json")
    clip, cut, still = theirs.tracks[0]
    assert clip.source_range == Range(Time(10, 30000 / 1001), Time(30, 30000 / 1001))
    assert clip.effects[0].time_scalar == 2
    assert cut.transition_type == "SMPTE_Dissolve"
    assert cut.in_offset.value == 1
    assert still.media_reference.target_url == "a.png"
    assert theirs.tracks[1].markers[0].name == "hello"


def test_unknown_kinds_are_left_aside_and_said() -> None:
    document = json.loads(to_otio(opened(foreign(shot())).timeline))
    children = document["tracks"]["children"][0]["children"]
    children.append({"OTIO_SCHEMA": "HologramClip.3", "name": "wow"})
    children[0]["effects"].append({"OTIO_SCHEMA": "TeleportEffect.1", "name": "zap"})
    found = from_otio(json.dumps(document))
    assert len(found.timeline.tracks[0].items) == 1
    assert found.aside == (
        "'zap' of unknown kind 'TeleportEffect.1'",
        "'wow' of unknown kind 'HologramClip.3'",
    )


def test_a_collection_of_one_and_a_bare_track() -> None:
    timeline = schema.Timeline("inside")
    timeline.tracks.append(foreign(shot()))
    collection = schema.SerializableCollection("bin", [timeline, shot()])
    assert from_otio(collection.to_json_string()).timeline.name == "inside"
    assert from_otio(foreign(shot()).to_json_string()).timeline.duration_s == 2
    collection.append(timeline.clone())
    with pytest.raises(TimelineError, match="holds 2 timelines"):
        from_otio(collection.to_json_string())


def broken(change: Callable[[Any], None]) -> str:
    timeline = Timeline(
        width_px=64,
        height_px=36,
        rate_fps=F(24),
        tracks=(PictureTrack(items=(Clip(source="a", duration_s=F(1)),)),),
    )
    document = json.loads(to_otio(timeline))
    change(document)
    return json.dumps(document)


def clip_in(document: Any) -> Any:
    return document["tracks"]["children"][0]["children"][0]


def with_extras(**changed: Any) -> str:
    return broken(lambda document: clip_in(document)["metadata"]["vitascope"].update(changed))


def with_span(part: str, **changed: Any) -> str:
    return broken(lambda document: clip_in(document)["source_range"][part].update(changed))


HOSTILE = {
    "nothing": ("", "no JSON"),
    "deep": ("[" * 100_000, "no JSON"),
    "deep and closed": (
        '{"OTIO_SCHEMA":"Timeline.1","metadata":{"a":' + "[" * 900 + "]" * 900 + "}}",
        "nested more than",
    ),
    "a number": ("5", "holds no timeline"),
    "not a timeline": ('{"a": 1}', "holds no timeline"),
    "no tracks": ('{"OTIO_SCHEMA": "Timeline.1"}', "can't read it"),
    "tracks of text": ('{"OTIO_SCHEMA": "Timeline.1", "tracks": "x"}', "can't read it"),
    "a later schema": ('{"OTIO_SCHEMA": "Timeline.99", "tracks": {}}', "can't read it"),
    "not a number": ('{"OTIO_SCHEMA": "Timeline.1", "a": NaN}', "NaN is not a number"),
    "ours, but newer": (broken(lambda d: d["metadata"]["vitascope"].update(version=9)), "newer Vitascope"),
    "no size": (broken(lambda d: d["metadata"]["vitascope"].pop("width_px")), "Timeline"),
    "a size of text": (broken(lambda d: d["metadata"]["vitascope"].update(width_px="5")), "width_px: '5'"),
    "a look of text": (with_extras(look="x"), r"items\[0\]: look: must be an object|look: must be an object"),
    "a fit of none": (with_extras(look={"fit": "zoom"}), "fit: one of cover"),
    "a gain of lists": (with_extras(level={"gain_db": [1]}), "gain_db"),
    "an endless gain": (with_extras(level={"gain_db": 1e300}), "gain_db: goes from"),
    "no rate": (with_span("duration", rate=0), "0.0 is not a rate"),
    "an endless time": (with_span("start_time", value=1e300), "not a time"),
    "before the media": (with_span("start_time", value=-5), "begins before its media"),
    "a year": (with_span("duration", value=1e9), "duration_s: "),
    "a broken name": (broken(lambda d: clip_in(d).update(name="\ud800")), "broken characters|can't read it"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_get_a_sentence(name: str) -> None:
    text, said = HOSTILE[name]
    with pytest.raises(MediaError, match=said):
        from_otio(text, name="bad.otio")


@settings(max_examples=150)
@given(st.data())
def test_mutated_files_are_read_or_refused(data: st.DataObject) -> None:
    """Any value of a real file replaced by any other: a timeline or a MediaError, nothing else."""
    document = json.loads(HOSTILE_SEED)
    node: Any = document
    while isinstance(node, dict | list) and node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.integers(0, 3)) == 0:
            node[key] = data.draw(
                st.sampled_from(
                    [None, -1, 0, 1e308, "", "x", [], {}, True, {"OTIO_SCHEMA": "Clip.1"}, [[]], 2**63]
                )
            )
            break
        node = node[key]
    with suppress(MediaError):
        from_otio(json.dumps(document))


HOSTILE_SEED = to_otio(
    Timeline(
        width_px=64,
        height_px=36,
        rate_fps=F(24),
        tracks=(
            PictureTrack(
                name="p",
                items=(
                    Clip(source="a.mp4", duration_s=F(1), speed=F(2)),
                    Transition(in_s=F(1, 7), out_s=F(1, 2)),
                    Title(text="hello", duration_s=F(1)),
                    Fill(canvas="a.json", duration_s=F(1)),
                ),
            ),
            SoundTrack(name="m", duck=Duck(under="p"), items=(Clip(source="m.wav", duration_s=F(1)),)),
            CaptionTrack(cues=(Cue(start_s=F(0), stop_s=F(1), text="hi"),)),
        ),
        markers=(Marker(at_s=F(1)),),
        loudness=Loudness(),
    )
)


def test_files_and_where_their_media_may_lie(tmp_path: Path) -> None:
    """A file's media are found beside it; nothing outside of its folder, unless a person asks."""
    project, outside = tmp_path / "project", tmp_path / "outside.png"
    (project / "media").mkdir(parents=True)
    picture = np.zeros((10, 20, 3), np.uint8)
    write_picture(project / "media" / "my photo.png", picture)
    write_picture(outside, picture)
    os.symlink(outside, project / "link.png")

    def timeline(source: str) -> Timeline:
        still = Still(source=source, duration_s=F(1))
        return Timeline(width_px=64, height_px=36, rate_fps=F(24), tracks=(PictureTrack(items=(still,)),))

    path = project / "cut.otio"
    for source in ("media/my photo.png", "media/my%20photo.png", "./media/../media/my photo.png"):
        write_timeline(path, timeline(source))
        assert read_timeline(path, resolve=beside(path)).timeline == timeline(source)
        assert beside(project)(source) == project / "media" / "my photo.png"
    for source in (
        "../outside.png",
        str(outside),
        f"file://{outside}",
        "link.png",
        "https://x.org/a.mp4",
        "data:,x",
        "lost.png",
    ):
        write_timeline(path, timeline(source))
        with pytest.raises(MediaError, match=r"tracks\[0\].items\[0\].source: "):
            read_timeline(path, resolve=beside(path))
    for source in ("../outside.png", str(outside), f"file://{outside}"):
        assert beside(path, allow_absolute=True)(source) == outside
    assert sources(timeline("a.png")) == (("tracks[0].items[0].source", "a.png"),)


def test_another_editors_file_takes_the_size_of_its_first_picture(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", np.zeros((10, 20, 3), np.uint8))
    theirs = schema.Timeline("theirs")
    theirs.tracks.append(foreign(shot(media_reference=schema.ExternalReference("a.png"))))
    path = tmp_path / "theirs.otio"
    path.write_text(theirs.to_json_string())
    found = read_timeline(path, resolve=beside(path))
    assert (found.timeline.width_px, found.timeline.height_px) == (20, 10)
    assert found.aside == ()
    assumed = read_timeline(path)
    assert (assumed.timeline.width_px, assumed.sized) == (1920, False)
    assert "1920x1080" in assumed.aside[0]


def test_only_otio_files(tmp_path: Path) -> None:
    (tmp_path / "a.otioz").write_bytes(b"PK")
    with pytest.raises(MediaError, match=r"timelines are read from \.otio"):
        read_timeline(tmp_path / "a.otioz")
    (tmp_path / "a.otio").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MediaError, match="no text in UTF-8"):
        read_timeline(tmp_path / "a.otio")
    with pytest.raises(MediaError, match=r"written as \.otio"):
        write_timeline(tmp_path / "a.xml", Timeline(width_px=1, height_px=1, rate_fps=F(1)))


def test_the_docs_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "timeline.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(code, found)
    assert found["film"].duration_s == 7
    assert (tmp_path / "holiday.otio").exists()
