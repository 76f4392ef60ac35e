"""A canvas to JSON and back, media by URI. What a document may say is in schema.py.

Knows no files: `load` and `save` bring and take the media. Documents come from strangers: names that don't
exist or come twice, NaN, and sizes that would fill the memory are refused, each with the path of what is
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .camera import Camera
from .canvas import Canvas, Known
from .cast import Cast
from .documents import load_frames, loaded, read_form
from .errors import CanvasError, inside
from .planes import Bytes, Floats
from .regions import Ellipse, EverythingBut, MaskPicture, Polygon, Rectangle, Region, Stroke, everything_but
from .sizes import Fit, fit_picture
from .sound import Sound
from .time import Span, Time, exact_rate, frames_in, write_time
from .tracks import Track
from .words import Words

if TYPE_CHECKING:
    from .schema import CanvasForm, CastForm, ClipForm, KnownForm, RegionForm, SoundForm, SpanForm, TrackForm

_Form = TypeVar("_Form")
_Made = TypeVar("_Made")

Load = Callable[[str, Fraction], Bytes]
"""From a URI and a rate (fps) to uint8 frames [T, H, W, 3 or 4] at that rate, or a picture [H, W, 3 or 4]."""

_Load = Callable[[str], Bytes]  # the same, at the canvas's rate

MOST_WRITTEN = 256  # times the whole canvas: what a document's clips and marks may write in all
LARGEST_VOLUME = 2**31  # points T * H * W: 70 s at 1280x720 and 30 fps; 14 GiB if all of it is given


def canvas_from_json(
    document: dict[str, Any] | str,
    load: Load,
    load_sound: Callable[[str], Sound] | None = None,
    largest_volume: int = LARGEST_VOLUME,
) -> Canvas:
    """Build the canvas that a JSON document (text or parsed) describes; `load` brings the media of each URI.

    `load(uri, rate_fps)` is told the canvas's rate: a clip shot at another one must still play at its own
    speed. Pictures and clips are scaled only where the document says how (`fit`). More than `largest_volume`
    points are refused. Raises CanvasError with the path of what is wrong, such as `words[1].span`.
    """
    form = _read_form(document)
    rate_fps = exact_rate(form.rate_fps)

    def load_at_rate(uri: str) -> Bytes:
        return load(uri, rate_fps)

    first = None
    if form.clips:
        with inside("clips[0]"):
            first = load_frames(form.clips[0].uri, load_at_rate)
    canvas = _blank(form, rate_fps, first, largest_volume)
    if form.clips:
        canvas = canvas.with_clips(_placed(form.clips, canvas, load_at_rate))
    if form.known:
        canvas = canvas.with_knowns(_marked(form.known, canvas, load_at_rate))
    return _with_wishes(canvas, form, load_at_rate, load_sound)


def canvas_to_json(
    canvas: Canvas,
    save: Callable[[str, Bytes], str],
    save_sound: Callable[[str, Sound], str] | None = None,
) -> dict[str, Any]:
    """The JSON document of a canvas; `save(name, frames)` keeps uint8 [T, H, W, C] and returns the URI.

    Everything comes back as it was if `save` loses nothing, but for two things: frames of which nothing is
    known come back black, and masks (regions, and `known` where it differs within a frame) are kept in
    steps of 1/255, of which only 0 and 1 are exact.
    """
    names = _Names(save)
    document: dict[str, Any] = {
        "version": 1,
        "frames": canvas.frames,
        "rate_fps": str(canvas.rate_fps),
        "width_px": canvas.width_px,
        "height_px": canvas.height_px,
        "seed": canvas.seed,
    }
    if canvas.loop:
        document["loop"] = True
    if canvas.negative:
        document["negative"] = canvas.negative
    document.update(_planes_to_json(canvas, names))
    document["words"] = [_with_span({"text": w.text, "weight": w.weight}, w.span) for w in canvas.words]
    document["camera"] = [
        _with_span(dict(zip(("pan", "tilt", "zoom", "roll"), c.moves, strict=True)), c.span)
        for c in canvas.camera
    ]
    document["tracks"] = [_track_to_json(track, canvas, names) for track in canvas.tracks]
    document["cast"] = [
        {"name": c.name, "pictures": [names.keep("cast", picture[None]) for picture in c.pictures]}
        for c in canvas.cast
    ]
    if canvas.sound is not None:
        if save_sound is None:
            raise CanvasError("there is no way to keep a sound here; give save_sound", "sound")
        document["sound"] = {"uri": save_sound("sound", canvas.sound)}
    elif not canvas.sound_known:
        document["sound"] = {"known": 0}
    return {name: value for name, value in document.items() if value != []}


def canvas_schema() -> dict[str, Any]:
    """The JSON Schema of a canvas document, as published in docs/canvas.schema.json."""
    from .schema import canvas_schema

    return canvas_schema()


# Reading


def _read_form(document: dict[str, Any] | str) -> CanvasForm:
    from .schema import CanvasForm

    what = 'a canvas document is an object, such as {"words": [{"text": "a fox"}]}'
    return read_form(document, CanvasForm, what)


def _blank(form: CanvasForm, rate_fps: Fraction, first: Bytes | None, largest_volume: int) -> Canvas:
    if form.frames is not None and form.duration_s is not None:
        raise CanvasError("give frames or duration_s, not both", "frames")
    from .schema import MOST_FRAMES

    frames = form.frames or frames_in(2 if form.duration_s is None else form.duration_s, rate_fps)
    height_px, width_px = (256, 256) if first is None else first.shape[1:3]
    height_px, width_px = form.height_px or height_px, form.width_px or width_px
    if frames > MOST_FRAMES or frames * height_px * width_px > largest_volume:
        raise CanvasError(
            f"{frames} frames of {width_px}x{height_px} are more than fits here "
            f"({MOST_FRAMES:,} frames, {largest_volume:,} pixels in all); make it shorter or smaller"
        )
    return Canvas.blank(frames, height_px, width_px, rate_fps, form.seed)


def _with_wishes(
    canvas: Canvas, form: CanvasForm, load: _Load, load_sound: Callable[[str], Sound] | None
) -> Canvas:
    def track(f: TrackForm) -> Track:
        return Track(tuple(f.points), _region(f.region, load) if f.region else None)

    def subject(f: CastForm) -> Cast:
        pictures = enumerate(f.pictures)
        return Cast(f.name, tuple(load_frames(uri, load, f"pictures[{n}]")[0] for n, uri in pictures))

    return replace(
        canvas,
        words=_each("words", form.words, lambda f: Words(f.text, _span(f.span), f.weight)),
        negative=form.negative,
        tracks=_each("tracks", form.tracks, track),
        cast=_each("cast", form.cast, subject),
        camera=_each("camera", form.camera, lambda f: Camera(f.pan, f.tilt, f.zoom, f.roll, _span(f.span))),
        sound=_sound(form.sound, load_sound) if form.sound else None,
        sound_known=form.sound.known if form.sound else 1,
        loop=form.loop,
    )


def _each(name: str, forms: list[_Form], build: Callable[[_Form], _Made]) -> tuple[_Made, ...]:
    made: list[_Made] = []
    for number, form in enumerate(forms):
        with inside(f"{name}[{number}]"):
            made.append(build(form))
    return tuple(made)


def _sound(form: SoundForm, load_sound: Callable[[str], Sound] | None) -> Sound | None:
    with inside("sound.uri"):
        if (form.uri is None) == bool(form.known):
            raise CanvasError('give the uri of a sound, or "known": 0 for one that is to be invented')
        if form.uri is None:
            return None
        if load_sound is None:
            raise CanvasError("there is no way to load a sound here")
        return loaded(form.uri, load_sound)


def _placed(forms: list[ClipForm], canvas: Canvas, load: _Load) -> Iterator[tuple[Bytes, Time, Known]]:
    """One clip after another, so that only one is in memory beside the canvas."""
    written = 0
    for number, form in enumerate(forms):
        with inside(f"clips[{number}]"):
            frames = load_frames(form.uri, load)[..., :3]
            written = _counted(written + len(frames), canvas)
            known: Known = form.known
            if form.region:
                region = _region(form.region, load)
                known = region.coverage(canvas.height_px, canvas.width_px) * np.float32(form.known)
            yield _fitted(frames, form.fit, canvas), form.at, known


def _marked(forms: list[KnownForm], canvas: Canvas, load: _Load) -> Iterator[tuple[Known, float, Span]]:
    written = 0
    for number, form in enumerate(forms):
        with inside(f"known[{number}]"):
            span = _span(form.span)
            with inside("span"):
                frames = len(span.frames(canvas.frames, canvas.rate_fps))
                written = _counted(written + frames, canvas)
            yield _where(form, canvas, load, frames), form.value, span


def _where(form: KnownForm, canvas: Canvas, load: _Load, frames: int) -> Known:
    if form.region and form.clip:
        raise CanvasError("give region or clip, not both", "clip")
    if form.region:
        return _region(form.region, load)
    if not form.clip:
        return 1.0
    masks = [MaskPicture(mask) for mask in _as_masks(load_frames(form.clip, load, "clip"))]
    if len(masks) not in (1, frames):
        raise CanvasError(f"this mask has {len(masks)} frames and its span {frames}", "clip")
    planes = [mask.coverage(canvas.height_px, canvas.width_px) for mask in masks]
    return np.stack(planes) if len(planes) > 1 else planes[0]


def _counted(written: int, canvas: Canvas) -> int:
    """Refuse a document that would keep the machine busy by writing the same frames again and again."""
    if written > MOST_WRITTEN * canvas.frames:
        raise CanvasError(
            f"up to here {written} frames are written to a canvas of {canvas.frames}: too often"
        )
    return written


def _fitted(clip: Bytes, fit: Fit | None, canvas: Canvas) -> Bytes:
    size = clip.shape[2], clip.shape[1]
    if size == canvas.size:
        return clip
    if fit is None:
        raise CanvasError(
            "it is {}x{} and the canvas {}x{}".format(*size, *canvas.size)
            + '; add "fit": "cover" (crops), "contain" (black edges) or "stretch"'
        )
    return np.stack([fit_picture(frame, *canvas.size, fit) for frame in clip])


def _region(form: RegionForm, load: _Load) -> Region:
    with inside("region"):
        if form.shape == "rectangle":
            return Rectangle(form.left, form.top, form.right, form.bottom)
        if form.shape == "ellipse":
            return Ellipse(form.x, form.y, form.radius_x, form.radius_y)
        if form.shape == "polygon":
            return Polygon(tuple(form.points))
        if form.shape == "stroke":
            return Stroke(tuple(form.points), form.width)
        if form.shape == "picture":
            return MaskPicture(_as_masks(load_frames(form.uri, load))[0])
        return everything_but(_region(form.region, load))


def _span(form: SpanForm) -> Span:
    return Span(form.start, form.stop)


def _as_masks(frames: Bytes) -> Floats:
    """Frames [T, H, W, 3 or 4] as masks [T, H, W] in 0..1: how opaque if there is alpha, else how white."""
    if frames.shape[-1] == 4:
        return frames[..., 3].astype(np.float32) / np.float32(255)
    return frames.sum(axis=-1, dtype=np.float32) / np.float32(3 * 255)


# Writing


class _Names:
    """Numbers the media that a document needs, and keeps each by the caller's `save`."""

    def __init__(self, save: Callable[[str, Bytes], str]) -> None:
        self._save = save
        self._count: dict[str, int] = {}

    def keep(self, what: str, frames: Bytes) -> str:
        number = self._count[what] = self._count.get(what, 0) + 1
        return self._save(f"{what}_{number}", frames)


