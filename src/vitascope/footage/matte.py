"""The tool "matte": the subject of a clip, without its background. Knows no file, and no network by name.

Who is in it is seen in every frame anew; anything else is marked in one frame, or stands out there, and is
followed from there both ways. The edge is then fitted to the full-size picture, and held still where the
picture is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Annotated, Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from vitascope.canvas import CanvasError, parse_time
from vitascope.footage.both_ways import Sight, followed
from vitascope.footage.compositing import (
    Backdrop,
    Behind,
    Blurred,
    Plain,
    clean_colours,
    levels,
    over,
    with_alpha,
)
from vitascope.footage.contracts import Findings, Footage, FootageError, Frame, Made, Report, Tool
from vitascope.footage.edges import Flow, Plane, as_plane, carried, grey, guided, solved, solver, working
from vitascope.footage.following import LOST
from vitascope.footage.marks import cut_out, parse_mark
from vitascope.footage.matters import Matter, matter_named

PEOPLE, ANYTHING = "people", "anything"
_OUTPUTS = ("alpha", "matte", "blur", "background", "confidence")
_COLOUR = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_STILL = 10.0  # levels: a pixel that differs more from where the flow says it was has changed
_MOVED_PX = 1.0  # of the small picture
_FINE = 0.004  # of the longest side: what was solved for is only fitted to the larger picture's pixels


class Sightings(Findings):
    """How surely the subject was seen in each frame, 0..1, and when it wasn't: (from, to) in seconds."""

    rate_fps: str
    confidence: tuple[float, ...]
    lost_s: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class CutOut:
    """One frame of the clip, how much of each pixel is the subject, and how sure that is, 0..1."""

    frame: Frame
    alpha: Plane
    confidence: float


