"""The visible label on a video, and the hidden one in its metadata. Knows nothing of what is shown.

"eu" is a mark with "AI generated", or "AI" where there is less room, in a corner for the whole length (EU AI
Act, Article 50). "cn" is 人工智能生成 over the first two seconds, its signs at least 5 % of the short side
high, and a field AIGC in the metadata (GB 45438-2025). The signs are a few kilobytes of Noto Sans CJK (SIL
OFL 1.1) beside this file, so that no font needs to be installed. This is not legal advice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from math import ceil
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place, regular_file
from vitascope.media.pictures import checked_picture
from vitascope.media.rate import Rate, rational_rate

Label = Literal["none", "eu", "cn"]
LABELS: tuple[str, ...] = get_args(Label)
CN_SHOWN_S = 2
CN_SHARE = 0.05  # of the short side, the least height of a sign
_CN_TEXT, _EU_MARK, _EU_TEXT = "人工智能生成", "AI", "AI generated"
_FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
_FIELD = "AIGC"
_MAX_FIELD_CHARACTERS, _MAX_CHARACTERS = 100_000, 300  # of a stranger's file; of one thing in it
_LEAST_PX = 8  # signs smaller than this can't be read


def labelled(frames: Iterable[np.ndarray], rate_fps: Rate, label: Label) -> Iterator[np.ndarray]:
    """Draw a label on uint8 [H, W, 3] frames of one size, one frame held at a time; "none" draws nothing.

    One picture is a film of one frame. Raises MediaError for an unknown label.
    """
    if label not in LABELS:
        raise MediaError(f"there is no label {label!r}; use one of {', '.join(LABELS)}")
    shown = ceil(CN_SHOWN_S * rational_rate(rate_fps)) if label == "cn" else None
    return iter(frames) if label == "none" else _labelled(frames, label, shown)


def label_metadata(label: Label, producer: str, number: str) -> dict[str, str]:
    """What ``write_video(metadata=...)`` is to write for a label: the field AIGC for "cn", else nothing.

    ``producer`` names who runs the service (the law wants a registered name or code), ``number`` is its
    number for this very file. .mp4, .mov, .mkv, .webm, .png and .jpg keep it; GIF and WebP have no place.
    """
    if label != "cn":
        return {}
    said = {"Label": "1", "ContentProducer": producer, "ProduceID": number}  # "1": is generated
    return {_FIELD: json.dumps({name: said.get(name, "") for name in _FIELDS}, ensure_ascii=False)}


def read_label(path: Place, limits: Limits = DEFAULT_LIMITS) -> dict[str, str] | None:
    """The field AIGC of a film or picture, None if it has none; MediaError for a file that can't be read."""
    place = regular_file(path, limits)
    for name, text in _metadata(place, limits).items():
        if name.lower() == _FIELD.lower():
            return _said(text[:_MAX_FIELD_CHARACTERS])
    return None


def printable(text: str) -> str:
    """A stranger's words, cut, and without what could steer a terminal or turn the writing round."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:_MAX_CHARACTERS]).strip()


def _said(text: str) -> dict[str, str] | None:
    """The named fields of a stranger's JSON, as text; None if it isn't what it should be."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    fields: dict[str, Any] = {**found}
    return {
        name: printable(str(fields[name])) for name in _FIELDS if isinstance(fields.get(name), str | int)
    } or None


def _metadata(place: Path, limits: Limits) -> Mapping[str, str]:
    from vitascope.media.pictures import opened_picture
    from vitascope.media.probing import probe

    if place.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        return probe(place, limits).metadata
    with opened_picture(place, limits) as picture:
        picture.load()  # PNG may keep text behind the pixels
        info: dict[Any, Any] = {**picture.info}
    comment = info.pop("comment", b"")
    text = comment.decode("utf-8", "replace") if isinstance(comment, bytes) else str(comment)
    pairs = (line.partition(": ") for line in text.splitlines())
    return {name: said for name, _, said in pairs} | {
        str(name): str(said) for name, said in info.items() if isinstance(said, str)
    }


