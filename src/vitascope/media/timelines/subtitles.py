"""Subtitle files, SRT and WebVTT, in and out of a caption track. Knows nothing of films.

Reading forgives what files in the wild get wrong, and says what it leaves aside. Times are kept to the
millisecond that both formats have.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place, regular_file
from vitascope.media.marked_text import escaped, pieces
from vitascope.media.timelines.documents import MOST_CUES
from vitascope.media.timelines.errors import TimelineError
from vitascope.media.timelines.items import LONGEST_S, LONGEST_TEXT
from vitascope.media.timelines.tracks import CaptionTrack, Cue
from vitascope.media.whole import whole_file

LARGEST_FILE_BYTES = 16 << 20
SUFFIXES = (".srt", ".vtt")

_TIME = r"(?:(\d{1,4})\s?:\s?)?(\d{1,3})\s?:\s?(\d{1,2})(?:\s?[,.:]\s?(\d{1,9}))?"
_TIMING = re.compile(rf"\s*{_TIME}\s*-{{1,3}}>\s*{_TIME}(?:\s+(.*))?\s*", re.ASCII)
_LINE_END = re.compile("\r\n|\r|\n")
_TAG = re.compile(r"<(/?)([A-Za-z0-9:.]{1,40})[^<>\n]{0,200}>")
_ASS = re.compile(r"\{\\([^{}\n]{0,80})\}")
_KEPT_TAGS = {"i": "i", "em": "i", "b": "b", "strong": "b", "u": "u"}
_SRT_TAGS = {*_KEPT_TAGS, "font", "s", "c", "v", "span"}
_TOP, _MIDDLE = 0.1, 0.5  # where SRT's {\an8} and {\an5} lie
_VTT_LINES = 18  # how many lines "line:3" counts from the top, of a player's usual size
_ALIGNS = {
    "start": "start",
    "left": "left",
    "center": "centre",
    "middle": "centre",
    "right": "right",
    "end": "end",
}
_SAID = 20  # things left aside that are told one by one


@dataclass(frozen=True, kw_only=True)
class Subtitles:
    """The captions of a file, and in words what was left aside; empty: nothing."""

    track: CaptionTrack
    aside: tuple[str, ...] = ()


def read_subtitles(path: Place, *, encoding: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Subtitles:
    """Read an .srt or .vtt file; what it is, its beginning says, else its suffix.

    `encoding` None: by its byte order mark, else UTF-8, else UTF-16 without a mark, else Windows-1252. Raises
    MediaError for what holds no caption at all.
    """
    place = regular_file(path, limits)
    if place.stat().st_size > LARGEST_FILE_BYTES:
        raise MediaError(f"{place}: subtitles of more than {LARGEST_FILE_BYTES >> 20} MiB")
    text = _decoded(place.read_bytes(), encoding, place.name)
    found = from_vtt(text) if _is_vtt(text) or place.suffix.lower() == ".vtt" else from_srt(text)
    if not found.track.cues:
        raise MediaError(f'{place.name}: holds no caption; one begins with "00:00:01,000 --> 00:00:02,500"')
    return found


def write_subtitles(path: Place, track: CaptionTrack) -> None:
    """Write a caption track as .srt or .vtt, in UTF-8; the file appears whole or not at all."""
    writers: dict[str, Callable[[CaptionTrack], str]] = {".srt": to_srt, ".vtt": to_vtt}
    suffix = Path(path).suffix.lower()
    if suffix not in writers:
        raise MediaError(f"{path}: captions are written as {' or '.join(writers)}")
    with whole_file(Path(path)) as part:
        part.write_text(writers[suffix](track), encoding="utf-8", newline="\n")


def from_srt(text: str) -> Subtitles:
    """The captions in the text of an .srt file.

    Forgiven: wrong or missing numbers, blank lines missing or too many, dots for commas, times without hours,
    ends before starts (taken the other way round), captions out of order. <i>, <b>, <u> and a place such as
    {\\an8} are kept, other marks are taken out.
    """
    aside: list[str] = []
    cues: list[Cue] = []
    for number, (timing, body) in enumerate(_srt_blocks(_LINE_END.split(text)), 1):
        marked, line = _from_srt_text("\n".join(body))
        _add(cues, aside, number, timing, marked, {"line": line})
    return _made(cues, aside)


def from_vtt(text: str) -> Subtitles:
    """The captions in the text of a .vtt file, with line, position and align; styles are left aside."""
    aside: list[str] = []
    cues: list[Cue] = []
    language = ""
    for number, block in enumerate(_blocks(_LINE_END.split(text.lstrip("\ufeff")))):
        place = next((index for index, line in enumerate(block[:2]) if _TIMING.fullmatch(line)), None)
        if place is None:
            if number == 0:
                language = next(
                    (line[9:].strip() for line in block if line.lower().startswith("language:")), ""
                )
            elif not block[0].startswith("NOTE"):
                aside.append(f"a block {block[0][:30]!r}")
            continue
        timing = _TIMING.fullmatch(block[place])
        assert timing
        settings, unknown = _settings(timing[9] or "")
        aside.extend(f"caption {len(cues) + 1}: the setting {word[:40]!r}" for word in unknown)
        _add(cues, aside, len(cues) + 1, timing, _from_vtt_text("\n".join(block[place + 1 :])), settings)
    return _made(cues, aside, language[:35])


def to_srt(track: CaptionTrack) -> str:
    """The text of an .srt file. It has places for the top, middle and bottom only, and no way to write a mark
    as plain text: the letters <i> come back as a mark.
    """
    parts: list[str] = []
    for number, cue in enumerate(track.cues, 1):
        where = "" if cue.line is None or cue.line > 2 / 3 else r"{\an8}" if cue.line < 1 / 3 else r"{\an5}"
        parts.append(f"{number}\n{_span(cue, ',')}\n{where}{srt_text(cue.text)}\n")
    return "\n".join(parts)


def to_vtt(track: CaptionTrack) -> str:
    """The text of a .vtt file."""
    head = "WEBVTT\n" + (f"Language: {track.language}\n" if track.language else "")
    parts = [head]
    for cue in track.cues:
        settings: list[str] = []
        if cue.line is not None:
            settings.append(f"line:{_percent(cue.line)},center")
        if cue.position is not None:
            settings.append(f"position:{_percent(cue.position)},center")
        if cue.align is not None:
            settings.append("align:" + {"centre": "center"}.get(cue.align, cue.align))
        parts.append(f"{' '.join([_span(cue, '.'), *settings])}\n{vtt_text(cue.text)}\n")
    return "\n".join(parts)


def srt_text(marked: str) -> str:
    """A caption's text as an .srt file has it."""
    return "\n".join(_without_blanks(_marked(marked, lambda plain: plain)))


