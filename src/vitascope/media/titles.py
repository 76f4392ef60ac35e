"""Titles and captions of a timeline as pictures with alpha, at a moment. Knows no files and no frames below.

What has been set once is kept for as long as it is shown; check_fonts() says, before a frame is rendered,
which text needs a font that isn't here.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vitascope.media.marked_text import Piece, pieces
from vitascope.media.paragraphs import paragraphs
from vitascope.media.text_styles import TextStyle
from vitascope.media.timelines.documents import Timeline
from vitascope.media.timelines.errors import inside
from vitascope.media.timelines.items import Title
from vitascope.media.timelines.tracks import CaptionTrack, Cue
from vitascope.media.typefaces import Wish
from vitascope.media.typesetting import Drawn, Typeset, typeset

_KEPT = 16  # a caption at 1080p takes about 1 MB
_RISE = 0.6  # of the letters' size, the way that a rising title comes


def title_picture(text: str, style: TextStyle, width_px: int, height_px: int) -> Drawn:
    """A title as it stands in a frame of that size; the same object for the same title.

    Raises MediaError for a letter that no font has, and a text that doesn't fit.
    """
    return _whole_title(text, style, width_px, height_px)


def title_frame(title: Title, time_s: Fraction, width_px: int, height_px: int) -> Drawn | None:
    """A title at a moment of its own time, animation and all but its look; None while nothing of it is seen.

    Once the animation is over, the same object as title_picture gives.
    """
    done = Fraction(1)
    if title.animation != "none" and title.animation_s:
        done = min(max(time_s / title.animation_s, Fraction(0)), Fraction(1))
    if done == 1:
        return title_picture(title.text, title.style, width_px, height_px)
    if title.animation == "typewriter":
        setting = _typeset_title(title.text, title.style, width_px, height_px)
        shown = int(setting.clusters * done)
        return setting.drawn(shown) if shown else None
    whole = title_picture(title.text, title.style, width_px, height_px)
    eased = 1 - (1 - float(done)) ** 3
    opacity = float(done) if title.animation == "fade" else eased
    if not opacity:
        return None
    lowered = 0
    if title.animation == "rise":
        lowered = round((1 - eased) * _RISE * title.style.size * height_px)
    return _faded(whole, opacity, lowered, height_px)


def caption_picture(
    cues: tuple[Cue, ...], style: TextStyle, width_px: int, height_px: int, language: str = ""
) -> tuple[Drawn, ...]:
    """The captions shown together, none over another while there is room: later ones move away from the edge.

    The same objects for the same captions. Raises MediaError as title_picture does.
    """
    return _captions(cues, style, width_px, height_px, language)


def laid_over(frame: NDArray[np.uint8], drawn: Drawn) -> NDArray[np.uint8]:
    """A copy of a frame uint8 [H, W, 3 or 4] with the picture laid over it, at its place."""
    result = frame.copy()
    height_px, width_px = drawn.rgba.shape[:2]
    under = result[drawn.top_px : drawn.top_px + height_px, drawn.left_px : drawn.left_px + width_px]
    alpha = drawn.rgba[..., 3:].astype(np.uint16)
    mixed = drawn.rgba[..., :3] * alpha + under[..., :3] * (255 - alpha) + 127
    under[..., :3] = mixed // 255
    if frame.shape[2] == 4:  # it is seen where the picture isn't, too
        np.maximum(under[..., 3:], drawn.rgba[..., 3:], out=under[..., 3:])
    return result


def check_text(text: str, style: TextStyle, language: str = "") -> None:
    """MediaError if a letter of a plain text is in no font: which, of which script, and what to install."""
    _check((Piece(text=text),), style, language)


def check_captions(track: CaptionTrack) -> None:
    """check_text for all captions of a track; the error says which."""
    for index, cue in enumerate(track.cues):
        with inside(f"cues[{index}].text"):
            _check(pieces(cue.text), track.style, track.language)


def check_fonts(timeline: Timeline) -> None:
    """check_text for all titles and captions that are shown; the error says where the text is."""
    for number, track in enumerate(timeline.tracks):
        if not track.enabled:
            continue
        if isinstance(track, CaptionTrack):
            with inside(f"tracks[{number}]"):
                check_captions(track)
            continue
        for index, item in enumerate(track.items):
            if isinstance(item, Title):
                with inside(f"tracks[{number}].items[{index}].text"):
                    check_text(item.text, item.style)


def _check(text: tuple[Piece, ...], style: TextStyle, language: str) -> None:
    wish = Wish(family=style.font, bold=style.bold, italic=style.italic, language=style.language or language)
    paragraphs(text, wish, style.direction)


@lru_cache(_KEPT)
def _typeset_title(text: str, style: TextStyle, width_px: int, height_px: int) -> Typeset:
    return typeset((Piece(text=text),), style, (width_px, height_px))


@lru_cache(_KEPT)
def _whole_title(text: str, style: TextStyle, width_px: int, height_px: int) -> Drawn:
    return _typeset_title(text, style, width_px, height_px).drawn()


@lru_cache(_KEPT)
def _captions(
    cues: tuple[Cue, ...], style: TextStyle, width_px: int, height_px: int, language: str
) -> tuple[Drawn, ...]:
    placed: list[Drawn] = []
    for cue in cues:
        drawn = _caption(cue, style, (width_px, height_px), language)
        upwards = cue.line > 0.5 if cue.line is not None else style.down == "bottom"
        placed.append(_moved_away(drawn, placed, upwards, height_px))
    return tuple(placed)


def _caption(cue: Cue, style: TextStyle, frame_px: tuple[int, int], language: str) -> Drawn:
    aligned = replace(style, align=cue.align) if cue.align else style
    setting = typeset(pieces(cue.text), aligned, frame_px, language=language, centre=(cue.position, cue.line))
    return setting.drawn()


def _moved_away(drawn: Drawn, placed: list[Drawn], upwards: bool, height_px: int) -> Drawn:
    tall_px = drawn.rgba.shape[0]
    top_px = drawn.top_px
    for other in sorted(placed, key=lambda other: -other.top_px if upwards else other.top_px):
        if _overlap(drawn, top_px, other):
            top_px = other.top_px - tall_px if upwards else other.top_px + other.rgba.shape[0]
    if top_px == drawn.top_px or not 0 <= top_px <= height_px - tall_px:
        return drawn
    return Drawn(rgba=drawn.rgba, left_px=drawn.left_px, top_px=top_px)


def _overlap(drawn: Drawn, top_px: int, other: Drawn) -> bool:
    down = top_px < other.top_px + other.rgba.shape[0] and other.top_px < top_px + drawn.rgba.shape[0]
    left, right = drawn.left_px, drawn.left_px + drawn.rgba.shape[1]
    return down and left < other.left_px + other.rgba.shape[1] and other.left_px < right


def _faded(drawn: Drawn, opacity: float, lowered_px: int, height_px: int) -> Drawn:
    top_px = drawn.top_px + lowered_px
    kept = drawn.rgba[: max(1, height_px - top_px)].copy()  # what sinks below the frame isn't seen
    kept[..., 3] = np.rint(kept[..., 3] * opacity).astype(np.uint8)
    return Drawn(rgba=kept, left_px=drawn.left_px, top_px=min(top_px, height_px - len(kept)))
