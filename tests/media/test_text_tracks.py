"""A text track goes into the file, and nothing else of the film changes."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vitascope.media import MediaError
from vitascope.media.text_tracks import add_text_track, one_at_a_time
from vitascope.media.timelines import CaptionTrack, Cue

F = Fraction
CUES = (
    Cue(start_s=F(1, 10), stop_s=F(1, 2), text="<i>café</i> &lt;3"),
    Cue(start_s=F(2, 5), stop_s=F(4, 5), text="two\nlines"),
)


def packets(path: Path, kind: str) -> list[tuple[float, bytes]]:
    """(time, bytes) of all packets of a kind."""
    with av.open(str(path)) as film:
        streams: Any = [stream for stream in film.streams if stream.type == kind]
        return [(float(p.pts * p.time_base), bytes(p)) for p in film.demux(streams) if p.pts is not None]


@pytest.mark.parametrize(
    ("name", "codec", "said"),
    [
        ("a.mp4", "libx264", [(0.1, "café <3"), (0.4, "café <3\ntwo\nlines"), (0.5, "two\nlines")]),
        ("a.mov", "libx264", [(0.1, "café <3"), (0.4, "café <3\ntwo\nlines"), (0.5, "two\nlines")]),
        ("a.mkv", "libx264", [(0.1, "<i>café</i> <3"), (0.4, "two\nlines")]),
        ("a.webm", "libvpx-vp9", [(0.1, "<i>café</i> &lt;3"), (0.4, "two\nlines")]),
    ],
)
def test_the_text_is_there_and_the_pictures_are_the_same(
    film: Callable[..., Path], tmp_path: Path, name: str, codec: str, said: list[tuple[float, str]]
) -> None:
    clip = film(f"in{Path(name).suffix}", codec=codec)
    add_text_track(clip, CaptionTrack(cues=CUES, language="eng"), tmp_path / name)
    assert [data for _, data in packets(tmp_path / name, "video")] == [
        data for _, data in packets(clip, "video")
    ]
    skip = 2 if Path(name).suffix in (".mp4", ".mov") else 0  # how many letters come, before them
    found = [(round(time, 3), data[skip:].decode()) for time, data in packets(tmp_path / name, "subtitle")]
    assert [pair for pair in found if pair[1]] == said
    with av.open(str(tmp_path / name)) as made:
        assert made.streams.subtitles[0].metadata["language"] == "eng"


def test_sound_comes_along(film: Callable[..., Path], tmp_path: Path) -> None:
    sound = np.sin(np.arange(48_000) / 20).astype(np.float32)[:, None]
    clip = film("in.mov", sound=sound)
    add_text_track(clip, CaptionTrack(cues=CUES), tmp_path / "a.mov")
    assert packets(tmp_path / "a.mov", "audio") == packets(clip, "audio")


def test_what_has_no_place_for_it(film: Callable[..., Path], tmp_path: Path) -> None:
    clip = film("in.mp4")
    for name, said in (("a.gif", "a text track goes into"), ("a.webm", "does not support 'libx264'")):
        with pytest.raises(MediaError, match=said):
            add_text_track(clip, CaptionTrack(cues=CUES), tmp_path / name)
        assert not (tmp_path / name).exists()


def test_captions_one_at_a_time_say_the_same() -> None:
    cues = tuple(
        Cue(start_s=F(a), stop_s=F(b), text=t)
        for a, b, t in ((0, 5, "a"), (1, 3, "b"), (3, 4, "c"), (7, 8, "d"))
    )
    track = CaptionTrack(cues=cues)
    single = CaptionTrack(cues=tuple(one_at_a_time(cues)))
    for tenth in range(90):
        now = single.at(F(tenth, 10))
        assert len(now) <= 1
        assert "\n".join(cue.text for cue in now) == "\n".join(cue.text for cue in track.at(F(tenth, 10)))
