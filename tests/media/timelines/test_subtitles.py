"""SRT and WebVTT: what we write comes back, and what others wrote badly is read."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.media import MediaError
from vitascope.media.marked_text import escaped, pieces, plain
from vitascope.media.timelines import CaptionTrack, Cue
from vitascope.media.timelines.subtitles import (
    LARGEST_FILE_BYTES,
    from_srt,
    from_vtt,
    read_subtitles,
    to_srt,
    to_vtt,
    write_subtitles,
)

F = Fraction


def texts(track: CaptionTrack) -> list[str]:
    return [cue.text for cue in track.cues]


def spans(track: CaptionTrack) -> list[tuple[float, float]]:
    return [(float(cue.start_s), float(cue.stop_s)) for cue in track.cues]


# Letters that end no line, and none of the signs that only a mark may hold.
letters = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"])
line = st.text(letters, min_size=1, max_size=12)
body = st.lists(line, min_size=1, max_size=3).map("\n".join)


@st.composite
def marked(draw: st.DrawFn, write: Any) -> str:
    sign = draw(st.sampled_from(["", "b", "i", "u"]))
    text = write(draw(body))
    return f"<{sign}>{text}</{sign}>" if sign else text


@st.composite
def captions(draw: st.DrawFn, text: Any, places: bool) -> CaptionTrack:
    cues: list[Cue] = []
    for _ in range(draw(st.integers(1, 4))):
        start_ms = draw(st.integers(0, 10**7))
        about: dict[str, Any] = {}
        if places:
            share = st.none() | st.floats(0, 1)
            about = {"line": draw(share), "position": draw(share)}
            about["align"] = draw(st.none() | st.sampled_from(["start", "left", "centre", "right", "end"]))
        cues.append(
            Cue(
                start_s=F(start_ms, 1000),
                stop_s=F(start_ms + draw(st.integers(1, 9999)), 1000),
                text=draw(text),
                **about,
            )
        )
    return CaptionTrack(cues=tuple(sorted(cues, key=lambda cue: cue.start_s)))


@given(captions(marked(escaped), places=True))
def test_webvtt_comes_back_exactly(track: CaptionTrack) -> None:
    found = from_vtt(to_vtt(track))
    assert found.track == track
    assert found.aside == ()


def _srt_can(text: str) -> bool:
    lines = text.split("\n")
    return not any(sign in text for sign in "<>{&") and not lines[-1].isdecimal()


@given(captions(marked(lambda text: text).filter(lambda text: _srt_can(plain(text))), places=False))
def test_srt_comes_back_exactly(track: CaptionTrack) -> None:
    found = from_srt(to_srt(track))
    assert found.track == track
    assert found.aside == ()


@given(st.text(max_size=60))
def test_escaped_text_has_no_marks(text: str) -> None:
    assert plain(escaped(text)) == text
    assert len(pieces(escaped(text))) <= 1


def test_marks() -> None:
    found = [
        (p.text, p.bold, p.italic, p.underlined) for p in pieces("a<b>b<i>c</i></b></b>d<u>&lt;i&gt;<x>")
    ]
    assert found == [
        ("a", False, False, False),
        ("b", True, False, False),
        ("c", True, True, False),
        ("d", False, False, False),
        ("<i><x>", False, False, True),
    ]


FLAWED = """\ufeff
1
00:00:01,000 --> 00:00:02,000
<I>Numbers</I> &amp; <font color="#ff0000">tags</font> 1 < 2


00:00:03.5 --> 00:00:04.25
no number, dots

3
0:00:06,000 -> 0:00:05,000  X1:10 X2:20
backwards
4
00:07,000 --> 00:08,000
no blank line before, no hours
{\\an8}top

7

00:00:09,000 --> 00:00:09,000
no length

8
00:00:00,200 --> 00:00:00,700
out of order

and a blank line
9
00:00:11,000 --> 00:00:12,000

