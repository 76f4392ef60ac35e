"""Odd and hostile films, made on the spot, and a process in which tools meet them without harm to the tests.

`films()` gives small files by name: broken ones, ones that lie in their headers, and ones that are only rare.
`Bench` runs a tool over a file in a child process, with a hard end, and says how it went.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import resource
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av
import numpy as np

TICK = Fraction(1, 90_000)
WIDTH_PX, HEIGHT_PX, RATE_FPS = 64, 48, 10

FILM = "the film itself"
# Parameters for tools that need some; all others are tried as they are.
SIMPLE: dict[str, dict[str, Any]] = {
    "interpolate": {"rate": "20"},
    "match": {"reference": FILM},
    "track": {"points": ["0.1,0.1"], "boxes": ["0,0,0.4,0.4"], "planes": ["0,0 0.5,0 0.5,0.5 0,0.5"]},
    "corner-pin": {"overlay": FILM, "box": "0,0,0.5,0.5"},
}

Picture = np.ndarray


# Films


def pictures(
    count: int = 12, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX, channels: int = 3
) -> list[Picture]:
    """A bright square that moves over noise that stands still: something to follow, something to keep."""
    rng = np.random.default_rng(1)
    ground = rng.integers(30, 120, (height_px, width_px, channels), np.uint8)
    side_px = max(1, min(width_px, height_px) // 4)
    made: list[Picture] = []
    for number in range(count):
        picture = ground.copy()
        left = number * 2 % max(1, width_px - side_px)
        top = number % max(1, height_px - side_px)
        picture[top : top + side_px, left : left + side_px] = 230
        made.append(picture)
    return made


@dataclass(frozen=True)
class Kind:
    """How a film is written; `times_s` None: one after the other at `rate_fps`."""

    form: str = "mp4"
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    rate_fps: int | Fraction = RATE_FPS
    times_s: tuple[float, ...] | None = None
    turn: tuple[float, bool, bool] | None = None
    tags: dict[str, int] = field(default_factory=dict[str, int])
    channels: int = 0
    muxer: dict[str, str] = field(default_factory=dict[str, str])


LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


def film(frames: list[Picture], kind: Kind | None = None, **changes: Any) -> bytes:
    """A film of pictures uint8 [H, W, 3 or 4], as another program would write it."""
    kind = kind or Kind(**changes)
    with tempfile.TemporaryDirectory() as folder:  # an index in front needs a file that can be opened again
        place = Path(folder) / "film"
        _write(place, frames, kind)
        return place.read_bytes()


def _write(place: Path, frames: list[Picture], kind: Kind) -> None:
    with av.open(str(place), "w", format=kind.form, options=kind.muxer) as output:
        stream: Any = output.add_stream(kind.codec, rate=kind.rate_fps)
        stream.height, stream.width = frames[0].shape[:2] if frames else (HEIGHT_PX, WIDTH_PX)
        stream.pix_fmt = kind.pixel_format
        if kind.codec == "libx264":
            stream.options = {"preset": "ultrafast"}
        stream.codec_context.time_base = TICK if kind.times_s else 1 / Fraction(kind.rate_fps)
        for tag, value in kind.tags.items():
            setattr(stream.codec_context, tag, value)
        if kind.turn:
            stream.set_display_rotation(*kind.turn)
        voice = _voice(output, kind.channels) if kind.channels else None
        if not frames:
            output.start_encoding()
        for number, picture in enumerate(frames):
            form = "rgba" if picture.shape[2] == 4 else "rgb24"
            frame = av.VideoFrame.from_ndarray(picture, format=form)
            frame.pts = number if kind.times_s is None else round(kind.times_s[number] / TICK)
            frame.time_base = stream.codec_context.time_base
            output.mux(stream.encode(frame))
        if frames:
            output.mux(stream.encode(None))
        if voice is not None:
            _say(output, voice, kind.channels, seconds=max(1, len(frames)) / float(kind.rate_fps))


def _voice(output: Any, channels: int) -> Any:
    return output.add_stream("pcm_s16le", rate=8000, layout=LAYOUTS[channels])


def _say(output: Any, voice: Any, channels: int, seconds: float) -> None:
    samples = (3000 * np.sin(np.arange(int(8000 * seconds)) / 5)).astype(np.int16)
    packed = np.repeat(samples[:, None], channels, 1).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=LAYOUTS[channels])
    frame.sample_rate, frame.time_base, frame.pts = 8000, Fraction(1, 8000), 0
    output.mux(voice.encode(frame))
    output.mux(voice.encode(None))


def sound_only(channels: int = 2) -> bytes:
    """A Matroska file without pictures."""
    data = io.BytesIO()
    with av.open(data, "w", format="matroska") as output:
        _say(output, _voice(output, channels), channels, 1.0)
    return data.getvalue()


def patched(data: bytes, atom: bytes, offset: int, value: bytes) -> bytes:
    """An MP4 with some bytes behind the name of each such atom replaced: a header that lies."""
    changed, at = bytearray(data), data.find(atom)
    if at < 0:
        raise ValueError(f"there is no {atom!r} in it")
    while at >= 0:
        changed[at + 4 + offset : at + 4 + offset + len(value)] = value
        at = data.find(atom, at + 4)
    return bytes(changed)


def mutated(data: bytes, seed: int) -> bytes:
    """A file of which some bytes were changed, lost, doubled or cut off; the same for the same seed."""
    rng = np.random.default_rng(seed)
    changed = bytearray(data)
    reach = len(changed) if rng.random() < 0.5 else min(len(changed), 600)  # headers are where lies are
    for place in rng.integers(0, reach, int(rng.integers(1, 24))):
        changed[place] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF, int(rng.integers(0, 256))]))
    how = rng.integers(0, 6)
    first, second = sorted(rng.integers(0, len(changed), 2))
    if how == 0:
        del changed[first:]
    elif how == 1:
        del changed[first:second]
    elif how == 2:
        changed[first:first] = changed[first : min(second, first + 5000)]
    return bytes(changed)


_PQ, _HLG, _BT2020, _BT2020_MATRIX = 16, 18, 9, 9


def _ten_bits(curve: int) -> bytes:
    tags = {"color_trc": curve, "color_primaries": _BT2020, "colorspace": _BT2020_MATRIX, "color_range": 1}
    return film(pictures(6), form="matroska", codec="ffv1", pixel_format="yuv420p10le", tags=tags)


def _sizes() -> bytes:
    """A raw stream that begins again, larger: the size changes midway."""
    return film(pictures(5), form="h264") + film(pictures(5, 96, 80), form="h264")


def films() -> dict[str, Callable[[], bytes]]:
    """Makers of films by name."""
    plain = film(pictures(), channels=2, form="mov", muxer={"movflags": "+faststart"})
    long, far = struct.pack(">I", 0x7FFF_FFFF), struct.pack(">HH", 16_384, 16_384)
    return {
        "plain": lambda: plain,
        # broken
        "empty": lambda: b"",
        "noise": lambda: np.random.default_rng(5).bytes(5000),
        "only a head": lambda: plain[:200],
        "cut in the header": lambda: plain[: plain.find(b"mdat") // 2],
        "cut in the pictures": lambda: plain[: (plain.find(b"mdat") + len(plain)) // 2],
        "cut near the end": lambda: plain[:-64],
        "no frames": lambda: film([], form="mov"),
        "sound only": sound_only,
        "blanked in the middle": lambda: plain[: len(plain) // 2] + bytes(len(plain) - len(plain) // 2),
        # lies
        "says it is 16k by 16k": lambda: patched(plain, b"avc1", 24, far),
        "says it lasts for weeks": lambda: patched(patched(plain, b"mvhd", 16, long), b"mdhd", 16, long),
        "says it has millions of frames": lambda: patched(plain, b"stts", 8, long),
        "says its pictures are huge": lambda: patched(plain, b"stsz", 12, long * 3),
        "says its clock stands still": lambda: patched(plain, b"stts", 12, bytes(4)),
        "says its time has no unit": lambda: patched(plain, b"mdhd", 12, bytes(4)),
        # rare
        "one pixel": lambda: film(pictures(6, 1, 1), form="mov", codec="png", pixel_format="rgb24"),
        "one pixel wide": lambda: film(pictures(6, 1, 48), form="mov", codec="png", pixel_format="rgb24"),
        "16,000 wide": lambda: film(pictures(3, 16_000, 2), form="matroska", codec="ffv1"),
        "odd size": lambda: film(pictures(6, 63, 47), form="matroska", codec="ffv1", pixel_format="yuv444p"),
        "one frame": lambda: film(pictures(1)),
        "two frames": lambda: film(pictures(2)),
        "10,000 fps": lambda: film(pictures(12), rate_fps=10_000),
        "a frame in three seconds": lambda: film(pictures(3), rate_fps=Fraction(1, 3)),
        "a clock with gaps": lambda: film(
            pictures(6), form="matroska", times_s=(0.0, 0.1, 0.2, 1.7, 1.75, 2.0)
        ),
        "before zero": lambda: film(
            pictures(6), form="nut", codec="ffv1", times_s=(-0.5, -0.4, -0.3, -0.2, -0.1, 0.0)
        ),
        "a late beginning": lambda: film(
            pictures(4), form="matroska", times_s=(50.0, 50.1, 50.2, 50.3), channels=1
        ),
        "turned": lambda: film(pictures(6), turn=(90, False, False)),
        "turned by a bit and mirrored": lambda: film(pictures(6), turn=(33, True, False)),
        "HDR, PQ": lambda: _ten_bits(_PQ),
        "HDR, HLG": lambda: _ten_bits(_HLG),
        "eight channels": lambda: film(pictures(6), form="matroska", channels=8),
        "size changes": _sizes,
        "grey": lambda: film(pictures(6), form="matroska", codec="ffv1", pixel_format="gray"),
        "see-through": lambda: film(
            pictures(6, channels=4), form="mov", codec="prores_ks", pixel_format="yuva444p10le"
        ),
        "black": lambda: film([np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)] * 6),
        "a picture": lambda: _as_gif(1),
        "a GIF": lambda: _as_gif(5),
    }


def _as_gif(count: int) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    first, *others = [Image.fromarray(each) for each in pictures(count)]
    first.save(data, "GIF", save_all=True, append_images=others, duration=100)
    return data.getvalue()


# The bench


@dataclass(frozen=True)
class Case:
    """A tool over a file."""

    tool: str
    parameters: dict[str, Any]
    film: Path
    output: Path
    """A name without ending, in a folder of its own."""


@dataclass(frozen=True)
class Went:
    """How it went: "made", "found", "refused" (with its sentence), or "fault", "hang", "died": bugs."""

    how: str
    said: str = ""
    took_s: float = 0.0
    peak_mb: int = 0
    left: tuple[str, ...] = ()
    """What was written."""

    @property
    def bad(self) -> bool:
        """Whether it's a bug."""
        return self.how in ("fault", "hang", "died") or (self.how == "refused" and bool(self.left))


