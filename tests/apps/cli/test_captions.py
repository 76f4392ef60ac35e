"""captions: drawn into a clip, added as a text track, or turned into the other format."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import read_clip, read_sound, write_video

Command = Callable[..., Any]

SRT = """\
1
00:00:00,300 --> 00:00:00,600
Hello <i>there</i>

2
00:00:00,600 --> 00:00:00,900
{\\an8}Up here
"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Ten grey frames in a second, with a tone."""
    sound = Sound(np.sin(np.arange(48_000) / 20).astype(np.float32)[:, None] / 2, 48_000)
    frames = (np.full((90, 160, 3), 128, np.uint8) for _ in range(10))
    write_video(tmp_path / "clip.mp4", frames, 10, sound=sound)
    (tmp_path / "words.srt").write_text(SRT)
    return tmp_path / "clip.mp4"


def test_they_are_drawn_while_they_are_said(vitascope: Command, clip: Path, tmp_path: Path) -> None:
    ran = vitascope("captions", "clip.mp4", "words.srt", "-o", "out.mp4")
    assert (ran.status, ran.out) == (0, "out.mp4\n")
    frames = read_clip(tmp_path / "out.mp4")
    changed = np.abs(frames.astype(int) - 128).max(-1) > 60
    shown = changed.any((1, 2))
    assert shown.tolist() == [False] * 3 + [True] * 6 + [False]
    rows = [np.flatnonzero(changed[number].any(1)).mean() for number in (4, 7)]
    assert rows[0] > 60  # the first at the bottom
    assert rows[1] < 30  # the second at the top
    before, after = read_sound(clip), read_sound(tmp_path / "out.mp4")
    assert abs(len(before.samples) - len(after.samples)) < 4800
    assert np.abs(after.samples).max() > 0.3


def test_they_go_along_as_text(vitascope: Command, clip: Path, tmp_path: Path) -> None:
    ran = vitascope("captions", "clip.mp4", "words.srt", "--soft", "--language", "eng")
    assert (ran.status, ran.out) == (0, "clip-captions.mp4\n")
    with av.open(str(tmp_path / "clip-captions.mp4")) as film:
        texts = [bytes(packet)[2:] for packet in film.demux(film.streams.subtitles[0])]
        assert [text for text in texts if text] == [b"Hello there", b"Up here"]
    assert (read_clip(tmp_path / "clip-captions.mp4") == read_clip(clip)).all()


def test_srt_becomes_webvtt(vitascope: Command, clip: Path, tmp_path: Path) -> None:
    ran = vitascope("captions", "words.srt", "-o", "words.vtt", "--language", "en")
    assert (ran.status, ran.out) == (0, "words.vtt\n")
    assert (
        (tmp_path / "words.vtt")
        .read_text()
        .startswith("WEBVTT\nLanguage: en\n\n00:00:00.300 --> 00:00:00.600\nHello <i>there</i>\n")
    )


def test_what_is_left_aside_is_said(vitascope: Command, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.srt").write_text(SRT + "\n00:00:02,000 --> 00:00:02,000\nnever\n")
    ran = vitascope("captions", "odd.srt", "-o", "odd.vtt")
    assert ran.status == 0
    assert "Left aside: caption 3: it is shown from 2 s to 2 s." in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("clip.mp4",), "name the .srt or .vtt file with the captions"),
        (("clip.mp4", "clip.mp4"), "clip.mp4: not .srt or .vtt"),
        (("words.srt",), "name the .srt or .vtt file to write"),
        (("clip.mp4", "lost.srt"), "lost.srt: no such file"),
        (("words.srt", "words.srt", "-o", "a.mp4"), "words.srt"),
        (("clip.mp4", "strange.srt", "-o", "a.mp4"), "cues[0].text: no font here has"),
        (("clip.mp4", "words.srt", "--soft", "-o", "a.gif"), "a text track goes into"),
        (("clip.mp4", "words.srt", "--encoding", "klingon", "-o", "a.mp4"), "klingon"),
    ],
)
def test_wrong_asks(
    vitascope: Command, clip: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "strange.srt").write_text(SRT.replace("Hello", "\u0378"))
    ran = vitascope("captions", *arguments)
    assert ran.status != 0
    assert said in ran.err
    assert not list(tmp_path.glob("a.*"))


def test_the_looks_that_can_be_asked_for(vitascope: Command, clip: Path, tmp_path: Path) -> None:
    """A dark box covers more than letters with an edge do; --top is above."""
    dark: list[int] = []
    for options in ((), ("--box",), ("--box", "--top", "--text-size", "0.1")):
        assert vitascope("captions", "clip.mp4", "words.srt", "-o", "out.mp4", *options).status == 0
        frame = read_clip(tmp_path / "out.mp4")[int(Fraction(4))]
        dark.append(int((frame < 80).all(-1).sum()))
        rows = np.flatnonzero((frame < 80).all(-1).any(1))
        assert (rows.mean() < 45) == ("--top" in options)
    assert dark[0] < dark[1] < dark[2]
