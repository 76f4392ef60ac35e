"""Text as pictures: every script in its order, inside of the frame, and never an empty box for a letter."""

import unicodedata
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.media import MediaError
from vitascope.media.directions import base_level, levels, visual_order
from vitascope.media.marked_text import Piece
from vitascope.media.paragraphs import lines, paragraphs
from vitascope.media.text_styles import CAPTION_STYLE, TextStyle
from vitascope.media.timelines import (
    CaptionTrack,
    Cue,
    PictureTrack,
    Timeline,
    TimelineError,
    Title,
)
from vitascope.media.titles import (
    caption_picture,
    check_fonts,
    check_text,
    laid_over,
    title_frame,
    title_picture,
)
from vitascope.media.typefaces import Fonts, Typeface, Wish, faces_of, installed_fonts
from vitascope.media.typesetting import Drawn, typeset

F = Fraction
W, H = 320, 180
PLAIN = TextStyle(size=0.1)

SCRIPTS = {
    "Latin": "The quick brown fox jumps over the lazy dog, and then it sleeps in the sun.",
    "Latin with accents": "Ångström, façade, Žižek, Łódź, Việt Nam",
    "Greek and Cyrillic": "Γειά σου Κόσμε, привет, мир",
    "Arabic": "مرحبا بالعالم، هذا اختبار للنص العربي الطويل (مع أقواس) و 123 رقم",
    "Hebrew": "שלום עולם, זה מבחן (עם סוגריים) ו-Latin באמצע 2026!",
    "Hindi": "नमस्ते दुनिया, यह हिन्दी का एक लंबा वाक्य है: क्षत्रिय, ज्ञान",
    "Thai": "วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะกันเถอะแล้วค่อยกลับบ้าน",
    "Chinese": "人工智能生成的视频,可以在笔记本电脑上运行。「你好,世界!」他说,然后走了。",
    "Japanese": "今日は天気がいいので、「散歩に行きましょう。」と彼女は言った。",
    "Korean": "오늘은 날씨가 좋아서 산책하러 갑시다. 안녕하세요 세계!",
    "Emoji": "Hello 👋🏽 world 🌍 family 👨‍👩‍👧 flag 🇫🇷 heart ❤️",
}


def needs_font(text: str) -> None:
    """Skip where this machine has no font for a text; plain Latin has one everywhere."""
    try:
        check_text(text, PLAIN)
    except MediaError as error:
        if not text.isascii():
            pytest.skip(str(error))
        raise


def broken(text: str, width_px: int = 200, size_px: int = 20) -> list[str]:
    """Its lines, each in reading order."""
    (paragraph,) = paragraphs((Piece(text=text),), Wish(), "auto")
    found = lines(paragraph, size_px, width_px, 0)
    return ["".join(run.text() for run in sorted(line, key=lambda run: run.first)) for line in found]


def inside(drawn: Drawn, width_px: int = W, height_px: int = H) -> bool:
    tall, wide = drawn.rgba.shape[:2]
    return 0 <= drawn.left_px <= width_px - wide and 0 <= drawn.top_px <= height_px - tall


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("bold", [False, True])
def test_every_script_is_set_inside_of_the_frame(script: str, bold: bool) -> None:
    text = SCRIPTS[script]
    needs_font(text)
    style = replace(PLAIN, bold=bold, outline=0.08, shadow=0.05)
    drawn = title_picture(text, style, W, H)
    assert inside(drawn)
    assert drawn.rgba.dtype == np.uint8
    ink = drawn.rgba[..., 3] > 128
    assert ink.sum() > 500
    edges = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    assert not edges.any()  # nothing is cut off


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_letter_is_set_in_a_font_without_it(script: str) -> None:
    needs_font(SCRIPTS[script])
    for paragraph in paragraphs((Piece(text=SCRIPTS[script]),), Wish(), "auto"):
        for cluster in paragraph.clusters:
            assert cluster.face.has(cluster.text.replace("\ufe0e", ""))


