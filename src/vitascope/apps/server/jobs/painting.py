"""Inside the painting process: orders come through a pipe, files come out in a folder, and how it goes.

Knows no database, no store and no network. It lives on from job to job, so that a model is loaded once. When
the other end of the pipe is gone it ends at once.
"""

from __future__ import annotations

import io
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import numpy as np
    from numpy.typing import NDArray

    from vitascope.apps.server.jobs.canvases import Given
    from vitascope.apps.server.jobs.requests import Request
    from vitascope.apps.server.settings import Settings
    from vitascope.canvas import Canvas
    from vitascope.engine import Progress

    Pixels = NDArray[np.uint8]

FILM, TAIL, FINDINGS = "film.mp4", "tail.npz", "findings.json"
FILM_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm"}
TOLD_EVERY_S = 0.5
PREVIEW_SIDE_PX = 256
WINDOW_S = 16  # as engine.stream() has it: until the first window is there, its length is guessed
IN_TURN = 5  # niceness: the server answers before anything is painted


@dataclass(frozen=True)
class Order:
    """One part to be painted, or (number None) the parts to be put together into `folder`."""

    job_id: str
    request: Request
    number: int | None
    parts: int
    folder: Path
    given: dict[str, Given] = field(default_factory=dict[str, "Given"])
    tail: Path | None = None
    """How the shot before ended, for one that goes on from there."""
    painted: tuple[tuple[Path, ...], ...] = ()
    """The files of each part, to be put together."""
    relation: str | None = None
    """remix, extend or edit: how the result came from what is given."""


@dataclass(frozen=True)
class Made:
    """A file in the order's folder."""

    name: str
    variant: str
    """part, video, image, data, thumbnail or spritesheet"""
    media_type: str = ""
    width_px: int = 0
    height_px: int = 0
    frames: int = 1
    rate_fps: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Told:
    """How far it is: share in 0..1 of this order, and a small JPEG if there is one."""

    stage: str
    share: float
    preview: bytes | None = None


@dataclass(frozen=True)
class Failure:
    """Why it can't be made, for programs and for people; `fault` is a traceback when it's our fault."""

    code: str
    message: str
    fault: str = ""


class Ready:
    """The process has started."""


class Cancel:
    """Stop at the next step."""


Answer = Ready | Told | Failure | list[Made]


def main(connection: Connection, settings: Settings) -> None:
    """Do orders until the pipe closes."""
    _stand_back(settings.memory_mb)
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    cancelled = threading.Event()
    threading.Thread(target=_listen, args=(connection, orders, cancelled), daemon=True).start()
    connection.send(Ready())
    with _where(settings):
        while True:
            order = orders.get()
            connection.send(_answer(order, settings, connection.send, cancelled))


def _where(settings: Settings) -> AbstractContextManager[None]:
    """Within, what is filled is filled on the machines of the cluster, if there is one, or by several GPUs of
    this one.
    """
    if settings.cluster_address is None:
        return nullcontext()
    from vitascope.engine.cluster import on_cluster
    from vitascope.engine.plugins import running_on

    return running_on(on_cluster(settings.cluster_address, settings.gpus))


def _listen(connection: Connection, orders: queue.SimpleQueue[Order], cancelled: threading.Event) -> None:
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            os._exit(1)  # nobody would hear of the result
        if isinstance(message, Cancel):
            cancelled.set()
        else:
            cancelled.clear()
            orders.put(message)