class Bench:
    """A child process that runs cases one by one; it is killed, and begun anew, when a case doesn't end."""

    def __init__(self, within_s: float = 60.0) -> None:
        self.within_s = within_s
        self._process: Any = None
        self._pipe: Connection

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, case: Case) -> Went:
        """Do a case; one in which the child dies is done once more by a new one, with nothing behind it."""
        went = self._run(case)
        return self._run(case) if went.how == "died" else went

    def _run(self, case: Case) -> Went:
        if self._process is None:
            self._start()
        began_s = time.monotonic()
        try:
            self._pipe.send(case)
            went = self._pipe.recv() if self._pipe.poll(self.within_s) else None
        except (EOFError, ConnectionError):
            self._process.join(5)
            code = self._process.exitcode
            self.stop()
            return Went("died", f"status {code}", time.monotonic() - began_s)
        if went is None:
            self.stop()
            return Went("hang", f"no end within {self.within_s:g} s", time.monotonic() - began_s)
        return went

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = None

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, list(sys.path)), daemon=True)
        self._process.start()
        other.close()


def _serve(pipe: Connection, path: list[str]) -> None:
    sys.path[:] = path
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as the server's painting process has it
    while True:
        try:
            case: Case = pipe.recv()
        except EOFError:
            return
        pipe.send(do(case))


