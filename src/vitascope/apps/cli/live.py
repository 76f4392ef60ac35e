"""live: a stream that never ends, to watch in the terminal and in a browser, while its words change.

One thread paints, and writes the file; one shows the frames when their time comes, one reads what is typed,
others serve. Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.running import warn_of_unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope.apps.cli.preview import Preview
    from vitascope.apps.cli.watching import Channel, Station, Wish
    from vitascope.engine import Progress

    Frame = NDArray[np.uint8]

WINDOW_S = 2  # a shorter one would hear new words sooner, and have less room to go on in


def live(
    text: o.Text,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Record it to this file, too.", show_default="not recorded"),
    ] = None,
    seconds: Annotated[
        str | None, typer.Option(help='When to end: "60", or frames: "480f".', show_default="at Ctrl-C")
    ] = None,
    size: o.Size = "256",
    rate: o.Rate = "8",
    seed: o.Seed = 0,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    camera: o.CameraMove = None,
    negative: o.Negative = "",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where browsers find it; 0 is any that is free.")
    ] = 8765,
    host: Annotated[
        str, typer.Option(help='The address to serve at; "0.0.0.0" lets other machines watch, too.')
    ] = "127.0.0.1",
) -> None:
    """Paint without end; type other words, or change them in a browser, while it runs."""
    from vitascope import engine
    from vitascope.apps.cli.watching import Channel, Wish
    from vitascope.canvas import frames_in
    from vitascope.tasks import text_to_video

    tally = Tally()
    rate_fps, wish, stop = o.read_rate(rate), Wish(o.read_text(text)), threading.Event()
    first = text_to_video(
        wish.now(),
        duration_s=WINDOW_S,
        size=o.read_size(size),
        rate_fps=rate_fps,
        seed=seed,
        camera=o.read_camera(camera),
        negative=negative,
    )
    most = None if seconds is None else frames_in(o.read_duration(seconds, rate_fps), rate_fps)
    file = outputs_for(output, "", first.frames, 1)[0] if output else None
    choice = engine.filler_for(first, filler)
    how = fill_settings(steps, guidance)
    chunks = engine.live(first, wish.now, choice.filler or choice.name, how, _stopper(stop))
    with ExitStack() as stack:
        station = stack.enter_context(_serving(host, port, Channel(), wish))
        stack.enter_context(stopping(stop))
        _say(
            f"Painting {first.width_px}x{first.height_px} at {float(rate_fps):g} fps with {choice.name}; "
            "Ctrl-C ends it."
        )
        _say(f"Watch it and change its words: {station.url}")
        if not station.loopback:
            _say("Whoever reaches this machine can do both.")
        warn_of_unknown(engine.load_filler(choice.name), [first], choice, _say)
        show = stack.enter_context(_showing(station, wish, stop))
        player = stack.enter_context(Player(rate_fps, first.frames, stop, show))
        recorded = _run(_painted(chunks, player, tally, most), file, rate_fps)
    if file and recorded:
        typer.echo(f"{file}  seed {seed}")
    _say(str(tally))


class Tally:
    """How fast it went: seconds to the first frame from the command's start, frames a second after that."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._first_s: float | None = None
        self._frames, self._took_s, self._later = 0, 0.0, (0, 0.0)

    def painted(self, frames: int, took_s: float) -> None:
        """A window is done."""
        if self._first_s is None:
            self._first_s = time.monotonic() - self._began_s
        else:
            self._later = self._later[0] + frames, self._later[1] + took_s
        self._frames, self._took_s = self._frames + frames, self._took_s + took_s

    def __str__(self) -> str:
        if self._first_s is None:
            return "Stopped before the first frame."
        # The first window waits for the model to load, so the pace is that of the others, if there were any.
        frames, took_s = self._later if self._later[0] else (self._frames, self._took_s)
        pace = frames / max(took_s, 1e-6)
        return f"Painted {pace:.1f} frames a second; the first were there after {self._first_s:.1f} s."


