"""Upscale: the same frames, larger. Frame by frame, in flat memory; who enlarges is a part. Knows no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BeforeValidator, Field, field_validator, model_validator

from vitascope.canvas import parse_size
from vitascope.footage.contracts import Footage, FootageError, Frame, Made, Report, Tool
from vitascope.footage.parts import load_part

if TYPE_CHECKING:
    from vitascope.footage.enlargers import Enlarger

LARGEST_SIDE_PX = 16_384
MOST_PIXELS = 8192 * 8192  # what media reads back
MOST_TIMES = 8


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float | Fraction) and not isinstance(value, bool) else value


class Upscale(Tool):
    """Larger frames: so many times as large, or at a size."""

    name: ClassVar[str] = "upscale"

    scale: Annotated[
        str | None,
        BeforeValidator(_as_text),
        Field(description='How many times as wide and high: "2", "1.5", "8/3"; by itself, twice.'),
    ] = None
    size: Annotated[
        str | None,
        Field(
            description='Or the size: "1920x1080", "1080p"; what is of another shape is cropped to fill it.'
        ),
    ] = None
    enlarger: Annotated[
        str | None,
        Field(
            description="Who enlarges: span, lanczos, or a plug-in; by itself, the best that is installed."
        ),
    ] = None

    @field_validator("scale")
    @classmethod
    def _scale_is_a_factor(cls, scale: str | None) -> str | None:
        if scale is not None:
            _factor(scale)
        return scale

    @field_validator("size")
    @classmethod
    def _size_is_one(cls, size: str | None) -> str | None:
        if size is not None:
            parse_size(size)
        return size

    @model_validator(mode="after")
    def _one_of_both(self) -> Upscale:
        if self.scale is not None and self.size is not None:
            raise ValueError("say a scale or a size, not both")
        return self

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """The clip, larger. Raises FootageError for a size that is smaller or too large, or no such
        enlarger."""
        width_px, height_px = self._wanted(footage)
        # What is of another shape is enlarged until it covers the size, and its middle is taken.
        cover = max(Fraction(width_px, footage.width_px), Fraction(height_px, footage.height_px))
        if cover < 1:
            raise FootageError(
                f"{width_px}x{height_px} is smaller than the footage's"
                f" {footage.width_px}x{footage.height_px}; upscaling makes it larger"
            )
        whole = (
            max(width_px, round(footage.width_px * cover)),
            max(height_px, round(footage.height_px * cover)),
        )
        if max(whole) > LARGEST_SIDE_PX or whole[0] * whole[1] > MOST_PIXELS or cover > MOST_TIMES:
            raise FootageError(
                f"{whole[0]}x{whole[1]} is too large: at most {MOST_TIMES} times, {LARGEST_SIDE_PX} px a side"
                f" and {MOST_PIXELS:,} pixels"
            )
        enlarger: Enlarger = load_part("enlarger", self.enlarger)
        return Made(
            frames=_larger(footage, enlarger, whole, (width_px, height_px), report),
            width_px=width_px,
            height_px=height_px,
            rate_fps=footage.rate_fps,
            count=footage.count,
        )

    def _wanted(self, footage: Footage) -> tuple[int, int]:
        if self.size is not None:
            return parse_size(self.size)
        factor = _factor(self.scale or "2")
        return round(footage.width_px * factor), round(footage.height_px * factor)


def _larger(
    footage: Footage, enlarger: Enlarger, whole: tuple[int, int], kept: tuple[int, int], report: Report
) -> Iterator[Frame]:
    left, top = (whole[0] - kept[0]) // 2, (whole[1] - kept[1]) // 2
    for done, frame in enumerate(footage, 1):
        large = enlarger.enlarged(frame, *whole)
        yield large[top : top + kept[1], left : left + kept[0]]
        report("upscale", done, footage.count)


def _factor(text: str) -> Fraction:
    """How many times as large, from "2", "1.5" or "8/3"."""
    try:
        factor = Fraction(text.strip()).limit_denominator(10_000) if len(text) < 40 else None
    except (ValueError, ZeroDivisionError):
        factor = None
    if factor is None:
        raise ValueError('write how many times as large: "2", "1.5" or "8/3"')
    if not 1 <= factor <= MOST_TIMES:
        raise ValueError(f"upscaling makes frames 1 to {MOST_TIMES} times as large, not {text.strip()}")
    return factor