def vtt_text(marked: str) -> str:
    """A caption's text as a .vtt file has it."""
    return "\n".join(_without_blanks(_marked(marked, escaped)))


def _made(cues: list[Cue], aside: list[str], language: str = "") -> Subtitles:
    if len(aside) > _SAID:
        aside = [*aside[:_SAID], f"and {len(aside) - _SAID} more"]
    ordered = tuple(sorted(cues, key=lambda cue: cue.start_s))
    return Subtitles(track=CaptionTrack(cues=ordered, language=language), aside=tuple(aside))


def _add(
    cues: list[Cue],
    aside: list[str],
    number: int,
    timing: re.Match[str],
    marked: str,
    settings: dict[str, float | str | None],
) -> None:
    if len(cues) >= MOST_CUES:
        raise TimelineError(f"its captions are more than {MOST_CUES:,}; split the file")
    if not "".join(piece.text for piece in pieces(marked)).strip():
        return  # an empty caption is how some editors end the one before
    start_s, stop_s = sorted((_seconds(timing, 1), _seconds(timing, 5)))
    if start_s == stop_s or stop_s > LONGEST_S:
        aside.append(f"caption {number}: it is shown from {float(start_s):g} s to {float(stop_s):g} s")
    elif len(marked) > LONGEST_TEXT:
        aside.append(f"caption {number}: its text of {len(marked):,} letters; at most {LONGEST_TEXT:,}")
    else:
        kept = {name: value for name, value in settings.items() if value is not None}
        cues.append(Cue(start_s=start_s, stop_s=stop_s, text=marked, **kept))  # type: ignore[arg-type]


def _seconds(timing: re.Match[str], first: int) -> Fraction:
    hours, minutes, seconds, parts = (timing[first + index] or "0" for index in range(4))
    return Fraction(int(hours) * 3600 + int(minutes) * 60 + int(seconds)) + Fraction(
        int(parts), 10 ** len(parts)
    )


def _srt_blocks(lines: Sequence[str]) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Every timing line with the lines up to the next one, without that one's number and blank lines."""
    timings = [(index, match) for index, line in enumerate(lines) if (match := _TIMING.fullmatch(line))]
    if len(timings) > MOST_CUES:
        raise TimelineError(f"{len(timings):,} captions are more than {MOST_CUES:,}; split the file")
    for (index, match), after in zip_longest(timings, timings[1:]):
        stop = after[0] if after else len(lines)
        body = [line for line in lines[index + 1 : stop] if line.strip()]
        yield match, body[:-1] if after and body and body[-1].strip().isdecimal() else body


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in [*lines, ""]:
        if not line.strip():
            if block:
                yield block
            block = []
        else:
            if _TIMING.fullmatch(line) and len(block) > 1:  # a blank line is missing
                yield block
                block = []
            block.append(line)