@pytest.mark.parametrize("script", SCRIPTS)
def test_lines_fit_and_lose_nothing(script: str) -> None:
    text = SCRIPTS[script]
    needs_font(text)
    for width_px in (90, 200, 1000):
        (paragraph,) = paragraphs((Piece(text=text),), Wish(), "auto")
        found = lines(paragraph, 20, width_px, 0)
        assert all(sum(run.width_px(20) for run in line) <= width_px + 1 for line in found)
        read = "".join(broken(text, width_px))
        assert read.replace(" ", "") == unicodedata.normalize("NFC", text).replace(" ", "")


def test_words_stay_whole() -> None:
    assert broken("aaaa bbbb cccc dddd", 110) == ["aaaa bbbb", "cccc dddd"]
    assert broken("one\u00a0two three", 110)[0] == "one\u00a0two"
    long = broken("x" * 60)
    assert len(long) > 2
    assert "".join(long) == "x" * 60


def test_chinese_and_japanese_lines_begin_with_no_full_stop() -> None:
    for script in ("Chinese", "Japanese"):
        needs_font(SCRIPTS[script])
        for width_px in range(60, 300, 20):
            found = broken(SCRIPTS[script], width_px)
            assert not any(line[0] in "。、」," for line in found)
            assert not any(line[-1] == "「" for line in found)


def test_thai_lines_end_where_words_do() -> None:
    needs_font(SCRIPTS["Thai"])
    words = ["วันนี้", "อากาศดี", "มาก"]  # today, the weather is good, very
    found = broken("".join(words), 70)
    assert len(found) > 1
    ends = {"".join(words[:count]) for count in range(1, 4)} | {"วันนี้อากาศ", "วัน"}
    assert all("".join(found[: count + 1]) in ends for count in range(len(found)))


def test_korean_words_are_not_broken() -> None:
    needs_font(SCRIPTS["Korean"])
    for width_px in (110, 160, 220):
        assert " ".join(broken(SCRIPTS["Korean"], width_px)) == SCRIPTS["Korean"]


# What stands from left to right, by the reference implementation; brackets are named and not mirrored.
VISUAL = [
    ("abc אבג def", 0, "abc גבא def"),
    ("abc אבג def", 1, "def גבא abc"),
    ("אבג 123 דהו", 1, "והד 123 גבא"),
    ("אבג (abc) דהו", 1, "והד )abc( גבא"),
    ("car (אבג) x", 0, "car (גבא) x"),
    ("אב, 50% גד", 1, "דג 50% ,בא"),
    ("a 1-2 ב", 0, "a 1-2 ב"),
    ("عربي 12 كلمة", 1, "ةملك 12 يبرع"),
]


@pytest.mark.parametrize(("text", "base", "seen"), VISUAL)
def test_directions(text: str, base: int, seen: str) -> None:
    pairs = list(zip(text, levels(text, base), strict=True))
    assert "".join(letter for letter, _ in visual_order(pairs, lambda pair: pair[1])) == seen


@given(st.text(st.sampled_from("ab1 2(),.%-אבع٣+[]/:\u0301"), max_size=20), st.sampled_from([0, 1]))
def test_directions_are_a_permutation_with_sensible_levels(text: str, base: int) -> None:
    found = levels(text, base)
    ordered = visual_order(list(enumerate(found)), lambda pair: pair[1])
    assert sorted(index for index, _ in ordered) == list(range(len(text)))
    for letter, level in zip(text, found, strict=True):
        kind = unicodedata.bidirectional(letter)
        assert base <= level <= base + 2
        if kind in ("L", "R", "AL"):
            assert (level % 2 == 1) == (kind != "L")


def test_a_paragraph_runs_as_its_first_letter_does() -> None:
    assert [base_level(text) for text in ("123 אב", "(abc) אב", "...", "אב")] == [1, 0, 0, 1]
    assert base_level("abc", "rtl") == 1