class Player:
    """A context in which put() hands over frames, and a thread shows each when its time comes.

    It holds at most `room` frames, so that one who paints faster than people watch has to wait. At the end
    it shows what is left, unless `stop` is set.
    """

    def __init__(
        self, rate_fps: Fraction, room: int, stop: threading.Event, show: Callable[[Frame], None]
    ) -> None:
        self._step_s, self._stop, self._show = float(1 / rate_fps), stop, show
        self._frames: queue.Queue[Frame | None] = queue.Queue(room)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: BaseException | None = None

    def __enter__(self) -> Player:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from vitascope.engine import Cancelled

        if error:
            self._stop.set()
        with suppress(Cancelled):
            self._put(None)
        self._thread.join()
        if self._error:
            raise self._error

    def put(self, frame: Frame) -> None:
        """Waits for room. Raises Cancelled once `stop` is set."""
        self._put(frame)

    def _put(self, frame: Frame | None) -> None:
        from vitascope.engine import Cancelled

        while not self._stop.is_set():
            try:
                return self._frames.put(frame, timeout=0.1)
            except queue.Full:
                continue
        raise Cancelled

    def _run(self) -> None:
        try:
            self._play()
        except BaseException as error:  # the painter must hear of it, or it would wait for room for ever
            self._error = error
            self._stop.set()

    def _play(self) -> None:
        due_s = 0.0
        while not self._stop.is_set():
            try:
                frame = self._frames.get(timeout=0.1)
            except queue.Empty:
                continue
            if frame is None:
                return
            now_s = time.monotonic()
            if (
                due_s < now_s - self._step_s
            ):  # the painter was late: go on from here, and don't hurry after it
                due_s = now_s
            if self._stop.wait(max(0.0, due_s - now_s)):
                return
            self._show(frame)
            due_s += self._step_s


@contextmanager
def stopping(stop: threading.Event) -> Generator[None]:
    """Let Ctrl-C and SIGTERM set `stop`, a stream's usual end: its file is finished. A second breaks off."""

    def on_signal(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stopper(stop: threading.Event) -> Callable[[Progress], None]:
    """A report that ends the painting at the next step once `stop` is set."""
    from vitascope.engine import Cancelled

    def report(progress: Progress) -> None:
        if stop.is_set():
            raise Cancelled

    return report


def _painted(chunks: Iterator[Frame], player: Player, tally: Tally, most: int | None) -> Iterator[Frame]:
    """Frame after frame as it's painted, handed to the player too; `most` of them, or until it's stopped."""
    from vitascope.engine import Cancelled

    count = 0
    try:
        while most is None or count < most:
            began_s = time.monotonic()
            chunk = next(chunks)
            tally.painted(len(chunk), time.monotonic() - began_s)
            for frame in chunk if most is None else chunk[: most - count]:
                player.put(frame)
                yield frame
            count += len(chunk)
            del chunk
    except Cancelled:
        return


def _run(frames: Iterator[Frame], file: Path | None, rate_fps: Fraction) -> bool:
    """Take every frame, and write it if there is a file. Whether there was any."""
    from vitascope.media import write_video

    opening = next(frames, None)
    if opening is None:
        return False
    if file:
        write_video(file, chain([opening], frames), rate_fps)
    else:
        for _ in frames:
            pass
    return True


@contextmanager
def _serving(host: str, port: int, channel: Channel, wish: Wish) -> Generator[Station]:
    """The server, started; a usage error where the address can't be had."""
    from vitascope.apps.cli.watching import Station

    try:
        station = Station(host, port, channel, wish)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"can't serve at {host}:{port} ({reason}); --port takes another, 0 any that is free"
        raise typer.BadParameter(message, param_hint="--port") from error
    station.start()
    try:
        yield station
    finally:
        station.stop()


@contextmanager
def _showing(station: Station, wish: Wish, stop: threading.Event) -> Generator[Callable[[Frame], None]]:
    """What to call with each frame: it goes on the air, and on the terminal if that's where stdout goes.

    In the meantime, words are read from the standard input.
    """
    from rich.console import Console

    from vitascope.apps.cli.preview import Preview

    over = threading.Event()
    with ExitStack() as stack:
        preview = stack.enter_context(Preview(Console())) if sys.stdout.isatty() else None
        listener = threading.Thread(target=_listen, args=(wish, preview, over), daemon=True)
        listener.start()

        def show(frame: Frame) -> None:
            station.channel.show(frame)
            if preview:
                preview.show(frame, [wish.now(), station.url])

        try:
            yield show
        finally:
            over.set()
            listener.join()


def _listen(wish: Wish, preview: Preview | None, over: threading.Event) -> None:
    """Take what is typed as the words to show."""
    from vitascope.apps.cli.preview import typed_lines
    from vitascope.canvas import CanvasError

    for line in typed_lines(over):
        try:
            wish.say(line)
        except CanvasError as error:
            if line.strip() and not preview:
                _say(error.message)
        else:
            if not preview:
                _say(f"From the next window on: {wish.now()}")
        if preview:
            preview.ask()


def _say(text: str) -> None:
    typer.echo(text, err=True)
