"""The alpha of WebM and Matroska films, which VP8 and VP9 keep in a second, grey film beside the first.

Each packet carries the grey one's packet with it. FFmpeg's own decoders of VP8 and VP9 leave that aside, and
libvpx, which doesn't, has no limit on the size of a frame: so the grey film gets a decoder of its own here.
Knows nothing of colours or of files.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from av import CodecContext, Packet, VideoFrame
from av.error import FFmpegError

from vitascope.media.limits import Limits

CODECS = ("vp8", "vp9")
_SIDE = "matroska_block_additional"
_NUMBER_BYTES = 8  # which of the block's additions it is, before the data; 1 is alpha (WebM's alpha draft)
_ALPHA = 1
_MOST_WAITING = 64  # planes; decoders hold back fewer frames, so more are those of frames that never came


class SideAlpha:
    """Decodes the alpha that packets bring along, and has it ready for the frames that come of them."""

    def __init__(self, codec: str, limits: Limits) -> None:
        self._decoder: Any = CodecContext.create(codec, "r")
        # One thread gives each frame out at once.
        self._decoder.thread_count = 1
        self._decoder.options = {"max_pixels": str(limits.max_pixels_per_frame)}
        self._waiting: dict[int, np.ndarray] = {}

    def hear(self, packet: Any) -> None:
        """Look at a packet before it is decoded; what doesn't decode is left out."""
        if packet.pts is None or not packet.has_sidedata(_SIDE):
            return
        data = bytes(packet.get_sidedata(_SIDE))
        if int.from_bytes(data[:_NUMBER_BYTES]) != _ALPHA:
            return
        try:
            frames: list[VideoFrame] = self._decoder.decode(Packet(data[_NUMBER_BYTES:]))
        except FFmpegError:
            return
        for frame in frames:
            self._waiting[packet.pts] = _light_of(frame)
        while len(self._waiting) > _MOST_WAITING:
            self._waiting.pop(next(iter(self._waiting)))

    def plane_of(self, frame: VideoFrame, width_px: int, height_px: int) -> np.ndarray | None:
        """The alpha of a frame, uint8 [H, W] of the given size; None if none came with it."""
        plane = None if frame.pts is None else self._waiting.pop(frame.pts, None)
        if plane is None or plane.shape == (height_px, width_px):
            return plane
        sized = VideoFrame.from_ndarray(plane, format="gray").reformat(width=width_px, height=height_px)
        return sized.to_ndarray()


def _light_of(frame: VideoFrame) -> np.ndarray:
    """The plane of luma as it was stored: its levels mean how much, not how light."""
    plane: Any = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return np.ascontiguousarray(rows[: frame.height, : frame.width])
