"""What a file says and shows of itself, from its first packets and its first frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from time import monotonic

from av import time_base as clock_hz
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vitascope.media import side_alpha
from vitascope.media.colour import has_alpha
from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place
from vitascope.media.moving_pictures import is_moving_picture, look_at_moving_picture
from vitascope.media.opening import (
    AS_STORED,
    Turn,
    decodable,
    decoded,
    file_name,
    opened_film,
    picture_stream,
    seconds,
    turn_of,
)
from vitascope.media.rate import measured_rate, snapped_rate

SIZE_MARK = "vitascope_size"
_LOOK_AT_PACKETS = 1000  # enough to tell a varying clock
_LAST_RESORT_FPS = Fraction(25)  # for a film of one picture that names no rate


@dataclass(frozen=True)
class Info:
    """What a film is: the size as it is seen (upright, square pixels), the constant rate it will be read at.

    ``rotation`` is in degrees counter-clockwise as the file asks for it, already applied to the size.
    ``frames`` and ``duration_s`` are what the file says, None where it says nothing, and may be lies: only
    reading tells. ``start_s`` is when the first picture is shown by the file's own clock; sound is cut or
    padded to it. ``alpha``: it has room for how see-through each pixel is, whether or not any is.
    """

    width_px: int
    height_px: int
    rate_fps: Fraction
    frames: int | None
    duration_s: Fraction | None
    has_sound: bool
    rotation: int
    codec: str
    pixel_format: str
    variable_rate: bool
    start_s: Fraction = Fraction(0)
    turn: Turn = AS_STORED
    alpha: bool = False
    metadata: dict[str, str] = field(default_factory=dict[str, str])


def probe(path: Place, limits: Limits = DEFAULT_LIMITS) -> Info:
    """Look at a film, moving picture (GIF, WebP, APNG), picture or sequence of pictures, and say what it is.

    Raises MediaError if it can't be read, has no pictures, or is over a limit.
    """
    if is_moving_picture(path):
        return _moving_picture_info(path, limits)
    name = file_name(path)
    with opened_film(path, limits) as container:
        stream = picture_stream(container, limits, name)
        first: VideoFrame | None = next(decoded(container, stream, limits, name), None)
    if first is None:
        raise MediaError(f"{name}: not one picture of it could be decoded; the file is damaged or cut short")
    # A decoder has been fed, so the packets are looked at in a file opened anew.
    with opened_film(path, limits) as container:
        stream = picture_stream(container, limits, name)
        clock = _look_at_clock(container, stream, limits)
        turn = turn_of(first)
        metadata = {key.lower(): value for key, value in container.metadata.items()}
        width_px, height_px = marked_size(metadata, turn.size(*square_pixel_size(stream, first)))
        limits.check_size(width_px, height_px, name)
        return Info(
            width_px=width_px,
            height_px=height_px,
            rate_fps=clock.rate_fps,
            frames=clock.frames,
            duration_s=clock.duration_s,
            has_sound=any(decodable(sound) for sound in container.streams.audio),
            rotation=turn.quarters * 90,
            codec=stream.codec_context.codec.canonical_name,
            pixel_format=first.format.name,
            variable_rate=clock.varies,
            start_s=seconds(first.pts, first.time_base) or Fraction(0),
            turn=turn,
            alpha=has_alpha(first) or _has_side_alpha(stream),
            metadata=metadata,
        )


def _moving_picture_info(path: Place, limits: Limits) -> Info:
    look = look_at_moving_picture(path, limits)
    tick_s = Fraction(1, 100 if look.form == "gif" else 1000)
    rate_fps, varies = measured_rate(look.starts_s[:_LOOK_AT_PACKETS], tick_s)
    rate_fps = rate_fps or 1 / look.end_s
    return Info(
        width_px=look.width_px,
        height_px=look.height_px,
        rate_fps=rate_fps,
        frames=len(look.starts_s),
        duration_s=look.end_s,
        has_sound=False,
        rotation=0,
        codec=look.form,
        pixel_format="rgba" if look.alpha else "rgb24",
        variable_rate=varies,
        alpha=look.alpha,
    )


def _has_side_alpha(stream: VideoStream) -> bool:
    said = {key.lower(): value for key, value in stream.metadata.items()}
    return stream.codec_context.name in side_alpha.CODECS and said.get("alpha_mode") == "1"


@dataclass(frozen=True)
class _Clock:
    rate_fps: Fraction
    varies: bool
    frames: int | None
    duration_s: Fraction | None


def _look_at_clock(container: InputContainer, stream: VideoStream, limits: Limits) -> _Clock:
    """Look at the first packets, or at all if the header names no duration: reading, but no decoding."""
    said_s = seconds(stream.duration, stream.time_base)
    if said_s is None and container.duration is not None:
        said_s = Fraction(container.duration, clock_hz)
    known = said_s is not None and said_s > 0
    times_s: list[Fraction] = []
    start_s = end_s = Fraction(0)
    count = 0
    complete = True
    began_s = monotonic()
    try:
        for packet in container.demux(stream):
            time_s = seconds(packet.pts, packet.time_base)
            if time_s is None or packet.is_discard:
                continue
            enough = _LOOK_AT_PACKETS if known else limits.max_frames
            if count >= enough or monotonic() - began_s > limits.timeout_s:
                complete = False
                break
            start_s = min(start_s, time_s) if count else time_s
            end_s = max(end_s, time_s + (seconds(packet.duration, packet.time_base) or 0))
            count += 1
            if count <= _LOOK_AT_PACKETS:
                times_s.append(time_s)
    except FFmpegError:
        pass  # the end of what can be read
    rate_fps, varies = _rate(stream, times_s)
    if complete and count:
        return _Clock(rate_fps, varies, count, max(end_s - start_s, 1 / rate_fps))
    return _Clock(rate_fps, varies, stream.frames or None, said_s if known else None)


def _rate(stream: VideoStream, times_s: list[Fraction]) -> tuple[Fraction, bool]:
    """The constant rate to read the stream at, and whether its own clock varies."""
    measured, varies = measured_rate(times_s, stream.time_base or Fraction(0))
    guessed = stream.guessed_rate or stream.average_rate
    if measured is None:
        return (guessed if guessed and 0 < guessed <= 1000 else _LAST_RESORT_FPS), False
    if not varies and guessed and abs(guessed - measured) <= measured / 50:
        return snapped_rate(guessed, Fraction(1, 10_000)), False  # the header says it more exactly
    return measured, varies


def square_pixel_size(stream: VideoStream, frame: VideoFrame) -> tuple[int, int]:
    """The (width, height) of a stored frame with its pixels made square; old camcorders' are not."""
    aspect = stream.sample_aspect_ratio
    if not aspect or aspect == 1 or not Fraction(1, 4) <= aspect <= 4:  # beyond that it is a lie
        return frame.width, frame.height
    return max(1, round(frame.width * aspect)), frame.height


def marked_size(metadata: dict[str, str], size: tuple[int, int]) -> tuple[int, int]:
    """The true (width, height) of a film that ``write_video`` made even, from its mark; else ``size``."""
    width, _, height = metadata.get(SIZE_MARK, "").partition("x")
    if not (width.isdecimal() and height.isdecimal() and len(width) < 6 and len(height) < 6):
        return size
    marked = int(width), int(height)
    believable = all(0 <= stored - true <= 1 and true for stored, true in zip(size, marked, strict=True))
    return marked if believable else size