"""


def test_flawed_srt_is_read() -> None:
    found = from_srt(FLAWED.replace("\n", "\r\n"))
    assert texts(found.track) == [
        "out of order\nand a blank line",
        "<i>Numbers</i> &amp;amp; tags 1 &lt; 2",
        "no number, dots",
        "backwards",
        "no blank line before, no hours\ntop",
    ]
    assert spans(found.track) == [(0.2, 0.7), (1, 2), (3.5, 4.25), (5, 6), (7, 8)]
    assert found.track.cues[-1].line == 0.1
    assert found.aside == ("caption 5: it is shown from 9 s to 9 s",)


VTT = """WEBVTT - a title
Kind: captions
Language: pt-BR

STYLE
::cue { color: red }

NOTE nothing
of use

intro
00:01.000 --> 00:02.000 line:90%,end position:10% align:start size:50%
<v Ana>Ol\u00e1 <c.loud>&lt;mundo&gt;</c> <00:00:01.500><b>!</b>&nbsp;

00:00:03.000 --> 00:00:05.000 line:-1 align:middle
over
00:00:04.000 --> 00:00:06.000
lap
"""


def test_webvtt_of_others_is_read() -> None:
    found = from_vtt(VTT)
    assert texts(found.track) == ["Olá &lt;mundo&gt; <b>!</b>", "over", "lap"]
    assert found.track.language == "pt-BR"
    first, second, _ = found.track.cues
    assert (first.line, first.position, first.align) == (0.9, 0.1, "start")
    assert (second.line, second.align) == (pytest.approx(0.97, abs=0.01), "centre")
    assert [cue.text for cue in found.track.at(F(9, 2))] == ["over", "lap"]
    assert found.aside == ("a block 'STYLE'", "caption 1: the setting 'size:50%'")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes("1\n00:00:01,000 --> 00:00:02,000\nça va, naïve “café”?\n".encode(encoding))
    assert texts(read_subtitles(path).track) == ["ça va, naïve “café”?"]


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes("1\n00:00:01,000 --> 00:00:02,000\nпривет\n".encode("cp1251"))
    assert texts(read_subtitles(path, encoding="cp1251").track) == ["привет"]
    with pytest.raises(MediaError, match="can't be read as 'klingon'"):
        read_subtitles(path, encoding="klingon")


def test_one_kind_becomes_the_other(tmp_path: Path) -> None:
    cue = Cue(start_s=F(1), stop_s=F(2), text="<i>a</i> &lt; b", line=0.1)
    write_subtitles(tmp_path / "a.vtt", CaptionTrack(cues=(cue,)))
    write_subtitles(tmp_path / "b.srt", read_subtitles(tmp_path / "a.vtt").track)
    assert (
        tmp_path / "b.srt"
    ).read_text() == "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<i>a</i> < b\n".replace(
        "<i>a</i> < b", "<i>a</i> < b"
    )
    assert read_subtitles(tmp_path / "b.srt").track.cues == (cue,)


def test_what_is_no_subtitle_gets_a_sentence(tmp_path: Path) -> None:
    for name, data in {"a.srt": b"hello", "b.vtt": b"WEBVTT\n", "c.srt": b"\0" * 1000}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(MediaError, match="holds no caption"):
            read_subtitles(tmp_path / name)
    with (tmp_path / "big.srt").open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)
    with pytest.raises(MediaError, match="more than 16 MiB"):
        read_subtitles(tmp_path / "big.srt")
    with pytest.raises(MediaError, match=r"written as .srt or .vtt"):
        write_subtitles(tmp_path / "a.txt", CaptionTrack())


def test_too_much_is_refused_or_left_aside() -> None:
    found = from_srt(
        "00:00:01,000 --> 00:00:02,000\n" + "a" * 5000 + "\n\n9999:00:00,0 --> 9999:00:01,0\nb\n"
    )
    assert found.track.cues == ()
    assert len(found.aside) == 2
    with pytest.raises(MediaError, match="50,001 captions are more than 50,000"):
        from_srt("00:00:01,000 --> 00:00:02,000\na\n" * 50_001)


@given(st.text(st.sampled_from("0123456789:,.-> \n<>/ibWEBVTT{}\\an&;%"), max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for track in (from_srt(text).track, from_vtt(text).track):
        assert all(cue.start_s < cue.stop_s for cue in track.cues)
