"""How much a request asks for, before anything is read or painted: frames, pixels, parts, credits.

Refuses what is too long or too large, and what no filler here can fill. Knows the tasks' shapes; opens no
media: what it must know of them is in their rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from vitascope.apps.server.errors import ServerError, bad_request
from vitascope.apps.server.jobs import requests as r
from vitascope.canvas import Camera, Canvas, CanvasError, exact_rate, frames_in, parse_camera
from vitascope.canvas.documents import read_form
from vitascope.canvas.json import LARGEST_VOLUME
from vitascope.canvas.schema import MOST_FRAMES, CanvasForm

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.storage import StoredFile
    from vitascope.apps.server.settings import Settings
    from vitascope.engine import Choice

STREAMED_VOLUME = 2**35  # points of a film that is never in memory: two minutes at 1920x1080 and 60 fps
FIRST_GUESS_S = 3.5  # a megapixel, until jobs have been done here: the built-in model on one core
TOOL_GUESS_S = 0.2  # a megapixel, of a tool that isn't in the table
TOOL_GUESSES_S = {
    "interpolate": 0.26,
    "upscale": 1.4,
    "denoise": 0.43,
    "matte": 0.39,
    "blur": 0.35,
    "motion-blur": 1.1,
    "reframe": 1.3,
    "scenes": 0.03,
    "match": 0.12,
    "track": 0.12,
    "corner-pin": 0.17,
    "stabilise": 0.14,
    "render": 0.07,
}
"""A megapixel of the result, reading and writing too: 16 frames of Big Buck Bunny at 640x360 on one core."""
CREDIT_MEGAPIXELS = 1280 * 720 * 16 / 1e6  # one credit: a second of 720p at 16 fps


@dataclass(frozen=True)
class Plan:
    """The result of a request: its length and size, and how many parts it is painted in."""

    frames: int
    size: tuple[int, int]
    rate_fps: Fraction
    parts: int = 1
    new_frames: int | None = None
    """Those that are painted; None: all."""
    beside: float = 0.0
    """Megapixels that are painted on the way, and not of the result's size."""

    @property
    def volume(self) -> float:
        """Megapixels to be painted."""
        frames = self.frames if self.new_frames is None else self.new_frames
        return frames * self.size[0] * self.size[1] / 1e6 + self.beside

    @property
    def credits(self) -> int:
        """What it costs: whole credits, at least one."""
        return max(1, math.ceil(self.volume / CREDIT_MEGAPIXELS))

    @property
    def duration_s(self) -> Fraction:
        """How long it lasts."""
        return self.frames / self.rate_fps


def plan_of(request: r.Request, stored: Mapping[str, StoredFile], settings: Settings) -> Plan:
    """What a request comes to. Raises ServerError for one that can't be, saying what can.

    `stored` has a row for each of the request's inputs.
    """
    try:
        plan = _plan(request, stored, settings)
        _check_kinds(request, stored)
        if plan.duration_s > settings.max_seconds and request.kind != "image":
            raise bad_request(
                f"{float(plan.duration_s):g} s are longer than the {settings.max_seconds} s that this server "
                "makes at most; ask for fewer seconds",
                "seconds",
            )
        most = STREAMED_VOLUME if isinstance(request, (r.UseTool, r.RenderTimeline)) else LARGEST_VOLUME
        if plan.frames * plan.size[0] * plan.size[1] > most:
            raise bad_request(
                "{}x{} px for {} frames are more than fits; ask for a smaller size or fewer seconds".format(
                    *plan.size, plan.frames
                ),
                "size",
            )
        _check_filler(request, plan, settings)
    except CanvasError as error:
        raise bad_request(str(error), error.where or None) from None
    return plan


def rate_of(request: r.MakeVideo, settings: Settings) -> Fraction:
    """The rate that a video is made at."""
    return Fraction(request.rate_fps or settings.rate_fps)


