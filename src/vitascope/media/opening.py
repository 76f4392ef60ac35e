"""Opening a stranger's film safely. Knows FFmpeg's containers; knows nothing of colour or of writing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from time import monotonic
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vitascope.media.limits import Limits, MediaError, Place, regular_file

# Containers that hold their own data. Playlists (HLS, DASH, concat) are left out: they could name other
# files.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf,mxf,ivf,h264,hevc,obu,m4v,mpegvideo,dv,"
    "yuv4mpegpipe,nut,wav,mp3,flac,aac,aiff,w64"
)


@contextmanager
def opened_film(path: Place, limits: Limits) -> Generator[InputContainer]:
    """Open a video or sound file for reading; every way to fail, in the block too, becomes a MediaError.

    Nothing but this one file is read: no network, no playlist, no external data reference.
    """
    place = regular_file(path, limits)
    try:
        with av.open(
            str(place.resolve()),
            metadata_errors="replace",
            container_options={"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"},
            timeout=limits.timeout_s,
        ) as container:
            yield container
    except FFmpegError as error:
        raise MediaError(
            f"{place.name}: can't be read as video ({error.strerror}); it may be cut short, or be no video"
        ) from error
    except (UnicodeError, OverflowError) as error:
        raise MediaError(f"{place.name}: damaged video ({error})") from error


def picture_stream(container: InputContainer, limits: Limits, name: str) -> VideoStream:
    """The film's main picture stream, refused by its header alone if that is too large."""
    films = [
        stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic
    ]
    if not films:
        what = "sound only" if container.streams.audio else "no pictures in it"
        raise MediaError(f"{name}: {what}; a file with video is needed")
    readable = [stream for stream in films if decodable(stream)]
    if not readable:
        raise MediaError(f"{name}: its video codec isn't one that this FFmpeg can decode")
    stream = max(readable, key=lambda candidate: candidate.width * candidate.height)
    if stream.width > 0 and stream.height > 0:  # some headers leave it to the first frame
        limits.check_size(stream.width, stream.height, name)
    # So the decoder itself refuses a frame larger than the header spoke of, before it takes memory for it.
    stream.codec_context.options = {"max_pixels": str(limits.max_pixels_per_frame)}
    stream.thread_type = "AUTO"
    return stream


def decoded(
    container: InputContainer,
    stream: Stream,
    limits: Limits,
    name: str,
    hear: Callable[[Any], None] | None = None,
) -> Iterator[Any]:
    """A stream's frames in the order they are shown; packets that don't decode are skipped.

    ``hear`` is given every packet before it is decoded. Raises MediaError when no frame has come for
    ``limits.timeout_s`` spent in here.
    """
    packets = container.demux(stream)
    waited_s = 0.0
    while True:
        began_s = monotonic()
        packet = next(packets, None)
        if packet is None:
            return
        if hear is not None:
            hear(packet)
        try:
            frames = packet.decode()
        except FFmpegError:
            frames = []
        waited_s = 0.0 if frames else waited_s + monotonic() - began_s
        if waited_s > limits.timeout_s:
            raise MediaError(
                f"{name}: nothing could be decoded for {limits.timeout_s:g} s; the file is damaged"
            )
        yield from frames


def decodable(stream: Stream) -> bool:
    """Whether FFmpeg knows a decoder for this stream; PyAV's stubs don't say that there may be none."""
    return getattr(stream, "codec_context", None) is not None


def seconds(ticks: int | None, time_base: Fraction | None) -> Fraction | None:
    """A timestamp in seconds; None stays None."""
    return None if ticks is None or not time_base else ticks * time_base


def file_name(path: Place) -> str:
    """What messages call the file."""
    return Path(path).name or str(path)


@dataclass(frozen=True)
class Turn:
    """How a stored picture is turned to stand upright: quarter turns counter-clockwise, then mirrored."""

    quarters: int = 0
    mirrored: bool = False

    def upright(self, picture: np.ndarray) -> np.ndarray:
        """The [H, W, C] picture as it should be seen."""
        turned = np.rot90(picture, self.quarters)
        return np.ascontiguousarray(turned[:, ::-1] if self.mirrored else turned)

    def size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """The (width, height) of the upright picture."""
        return (height_px, width_px) if self.quarters % 2 else (width_px, height_px)


AS_STORED = Turn()


def turn_of(frame: VideoFrame) -> Turn:
    """Read a decoded frame's display matrix, the rotation flag of phones, to the nearest quarter turn."""
    found: Any = frame.side_data  # a mapping to PyAV's stubs, but it iterates over its values
    matrix = next((bytes(data) for data in found if data.type.name == "DISPLAYMATRIX"), None)
    if matrix is None:
        return AS_STORED
    # [x' y'] = [x y] [[a b] [c d]] in a picture whose y points down.
    a, b, _, c, d = np.frombuffer(matrix, "<i4")[:5].tolist()
    mirrored = a * d - b * c < 0
    if mirrored:
        a = (
            -a
        )  # take the left-right flip out of x'; what is left of the first column's pair is a pure rotation
    quarters = round(float(np.degrees(np.arctan2(-b, a))) / 90) % 4 if a or b else 0
    return Turn(quarters, mirrored)
