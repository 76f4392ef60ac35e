"""The verb: a timeline -> a film file. Streaming, frame-exact, and able to go on after a kill.

Everything that can be known to be wrong is said before a frame is painted. The finished parts lie in a hidden
folder beside the film, `.film.mp4.parts`; they appear whole or not at all, so what is there is done. An error
or a cancel takes the folder away (unless `keep_parts`); a kill can't, and the next render of the same film
goes on with it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from vitascope.engine import Progress, Report
from vitascope.films.rendering.ahead import beside
from vitascope.films.rendering.compositing import Compositor
from vitascope.films.rendering.filling import film_of, to_fill
from vitascope.films.rendering.joining import join
from vitascope.films.rendering.painting import paint
from vitascope.films.rendering.pictures import Pictures
from vitascope.films.rendering.plan import Copied, Painted, Plan, plan
from vitascope.films.rendering.reels import Reels
from vitascope.films.rendering.settings import RenderSettings, encoding_for
from vitascope.films.rendering.sounding import Sound, sound_of
from vitascope.films.rendering.sources import Find, look_at
from vitascope.media.limits import MediaError, Place
from vitascope.media.timelines import Timeline
from vitascope.media.whole import whole_file

_LEAST_BITS_PER_PIXEL = Fraction(
    1, 100
)  # of what is painted: quiet pictures at the usual quality; most need more
_LOCK = "lock"
_LOOK_S = 0.1  # between two looks at how far the sound is


@dataclass(frozen=True)
class Rendered:
    """What a render did: frames in all, painted now, found finished, and taken over from their films."""

    frames: int
    painted: int
    found: int
    copied: int


def render(
    timeline: Timeline,
    output: Place,
    find: Find = Path,
    settings: RenderSettings | None = None,
    report: Report | None = None,
) -> Rendered:
    """Render a timeline into `output`, whose suffix says what: .mp4, .mov, .webm or .mkv.

    `find` gives the file of each source's name (default: the name is the path). `report` hears of every frame
    and may raise to cancel. Raises TimelineError or MediaError, with the place in the timeline, before
    painting where that can be known. The same timeline and files give the same film.
    """
    path, settings = Path(output), settings or RenderSettings()
    tell = report or _silent
    if not timeline.frames:
        raise MediaError("the timeline is empty: no enabled track has anything on it")
    encoding = encoding_for(
        path, (timeline.width_px, timeline.height_px), timeline.rate_fps, timeline.frames, settings
    )
    tell(Progress("looking at the media", 0, 1))
    sources = look_at(timeline, find)
    fills = to_fill(timeline, find, settings.filler)
    with _work_folder(path, settings.keep_parts) as folder:
        for number, asked in enumerate(fills, 1):
            film = film_of(asked, folder, tell, number, len(fills))
            sources.fills[asked.fill.canvas, asked.fill.filler] = film
        reels = Reels()
        try:
            pictures = Pictures(encoding.grid, sources, reels)
            planned = plan(timeline, sources, pictures, encoding, settings.copy)
            heard = sound_of(timeline, sources, encoding.container)
            names = {_file(part, path) for part in planned.parts if isinstance(part, Painted)}
            names |= {_sound_file(heard, path)} if heard else set()
            _sweep(folder, {*names, *(asked.name for asked in fills), _LOCK})
            _check_room(folder, planned, path)
            compositor = Compositor(timeline, planned.encoding.grid, pictures)
            return _make(path, folder, planned, heard, compositor, timeline, tell)
        finally:
            reels.close()


def _make(
    path: Path,
    folder: Path,
    planned: Plan,
    heard: Sound | None,
    compositor: Compositor,
    timeline: Timeline,
    tell: Report,
) -> Rendered:
    files: list[Path | None] = []
    done = painted = found = 0

    def one_more(index: int) -> None:
        nonlocal done, painted
        done, painted = done + 1, painted + 1
        tell(Progress("painting", done, timeline.frames))

    with _with_sound(heard, folder, path, planned, tell) as sound:
        for part in planned.parts:
            if isinstance(part, Copied):
                done += len(part.frames)
                files.append(None)
                continue
            file = folder / _file(part, path)
            if file.exists():
                done, found = done + len(part.frames), found + len(part.frames)
                tell(Progress("painting", done, timeline.frames))
            else:
                paint(file, part.frames, compositor, planned.encoding, one_more)
            files.append(file)
        sound_file = sound()
    metadata = {"title": timeline.name} if timeline.name else {}
    with whole_file(path) as whole:

        def joined(count: int) -> None:
            tell(Progress("joining", count, timeline.frames))

        join(whole, planned, files, sound_file, metadata, joined)
    return Rendered(timeline.frames, painted, found, timeline.frames - painted - found)


@contextmanager
def _with_sound(
    heard: Sound | None, folder: Path, path: Path, planned: Plan, tell: Report
) -> Generator[Callable[[], Path | None]]:
    """Makes the file of all that is heard, if need be, beside the block; yields what waits for it."""
    file = folder / _sound_file(heard, path) if heard else None
    if heard is None or file is None or file.exists():
        yield lambda: file
        return
    seconds = max(1, round(heard.timeline.duration_s))
    shares = [Fraction(0)]

    def work(ask: Callable[[], None]) -> None:
        def told(share: Fraction) -> None:
            ask()
            shares[0] = share

        heard.write(file, planned.encoding.container, told)

    with beside(work) as running:

        def wait() -> Path:
            while not running.done(_LOOK_S):
                tell(Progress("mixing the sound", round(shares[0] * seconds), seconds))
            return file

        yield wait


def _file(part: Painted, path: Path) -> str:
    return f"{part.key}{path.suffix.lower()}"


def _sound_file(heard: Sound, path: Path) -> str:
    return f"sound-{heard.key}{path.suffix.lower()}"


@contextmanager
def _work_folder(path: Path, keep: bool) -> Generator[Path]:
    """A hidden folder beside the film, for one render at a time; only a kill, or `keep`, leaves it there."""
    final = Path(os.path.realpath(path))
    folder = final.parent / f".{final.name}.parts"
    folder.mkdir(exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MediaError(f"{path}: is being rendered already, by another process") from None
        stopped = False
        try:
            yield folder
        except SystemExit:  # told to stop, as when a machine shuts down: the next one goes on
            stopped = True
            raise
        finally:
            if not keep and not stopped:
                shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path, wanted: Iterable[str]) -> None:
    """Throw away what an older version of the timeline, or a kill in the middle of a part, left there."""
    names = set(wanted)
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink(missing_ok=True)


def _check_room(folder: Path, planned: Plan, path: Path) -> None:
    """Refuse to begin where the disk can't hold the film: the parts, and the film that they become."""
    grid = planned.encoding.grid
    free_bytes = shutil.disk_usage(folder).free
    painted = copied_bytes = 0
    for part in planned.parts:
        if isinstance(part, Painted):
            painted += len(part.frames) * (1 if (folder / _file(part, path)).exists() else 2)
        else:
            frames = part.film.info.frames or len(part.frames)
            copied_bytes += part.film.path.stat().st_size * min(1, len(part.frames) / max(1, frames))
    pixels = painted * grid.width_px * grid.height_px
    wanted_bytes = int(pixels * _LEAST_BITS_PER_PIXEL / 8 + copied_bytes)
    if wanted_bytes > free_bytes:
        raise MediaError(
            f"the disk has {free_bytes / 2**30:.3g} GiB left, and the film needs"
            f" {wanted_bytes / 2**30:.3g} GiB at the very least; make room, or render it elsewhere"
        )


def resized(timeline: Timeline, width_px: int, height_px: int) -> Timeline:
    """The same film at another size: boxes and texts are shares of the frame, so they go along."""
    return replace(timeline, width_px=width_px, height_px=height_px)


def _silent(progress: Progress) -> None:
    """For those who don't ask how it goes."""
