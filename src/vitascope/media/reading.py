"""Films as a stream of upright RGB pictures at a constant rate, in flat memory. Knows nothing of writing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from vitascope.canvas import Sound
from vitascope.media.colour import Colours, with_alpha
from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place
from vitascope.media.moving_pictures import is_moving_picture, moving_picture_frames
from vitascope.media.opening import decoded, file_name, opened_film, picture_stream, seconds
from vitascope.media.pictures import on_white
from vitascope.media.probing import Info, probe, square_pixel_size
from vitascope.media.rate import Rate, constant_rate, rational_rate
from vitascope.media.side_alpha import CODECS, SideAlpha
from vitascope.media.sound import SoundStream


class Video:
    """A film that can be looked through any number of times; each pass opens the file anew.

    Iterating gives uint8 [H, W, 3] pictures, upright, at ``rate_fps``; see-through parts are white. With
    ``alpha`` it gives [H, W, 4], alpha last and not multiplied in, 255 where the file has none. Damaged parts
    are left out while the clock runs on over them. Raises MediaError where nothing decodes, a limit is broken
    or the decoder stands still.
    """

    def __init__(self, path: Place, rate_fps: Rate | None, limits: Limits, alpha: bool = False) -> None:
        self.path = path
        self.alpha = alpha
        self.limits = limits
        self.info: Info = probe(path, limits)
        self.rate_fps: Fraction = self.info.rate_fps if rate_fps is None else rational_rate(rate_fps)

    def __iter__(self) -> Iterator[np.ndarray]:
        if is_moving_picture(self.path):
            timed = moving_picture_frames(self.path, self.rate_fps, self.limits, alpha=self.alpha)
        else:
            timed = _film_frames(self.path, self.info, self.limits, self.alpha)
        count = 0
        for picture in constant_rate(timed, self.rate_fps, self.limits):
            count += 1
            self.limits.check_frames(count, file_name(self.path))
            yield picture
        if not count:
            raise MediaError(f"{file_name(self.path)}: not one picture of it could be decoded")

    def sound_stream(self) -> SoundStream | None:
        """The film's sound in flat memory, from the moment of the first picture on; None if it has none."""
        return SoundStream(self.path, self.info.start_s, self.limits) if self.info.has_sound else None

    def sound(self) -> Sound | None:
        """The film's sound at once, float32 [N, channels] at its own rate; None if it has none."""
        stream = self.sound_stream()
        return None if stream is None else stream.whole()


def read_video(
    path: Place, *, rate_fps: Rate | None = None, limits: Limits = DEFAULT_LIMITS, alpha: bool = False
) -> Video:
    """Open a film, moving picture or sequence of pictures for streaming, with ``alpha`` as [H, W, 4].

    ``rate_fps`` is the constant rate to read it at: the file's own if None, and for a file whose clock varies
    the rate of its median step. Pictures are repeated or left out to keep the time, never blended. A sequence
    (a folder, "shot_%04d.png") has no clock, so there it names the clock and every picture comes once. Raises
    MediaError.
    """
    return Video(path, rate_fps, limits, alpha)


def read_clip(
    path: Place,
    *,
    rate_fps: Rate | None = None,
    max_frames: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> np.ndarray:
    """Read a whole film, or its first ``max_frames`` pictures, as uint8 [T, H, W, 3].

    Raises MediaError, also before the clip would take more memory than ``limits.max_clip_bytes``.
    """
    clip = np.empty((0,), np.uint8)
    count = 0
    for picture in read_video(path, rate_fps=rate_fps, limits=limits):
        if max_frames is not None and count >= max_frames:
            break
        limits.check_clip((count + 1) * picture.nbytes, file_name(path))
        if count == len(clip):  # grown in place: a list to be stacked at the end would need twice the memory
            clip.resize((max(16, count * 5 // 4), *picture.shape), refcheck=False)
        clip[count] = picture
        count += 1
    clip.resize((count, *clip.shape[1:]), refcheck=False)
    return clip


def _film_frames(
    path: Place, info: Info, limits: Limits, alpha: bool
) -> Iterator[tuple[Fraction, Fraction, np.ndarray]]:
    """(start, end, picture) of every frame that decodes, by the file's own clock."""
    name = file_name(path)
    colours = Colours()
    size: tuple[int, int] | None = None
    due_s = Fraction(0)  # when a frame that names no time is shown
    beside = SideAlpha(info.codec, limits) if info.alpha and info.codec in CODECS else None
    with opened_film(path, limits) as container:
        stream = picture_stream(container, limits, name)
        for frame in decoded(container, stream, limits, name, beside.hear if beside else None):
            limits.check_size(frame.width, frame.height, name)
            size = size or square_pixel_size(stream, frame)  # the first one's: a later change is scaled to it
            said_s = seconds(frame.pts, frame.time_base)
            start_s = due_s if said_s is None else said_s
            due_s = start_s + (seconds(frame.duration, frame.time_base) or 1 / info.rate_fps)
            if info.alpha:
                shown = colours.to_rgba(frame, *size)
                plane = beside.plane_of(frame, *size) if beside else None
                shown = shown if plane is None else with_alpha(shown[..., :3], plane)
                shown = shown if alpha else on_white(shown)
            else:
                shown = colours.to_rgb(frame, *size)
                shown = with_alpha(shown, None) if alpha else shown
            picture = info.turn.upright(shown)
            yield start_s, due_s, np.ascontiguousarray(picture[: info.height_px, : info.width_px])