def _from_srt_text(text: str) -> tuple[str, float | None]:
    line: float | None = None
    for command in _ASS.finditer(text):
        if found := re.search(r"an?([1-9])", command[1]):
            line = (None, _MIDDLE, _TOP)[(int(found[1]) - 1) // 3]
    text = _ASS.sub("", text)
    return _with_tags(text, lambda plain: escaped(plain), _SRT_TAGS), line


def _from_vtt_text(text: str) -> str:
    return _with_tags(text, lambda plain: escaped(html.unescape(plain)), None)


def _with_tags(text: str, plain: Callable[[str], str], known: set[str] | None) -> str:
    """Marks in our spelling, other tags (those `known`, or all) taken out, the text between by `plain`."""
    parts: list[str] = []
    start = 0
    for tag in _TAG.finditer(text):
        name = tag[2].partition(".")[0].lower()
        if known is not None and name not in known:
            continue
        parts.append(plain(text[start : tag.start()]))
        if name in _KEPT_TAGS:
            parts.append(f"<{tag[1]}{_KEPT_TAGS[name]}>")
        start = tag.end()
    parts.append(plain(text[start:]))
    return "".join(parts).strip()


def _marked(text: str, plain: Callable[[str], str]) -> str:
    """A caption's text with its marks, what is between them by `plain`."""
    parts: list[str] = []
    for piece in pieces(text):
        open_, shut = "", ""
        for sign, on in (("b", piece.bold), ("i", piece.italic), ("u", piece.underlined)):
            if on:
                open_, shut = f"{open_}<{sign}>", f"</{sign}>{shut}"
        parts.append(f"{open_}{plain(piece.text)}{shut}")
    return "".join(parts)


def _without_blanks(text: str) -> list[str]:
    """Its lines but the blank ones, which would end the caption."""
    return [line for line in _LINE_END.split(text) if line.strip()]


def _settings(text: str) -> tuple[dict[str, float | str | None], list[str]]:
    found: dict[str, float | str | None] = {}
    unknown: list[str] = []
    for word in text.split()[:20]:
        name, _, value = word.partition(":")
        said: float | str | None = None
        if name == "align":
            said = _ALIGNS.get(value)
        elif name in ("line", "position"):
            said = _share(value.partition(",")[0], name)
        if said is None:
            unknown.append(word)
        else:
            found[name] = said
    return found, unknown


def _share(value: str, name: str) -> float | None:
    """ "90%" as 0.9, and a line's number, from the top or (below 0) the bottom, as where its middle lies."""
    if match := re.fullmatch(r"(\d{1,3}(?:\.\d{1,400})?)%", value, re.ASCII):
        share = float(Decimal(match[1]) / 100)
        return share if 0 <= share <= 1 else None
    if name == "line" and re.fullmatch(r"-?\d{1,4}", value, re.ASCII):
        number = int(value)
        share = (number + 0.5) / _VTT_LINES if number >= 0 else 1 + (number + 0.5) / _VTT_LINES
        return min(max(share, 0.0), 1.0)
    return None


def _percent(share: float) -> str:
    return f"{Decimal(repr(share)) * 100:f}%"


def _span(cue: Cue, comma: str) -> str:
    start_ms = round(cue.start_s * 1000)
    return f"{_clock(start_ms, comma)} --> {_clock(max(start_ms + 1, round(cue.stop_s * 1000)), comma)}"


def _clock(time_ms: int, comma: str) -> str:
    seconds, ms = divmod(time_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{comma}{ms:03}"


def _is_vtt(text: str) -> bool:
    return text.lstrip("\ufeff").lstrip()[:6] == "WEBVTT"


def _decoded(data: bytes, encoding: str | None, name: str) -> str:
    if encoding is not None:
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeError) as error:
            raise MediaError(f"{name}: can't be read as {encoding[:40]!r} ({error})") from error
    for mark, kind in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(kind, "replace")
    start = data[:1000]
    if len(data) % 2 == 0 and b"\0" in start:
        nulls = start[1::2].count(0), start[0::2].count(0)
        return data.decode("utf-16-le" if nulls[0] > nulls[1] else "utf-16-be", "replace").replace("\0", "")
    try:
        return data.decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace").replace("\0", "")