def _labelled(frames: Iterable[np.ndarray], label: Label, shown: int | None) -> Iterator[np.ndarray]:
    for index, frame in enumerate(frames):
        picture = checked_picture(frame, f"frame {index}")
        if shown is not None and index >= shown:
            yield picture
            continue
        height_px, width_px, _ = picture.shape
        drawn, top, left = _cn(width_px, height_px) if label == "cn" else _eu(width_px, height_px)
        marked = picture.copy()
        under = marked[top : top + drawn.shape[0], left : left + drawn.shape[1], :3]
        over, alpha = drawn[..., :3].astype(np.uint16), drawn[..., 3:].astype(np.uint16)
        under[:] = (over * alpha + under * (255 - alpha) + 127) // 255
        if marked.shape[2] == 4:  # it is seen where the picture isn't, too
            covers = marked[top : top + drawn.shape[0], left : left + drawn.shape[1], 3:]
            np.maximum(covers, drawn[..., 3:], out=covers)
        yield marked


Drawn = tuple[np.ndarray, int, int]  # uint8 [H, W, 4], and where its top and its left are


@lru_cache(16)
def _cn(width_px: int, height_px: int) -> Drawn:
    """The signs in the middle below the top, on a dark ground, a little larger than the least."""
    short_px = min(width_px, height_px)
    font = _font_of_height(max(_LEAST_PX, ceil(short_px * CN_SHARE * 1.05) + 1), _CN_TEXT)
    drawn = _fitted(_boxed(_CN_TEXT, font), width_px, height_px)
    return drawn, min(short_px // 20, height_px - drawn.shape[0]), (width_px - drawn.shape[1]) // 2


@lru_cache(16)
def _eu(width_px: int, height_px: int) -> Drawn:
    """The mark in the lower right corner; its words too, where they take less than half of the width."""
    short_px = min(width_px, height_px)
    font = _font_of_height(max(_LEAST_PX, round(short_px * 0.032)), _EU_MARK)
    drawn = _boxed(_EU_TEXT, font)
    if drawn.shape[1] > width_px // 2:
        drawn = _boxed(_EU_MARK, font)
    drawn = _fitted(drawn, width_px, height_px)
    edge_px = short_px // 30
    top = max(0, height_px - edge_px - drawn.shape[0])
    return drawn, top, max(0, width_px - edge_px - drawn.shape[1])


def _font_of_height(height_px: int, text: str) -> ImageFont.FreeTypeFont:
    """The font at the first size at which every sign of the text is at least this high."""
    size = height_px
    while True:
        font = ImageFont.truetype(str(files("vitascope.media") / "fonts" / "label.otf"), size)
        if min(_ink_px(font, sign) for sign in text if sign != " ") >= height_px:
            return font
        size += 1


def _ink_px(font: ImageFont.FreeTypeFont, text: str) -> float:
    _, top, _, bottom = font.getbbox(text)
    return bottom - top


def _boxed(text: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    """uint8 [H, W, 4] white words on a dark ground with round corners, that read on any picture."""
    left, top, right, bottom = font.getbbox(text)
    pad = max(2, round((bottom - top) * 0.45))
    size = ceil(right - left) + 2 * pad, ceil(bottom - top) + 2 * pad
    box = Image.new("RGBA", size, (0, 0, 0, 0))
    brush = ImageDraw.Draw(box)
    brush.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), pad, fill=(0, 0, 0, 170))
    brush.text((pad - left, pad - top), text, font=font, fill=(255, 255, 255, 255))
    return np.asarray(box)


def _fitted(drawn: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """The label, made smaller where the frame is too small for it: better than cut off."""
    share = min(1.0, width_px / drawn.shape[1], height_px / drawn.shape[0])
    if share == 1.0:
        return drawn
    size = max(1, int(drawn.shape[1] * share)), max(1, int(drawn.shape[0] * share))
    return np.asarray(Image.fromarray(drawn).resize(size, Image.Resampling.LANCZOS))
