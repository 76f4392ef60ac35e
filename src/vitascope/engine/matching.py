"""What a canvas asks for, held against what fillers declare: who can fill it, and why the others can't.

Works on Capabilities alone, before anything is loaded. A filler's name decides nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

import numpy as np

from vitascope.canvas import Canvas
from vitascope.canvas.planes import once
from vitascope.engine.contracts import CannotFill, Capabilities, Pattern
from vitascope.engine.fitting import TooLong, fitted_shape
from vitascope.engine.windows import can_roll

FOOTAGE_S = Fraction(1, 4)  # frames given nearer to each other than this are of something that moves


def patterns_of(canvas: Canvas) -> frozenset[Pattern]:
    """How the canvas is known, as the patterns that a filler must handle; see contracts.Pattern."""
    found: set[Pattern] = set()
    for known in once(canvas.known):
        lowest, highest = known.min(), known.max()
        if lowest == 1:
            found.add("frames")
        if lowest != highest:
            found.add("regions")
        if 0 < lowest < 1 or 0 < highest < 1 or np.any((known > 0) & (known < 1)):
            found.add("soft")
    return frozenset(found or {"nothing"})


def reasons_against(canvas: Canvas, filler: Capabilities) -> list[str]:
    """Why this filler can't fill this canvas, each reason in a few words; empty if it can.

    Too long for it is none where it can go on from window to window.
    """
    reasons = [*_about_sound(canvas, filler), *_about_words(canvas, filler)]
    if not filler.pictures or (not canvas.sound_known and not _to_paint(canvas)):
        return reasons  # it is refused already, or no more is asked of it
    asked = {"tracks": canvas.tracks, "cast": canvas.cast, "camera": canvas.camera}
    reasons += [f"takes no {name}" for name, wanted in asked.items() if wanted and not getattr(filler, name)]
    moving = sum(not track.frozen for track in canvas.tracks)
    for name, count, most in (
        ("moving tracks", moving, filler.max_tracks),
        ("of a cast", len(canvas.cast), filler.max_cast),
    ):
        if most is not None and count > most:
            reasons.append(f"takes at most {most} {name}, not {count}")
    missing = patterns_of(canvas) - filler.known
    if missing:
        reasons.append(f"takes no canvas with {' and '.join(_PATTERNS[name] for name in sorted(missing))}")
    if canvas.frames == 1 and not filler.stills:
        reasons.append("makes no single pictures")
    try:
        fitted_shape(canvas, filler)
    except CannotFill as error:
        rolls = isinstance(error, TooLong) and can_roll(canvas, filler)
        if rolls and not canvas.sound_known:
            reasons.append(f"{error}; longer only without a sound")  # windows would each have their own
        elif not rolls:
            reasons.append(str(error))
    return reasons


def _about_sound(canvas: Canvas, filler: Capabilities) -> list[str]:
    """Whether pictures go to who paints, and a canvas that asks for a sound to who makes one: by itself, or
    with the pictures where some of them are to be painted too.
    """
    if canvas.sound_known:
        return [] if filler.pictures else ["makes sound and no pictures"]
    if not filler.makes_sound and not filler.sound_with_pictures:
        return ["makes no sound, and this canvas asks for one"]
    if _to_paint(canvas):
        if not filler.sound_with_pictures:
            return ["makes sound once all pixels are known; fill them first"]
        if canvas.loop and filler.loop:
            return ["makes no sound whose end leads to its beginning, as a loop's does"]
    elif not filler.makes_sound:
        return ["makes sound only with pictures that it paints, and these are all known"]
    most_s = filler.max_sound_s
    if most_s is not None and canvas.duration_s > most_s:
        return [f"makes at most {float(most_s):g} s of sound, and this is {float(canvas.duration_s):g} s"]
    return []


def _to_paint(canvas: Canvas) -> bool:
    return bool(once(canvas.known).min() < 1)


def _about_words(canvas: Canvas, filler: Capabilities) -> list[str]:
    """What both pictures and sounds are asked for with."""
    asked = {
        "words": bool(canvas.words or canvas.negative) and not filler.words,
        "negative words": bool(canvas.negative) and filler.words and not filler.negative,
        "loop": canvas.loop and not filler.loop,
    }
    return [f"takes no {name}" for name, lacking in asked.items() if lacking]


_PATTERNS: dict[Pattern, str] = {
    "nothing": "nothing given",
    "frames": "whole frames given",
    "regions": "parts of frames given",
    "soft": "things half given (known between 0 and 1)",
}


def choose(canvas: Canvas, candidates: Mapping[str, Capabilities]) -> str:
    """The first candidate that can fill the canvas, but for those that must be named; of several, one within
    whose reach lies what is given: motion, or pictures of that size. Raises CannotFill, saying of each why
    not, and which could if they were named.
    """
    against = {
        name: reasons_against(canvas, filler) for name, filler in candidates.items() if not filler.on_request
    }
    if able := [name for name, reasons in against.items() if not reasons]:
        given = whole_frames(canvas)
        return max(able, key=lambda name: _reach(canvas, given, candidates[name]))  # of several, the first
    listed = "; ".join(f"{name} {', '.join(reasons)}" for name, reasons in against.items())
    asked = {name: filler for name, filler in candidates.items() if filler.on_request}
    could = _named(_able(canvas, asked))
    advice = f"; named with --filler, these could: {could}" if could else ""
    raise CannotFill(f"no installed filler can fill this canvas: {listed or 'none is installed'}{advice}")


def whole_frames(canvas: Canvas) -> list[int]:
    """The frames that are given whole."""
    return [number for number, known in enumerate(once(canvas.known)) if known.min() == 1]


def _reach(canvas: Canvas, given: list[int], filler: Capabilities) -> tuple[bool, int]:
    """Whether what a filler makes goes with the motion that is given, and what side of a picture it keeps."""
    if not given:
        return True, 0
    moving = any(later - frame < FOOTAGE_S * canvas.rate_fps for frame, later in pairwise(given))
    side_px = max(canvas.size)
    kept_px = side_px if filler.sharp_side_px is None else min(side_px, filler.sharp_side_px)
    return filler.sees_motion or not moving, kept_px


def check(canvas: Canvas, name: str, filler: Capabilities, others: Mapping[str, Capabilities]) -> None:
    """Raise CannotFill if that filler can't fill the canvas, with the reasons and the names of those that
    can.
    """
    reasons = reasons_against(canvas, filler)
    if not reasons:
        return
    able = _named([other for other in _able(canvas, others) if other != name])
    advice = f"these can: {able}" if able else "no other installed filler can either"
    raise CannotFill(f'the filler "{name}" {", ".join(reasons)}; {advice}')


def _able(canvas: Canvas, candidates: Mapping[str, Capabilities]) -> list[str]:
    return [name for name, declared in candidates.items() if not reasons_against(canvas, declared)]


def _named(names: list[str]) -> str:
    """A few of them, and how many more there are."""
    more = f" and {len(names) - 4} more (`vitascope fillers`)" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more
