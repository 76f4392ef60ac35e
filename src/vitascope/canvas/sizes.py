"""How large: sizes as people write them, and pictures made to fit one. Knows nothing of canvases."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias, get_args

import numpy as np

from .errors import CanvasError, quoted
from .planes import Bytes, Floats, as_colours
from .scaling import scaled

Fit: TypeAlias = Literal["cover", "contain", "stretch"]

LARGEST_SIDE_PX = 16_384
_EXAMPLES = 'write "1280x720", "16:9", "720p" or "512"'
_GRID_PX = 8  # a ratio's longer side is rounded to whole groups of 8 pixels, which every codec takes


def parse_size(text: str, short_side_px: int = 256) -> tuple[int, int]:
    """Read (width_px, height_px) from "1280x720", "512" (a square), "720p" (16:9), or a ratio "16:9", "9:16".

    A ratio's shorter side is `short_side_px`; its longer is rounded to a multiple of 8.
    """
    plain = text.strip().lower()
    if match := re.fullmatch(r"(\d{1,6})\s*(?:x|×|\*|by)\s*(\d{1,6})", plain, re.ASCII):
        return _checked(int(match[1]), int(match[2]), text)
    if match := re.fullmatch(r"(\d{1,6})(?:px)?", plain, re.ASCII):
        return _checked(int(match[1]), int(match[1]), text)
    if match := re.fullmatch(r"(\d{1,6})p", plain, re.ASCII):
        return _ratio(16, 9, int(match[1]), text)
    if match := re.fullmatch(r"(\d{1,4}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,4})?)", plain, re.ASCII):
        return _ratio(float(match[1]), float(match[2]), short_side_px, text)
    raise CanvasError(f"{quoted(text)} is not a size; {_EXAMPLES}")


def size_within(width_px: int, height_px: int, longest_px: int) -> tuple[int, int]:
    """(width_px, height_px) in the same shape with no side longer than `longest_px`; made even if it shrinks.

    A size that is within already comes back as it is. Even sides are what every video codec takes.
    """
    longer = max(width_px, height_px)
    if longer <= longest_px:
        return width_px, height_px
    width_px, height_px = (
        max(2, min(round(side * longest_px / longer / 2), longest_px // 2) * 2)
        for side in (width_px, height_px)
    )
    return width_px, height_px


def fit_picture(picture: Bytes, width_px: int, height_px: int, fit: Fit = "cover") -> Bytes:
    """A picture uint8 HWC at another size: "cover" crops, "contain" leaves black edges, "stretch" bends.

    A picture that has the size already comes back as it is.
    """
    if fit not in get_args(Fit):
        raise CanvasError(f"fit must be one of {', '.join(get_args(Fit))}, not {quoted(str(fit))}")
    height, width = as_colours(picture, "HWC", (1, 3, 4)).shape[:2]
    if (width, height) == (width_px, height_px):
        return picture
    if fit == "stretch":
        return _as_bytes(scaled(picture, height_px, width_px))
    if fit == "cover":
        scale = max(width_px / width, height_px / height)
        seen_w, seen_h = min(width, width_px / scale), min(height, height_px / scale)
        left, top = (width - seen_w) / 2, (height - seen_h) / 2
        return _as_bytes(scaled(picture, height_px, width_px, box=(left, top, left + seen_w, top + seen_h)))
    scale = min(width_px / width, height_px / height)
    inner_w, inner_h = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (width_px - inner_w) // 2, (height_px - inner_h) // 2
    result = np.zeros((height_px, width_px, picture.shape[2]), np.uint8)
    result[top : top + inner_h, left : left + inner_w] = _as_bytes(scaled(picture, inner_h, inner_w))
    return result


def _as_bytes(picture: Floats) -> Bytes:
    return np.rint(np.clip(picture, 0, 255)).astype(np.uint8)


def _ratio(across: float, down: float, short_px: int, text: str) -> tuple[int, int]:
    if not (across > 0 and down > 0 and 1 / 100 <= across / down <= 100):
        raise CanvasError(f"{quoted(text)} is not a shape for a picture; {_EXAMPLES}")
    long_px = max(short_px, round(short_px * max(across, down) / min(across, down) / _GRID_PX) * _GRID_PX)
    return _checked(*((long_px, short_px) if across >= down else (short_px, long_px)), text)


def _checked(width_px: int, height_px: int, text: str) -> tuple[int, int]:
    if not (1 <= width_px <= LARGEST_SIDE_PX and 1 <= height_px <= LARGEST_SIDE_PX):
        raise CanvasError(f"{quoted(text)} is not a size: each side must be in 1..{LARGEST_SIDE_PX} pixels")
    return width_px, height_px