def _plan(request: r.Request, stored: Mapping[str, StoredFile], settings: Settings) -> Plan:
    match request:
        case r.MakeVideo():
            rate = rate_of(request, settings)
            frames = frames_in(r.exact(request.seconds), rate)
            _check_moments(request, frames, rate)
            return Plan(frames, request.size, rate)
        case r.MakePicture():
            return Plan(request.count, request.size, Fraction(1), request.count)
        case r.EditPicture():
            size = request.size or _size(stored[request.picture])
            return Plan(request.count, size, Fraction(1), request.count)
        case r.ExtendVideo():
            own = clip_plan(stored[request.video])
            sides = 2 if request.direction == "both" else 1
            new = frames_in(r.exact(request.seconds), own.rate_fps) * sides
            return Plan(own.frames + new, own.size, own.rate_fps, new_frames=new)
        case r.RestyleVideo():
            return clip_plan(stored[request.video])
        case r.ExpandVideo():
            own = clip_plan(stored[request.video])
            return Plan(own.frames, request.size, own.rate_fps)
        case r.EnlargeVideo():
            own = clip_plan(stored[request.video])
            return Plan(own.frames, enlarged(request, own.size), own.rate_fps)
        case r.UseTool():
            return _tool_plan(request, stored[request.file])
        case r.RenderTimeline():
            return replace(_outcome(request.outcome), beside=request.megapixels_filled)
        case r.FillCanvas():
            return _canvas_plan(request, stored)
        case r.ShootScript():
            return _script_plan(request)


def first_guess_s(painter: str) -> float:
    """Seconds for a megapixel, before any such job has been done here."""
    kind, _, tool = painter.partition(":")
    return TOOL_GUESSES_S.get(tool, TOOL_GUESS_S) if kind == "footage" else FIRST_GUESS_S


def _tool_plan(request: r.UseTool, file: StoredFile) -> Plan:
    return clip_plan(file) if request.outcome is None else _outcome(request.outcome)


def _outcome(made: r.Outcome) -> Plan:
    return Plan(made.frames, made.size, Fraction(made.rate_fps))


def enlarged(request: r.EnlargeVideo, size: tuple[int, int]) -> tuple[int, int]:
    """The size of an enlarged video; ServerError for one that is smaller, or too large."""
    wanted = request.size or (size[0] * request.factor, size[1] * request.factor)
    if wanted[0] < size[0] or wanted[1] < size[1]:
        raise bad_request("the video is {}x{} already, and {}x{} is smaller".format(*size, *wanted), "size")
    if max(wanted) > r.LARGEST_SIDE_PX:
        raise bad_request(
            f"{wanted[0]}x{wanted[1]} is too large; no side may be above {r.LARGEST_SIDE_PX} px", "size"
        )
    return wanted


def _check_moments(request: r.MakeVideo, frames: int, rate_fps: Fraction) -> None:
    """Refuse pictures outside the video, two for one frame, and camera moves that say nothing."""
    if request.camera:
        parse_camera(request.camera)
    taken = {0} if request.first else set[int]()
    if request.last:
        taken.add(frames - 1)
    if request.first and request.last and frames < 3:
        raise bad_request(
            "there is nothing between the first and the last picture; make it longer", "seconds"
        )
    for moment, _ in request.keyframes:
        frame = math.floor(r.exact(moment) * rate_fps)
        if frame >= frames:
            raise bad_request(f"a picture at {moment} s is after the end of the video", "keyframes")
        if frame in taken:
            raise bad_request(f"there are two pictures for the frame at {moment} s; move one", "keyframes")
        taken.add(frame)


def _canvas_plan(request: r.FillCanvas, stored: Mapping[str, StoredFile]) -> Plan:
    what = 'a canvas document is an object, such as {"words": [{"text": "a fox"}]}'
    form = read_form(request.document, CanvasForm, what)
    rate_fps = exact_rate(form.rate_fps)
    frames = form.frames or frames_in(2 if form.duration_s is None else form.duration_s, rate_fps)
    if frames > MOST_FRAMES:
        raise bad_request(f"{frames} frames are too many; at most {MOST_FRAMES}", "duration_s")
    first = stored.get(request.files.get(form.clips[0].uri, "")) if form.clips else None
    width_px, height_px = (256, 256) if first is None else _size(first)
    return Plan(frames, (form.width_px or width_px, form.height_px or height_px), rate_fps)


def _script_plan(request: r.ShootScript) -> Plan:
    from vitascope.films.script import ScriptForm

    what = 'a script is an object, such as {"shots": [{"text": "a fox jumps", "seconds": 2}]}'
    form = read_form(request.script, ScriptForm, what)
    rate_fps = exact_rate(form.rate)
    frames = sum(frames_in(shot.seconds, rate_fps) for shot in form.shots)
    return Plan(frames, form.size, rate_fps, len(form.shots))


def _check_kinds(request: r.Request, stored: Mapping[str, StoredFile]) -> None:
    """Refuse a picture where a video is needed, and the other way round."""
    for name in ("video", "file"):
        file = getattr(request, name, None)
        if file is not None and not _moves(stored[file]):
            raise bad_request(f"{file} is a picture, and a video is needed", name)
    for name in ("first", "last", "picture", "region"):
        file = getattr(request, name, None)
        if file is not None and not stored[file].media_type.startswith("image/"):
            raise bad_request(f"{file} is no picture ({stored[file].media_type})", name)


