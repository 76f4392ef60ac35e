"""A video that Runway's clients want redrawn, widened, carried on or enlarged, as a request of ours.

Redrawing alone is RestyleVideo. Whatever leads it (keyframes, references, another size) makes it a canvas:
the video is a sketch there, and a keyframe is given. Knows no route and no queue.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from vitascope.apps.server import runway_schemas as said
from vitascope.apps.server.errors import bad_request
from vitascope.apps.server.jobs import requests as ask
from vitascope.apps.server.runway_media import Media, as_request, even, size_of, with_short_side

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.storage import StoredFile

STRENGTH = 0.6  # how freely a video is redrawn; Runway's clients have no word for it
MORE_S = 5  # so much is added where a client leaves the duration out, or to the model


def video_to_video(media: Media, asked: said.VideoToVideo, filler: str | None, seed: int) -> ask.Request:
    """The request that a form comes to; `seed` is for where the client gave none. Raises ServerError."""
    field = "videoUri" if asked.video_uri else "promptVideo"
    video = media.take(field, asked.video, "video")
    prompt = asked.prompt_text or ""
    shared: dict[str, Any] = {"video": video.id, "prompt": prompt, "seed": asked.seed, "filler": filler}
    if asked.target_aspect_ratio:
        return as_request(ask.ExpandVideo, size=_around(video, asked.target_aspect_ratio), **shared)
    if asked.mode == "extend":
        seconds = asked.duration or MORE_S
        return as_request(ask.ExtendVideo, seconds=str(seconds), **shared)
    size = size_of(asked.ratio, asked.resolution, video) if asked.ratio or asked.resolution else _size(video)
    if not asked.keyframes and not asked.references and size == _size(video):
        return as_request(ask.RestyleVideo, strength=STRENGTH, **shared)
    document = _canvas(media, asked, video, size) | {"seed": seed if asked.seed is None else asked.seed}
    return as_request(ask.FillCanvas, document=document, files=_files(document), filler=filler)


def upscale(media: Media, asked: said.VideoUpscale) -> ask.EnlargeVideo:
    """The request for a larger video. Raises ServerError 400 if it is as large already."""
    video = media.take("videoUri", asked.video_uri, "video")
    width_px, height_px = _size(video)
    short_px = said.SHORT_SIDES_PX[asked.resolution]
    if min(width_px, height_px) >= short_px:
        raise bad_request(
            f"resolution: the video is {width_px}x{height_px} already; ask for more than {asked.resolution}",
            "resolution",
        )
    return as_request(ask.EnlargeVideo, video=video.id, size=with_short_side(width_px, height_px, short_px))


def _around(video: StoredFile, shape: str) -> tuple[int, int]:
    """The smallest frame of that shape with the video inside."""
    width_px, height_px = _size(video)
    across, down = (int(side) for side in shape.split(":"))
    return even(max(width_px, height_px * across / down)), even(max(height_px, width_px * down / across))


def _size(video: StoredFile) -> tuple[int, int]:
    return video.width_px or 256, video.height_px or 256


def _canvas(
    media: Media, asked: said.VideoToVideo, video: StoredFile, size: tuple[int, int]
) -> dict[str, Any]:
    """A canvas document: the video as a sketch, the keyframes given, everything outside the windows given."""
    frames, rate_fps = _length(media, video)
    places = [_frame(key, number, frames, rate_fps) for number, key in enumerate(asked.keyframes)]
    pictures = [
        media.take(f"keyframes[{number}].uri", key.uri, "image") for number, key in enumerate(asked.keyframes)
    ]
    cast = media.placed("references", asked.references)
    windows = [key.range for key in asked.keyframes if key.range is not None]
    sketch = 1 - STRENGTH
    clips: list[dict[str, Any]] = [{"uri": video.id, "known": 1 if windows else sketch, "fit": "cover"}]
    clips += [
        {"uri": picture.id, "at": f"{place}f", "fit": "cover"}
        for picture, place in zip(pictures, places, strict=True)
    ]
    known: list[dict[str, Any]] = []
    for number, window in enumerate(windows):
        start = int(window.start_seconds * rate_fps)
        stop = min(int(window.end_seconds * rate_fps), frames)
        if not start <= places[number] < stop:
            raise bad_request(
                f"keyframes[{number}].range: the keyframe's moment must lie within its range, and the range "
                f"within the video",
                f"keyframes[{number}].range",
            )
        known.append({"value": sketch, "span": _span(start, stop)})
    if windows:
        known += [{"value": 1, "span": _span(place, place + 1)} for place in places]
    return {
        "frames": frames,
        "rate_fps": str(rate_fps),
        "width_px": size[0],
        "height_px": size[1],
        "clips": clips,
        "known": known,
        "words": [{"text": asked.prompt_text}] if asked.prompt_text else [],
        "cast": [
            {"name": f"reference {number}", "pictures": [file.id]} for number, file in enumerate(cast.all, 1)
        ],
    }


def _span(start: int, stop: int) -> dict[str, str]:
    """Frames from start up to, not including, stop."""
    return {"start": f"{start}f", "stop": f"{stop}f"}


def _frame(key: said.Keyframe, number: int, frames: int, rate_fps: Fraction) -> int:
    """The frame that a keyframe's moment is."""
    if key.at is not None:
        return min(int(key.at * frames), frames - 1)
    place = int(Fraction(key.seconds or 0) * rate_fps)
    if place > frames:
        raise bad_request(
            f"keyframes[{number}].seconds: {key.seconds:g} s is after the end of the video, "
            f"{float(frames / rate_fps):g} s",
            f"keyframes[{number}].seconds",
        )
    return min(place, frames - 1)


def _length(media: Media, video: StoredFile) -> tuple[int, Fraction]:
    """How many frames a video really has, at which rate. Headers lie, so it is read through."""
    from vitascope.media import MediaError, read_video

    settings = media.server.settings
    try:
        with media.server.files.local(video) as path:
            film = read_video(path)
            most, count = settings.max_seconds * film.rate_fps, 0
            for count, _ in enumerate(film, 1):
                if count > most:
                    raise bad_request(
                        f"the video is longer than the {settings.max_seconds} s that are taken; cut it"
                    )
    except MediaError as error:
        raise bad_request(f"the video can't be read: {error}") from None
    return count, film.rate_fps


def _files(document: dict[str, Any]) -> dict[str, str]:
    ids = [clip["uri"] for clip in document["clips"]]
    ids += [picture for subject in document["cast"] for picture in subject["pictures"]]
    return {file_id: file_id for file_id in ids}
