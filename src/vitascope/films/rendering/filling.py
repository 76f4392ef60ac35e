"""Fills of a timeline -> films of their own, kept with the parts: each canvas is filled once.

Knows the engine's verb and no filler; the rest of the render sees a fill as a film like any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from vitascope.canvas import Canvas, CanvasError, Sound, canvas_from_json
from vitascope.engine import CannotFill, Progress, Report, UnknownFiller, filler_for, stream
from vitascope.films.rendering.sources import Film, Find, fills_of, identity_of
from vitascope.media import load_sound_uri, load_uri, probe, write_video
from vitascope.media.limits import MediaError
from vitascope.media.timelines import Fill, Timeline, TimelineError
from vitascope.media.timelines.errors import inside

_QUALITY = 100  # it is encoded once more with the film


@dataclass(frozen=True)
class ToFill:
    """One canvas that a timeline shows, who fills it, and where the film of it will be."""

    fill: Fill
    filler: str
    name: str
    find: Find

    def canvas(self) -> Canvas:
        """The canvas; read again when it is needed, for it may be large."""
        return _read(self.fill, self.find)[0]


def to_fill(timeline: Timeline, find: Find, filler: str | None) -> list[ToFill]:
    """What is to be filled. Raises TimelineError for what no filler can, before anything heavy is loaded."""
    found: list[ToFill] = []
    for where, fill in fills_of(timeline):
        with inside(where):
            canvas, said = _read(fill, find)
            try:
                choice = filler_for(canvas, fill.filler or filler)
            except (CannotFill, UnknownFiller) as error:
                raise TimelineError(str(error)) from error
            digest = hashlib.sha256(f"{said}\n{choice.name}".encode()).hexdigest()
            found.append(ToFill(fill, choice.name, f"fill-{digest[:32]}.mp4", find))
    return found


def film_of(asked: ToFill, folder: Path, report: Report, number: int, total: int) -> Film:
    """The film of a fill: the one that is in the folder already, or a new one."""
    path = folder / asked.name
    if not path.exists():
        canvas = asked.canvas()

        def told(progress: Progress) -> None:
            report(replace(progress, stage=f"fill {number} of {total}, {progress.stage}"))

        chunks = stream(canvas, asked.filler, report=told)
        write_video(path, _frames(chunks), canvas.rate_fps, quality=_QUALITY)
    return Film(path, probe(path), asked.name)


def _frames(chunks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    for chunk in chunks:
        yield from chunk


def _read(fill: Fill, find: Find) -> tuple[Canvas, str]:
    """A fill's canvas, and what it is made of, as text: the document and the identities of its media.

    A document's media lie beside it; those of one that is written into the timeline, beside that.
    """
    folder: Path | None = None
    document = fill.canvas
    if not fill.inline:
        path = find(fill.canvas)
        folder = path.parent
        try:
            document = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MediaError(f"{path.name}: can't be read as a canvas document") from error
    said = [document]

    def place(uri: str) -> tuple[str, Path]:
        """The URI, and the folder that it is relative to."""
        if uri.startswith("data:"):
            return uri, Path()
        file = find(uri) if folder is None else folder / uri
        said.append(identity_of(file) if file.exists() else "")
        return (file.name, file.parent) if folder is None else (uri, folder)

    def load(uri: str, rate_fps: Fraction | None) -> np.ndarray:
        name, beside = place(uri)
        return load_uri(name, beside, rate_fps=rate_fps)

    def load_sound(uri: str) -> Sound:
        name, beside = place(uri)
        return load_sound_uri(name, beside)

    try:
        return canvas_from_json(document, load, load_sound), "\n".join(said)
    except CanvasError as error:
        raise TimelineError(str(error), "canvas") from error
