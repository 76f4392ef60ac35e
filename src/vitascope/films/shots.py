"""Several shots with cuts: a script becomes canvases, and canvases one film, with the same cast in each.

Each shot is a fill of its own; a shot that continues is given the end of the one before and goes on from
there. What a script may say is in script.py. Knows the tasks and the engine; no filler, and no files: `load`
brings the media.

Axes: T time, H height, W width, C colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import Canvas, CanvasError, Track, exact_rate, frame_at, frames_in
from vitascope.canvas.canvas import LARGEST_SEED
from vitascope.canvas.documents import load_frames, read_form
from vitascope.canvas.errors import inside, quoted
from vitascope.canvas.explain import nearest
from vitascope.canvas.json import LARGEST_VOLUME, Load
from vitascope.engine import CannotFill, Filler, FillSettings, Progress, Report, filler_for, stream
from vitascope.engine.fitting import retimed
from vitascope.tasks import image_to_video, text_to_video

if TYPE_CHECKING:
    from .script import ScriptForm, ShotForm

Pixels = NDArray[np.uint8]

GIVEN_S = Fraction(1, 2)  # of the shot before: one frame says where things are, several also where they go


@dataclass(frozen=True, eq=False)
class Shot:
    """A canvas to be filled; it `continues` from the last frame of the shot before, or begins with a cut."""

    canvas: Canvas
    continues: bool = False


def shots(script: dict[str, Any] | str, load: Load) -> list[Shot]:
    """The shots that a script (JSON text, or parsed) describes; `load(uri, rate_fps)` brings its media.

    Every shot has the script's size and rate, its cast, and a seed of its own that follows from the script's.
    Raises CanvasError with the path of what is wrong, such as `shots[2].camera`.
    """
    from .script import ScriptForm

    what = 'a script is an object, such as {"shots": [{"text": "a fox jumps", "seconds": 2}]}'
    form = read_form(script, ScriptForm, what)
    rate_fps = exact_rate(form.rate)

    def load_picture(uri: str, where: str) -> Pixels:
        return load_frames(uri, lambda uri: load(uri, rate_fps), where)[0]

    cast: dict[str, tuple[Pixels, ...]] = {}
    for name, uris in form.cast.items():
        with inside("cast"):
            if isinstance(uris, str):
                cast[name] = (load_picture(uris, name),)
            else:
                cast[name] = tuple(load_picture(uri, f"{name}[{n}]") for n, uri in enumerate(uris))
    made: list[Shot] = []
    for number, shot in enumerate(form.shots):
        with inside(f"shots[{number}]"):
            _check_beginning(shot, number)
            picture = None if shot.picture is None else load_picture(shot.picture, "picture")
            made.append(Shot(_canvas(form, number, picture, cast), shot.continues))
    return made


def shoot(
    shots: Sequence[Shot],
    filler: Filler | str | None = None,
    settings: FillSettings = FillSettings(),
    report: Report | None = None,
) -> Iterator[Pixels]:
    """Fill shot after shot and yield the film's frames as they are done, each uint8 [H, W, 3].

    Memory holds one shot at a time, and of a long one a window. A shot that continues is given the last
    GIVEN_S of the one before, which don't come again; its tracks, words and moves keep their own time. What
    is heard on a canvas is left out. Raises CanvasError and CannotFill at once, saying which shot; while it
    fills, whatever fill() raises.
    """
    _check_film(shots)
    for number, shot in enumerate(shots):
        canvas = shot.canvas
        before = shots[number - 1].canvas if shot.continues else canvas
        try:
            filler_for(
                _going_on(canvas, before.pixels[: _given(before)]) if shot.continues else canvas, filler
            )
        except CannotFill as error:
            raise CannotFill(f"shots[{number}]: {error}") from None

    def fill_one(canvas: Canvas, number: int) -> Iterator[Pixels]:
        return stream(canvas, filler, settings, _telling(report, number, len(shots)))

    return _film(shots, fill_one)


def script_schema() -> dict[str, Any]:
    """The JSON Schema of a script, as published in docs/shots.schema.json."""
    from .script import script_schema

    return script_schema()


# From a script to canvases


def _check_beginning(shot: ShotForm, number: int) -> None:
    if shot.continues and number == 0:
        raise CanvasError("there is no shot before the first; leave it out", "continues")
    if shot.continues and shot.picture is not None:
        raise CanvasError(
            "a shot that continues begins as the one before ends; leave out the picture, or continues",
            "picture",
        )
    if not (shot.text.strip() or shot.picture or shot.continues):
        raise CanvasError('say what to see: "a fox jumps on the beach"', "text")


def _canvas(
    form: ScriptForm, number: int, picture: Pixels | None, cast: dict[str, tuple[Pixels, ...]]
) -> Canvas:
    shot, rate_fps = form.shots[number], exact_rate(form.rate)
    width_px, height_px = form.size
    if frames_in(shot.seconds, rate_fps) * width_px * height_px > LARGEST_VOLUME:
        raise CanvasError(
            f"{shot.seconds:g} s of {width_px}x{height_px} px are more than a shot holds; make several of it",
            "seconds",
        )
    seed = (form.seed + number) % (LARGEST_SEED + 1) if shot.seed is None else shot.seed
    how: dict[str, Any] = {"duration_s": shot.seconds, "rate_fps": rate_fps, "seed": seed, "size": form.size}
    if picture is None:
        canvas = text_to_video(shot.text, **how)
    else:
        canvas = image_to_video(picture[..., :3], shot.text, **how)
    canvas = canvas.with_negative(shot.negative)
    canvas = canvas.with_camera(shot.camera) if shot.camera else canvas
    for place, name in enumerate(cast if shot.cast is None else shot.cast):
        if name not in cast:
            known = nearest(name, cast) if cast else "it is empty"
            raise CanvasError(f"{quoted(name)} isn't in the script's cast; {known}", f"cast[{place}]")
        canvas = canvas.with_cast(name, *cast[name])
    return canvas


# From canvases to a film


def _check_film(shots: Sequence[Shot]) -> None:
    if not shots:
        raise CanvasError("a film has at least one shot", "shots")
    first = shots[0].canvas
    for number, shot in enumerate(shots):
        canvas = shot.canvas
        with inside(f"shots[{number}]"):
            if (canvas.size, canvas.rate_fps) != (first.size, first.rate_fps):
                raise CanvasError(f"it is {_said(canvas)} and the first shot {_said(first)}; make them alike")
            if shot.continues and number == 0:
                raise CanvasError("there is no shot before the first", "continues")
            if shot.continues and canvas.loop:
                raise CanvasError("a loop has no beginning that could continue something", "continues")


def _film(shots: Sequence[Shot], fill_one: Callable[[Canvas, int], Iterator[Pixels]]) -> Iterator[Pixels]:
    past = shots[0].canvas.pixels[:0]
    for number, shot in enumerate(shots):
        canvas = _going_on(shot.canvas, past) if shot.continues else shot.canvas
        seen, most = len(past) if shot.continues else 0, _given(canvas)
        past = past[:0]
        for chunk in fill_one(canvas, number):
            # Copies: a view of a frame would keep its whole chunk in memory while the next is painted.
            past = np.concatenate((past, chunk[-most:]))[-most:]
            yield from (frame.copy() for frame in chunk[seen:])
            seen = max(0, seen - len(chunk))
            del chunk


def _going_on(canvas: Canvas, past: Pixels) -> Canvas:
    """The canvas with frames before its first that are given, and everything at its own time."""
    given = len(past)
    known = np.concatenate((np.ones((given, *canvas.known.shape[1:]), np.float32), canvas.known))
    pixels = np.concatenate((past, canvas.pixels))
    for plane in (pixels, known):
        plane.setflags(write=False)
    longer = replace(canvas, pixels=pixels, known=known, words=(), camera=(), tracks=(), sound=None)

    def place(span: range) -> range:
        return range(span.start + given if span.start else 0, span.stop + given)

    def path(track: Track) -> Track:
        places = ((frame_at(time, canvas.frames, canvas.rate_fps), x, y) for time, x, y in track.points)
        return replace(track, points=tuple((frame + given, x, y) for frame, x, y in places))

    return retimed(canvas, longer, place, path)


def _given(canvas: Canvas) -> int:
    return min(frames_in(GIVEN_S, canvas.rate_fps), canvas.frames)


def _telling(report: Report | None, number: int, total: int) -> Report | None:
    """The caller's report, which says of several shots which one is being filled."""
    if report is None or total == 1:
        return report

    def tell(progress: Progress) -> None:
        report(replace(progress, stage=f"shot {number + 1} of {total}, {progress.stage}"))

    return tell


def _said(canvas: Canvas) -> str:
    return f"{canvas.width_px}x{canvas.height_px} at {float(canvas.rate_fps):g} fps"