def _moves(file: StoredFile) -> bool:
    return file.media_type.startswith("video/") or (file.frames or 1) > 1


def clip_plan(file: StoredFile) -> Plan:
    """A film as it is."""
    rate_fps = exact_rate(file.rate_fps or "25")
    frames = file.frames or max(1, round((file.duration_s or 0) * rate_fps))
    return Plan(frames, _size(file), rate_fps)


def _size(file: StoredFile) -> tuple[int, int]:
    return file.width_px or 256, file.height_px or 256


def _check_filler(request: r.Request, plan: Plan, settings: Settings) -> None:
    """Refuse what the filler can't do, as far as that shows without the media, and one that can't share a
    clip among as many GPUs as the settings say. Canvases that are empty cost nothing.
    """
    from vitascope.engine import CannotFill, UnknownFiller
    from vitascope.engine.gangs import check_shared

    if not request.fills:
        return
    frames = 1 if request.kind == "image" else plan.frames
    canvas = Canvas.blank(frames, plan.size[1], plan.size[0], plan.rate_fps)
    canvas = _with_cast(_with_wishes(canvas, request), request)
    try:
        choice = _first_that_can(_as_it_may_be(canvas, request), request.filler)
        check_shared(choice.name, choice.capabilities, settings.gpus)
    except CannotFill as error:
        raise ServerError(400, "cannot_fill", str(error)) from None
    except UnknownFiller as error:
        raise bad_request(str(error), "filler") from None


def _as_it_may_be(canvas: Canvas, request: r.Request) -> list[Canvas]:
    """What the canvas may be once its media are read. One that asks for a sound goes to others where all its
    pixels are known: without clips and marks none is, after a last mark on everything all are.
    """
    if canvas.sound_known or not isinstance(request, r.FillCanvas):
        return [canvas]
    marks: list[dict[str, Any]] = request.document.get("known") or []
    if not marks and not request.document.get("clips"):
        return [canvas]
    known = replace(canvas, known=np.broadcast_to(np.float32(1), canvas.known.shape))
    everything = marks and marks[-1]["value"] == 1 and not {"region", "clip", "span"} & set(marks[-1])
    return [known] if everything else [canvas, known]


def _first_that_can(canvases: list[Canvas], filler: str | None) -> Choice:
    """Who fills the first of them that can be filled. Raises CannotFill as the last does, if none can."""
    from vitascope.engine import CannotFill, filler_for

    for canvas in canvases[:-1]:
        with suppress(CannotFill):
            return filler_for(canvas, filler)
    return filler_for(canvases[-1], filler)


def _with_wishes(canvas: Canvas, request: r.Request) -> Canvas:
    """The canvas with the words, camera, loop and tracks that show without the media."""
    match request:
        case r.MakeVideo() | r.MakePicture():
            canvas = canvas.with_words(request.prompt).with_negative(request.negative)
            camera = request.camera if isinstance(request, r.MakeVideo) else None
            return canvas.with_camera(parse_camera(camera)) if camera else canvas
        case r.FillCanvas():
            asked = request.document
            if asked.get("camera"):
                canvas = canvas.with_camera(Camera(pan=1))
            for _ in (asked.get("tracks") or ()) if canvas.frames > 1 else ():
                canvas = canvas.with_track([("first", 0.5, 0.5), ("last", 0.6, 0.5)])
            sound: dict[str, Any] = asked.get("sound") or {}
            if not sound.get("known", 1):
                canvas = replace(canvas, negative=asked.get("negative") or "").with_unknown_sound()
            return canvas.with_loop(bool(asked.get("loop")))
        case r.ShootScript():
            moves = [shot["camera"] for shot in request.script["shots"] if shot.get("camera")]
            return canvas.with_camera(parse_camera(moves[0])) if moves else canvas
        case _:
            return canvas


def _with_cast(canvas: Canvas, request: r.Request) -> Canvas:
    """The canvas with as many cast members as are asked for at once."""
    match request:
        case r.MakeVideo() | r.MakePicture():
            members = len(request.cast)
        case r.FillCanvas():
            members = len(request.document.get("cast") or ())
        case r.ShootScript():
            everybody: dict[str, Any] = request.script.get("cast") or {}
            shots: list[list[str] | None] = [shot.get("cast") for shot in request.script["shots"]]
            members = max(len(everybody if names is None else names) for names in shots)
        case _:
            members = 0
    for number in range(members):
        canvas = canvas.with_cast(f"cast {number + 1}", canvas.pixels[0, :8, :8])
    return canvas