def _planes_to_json(canvas: Canvas, names: _Names) -> dict[str, Any]:
    clips: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for frames, value in _runs(canvas.known):
        if value == 0:
            continue
        uri = names.keep("clip", canvas.pixels[frames.start : frames.stop])
        clips.append({"uri": uri, "at": f"{frames.start}f", "known": value or 0})
        if value is None:
            mask = names.keep("known", _as_pictures(canvas.known[frames.start : frames.stop]))
            known.append(
                {"clip": mask, "value": 1, "span": {"start": f"{frames.start}f", "stop": f"{frames.stop}f"}}
            )
    return {"clips": clips, "known": known}


def _runs(known: Floats) -> list[tuple[range, float | None]]:
    """Stretches of frames that are known equally well all over, with that value, or None if they differ."""
    runs: list[tuple[range, float | None]] = []
    for frame, plane in enumerate(known):
        low, high = float(plane.min()), float(plane.max())
        value = low if low == high else None
        if runs and runs[-1][1] == value:
            runs[-1] = (range(runs[-1][0].start, frame + 1), value)
        else:
            runs.append((range(frame, frame + 1), value))
    return runs


def _as_pictures(mask: Floats) -> Bytes:
    """Masks [T, H, W] in 0..1 as grey frames; only 0 becomes black and only 1 white."""
    grey = np.clip(np.rint(mask * 255), np.where(mask > 0, 1, 0), np.where(mask < 1, 254, 255)).astype(
        np.uint8
    )
    return np.repeat(grey[..., None], 3, axis=-1)