def test_hebrew_begins_at_the_right_and_is_typed_from_there() -> None:
    needs_font("אבגדה")
    title = Title(text="אבגדהוזח", duration_s=F(2), style=PLAIN, animation="typewriter", animation_s=F(1))
    early, whole = title_frame(title, F(1, 4), W, H), title_frame(title, F(1), W, H)
    assert early is not None
    assert whole is not None
    columns = np.flatnonzero(early.rgba[..., 3].max(0) > 100)
    assert columns.min() > early.rgba.shape[1] * 0.6


def test_a_letter_that_no_font_has_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(MediaError, match=r"no font here has .*U\+0378"):
        title_picture("a\u0378", PLAIN, W, H)
    bare = Fonts(tuple(face for face in installed_fonts().faces if not face.path))
    assert bare.face("a", Wish()).family
    for letter, said in {
        "ا": "ARABIC LETTER ALEF.*the script Arabic.*fonts-noto-core",
        "中": "Chinese, Japanese and Korean.*fonts-noto-cjk",
        "😀": "emoji.*fonts-noto-color-emoji",
    }.items():
        with pytest.raises(MediaError, match=said):
            bare.face(letter, Wish())


def test_all_texts_are_checked_before_anything_is_drawn() -> None:
    captions = CaptionTrack(
        cues=(
            Cue(start_s=F(0), stop_s=F(1), text="fine"),
            Cue(start_s=F(0), stop_s=F(1), text="<i>\u0378</i>"),
        )
    )
    for tracks, where in (
        ((PictureTrack(), captions), "tracks[1].cues[1].text"),
        ((PictureTrack(items=(Title(text="\u0378", duration_s=F(1)),)),), "tracks[0].items[0].text"),
    ):
        with pytest.raises(TimelineError) as raised:
            check_fonts(Timeline(width_px=W, height_px=H, rate_fps=F(24), tracks=tracks))
        assert raised.value.where == where
    check_fonts(Timeline(width_px=W, height_px=H, rate_fps=F(24), tracks=(replace(captions, enabled=False),)))


def test_font_files_say_themselves_what_fontconfig_says() -> None:
    """The way without fontconfig: the file's own tables give the same letters."""
    known = [face for face in installed_fonts().faces if face.path.lower().endswith("dejavusans.ttf")]
    if not known:
        pytest.skip("DejaVu Sans isn't installed here")
    (read,) = faces_of(Path(known[0].path))
    assert (read.family, read.slanted, read.weight) == ("DejaVu Sans", False, known[0].weight)
    for code in (0x41, 0x3B1, 0x5D0, 0x4E00, 0x1F600, 0x110000 - 1):
        assert read.has(chr(code)) == known[0].has(chr(code))


def test_a_family_is_taken_where_it_has_the_letters() -> None:
    def face(family: str, first: str, last: str, **more: object) -> Typeface:
        about = {"index": 0, "weight": 80.0, "slanted": False} | more
        return Typeface(path=family, family=family, starts=(ord(first),), stops=(ord(last) + 1,), **about)  # type: ignore[arg-type]

    fonts = Fonts(
        (
            *(
                face("Serif One", " ", "z"),
                face("Noto Sans", " ", "z"),
                face("Noto Sans", " ", "z", weight=200.0, index=1),
            ),
            *(
                face("Noto Sans CJK SC", "一", "鿿"),
                face("Noto Sans CJK JP", "一", "鿿"),
                face("Noto Sans Mono", " ", "鿿"),
            ),
        )
    )
    assert fonts.face("a", Wish()).family == "Noto Sans"
    assert fonts.face("a", Wish(bold=True)).index == 1
    assert fonts.face("a", Wish(family="Serif One")).family == "Serif One"
    assert fonts.face("直", Wish(family="Serif One")).family == "Noto Sans CJK SC"
    assert fonts.face("直", Wish(language="ja")).family == "Noto Sans CJK JP"
    assert fonts.face(",", Wish(), before=fonts.faces[0]).family == "Serif One"


