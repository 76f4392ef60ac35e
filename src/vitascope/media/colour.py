"""Frames of a decoder <-> RGB arrays, with the colours that were meant. Knows nothing of files or time.

Inside Vitascope a picture is 8-bit RGB with BT.709 primaries. On the way in the frame's own tags decide:
matrix, range, and for HDR or wide gamut the transfer curve and primaries. On the way out all is BT.709,
limited range, and tagged so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorPrimaries as Primaries
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.reformatter import ColorTrc as Curve

from vitascope.media.hdr import WORKING_FORMAT, Table

# Without the flags swscale is five times faster, and a level too dark with blocky colour: on a chart 1.2
# levels off on average against 0.4, on a photo 38.4 dB against 41.1.
_EXACT = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
_BT709, _UNSPECIFIED, _BT601 = 1, 2, 6  # FFmpeg's AVColorSpace, which tags frames
_MATRICES = {"BT.709": Colorspace.ITU709, "BT.601": Colorspace.ITU601}
_CURVES = {int(Curve.SMPTE2084): "pq", int(Curve.ARIB_STD_B67): "hlg"}


class Colours:
    """Converts the frames of one stream; keep one for each, for it keeps its tables between frames."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._after_table = VideoReformatter()
        self._with_alpha = VideoReformatter()
        self._tables: dict[tuple[str, int, int], Table] = {}

    def to_rgb(self, frame: VideoFrame, width_px: int, height_px: int) -> np.ndarray:
        """The frame as uint8 [H, W, 3] of the given size (it may change within a file)."""
        curve = _curve_of(frame)
        form = "rgb24" if curve is None else WORKING_FORMAT
        sized = self._reformatter.reformat(
            frame, width=width_px, height=height_px, format=form, interpolation=_EXACT
        )
        if curve is not None:
            table = self._table(curve, width_px, height_px)
            sized = self._after_table.reformat(table.apply(sized), format="rgb24", interpolation=_EXACT)
        return sized.to_ndarray()

    def to_rgba(self, frame: VideoFrame, width_px: int, height_px: int) -> np.ndarray:
        """The frame as uint8 [H, W, 4] of the given size; alpha is 255 where it has none."""
        if not has_alpha(frame):
            return with_alpha(self.to_rgb(frame, width_px, height_px), None)
        curve = _curve_of(frame)
        sized = self._with_alpha.reformat(
            frame, width=width_px, height=height_px, format="rgba", interpolation=_EXACT
        )
        picture = sized.to_ndarray()
        if curve is not None:  # the table knows three colours only
            picture[..., :3] = self.to_rgb(frame, width_px, height_px)
        return picture

    def _table(self, curve: str, width_px: int, height_px: int) -> Table:
        key = curve, width_px, height_px
        if key not in self._tables:
            self._tables[key] = Table(*key)
        return self._tables[key]

    def from_rgb(self, picture: np.ndarray, pixel_format: str, standard: str = "BT.709") -> VideoFrame:
        """A uint8 [H, W, 3] picture, or 4 with alpha, as a tagged frame in an encoder's pixel format.

        ``standard`` is the matrix, in limited range: "BT.709", or "BT.601" for WebP, which knows no other.
        """
        form = "rgba" if picture.shape[2] == 4 else "rgb24"
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=form)
        converted = self._reformatter.reformat(
            frame,
            format=pixel_format,
            dst_colorspace=_MATRICES[standard],
            dst_color_range=ColorRange.MPEG,
            interpolation=_EXACT,
        )
        converted.color_primaries = int(Primaries.BT709)
        converted.color_trc = int(Curve.BT709)
        return converted


def _curve_of(frame: VideoFrame) -> str | None:
    """The table that a frame needs, if any; a frame that names no matrix is given the usual one."""
    if frame.colorspace == _UNSPECIFIED:
        # What players do: high definition is BT.709, standard definition BT.601.
        frame.colorspace = _BT709 if frame.height > 576 or frame.width > 1024 else _BT601
    curve = _CURVES.get(frame.color_trc)
    if curve is None and frame.color_primaries == int(Primaries.BT2020):
        return "sdr"
    return curve


def has_alpha(frame: VideoFrame) -> bool:
    """Whether the frame's pixels say how little they are see-through."""
    return any(component.is_alpha for component in frame.format.components)


def with_alpha(picture: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """uint8 [H, W, 3] and [H, W], or None for 255 everywhere, as uint8 [H, W, 4]."""
    result = np.empty((*picture.shape[:2], 4), np.uint8)
    result[..., :3] = picture
    result[..., 3] = 255 if alpha is None else alpha
    return result


def tag_bt709(codec_context: Any) -> None:
    """Say in the stream's header what ``from_rgb`` made: BT.709, limited range."""
    codec_context.color_primaries = int(Primaries.BT709)
    codec_context.color_trc = int(Curve.BT709)
    codec_context.colorspace = _BT709
    codec_context.color_range = int(ColorRange.MPEG)
