"""What a canvas asks for, held against what fillers declare: who can fill it, and why the others can't.

Works on Capabilities alone, before anything is loaded. A filler's name decides nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vitascope.canvas import Canvas
from vitascope.engine.contracts import CannotFill, Capabilities, Pattern
from vitascope.engine.fitting import TooLong, fitted_shape
from vitascope.engine.windows import can_roll


def patterns_of(canvas: Canvas) -> frozenset[Pattern]:
    """How the canvas is known, as the patterns that a filler must handle; see contracts.Pattern."""
    found: set[Pattern] = set()
    for known in (
        canvas.known if canvas.known.strides[0] else canvas.known[:1]
    ):  # stride 0: all frames are one
        lowest, highest = known.min(), known.max()
        if lowest == 1:
            found.add("frames")
        if lowest != highest:
            found.add("regions")
        if np.any((known > 0) & (known < 1)):
            found.add("soft")
    return frozenset(found or {"nothing"})


def reasons_against(canvas: Canvas, filler: Capabilities) -> list[str]:
    """Why this filler can't fill this canvas, each reason in a few words; empty if it can.

    Too long for it is none where it can go on from window to window.
    """
    asked = {
        "words": bool(canvas.words) or bool(canvas.negative),
        "tracks": bool(canvas.tracks),
        "cast": bool(canvas.cast),
        "camera": bool(canvas.camera),
        "loop": canvas.loop,
    }
    reasons = [f"takes no {name}" for name, wanted in asked.items() if wanted and not getattr(filler, name)]
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
        if not (isinstance(error, TooLong) and can_roll(canvas, filler)):
            reasons.append(str(error))
    return reasons


_PATTERNS: dict[Pattern, str] = {
    "nothing": "nothing given",
    "frames": "whole frames given",
    "regions": "parts of frames given",
    "soft": "things half given (known between 0 and 1)",
}


def choose(canvas: Canvas, candidates: Mapping[str, Capabilities]) -> str:
    """The first candidate that can fill the canvas. Raises CannotFill, saying of each why not."""
    against = {name: reasons_against(canvas, filler) for name, filler in candidates.items()}
    for name, reasons in against.items():
        if not reasons:
            return name
    listed = "; ".join(f"{name} {', '.join(reasons)}" for name, reasons in against.items())
    raise CannotFill(f"no installed filler can fill this canvas: {listed or 'none is installed'}")


def check(canvas: Canvas, name: str, filler: Capabilities, others: Mapping[str, Capabilities]) -> None:
    """Raise CannotFill if that filler can't fill the canvas, with the reasons and the names of those that
    can.
    """
    reasons = reasons_against(canvas, filler)
    if not reasons:
        return
    able = [
        other for other, declared in others.items() if other != name and not reasons_against(canvas, declared)
    ]
    advice = f"these can: {', '.join(able)}" if able else "no other installed filler can either"
    raise CannotFill(f'the filler "{name}" {", ".join(reasons)}; {advice}')