def test_emoji_are_in_colour() -> None:
    needs_font("👋")
    drawn = title_picture("👋🌍", PLAIN, W, H).rgba.astype(int)
    spread = drawn[..., :3].max(-1) - drawn[..., :3].min(-1)
    assert (spread[drawn[..., 3] > 200] > 60).mean() > 0.3
    assert 12 < drawn.shape[0] < 50  # as tall as the letters, about 18 px


def test_a_text_too_long_is_set_smaller_and_then_refused() -> None:
    short, long = "word", "many words that go on and on " * 8
    pieces = (Piece(text=long),)
    assert typeset((Piece(text=short),), PLAIN, (W, H)).size_px == 18
    assert 5 <= typeset(pieces, PLAIN, (W, H)).size_px < 18
    assert (
        typeset(pieces, replace(PLAIN, max_lines=4), (W, H)).size_px < typeset(pieces, PLAIN, (W, H)).size_px
    )
    with pytest.raises(MediaError, match="doesn't fit 16x9 px"):
        title_picture(long, PLAIN, 16, 9)
    with pytest.raises(MediaError, match="doesn't fit 1x1 px"):
        title_picture("a", PLAIN, 1, 1)


@given(
    st.sampled_from(["left", "centre", "right"]),
    st.sampled_from(["top", "middle", "bottom"]),
    st.floats(0, 0.2),
    st.booleans(),
)
def test_it_lies_where_the_style_says(across: str, down: str, margin: float, box: bool) -> None:
    style = replace(PLAIN, across=across, down=down, margin=margin, box_colour="#000000" if box else "")  # type: ignore[arg-type]
    drawn = title_picture("Where am I?", style, W, H)
    assert inside(drawn)
    tall, wide = drawn.rgba.shape[:2]
    for place, size, room, word in ((drawn.left_px, wide, W, across), (drawn.top_px, tall, H, down)):
        free = room - size
        wanted = {
            "left": margin * room,
            "top": margin * room,
            "right": free - margin * room,
            "bottom": free - margin * room,
        }
        assert abs(place - wanted.get(word, free / 2)) <= 1


def test_captions_read_on_white_and_on_black() -> None:
    """White letters with a dark edge: on any ground both are there, beside each other."""
    cue = (Cue(start_s=F(0), stop_s=F(1), text="Readable"),)
    (drawn,) = caption_picture(cue, CAPTION_STYLE, 640, 360)
    for ground in (0, 128, 255):
        shown = laid_over(np.full((360, 640, 3), ground, np.uint8), drawn)
        block = shown[drawn.top_px : drawn.top_px + drawn.rgba.shape[0]]
        assert (block > 240).all(-1).sum() > 300
        assert (block < 30).all(-1).sum() > 300


def test_captions_at_once_lie_beside_each_other() -> None:
    cues = tuple(
        Cue(start_s=F(0), stop_s=F(1), text=text) for text in ("first", "second\nof two lines", "third")
    )
    found = caption_picture(cues, CAPTION_STYLE, W, H)
    tops = [(drawn.top_px, drawn.top_px + drawn.rgba.shape[0]) for drawn in found]
    assert tops[0][0] >= tops[1][1]
    assert tops[1][0] >= tops[2][1]
    assert all(inside(drawn) for drawn in found)
    assert caption_picture(cues, CAPTION_STYLE, W, H) is found


def test_a_cue_says_where_it_lies() -> None:
    cue = Cue(start_s=F(0), stop_s=F(1), text="here", line=0.25, position=0.75)
    (drawn,) = caption_picture((cue,), CAPTION_STYLE, W, H)
    tall, wide = drawn.rgba.shape[:2]
    assert abs(drawn.top_px + tall / 2 - H * 0.25) <= 1
    assert abs(drawn.left_px + wide / 2 - W * 0.75) <= 1