class Matte(Tool):
    """Takes the background away behind people, or behind any subject that is marked in one frame."""

    name: ClassVar[str] = "matte"
    media: ClassVar[tuple[str, ...]] = ("background",)

    subject: Annotated[
        tuple[str, ...],
        Field(
            min_length=1,
            max_length=64,
            description='"people", "anything" (what stands out), or marks in the frame at the time `at`: '
            '"rect:left,top,right,bottom", "ellipse:...", "polygon:..." around it, a point "x,y" or '
            '"stroke:x,y x,y;radius" on it, "not:..." on what it isn\'t; fractions of the frame, 0..1',
        ),
    ] = (PEOPLE,)
    at: Annotated[
        str, Field(max_length=64, description='When the marks are right: "1.5s", "12f", "first", "last"')
    ] = "first"
    matter: Annotated[
        str | None,
        Field(max_length=100, description='Who finds the subject: "people", "salient", "rembg:MODEL"'),
    ] = None
    soft_px: Annotated[float, Field(ge=0, le=100, description="How far the edge is feathered, in pixels")] = 0
    steady: Annotated[
        float, Field(ge=0, le=0.95, description="How firmly the edge holds still where the picture does")
    ] = 0.7
    output: Annotated[
        str | None,
        Field(
            max_length=20,
            description='"alpha" (see-through frames), "matte" (grey), a colour behind it ("#00ff00"), '
            '"blur", "background" (the picture or clip named there), or "confidence" (no frames, but how '
            "surely it is seen)",
        ),
    ] = None
    background: Annotated[
        str | None, Field(description="A picture or a clip to be seen behind the subject")
    ] = None

    @field_validator("subject", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("subject")
    @classmethod
    def _readable(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        if texts in ((PEOPLE,), (ANYTHING,)):
            return texts
        if PEOPLE in texts or ANYTHING in texts:
            raise ValueError(f'"{PEOPLE}" and "{ANYTHING}" stand alone; marks are shapes')
        try:
            marks = [parse_mark(text) for text in texts]
        except CanvasError as error:
            raise ValueError(f'{error}; or "{PEOPLE}", "{ANYTHING}", a point "0.5,0.4"') from error
        if all(mark.away for mark in marks):
            raise ValueError('marks with "not:" only say what the subject isn\'t; mark the subject, too')
        return texts

    @field_validator("at")
    @classmethod
    def _time(cls, text: str) -> str:
        try:
            parse_time(text)
        except CanvasError as error:
            raise ValueError(str(error)) from error
        return text

    @model_validator(mode="after")
    def _output(self) -> Matte:
        if self.output is not None and self.output not in _OUTPUTS and not _COLOUR.fullmatch(self.output):
            raise ValueError(f'output is {", ".join(_OUTPUTS)} or a colour such as "#00ff00"')
        if (self.kind == "background") != (self.background is not None):
            raise ValueError('a background is named with the output "background", and only with it')
        if self.matter is not None and self.subject not in ((PEOPLE,), (ANYTHING,)):
            raise ValueError(f'a matter finds subjects by itself; marks need none (or ask for "{ANYTHING}")')
        return self

    @property
    def kind(self) -> str:
        """The output that is meant."""
        return self.output or ("background" if self.background is not None else "alpha")

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made | Findings:
        """Frames without their background, or Sightings."""
        if self.kind == "confidence":
            return sightings_of([cut.confidence for cut in self.cut_outs(footage, report)], footage.rate_fps)
        return self.made(footage, self.cut_outs(footage, report), others)

    def made(self, footage: Footage, cuts: Iterator[CutOut], others: Mapping[str, Footage]) -> Made:
        """The frames that cut-outs become."""
        backdrop = None if self.kind in ("alpha", "matte") else self._backdrop(footage, others)
        return Made(
            frames=(self._shown(cut, backdrop) for cut in cuts),
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=footage.rate_fps,
            count=footage.count,
            alpha=self.kind == "alpha",
        )

    def cut_outs(self, footage: Footage, report: Report) -> Iterator[CutOut]:
        """Every frame with its alpha, at full size, in order. The frames are the footage's own arrays."""
        solver()  # so that it is missed before the first frame
        return self._cut(self._sights(footage, report), footage, report)

    def _sights(self, footage: Footage, report: Report) -> Iterator[Sight]:
        if self.subject in ((PEOPLE,), (ANYTHING,)):
            matter = matter_named(self.matter or ("people" if self.subject == (PEOPLE,) else "salient"))
            if not matter.begins:
                return _seen_anew(footage, matter)
            return followed(footage, self.at, matter.alpha, report)
        marks = tuple(parse_mark(text) for text in self.subject)
        return followed(footage, self.at, lambda small: cut_out(small, marks), report)

    def _cut(self, sights: Iterator[Sight], footage: Footage, report: Report) -> Iterator[CutOut]:
        calm = Calm(self.steady)
        for done, sight in enumerate(sights, 1):
            if sight.lost:
                calm.held(sight.small, sight.alpha)
                alpha = np.zeros(sight.frame.shape[:2], np.float32)
            else:
                fine = calm.held(sight.small, solved(sight.alpha, sight.small))
                alpha = _feathered(_at_full_size(fine, sight), self.soft_px)
            yield CutOut(sight.frame[..., :3], alpha, sight.confidence)
            report("Cutting out" + " (the subject isn't seen)" * sight.lost, done, footage.count)

    def _backdrop(self, footage: Footage, others: Mapping[str, Footage]) -> Backdrop:
        if self.kind == "blur":
            return Blurred()
        if self.kind != "background":
            return Plain(colour_of(self.kind))
        if "background" not in others:
            raise FootageError("the background wasn't opened: name a picture or a clip")
        return Behind(others["background"], footage.rate_fps)

    def _shown(self, cut: CutOut, backdrop: Backdrop | None) -> Frame:
        if self.kind == "matte":
            return np.repeat(levels(cut.alpha)[..., None], 3, axis=2)
        colours = clean_colours(cut.frame, cut.alpha)
        if backdrop is None:
            return with_alpha(colours, cut.alpha)
        return over(colours, cut.alpha, backdrop.behind(cut.frame, cut.alpha))


class Calm:
    """Holds an alpha still from frame to frame, where the picture stands still, or nearly.

    Elsewhere it is left as it is: along the edge of what moves the flow is least to be trusted, and an edge
    that is held there trails. Keep one for each clip; pictures and planes are small.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._flow = Flow()
        self._before: tuple[NDArray[np.uint8], Plane] | None = None

    def held(self, picture: Frame, alpha: Plane) -> Plane:
        """The alpha [h, w] of the next picture [h, w, 3], calmed."""
        light = grey(picture)
        held = alpha
        if self._before is not None and self._share:
            light_before, alpha_before = self._before
            places = self._flow.between(light, light_before)
            moved_px = np.linalg.norm(places - self._flow.places(light.shape), axis=2)
            misfit = as_plane(cv2.blur(cv2.absdiff(carried(light_before, places), light), (5, 5)))
            share = self._share * np.exp(-((misfit / _STILL) ** 2) - (moved_px / _MOVED_PX) ** 2)
            held = as_plane(alpha + share * (carried(alpha_before, places) - alpha))
        self._before = light, held
        return held


def colour_of(text: str) -> tuple[int, int, int]:
    """Red, green and blue, 0..255, of "#00ff00" or "#0f0"."""
    digits = text.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def sightings_of(confidence: list[float], rate_fps: Fraction) -> Sightings:
    """What is said of a clip's confidences, frame by frame."""
    spans: list[tuple[float, float]] = []
    for lost, run in groupby(range(len(confidence)), lambda index: confidence[index] < LOST):
        frames = list(run)
        if lost:
            spans.append((float(frames[0] / rate_fps), float((frames[-1] + 1) / rate_fps)))
    rounded = tuple(round(sure, 3) for sure in confidence)
    return Sightings(rate_fps=str(rate_fps), confidence=rounded, lost_s=tuple(spans))


def _seen_anew(footage: Footage, matter: Matter) -> Iterator[Sight]:
    for frame in footage:
        small = working(frame)
        yield Sight(frame, small, matter.alpha(small), 1.0)


def _at_full_size(alpha: Plane, sight: Sight) -> Plane:
    if alpha.shape == sight.frame.shape[:2]:
        return alpha
    return guided(alpha, sight.small, sight.frame, _FINE)


def _feathered(alpha: Plane, soft_px: float) -> Plane:
    return as_plane(cv2.GaussianBlur(alpha, (0, 0), soft_px / 2)).clip(0, 1) if soft_px else alpha
