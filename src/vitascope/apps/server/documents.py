"""Canvas documents and scripts from the network: checked whole, their media taken in, before any work.

The documents are those of the command line (docs/canvas.schema.json, docs/shots.schema.json); only what a
URI may be differs: https://..., data:..., or the id of a stored file, and never a path. In what is kept,
every URI is the id of a stored file. Knows no job: a request for one is what comes out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vitascope.apps.server.errors import ServerError, bad_request
from vitascope.apps.server.jobs.requests import FillCanvas, ShootScript
from vitascope.canvas import CanvasError, Sound, canvas_from_json, exact_rate, frames_in
from vitascope.canvas.documents import read_form
from vitascope.canvas.errors import inside
from vitascope.canvas.schema import CanvasForm

if TYPE_CHECKING:
    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.storage import StoredFile

MOST_MEDIA = 200  # in one document; each is looked at, and those by URL are fetched, while the client waits
_TINY_PX = 8  # the side of the stand-ins that a document is tried with

PICTURE, PICTURES_AND_FILMS, HEARD = (
    frozenset({"image"}),
    frozenset({"image", "video"}),
    frozenset({"video", "audio"}),
)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Medium:
    """A place in a document where a URI stands: `holder[name]`, and what it may lead to."""

    where: str
    holder: Any
    name: Any
    kinds: frozenset[str]

    @property
    def uri(self) -> str:
        """The URI that stands there."""
        return self.holder[self.name]


def read_canvas(server: Server, text: bytes, caller: Caller) -> FillCanvas:
    """The request that a canvas document is. Raises ServerError that says what is wrong, and where."""
    with in_words():
        what = 'a canvas is an object, such as {"words": [{"text": "a fox"}]}'
        form = read_form(decoded(text), CanvasForm, what)
        rate_fps = exact_rate(form.rate_fps)
        frames = form.frames or frames_in(2 if form.duration_s is None else form.duration_s, rate_fps)
        _check_length(server, frames / rate_fps, "duration_s" if form.frames is None else "frames")
        document: dict[str, Any] = json.loads(text)
    files = _taken(server, caller, list(media_of_canvas(document)))
    with in_words():
        try_canvas(document, files)
    return FillCanvas(document=document, files={file_id: file_id for file_id in files})


def read_script(server: Server, text: bytes, caller: Caller) -> ShootScript:
    """The request that a script of shots is. Raises ServerError that says what is wrong, and where."""
    from vitascope.films import shots
    from vitascope.films.script import ScriptForm

    with in_words():
        what = 'a script is an object, such as {"shots": [{"text": "a fox jumps", "seconds": 2}]}'
        form = read_form(decoded(text), ScriptForm, what)
        _check_length(server, sum(shot.seconds for shot in form.shots), "shots")
        script: dict[str, Any] = json.loads(text)
    files = _taken(server, caller, list(_media_of_script(script)))
    with in_words():
        # Tiny, so that the trial costs nothing; whether the size is possible is asked elsewhere.
        shots(script | {"size": f"{_TINY_PX}x{_TINY_PX}"}, _stand_in(files))
    return ShootScript(script=script, files={file_id: file_id for file_id in files})


def _check_length(server: Server, seconds: Fraction | float, where: str) -> None:
    most = server.settings.max_seconds
    if seconds > most:
        raise CanvasError(
            f"{float(seconds):g} s are longer than the {most} s that this server makes at most; "
            "ask for fewer seconds",
            where,
        )


@contextmanager
def in_words() -> Generator[None]:
    """Turn a CanvasError into a 400 that names the place."""
    try:
        yield
    except CanvasError as error:
        raise bad_request(str(error), error.where or None) from None


def decoded(text: bytes) -> str:
    """A document's text, of characters that a database takes. Raises CanvasError."""
    try:
        said = text.decode("utf-8")
    except UnicodeDecodeError:
        raise CanvasError("this is no JSON document: it isn't UTF-8") from None
    if "\\u0000" in said or "\0" in said:
        raise CanvasError("the document holds NUL characters; leave them out")
    if "\\ud" in said.lower():  # perhaps half of a pair, which no database takes
        try:
            json.dumps(json.loads(said), ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise CanvasError("the document holds halves of characters; send whole ones") from None
        except (ValueError, RecursionError):
            pass  # broken in another way, which is told better elsewhere
    return said


# Where media stand


def media_of_canvas(document: dict[str, Any]) -> Iterator[Medium]:
    """Every place in a canvas document where a URI stands."""
    for number, clip in enumerate(document.get("clips", ())):
        yield Medium(f"clips[{number}].uri", clip, "uri", PICTURES_AND_FILMS)
        yield from _media_of_region(clip.get("region"), f"clips[{number}].region")
    for number, mark in enumerate(document.get("known", ())):
        if mark.get("clip") is not None:
            yield Medium(f"known[{number}].clip", mark, "clip", PICTURES_AND_FILMS)
        yield from _media_of_region(mark.get("region"), f"known[{number}].region")
    for number, track in enumerate(document.get("tracks", ())):
        yield from _media_of_region(track.get("region"), f"tracks[{number}].region")
    for number, subject in enumerate(document.get("cast", ())):
        for picture in range(len(subject["pictures"])):
            yield Medium(f"cast[{number}].pictures[{picture}]", subject["pictures"], picture, PICTURE)
    sound: dict[str, Any] = document.get("sound") or {}
    if sound.get("uri") is not None:
        yield Medium("sound.uri", sound, "uri", HEARD)


def _media_of_region(region: dict[str, Any] | None, where: str) -> Iterator[Medium]:
    if region is None:
        return
    if region["shape"] == "picture":
        yield Medium(f"{where}.uri", region, "uri", PICTURE)
    yield from _media_of_region(region.get("region"), f"{where}.region")


def _media_of_script(script: dict[str, Any]) -> Iterator[Medium]:
    cast: dict[str, Any] = script.get("cast", {})
    for name, pictures in cast.items():
        if isinstance(pictures, str):
            yield Medium(f"cast.{name}", cast, name, PICTURE)
        else:
            for number in range(len(pictures)):
                yield Medium(f"cast.{name}[{number}]", pictures, number, PICTURE)
    for number, shot in enumerate(script["shots"]):
        if shot.get("picture") is not None:
            yield Medium(f"shots[{number}].picture", shot, "picture", PICTURE)


def _taken(server: Server, caller: Caller, media: list[Medium]) -> dict[str, StoredFile]:
    """Take in each URI once and put the id of its file in its place; the files by their ids."""
    uris = {medium.uri for medium in media}
    if len(uris) > MOST_MEDIA:
        raise bad_request(f"the document names {len(uris)} media; at most {MOST_MEDIA}", media[0].where)
    taken: dict[str, StoredFile] = {}
    for medium in media:
        uri = medium.uri
        # One that stands in two places is taken in once, and must be of the kind that each place needs.
        source = taken[uri].id if uri in taken else uri
        with named(medium.where):
            taken[uri] = server.uploads.take(caller, source, purpose="input", kinds=medium.kinds)
        medium.holder[medium.name] = taken[uri].id
    return {file.id: file for file in taken.values()}


@contextmanager
def named(where: str) -> Generator[None]:
    """Say in an error within which field it was about."""
    try:
        yield
    except ServerError as error:
        raise ServerError(
            error.status, error.code, f"{where}: {error.message}", where, error.headers
        ) from None


# Trying a document without its media


def _stand_in(files: Mapping[str, StoredFile]) -> Callable[[str, Fraction], Pixels]:
    """Black frames, as many as the file has at that rate, and tiny."""

    def load(file_id: str, rate_fps: Fraction) -> Pixels:
        return np.zeros((_frames_at(files[file_id], rate_fps), _TINY_PX, _TINY_PX, 3), np.uint8)

    return load


def _frames_at(file: StoredFile, rate_fps: Fraction) -> int:
    """How many frames a file has at a rate; of those that may be one more, the fewer."""
    if not file.duration_s or (file.frames or 1) == 1:
        return 1
    if file.rate_fps and Fraction(file.rate_fps) == rate_fps and file.frames:
        return file.frames
    return max(1, int(Fraction(file.duration_s).limit_denominator(100_000) * rate_fps))


def try_canvas(document: dict[str, Any], files: Mapping[str, StoredFile]) -> None:
    """Build the canvas in a tiny size, after a look at what the size decides; writes its size down."""
    clips: list[dict[str, Any]] = document.get("clips") or []
    first = files[clips[0]["uri"]] if clips else None
    default = (256, 256) if first is None else (first.width_px or 256, first.height_px or 256)
    document["width_px"] = document.get("width_px") or default[0]
    document["height_px"] = document.get("height_px") or default[1]
    size = document["width_px"], document["height_px"]
    for number, clip in enumerate(clips):
        own = files[clip["uri"]].width_px, files[clip["uri"]].height_px
        if own != size and clip.get("fit") is None:
            with inside(f"clips[{number}].uri"):
                raise CanvasError(
                    f"it is {own[0]}x{own[1]} and the canvas {size[0]}x{size[1]}; "
                    'add "fit": "cover" (crops), "contain" (black edges) or "stretch"'
                )
    tiny = document | {
        "width_px": _TINY_PX,
        "height_px": _TINY_PX,
        "clips": [clip | {"fit": "stretch"} for clip in clips],
    }
    canvas_from_json(tiny, _stand_in(files), lambda _: Sound(np.zeros((1, 1), np.float32), 8000))