def _with_span(item: dict[str, Any], span: Span) -> dict[str, Any]:
    times = {
        name: write_time(time)
        for name, time in (("start", span.start), ("stop", span.stop))
        if time is not None
    }
    return {**item, "span": times} if times else item


def _track_to_json(track: Track, canvas: Canvas, names: _Names) -> dict[str, Any]:
    points = [[write_time(time), x, y] for time, x, y in track.points]
    if track.region is None:
        return {"points": points}
    return {"points": points, "region": _region_to_json(track.region, canvas, names)}


def _region_to_json(region: Region, canvas: Canvas, names: _Names) -> dict[str, Any]:
    match region:
        case Rectangle() | Ellipse():
            return {"shape": type(region).__name__.lower(), **asdict(region)}
        case Polygon():
            return {"shape": "polygon", "points": [list(point) for point in region.points]}
        case Stroke():
            return {
                "shape": "stroke",
                "points": [list(point) for point in region.points],
                "width": region.width,
            }
        case EverythingBut():
            return {"shape": "everything_but", "region": _region_to_json(region.region, canvas, names)}
        case _:  # a mask picture at its own size; any other region as it lies on this canvas
            size = canvas.height_px, canvas.width_px
            mask = region.picture if isinstance(region, MaskPicture) else region.coverage(*size)
            return {"shape": "picture", "uri": names.keep("region", _as_pictures(mask[None]))}
