"""Times as people write them -> frame numbers of footage that is still being read. Knows no tool.

Footage streams, and its file may lie about its length: times are counted from the beginning here, and that a
time lies after the end is said when the end has come.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from vitascope.canvas import CanvasError, parse_time
from vitascope.footage.contracts import Footage, FootageError


def _checked(text: str) -> str:
    try:
        moment = parse_time(text)
    except CanvasError as error:
        raise ValueError(error.message) from error
    if moment == "last" or (not isinstance(moment, str) and moment < 0):
        raise ValueError(f'"{text}" counts from the end; write seconds ("1.5") or a frame ("12f")')
    return text


MomentText: TypeAlias = Annotated[str, AfterValidator(_checked)]
"""A time from the beginning, for a tool's parameters: "first", "1.5", "3/2 s", "1500ms", "12f"."""


def frame_of(text: MomentText, rate_fps: Fraction) -> int:
    """The frame that is on screen at that time."""
    moment = parse_time(text)
    if isinstance(moment, str):
        return 0
    return math.floor(moment * rate_fps) if isinstance(moment, Fraction) else moment


def stop_of(text: MomentText, rate_fps: Fraction) -> int:
    """The first frame that begins at that time or later: where a span that stops there ends."""
    moment = parse_time(text)
    if isinstance(moment, str):
        return 1
    return math.ceil(moment * rate_fps) if isinstance(moment, Fraction) else moment


def check_within(what: str, text: MomentText, footage: Footage, frames: int | None = None) -> None:
    """Refuse a time that lies after the end: of `frames` that were read, or as many as the file says."""
    count = footage.count if frames is None else frames
    if count is not None and frame_of(text, footage.rate_fps) >= count:
        raise FootageError(
            f'{what} "{text}" is after the end: the clip has {count} frames,'
            f" {float(count / footage.rate_fps):.4g} s"
        )