def test_marks_change_the_letters() -> None:
    def shown(text: str) -> bytes:
        (drawn,) = caption_picture(
            (Cue(start_s=F(0), stop_s=F(1), text=text),), replace(CAPTION_STYLE, bold=False), W, H
        )
        return drawn.rgba.tobytes()

    assert shown("word") != shown("<u>word</u>")
    assert shown("a &lt; b") == shown("a < b")


def alpha(title: Title, time: Fraction) -> np.ndarray:
    """The title's alpha in the whole frame."""
    drawn = title_frame(title, time, W, H)
    frame = np.zeros((H, W), int)
    if drawn is not None:
        assert inside(drawn)
        tall, wide = drawn.rgba.shape[:2]
        frame[drawn.top_px : drawn.top_px + tall, drawn.left_px : drawn.left_px + wide] = drawn.rgba[..., 3]
    return frame


def test_animations_come_in_and_end_as_the_title() -> None:
    times = [F(k, 10) for k in range(11)]
    for animation in ("fade", "rise", "typewriter"):
        title = Title(text="Hello there", duration_s=F(3), style=PLAIN, animation=animation, animation_s=F(1))  # type: ignore[arg-type]
        assert title_frame(title, F(0), W, H) is None
        whole = title_picture(title.text, title.style, W, H)
        assert title_frame(title, F(1), W, H) is whole
        assert title_frame(title, F(5, 2), W, H) is whole
        sums = [alpha(title, time).sum() for time in times]
        assert sums == sorted(sums)
        assert sums[5] < sums[-1]
    still = Title(text="Hello there", duration_s=F(3), style=PLAIN)
    assert title_frame(still, F(0), W, H) is title_picture(still.text, still.style, W, H)


def test_typed_letters_stay_in_their_places() -> None:
    title = Title(
        text="Hello there\nyou two", duration_s=F(3), style=PLAIN, animation="typewriter", animation_s=F(1)
    )
    before = alpha(title, F(0))
    for time in (F(1, 5), F(1, 2), F(4, 5), F(1)):
        now = alpha(title, time)
        assert (now >= before - 40).all()  # an edge of a letter may give way to its neighbour's
        before = now


def test_a_rising_title_comes_from_below() -> None:
    title = Title(text="Up", duration_s=F(3), style=PLAIN, animation="rise", animation_s=F(1))
    rows = [np.flatnonzero(alpha(title, time).max(1))[0] for time in (F(1, 10), F(1, 2), F(1))]
    assert rows == sorted(rows, reverse=True)
    assert rows[0] > rows[-1]


def test_a_title_at_the_lower_edge_sinks_out_of_the_frame() -> None:
    style = replace(PLAIN, down="bottom", margin=0.0, size=0.4)
    title = Title(text="Up", duration_s=F(3), style=style, animation="rise", animation_s=F(1))
    assert alpha(title, F(1, 20)).sum() > 0


@given(st.text(max_size=40))
def test_any_text_is_set_or_refused(text: str) -> None:
    try:
        drawn = title_picture(text, PLAIN, W, H)
    except MediaError as error:
        assert "no font here has" in str(error) or "doesn't fit" in str(error)  # noqa: PT017
    else:
        assert inside(drawn)


def test_shapes_of_text_that_could_hurt() -> None:
    for text in (
        "a" + "\u0301" * 20,
        "\u202e" * 50 + "abc",
        "\u200b" * 100 + "x",
        "x\n" * 6,
        " ",
        "\u2066a\u2069",
    ):
        assert inside(title_picture(text, PLAIN, W, H))
    with pytest.raises(MediaError, match="doesn't fit"):
        title_picture("a" + "\u0301" * 500, PLAIN, W, H)
    assert (
        title_picture("\u202eabc", PLAIN, W, H).rgba.tobytes()
        == title_picture("abc", PLAIN, W, H).rgba.tobytes()
    )
