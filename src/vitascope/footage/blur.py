"""The tool "blur": faces, a region, something that is followed, or the background become unreadable.

Faces are found in a first look through all frames, in which only boxes are kept, so that a face which the
finder misses for a moment is hidden there, too. Knows neither files nor networks: finders, trackers and
matters come by their roles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from vitascope.canvas import CanvasError, fit_picture, parse_region
from vitascope.footage.blur_styles import Plane, Spot, Style, hide, spot_of_box, spot_of_plane
from vitascope.footage.contracts import Box, Footage, FootageError, Frame, Made, Report, Tool
from vitascope.footage.depth_blur import out_of_focus
from vitascope.footage.face_paths import FacePaths
from vitascope.footage.following_boxes import box_of_region, follow_box
from vitascope.footage.matte import Matte
from vitascope.footage.moments import MomentText, check_within, frame_of, stop_of
from vitascope.footage.parts import load_part

Spots = Callable[[int, Frame], list[Spot]]
"""(frame number, frame) -> what is to be blurred in it."""


class Blur(Tool):
    """Blurs a part of every frame, and leaves the rest as it is, to the bit."""

    name: ClassVar[str] = "blur"
    media: ClassVar[tuple[str, ...]] = ("mask",)

    what: Annotated[
        str,
        Field(
            max_length=20_000,
            description='"faces", "background" (all but the subject, the more the further from it), "mask",'
            ' or a region: "rect:left,top,right,bottom" in 0..1, "ellipse:...", "polygon:...", "not:..."',
        ),
    ] = "faces"
    mask: Annotated[
        str | None,
        Field(description='With what="mask": a picture or a clip that is white where it is to be blurred.'),
    ] = None
    subject: Annotated[
        tuple[str, ...],
        Field(
            min_length=1,
            max_length=64,
            description='With what="background", what stays sharp: "people", "anything" (what stands out), or'
            " marks on it at the time `at`, as the tool matte takes them.",
        ),
    ] = ("people",)
    follow: Annotated[
        bool, Field(description="The region marks something at the time `at`, and is to go where it goes.")
    ] = False
    at: Annotated[
        MomentText, Field(description='When a region to follow, or the subject, is marked: "1.5", "12f".')
    ] = "first"
    start: Annotated[MomentText | None, Field(description="When the blur begins.")] = None
    stop: Annotated[MomentText | None, Field(description="When it ends.")] = None
    but: Annotated[bool, Field(description="Everything but what is named.")] = False
    style: Annotated[
        Style, Field(description='"gaussian", "pixelate", or "solid" (black: nothing can be won back).')
    ] = "gaussian"
    strength: Annotated[
        float,
        Field(gt=0, le=1, description="How much, by the size of what is blurred; 1 leaves only colours."),
    ] = 0.5
    padding: Annotated[
        float,
        Field(
            ge=0,
            le=3,
            description="How far the blur reaches out around a face or a followed region, by its size.",
        ),
    ] = 0.3
    shape: Annotated[
        Literal["ellipse", "box"], Field(description="The shape over a face or a followed region.")
    ] = "ellipse"
    finder: Annotated[str | None, Field(description="Which face-finder, by name.")] = None

    @field_validator("what")
    @classmethod
    def _readable(cls, what: str) -> str:
        if what not in ("faces", "background", "mask"):
            try:
                parse_region(what)
            except CanvasError as error:
                raise ValueError(f'{error.message}; or "faces", "background", "mask"') from error
        return what

    @model_validator(mode="after")
    def _together(self) -> Blur:
        if (self.what == "mask") != (self.mask is not None):
            raise ValueError('what="mask" and a mask go together')
        if self.follow and self.what in ("faces", "background", "mask"):
            raise ValueError(f'only a region can be followed, not "{self.what}"')
        if self.what == "background" and self.but:
            raise ValueError("everything but the background is the subject; blur that by a region or a mask")
        if self.what == "background":
            self._matte()  # refuses what it can't read
        elif self.subject != ("people",):
            raise ValueError('a subject goes with what="background"')
        return self

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """Frames of the same size, rate and number. Raises FootageError for times after the end, and
        MissingPart where a finder, tracker or matter isn't installed."""
        marked = self.follow or self.what == "background"
        for what, text in (("start", self.start), ("at", self.at if marked else None)):
            if text is not None:
                check_within(what, text, footage)
        rate_fps = footage.rate_fps
        start = frame_of(self.start, rate_fps) if self.start else 0
        stop = stop_of(self.stop, rate_fps) if self.stop else None
        if stop is not None and stop <= start:
            raise FootageError("the blur would end before it begins; stop is later than start")
        load = _PARTS.get("tracker" if self.follow else self.what)
        if load:
            load_part(load, self.finder if load == "face-finder" else None)  # refused before a frame is read
        frames = self._blurred(footage, report, others, range(start, 2**62 if stop is None else stop))
        return Made(
            frames=frames,
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=rate_fps,
            count=footage.count,
        )

    def _blurred(
        self, footage: Footage, report: Report, others: Mapping[str, Footage], span: range
    ) -> Iterator[Frame]:
        number = -1
        if self.what == "background":
            for number, cut in enumerate(self._matte().cut_outs(footage, report)):
                near = number in span
                yield out_of_focus(cut.frame, cut.alpha, self.style, self.strength) if near else cut.frame
        else:
            spots = self._spots(footage, report, others)
            for number, frame in enumerate(footage):
                yield self._hidden(frame, spots(number, frame)) if number in span else frame
                report("blurring", number + 1, footage.count)
        if self.start and number >= 0:
            check_within("start", self.start, footage, number + 1)

    def _hidden(self, frame: Frame, spots: list[Spot]) -> Frame:
        if self.but:
            spots = [everything_but(spots, (frame.shape[0], frame.shape[1]))]
        return hide(frame, spots, self.style, self.strength)

    def _matte(self) -> Matte:
        return Matte(subject=self.subject, at=self.at)

    def _spots(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Spots:
        if self.what == "faces":
            paths = FacePaths(
                load_part("face-finder", self.finder), (footage.width_px, footage.height_px), footage.rate_fps
            )
            for done, frame in enumerate(footage, 1):
                paths.add(frame)
                report("finding faces", done, footage.count)
            return lambda number, frame: self._around(
                paths.boxes(number) if number < len(paths) else [], frame
            )
        if self.what == "mask":
            planes = _Planes(others["mask"], footage)
            return lambda number, frame: _one(spot_of_plane(planes.at(number)))
        plane = parse_region(self.what).coverage(footage.height_px, footage.width_px)
        if not self.follow:
            spot = spot_of_plane(plane)
            return lambda number, frame: _one(spot)
        at = frame_of(self.at, footage.rate_fps)
        boxes, _ = follow_box(footage, box_of_region(plane), at, report)
        return lambda number, frame: self._around(boxes[number : number + 1], frame)

    def _around(self, boxes: list[Box], frame: Frame) -> list[Spot]:
        size = frame.shape[1], frame.shape[0]
        spots = (spot_of_box(box, size, self.padding, self.shape) for box in boxes)
        return [spot for spot in spots if spot is not None]


def everything_but(spots: list[Spot], frame_px: tuple[int, int]) -> Spot:
    """All of a frame (height, width) that the spots don't cover, as one."""
    plane = np.ones(frame_px, np.float32)
    for spot in spots:
        height_px, width_px = spot.coverage.shape
        part = plane[spot.y_px : spot.y_px + height_px, spot.x_px : spot.x_px + width_px]
        np.minimum(part, 1 - spot.coverage, out=part)
    return Spot(plane, 0, 0, min(frame_px) / 4)


_PARTS = {"faces": "face-finder", "tracker": "tracker"}


def _one(spot: Spot | None) -> list[Spot]:
    return [] if spot is None else [spot]


class _Planes:
    """A mask that runs beside the footage: coverage [H, W] by frame number; its last frame stays on."""

    def __init__(self, mask: Footage, footage: Footage) -> None:
        ratio = mask.width_px * footage.height_px / (mask.height_px * footage.width_px)
        if not 0.98 < ratio < 1.02:
            raise FootageError(
                f"the mask is {mask.width_px}x{mask.height_px} and the clip"
                f" {footage.width_px}x{footage.height_px}; a mask has the same shape"
            )
        self._size = footage.width_px, footage.height_px
        self._frames, self._number = iter(mask), -1
        self._plane = np.zeros((footage.height_px, footage.width_px), np.float32)

    def at(self, number: int) -> Plane:
        """The plane of a frame; numbers only grow."""
        while self._number < number:
            self._number += 1
            frame = next(self._frames, None)
            if frame is not None:
                grey = fit_picture(frame[..., :3], *self._size).mean(axis=2, dtype=np.float32)
                # Lossy codecs leave black and white not quite black and white.
                self._plane = np.clip((grey - 15) / 225, 0, 1).astype(np.float32)
        return self._plane