def do(case: Case) -> Went:
    """Run a case here."""
    from vitascope.canvas import CanvasError
    from vitascope.footage import FootageError
    from vitascope.media import MediaError

    began_s = time.monotonic()
    before = _listing(case.output.parent)
    try:
        how, said = _apply(case), ""
    except (MediaError, FootageError, CanvasError) as error:
        how, said = "refused", str(error)
    except Exception:
        how, said = "fault", traceback.format_exc()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    left = tuple(sorted(_listing(case.output.parent) - before))
    return Went(how, said, time.monotonic() - began_s, peak_mb, left)


def _apply(case: Case) -> str:
    """As the command line does it, within tight limits."""
    from vitascope.apps.cli.footage import footage_of, sound_of
    from vitascope.footage import Made, load_tool, unheard
    from vitascope.media import Limits, read_video, write_video

    limits = Limits(
        max_pixels_per_frame=4_000_000,
        max_frames=600,
        max_duration_s=100,
        max_clip_bytes=256 << 20,
        timeout_s=5,
    )
    parameters = {name: str(case.film) if value == FILM else value for name, value in case.parameters.items()}
    tool = load_tool(case.tool).model_validate(parameters)
    video = read_video(case.film, limits=limits)
    others = {
        name: footage_of(read_video(getattr(tool, name), limits=limits, alpha=name in tool.see_through))
        for name in tool.media
        if getattr(tool, name)
    }
    made = tool.make(footage_of(video), unheard, others)
    if not isinstance(made, Made):
        json.loads(made.model_dump_json())
        return "found"
    suffix = ".webm" if made.alpha else ".mp4"
    frames = _checked(made)
    write_video(case.output.with_suffix(suffix), frames, made.rate_fps, sound=sound_of(video, made))
    return "made"


def _checked(made: Any) -> Iterator[Picture]:
    """The frames, held to what was said of them before."""
    channels = 4 if made.alpha else 3
    for frame in made.frames:
        assert frame.shape == (made.height_px, made.width_px, channels), (frame.shape, made)
        assert frame.dtype == np.uint8
        yield frame


def _listing(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