def _stand_back(memory_mb: int | None) -> None:
    """Be the one to go when memory runs out, and let the server answer first."""
    import resource
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the whole group
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Threads of OpenMP shall sleep while they wait, and not take the cores from others: on two busy cores the
    # upscaler took 6 s a frame in place of 0.05 s. It is read once, when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    with suppress(OSError):
        os.nice(IN_TURN)
        Path("/proc/self/oom_score_adj").write_text("900")
    if memory_mb is not None:
        limit = memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _answer(
    order: Order, settings: Settings, send: Callable[[Told], None], cancelled: threading.Event
) -> Answer:
    """Do one order; whatever goes wrong becomes a Failure that says it."""
    from vitascope.apps.server.errors import ServerError
    from vitascope.canvas import CanvasError
    from vitascope.engine import Cancelled, EngineError
    from vitascope.footage import FootageError
    from vitascope.media import MediaError

    teller = Teller(send, cancelled)
    try:
        if order.number is not None:
            return _paint(order, settings, teller)
        from vitascope.apps.server.jobs.finishing import put_together

        return put_together(order, settings, teller)
    except Cancelled:
        return Failure("cancelled", "it was cancelled")
    except (CanvasError, FootageError, MediaError) as error:
        return Failure("invalid_request", str(error))
    except EngineError as error:
        return Failure("cannot_fill", str(error))
    except ServerError as error:
        return Failure(error.code, error.message)
    except MemoryError:
        return Failure("out_of_memory", OUT_OF_MEMORY)
    except Exception as error:
        import traceback

        if _is_memory(error):
            return Failure("out_of_memory", OUT_OF_MEMORY)
        said = f"something broke inside while it was painted ({type(error).__name__})"
        return Failure("server_error", said, traceback.format_exc())


OUT_OF_MEMORY = "it ran out of memory: ask for a smaller size or fewer seconds"


def _is_memory(error: Exception) -> bool:
    """Whether it's torch's way to say that there is no memory left."""
    text = str(error).lower()
    return type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in text


class Teller:
    """Tells how far an order is, twice a second at most, and stops it when it's cancelled."""

    def __init__(self, send: Callable[[Told], None], cancelled: threading.Event) -> None:
        self._send = send
        self._cancelled = cancelled
        self._last_s = 0.0

    def tell(self, stage: str, share: float, preview: Pixels | None = None) -> None:
        """Call it at every step. Raises Cancelled."""
        from vitascope.engine import Cancelled

        if self._cancelled.is_set():
            raise Cancelled
        now_s = time.monotonic()
        if now_s - self._last_s < TOLD_EVERY_S:
            return
        self._last_s = now_s
        self._send(Told(stage, min(1.0, max(0.0, share)), None if preview is None else jpeg(preview)))


def jpeg(picture: Pixels) -> bytes:
    """A small JPEG of a picture uint8 [H, W, 3]."""
    from PIL import Image

    small = Image.fromarray(picture)
    small.thumbnail((PREVIEW_SIDE_PX, PREVIEW_SIDE_PX))
    data = io.BytesIO()
    small.save(data, "JPEG", quality=80)
    return data.getvalue()


def _paint(order: Order, settings: Settings, teller: Teller) -> list[Made]:
    """Paint a part into the folder: a film and, in a script, how it ends; or a picture."""
    from vitascope.apps.server.jobs import requests as r
    from vitascope.apps.server.jobs.canvases import canvas_of

    request = order.request
    if isinstance(request, r.ShootScript):
        return _paint_shot(order, request, settings, teller)
    if isinstance(request, r.EnlargeVideo):
        from vitascope.apps.server.jobs.enlarging import enlarge

        return enlarge(order, request, settings, teller)
    if isinstance(request, r.UseTool):
        from vitascope.apps.server.jobs.cutting import cut

        return cut(order, request, settings, teller)
    if isinstance(request, r.RenderTimeline):
        from vitascope.apps.server.jobs.rendering import render_film

        return render_film(order, request, settings, teller)
    canvas = canvas_of(request, order.job_id, order.number or 0, order.given, settings.rate_fps)
    if canvas.frames == 1 and request.kind == "image":
        (picture,) = _filled(canvas, request, teller)
        return [save_picture(picture, order)]
    canvas = canvas if canvas.sound_known else _heard(canvas, request, teller)
    return [save_film(_filled(canvas, request, teller), canvas, order, settings)]


def _paint_shot(order: Order, request: Any, settings: Settings, teller: Teller) -> list[Made]:
    """One shot of a script; one that continues is given the end of the shot before, as `shoot` does it."""
    import numpy as np

    from vitascope.apps.server.jobs.canvases import shots_of
    from vitascope.canvas import frames_in
    from vitascope.engine import FillSettings
    from vitascope.films import Shot, shoot
    from vitascope.films.shots import GIVEN_S

    number = order.number or 0
    shot = shots_of(request, order.given)[number]
    canvas, film, seen = shot.canvas, [Shot(shot.canvas)], 0
    if shot.continues and order.tail is not None:
        with np.load(order.tail) as kept:
            past: Pixels = kept["frames"]
        past.setflags(write=False)
        known = np.broadcast_to(np.float32(1), past.shape[:3])
        before = replace(canvas, pixels=past, known=known, words=(), tracks=(), camera=(), sound=None)
        film, seen = [Shot(before), shot], len(past)
    done = 0

    def report(progress: Progress) -> None:
        stage = progress.stage.removeprefix("shot 2 of 2, ")
        share = (
            done + _part_of(progress) * min(WINDOW_S * canvas.rate_fps, canvas.frames - done)
        ) / canvas.frames
        teller.tell(f"shot {number + 1} of {order.parts}, {stage}", share, _middle(progress.preview))

    most = min(frames_in(GIVEN_S, canvas.rate_fps), canvas.frames)
    ending: list[Pixels] = []

    def frames() -> Iterator[Pixels]:
        nonlocal done
        how = FillSettings(steps=request.steps)
        for index, frame in enumerate(shoot(film, request.filler, how, report)):
            if index < seen:
                continue
            done = index - seen
            ending.append(frame)
            del ending[:-most]
            yield frame

    made = save_film(frames(), canvas, order, settings)
    np.savez(order.folder / TAIL, frames=np.stack(ending))
    return [made, Made(TAIL, "part")]


def _filled(canvas: Canvas, request: Request, teller: Teller) -> Iterator[Pixels]:
    """The frames uint8 [H, W, 3] of a filled canvas; a long one comes window by window, in flat memory."""
    from vitascope.engine import FillSettings, fill, filler_for, in_windows, stream

    how, done, window = FillSettings(steps=request.steps), 0, canvas.frames

    def report(progress: Progress) -> None:
        share = (done + _part_of(progress) * min(window, canvas.frames - done)) / canvas.frames
        teller.tell(progress.stage, share, _middle(progress.preview))

    if canvas.known.min() == 1:
        yield from canvas.pixels
        return
    choice = filler_for(canvas, request.filler)
    if not in_windows(canvas, choice.capabilities):
        filled = fill(canvas, request.filler, how, report)
        for number, frame in enumerate(filled.pixels):
            teller.tell("writing", number / canvas.frames)
            yield frame
        return
    window = min(window, int(WINDOW_S * canvas.rate_fps))
    for chunk in stream(canvas, request.filler, how, report):
        window = len(chunk)
        for frame in chunk:
            # A copy: the writer may hold its last one while the next window is painted.
            yield frame.copy()
        done += len(chunk)
        del chunk


def _heard(canvas: Canvas, request: Request, teller: Teller) -> Canvas:
    """A canvas with the sound that it asks for."""
    from vitascope.engine import FillSettings, fill

    def report(progress: Progress) -> None:
        teller.tell(progress.stage, _part_of(progress))

    return fill(canvas, request.filler, FillSettings(steps=request.steps), report)


def save_film(frames: Iterator[Pixels], canvas: Canvas, order: Order, settings: Settings) -> Made:
    """Write a part's frames; the only part of a film is written as it will stay."""
    from vitascope.apps.server.jobs.finishing import hidden_label, marked
    from vitascope.media import write_video

    place, rate_fps = order.folder / FILM, canvas.rate_fps
    if order.parts == 1:
        seen, said = marked(frames, rate_fps, order, settings), hidden_label(order, settings)
        write_video(place, seen, rate_fps, sound=canvas.sound, metadata=said)
    else:  # hardly any loss, for it will be written once more
        write_video(place, frames, rate_fps, quality=100)
    return _film(FILM, canvas.frames, canvas.size, rate_fps)


def save_picture(picture: Pixels, order: Order) -> Made:
    """Write a part that is a picture."""
    from vitascope.media import write_picture

    write_picture(order.folder / "picture.png", picture)
    return Made("picture.png", "part", "image/png", picture.shape[1], picture.shape[0])


def _film(name: str, frames: int, size: tuple[int, int], rate_fps: Fraction) -> Made:
    seconds = float(frames / rate_fps)
    return Made(name, "part", "video/mp4", *size, frames, str(rate_fps), seconds)


def _part_of(progress: Progress) -> float:
    return progress.done / max(1, progress.total)


def _middle(preview: Pixels | None) -> Pixels | None:
    return None if preview is None or not len(preview) else preview[len(preview) // 2]
